"""The application as gunicorn loads it, once in each of its processes."""

from plugin import garbage
from plugin.config import Settings
from plugin.logs import configure
from plugin.web import create_app
from plugin.wiring import assemble

settings = Settings.from_environ()
configure(sentry_dsn=settings.sentry_dsn)
app = create_app(assemble(settings))
garbage.settle()
