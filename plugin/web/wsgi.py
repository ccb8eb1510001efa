"""The application as gunicorn loads it, once in each of its processes."""

from plugin import gc_tuning
from plugin.config import Settings
from plugin.door.refusals import carry
from plugin.logs import configure
from plugin.web import create_app
from plugin.web.gunicorn_answers import make_plain
from plugin.web.headers import headers_for
from plugin.wiring import assemble

settings = Settings.from_environ()
configure(sentry_dsn=settings.sentry_dsn)
make_plain(headers := headers_for(settings.public_url))
carry(headers)
app = create_app(assemble(settings))
gc_tuning.freeze_after_start()
