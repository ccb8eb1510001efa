"""The services a command works with, opened when it runs."""

import os

import click

from plugin.config import Settings
from plugin.logs import configure
from plugin.wiring import Services, assemble


def services() -> Services:
    """Services over the environment, until the command ends; raises `BadEnvironment` or `StorageDown`."""
    settings = Settings.from_environ()
    configure(sentry_dsn=settings.sentry_dsn)
    opened = assemble(settings, os.environ)
    click.get_current_context().call_on_close(opened.store.close)
    opened.store.check()
    return opened
