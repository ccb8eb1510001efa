"""A small siege by every kind of connection: whoever wants to be served is, and memory stays where it was.

The large one is `python -m bench door`.
"""

from pathlib import Path

from plugin.storage import open_store
from plugin.storage.db.migrate import migrate
from tests.support.databases import settings_for
from tests.support.door.asking import Asker
from tests.support.door.siege import besieged
from tests.support.many_shops import a_crowd
from tests.support.processes import environ_for, running

CONNECTIONS, UPLOADS, TIMES = 300, 40, 60
MOST_BYTES = 100 * 2**20


def test_a_signed_webhook_is_answered_throughout_a_siege(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/siege.db"
    migrate(settings_for(url))
    store = open_store(settings_for(url))
    [shop] = a_crowd(store, [1])
    store.close()
    log = tmp_path / "web.log"
    with running("web", environ=environ_for(url, "http://127.0.0.1:9", REQUEST_SECONDS="3"), log=log) as [web]:
        asker = Asker(int(web.environ["PORT"]), shop)
        asker.ask()
        before, most = web.resident_bytes(), 0

        with besieged(asker.port, connections=CONNECTIONS, uploads=UPLOADS):
            for _ in range(TIMES):
                asker.ask()
                most = max(most, web.resident_bytes())

        assert set(asker.statuses) == {200}
        assert most - before < MOST_BYTES
        assert "Traceback" not in log.read_text()
