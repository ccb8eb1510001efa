"""sandbox: the app with pretend stores and a pretend SendPulse around it."""

from typing import Final

import click

from plugin.config import Settings
from plugin.domain.errors import Misconfigured
from plugin.logs import configure

LEFT_OUT: Final = frozenset({"plugin.sandbox", "plugin.sandbox.run", "graphql"})  #: modules only its extra brings
NOT_INSTALLED: Final = (
    "The sandbox is not installed. Install it beside the app: pip install 'sendpulse-plugin[sandbox]' "
    "(in a checkout: pip install -e '.[dev]')."
)


@click.command()
def sandbox() -> None:
    """Try everything on this machine: no store and no SendPulse account is needed."""
    try:
        from plugin.sandbox.run import run  # a distribution of its own, with libraries of its own
    except ModuleNotFoundError as error:
        if error.name not in LEFT_OUT:
            raise
        raise Misconfigured(NOT_INSTALLED) from error

    configure()
    run(Settings.from_environ(), click.echo)
