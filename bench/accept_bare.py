"""The same application but for one thing: it keeps no webhook. What its parts can do at most.

Everything else is the real one: gunicorn, Flask, the signature check, the look-up of the shop, the counting.
"""

from datetime import datetime

from plugin import gc_tuning
from plugin.config import Settings
from plugin.logs import configure
from plugin.ports import Inbox, VerifiedWebhook
from plugin.storage import SqlStore
from plugin.storage.queue.inbox import SqlInbox
from plugin.web import create_app
from plugin.wiring import assemble


class Forgetful(SqlInbox):
    """An inbox that says "new" to everything and keeps nothing."""

    def receive(self, webhook: VerifiedWebhook, *, now: datetime) -> bool:  # noqa: ARG002 the shape of an inbox
        return True


def without_persistence(store: SqlStore) -> Inbox:
    """The store's inbox, forgetful."""
    forgetful = object.__new__(Forgetful)
    forgetful.__dict__.update(vars(store.inbox))
    return forgetful


configure()
services = assemble(Settings.from_environ())
assert isinstance(services.store, SqlStore)
services.store.inbox = without_persistence(services.store)
app = create_app(services)
gc_tuning.freeze_after_start()
