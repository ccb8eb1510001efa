"""The services a command works with, opened when it runs."""

import os

from plugin.config import Settings
from plugin.logs import configure
from plugin.wiring import Services, assemble


def services() -> Services:
    """Services over the environment; raises `BadEnvironment` or `StorageDown`."""
    settings = Settings.from_environ()
    configure(sentry_dsn=settings.sentry_dsn)
    opened = assemble(settings, os.environ)
    opened.store.check()
    return opened
