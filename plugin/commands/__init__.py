"""What the command line offers, a module a command family."""

import click

from plugin.commands import audit, deliveries, operating, people, running, sandbox, settings, shops
from plugin.config import BadEnvironment
from plugin.domain.errors import PluginError


class Commands(click.Group):
    """Says foreseen errors in one sentence instead of a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (PluginError, BadEnvironment) as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Commands)
def main() -> None:
    """Store events from Shopify and Saleor to SendPulse, each in the buyer's language."""


for command in (
    *(running.serve, running.web, running.worker, running.migrate, sandbox.sandbox),
    *(shops.shops, settings.settings, settings.send_test, deliveries.deliveries, people.people, audit.audit),
    *(operating.keys, operating.env, operating.app_file, operating.doctor),
):
    main.add_command(command)
