"""sandbox: the app with pretend stores and a pretend SendPulse around it."""

import click

from plugin.config import Settings
from plugin.logs import configure


@click.command()
def sandbox() -> None:
    """Try everything on this machine: no store and no SendPulse account is needed."""
    from plugin.sandbox.run import run  # its libraries come with the `sandbox` extra

    configure()
    run(Settings.from_environ(), click.echo)
