"""The application as gunicorn loads it, once in each of its processes."""

from plugin import gc_tuning
from plugin.config import Settings
from plugin.logs import configure
from plugin.web import create_app
from plugin.wiring import assemble

settings = Settings.from_environ()
configure(sentry_dsn=settings.sentry_dsn)
app = create_app(assemble(settings))
gc_tuning.freeze_after_start()
