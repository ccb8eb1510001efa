"""The application as gunicorn loads it, once in each of its processes."""

import gc

from plugin.config import Settings
from plugin.logs import configure
from plugin.web import create_app
from plugin.wiring import assemble

settings = Settings.from_environ()
configure(sentry_dsn=settings.sentry_dsn)
app = create_app(assemble(settings))
# What was loaded so far stays for ever: looking through it again and again for garbage takes tens of milliseconds.
gc.collect()
gc.freeze()
