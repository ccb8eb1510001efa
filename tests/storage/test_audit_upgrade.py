"""Audits of before there were chains, or of before each had a head, when the database is upgraded."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from plugin.config import BadEnvironment, Settings
from plugin.domain.audit import OPERATOR, Deed
from plugin.storage import open_store
from plugin.storage.db.engine import Database
from plugin.storage.db.migrate import MIGRATIONS, migrate
from tests.support.builders import NOON
from tests.support.databases import Cluster, settings_for


def _before(url: str) -> Settings:
    """A database of the version before, with a shop of before there were chains."""
    settings, config = settings_for(url), Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with closing(Database(settings)) as database, database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0026")
        row = {"at": "2026-11-01 12:00:00.000000", "later": "2026-11-02 12:00:00.000000"}
        shop = "INSERT INTO shops (id, platform, address, installed_at) VALUES (7, 'shopify', 'demo.myshopify.com', :at)"
        line = "INSERT INTO audit (shop_id, at, who, what) VALUES (7, :at, 'the store', :what)"
        connection.execute(text(shop), row)
        connection.execute(text(line), [{"at": row["at"], "what": "Installed."}, {"at": row["later"], "what": "Left."}])
    return settings


@pytest.fixture(params=["sqlite", "postgresql"])
def before(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    if request.param == "sqlite":
        return _before(f"sqlite:///{tmp_path}/before.db")
    return _before(request.getfixturevalue("cluster").new_database("before"))


def test_lines_of_before_are_taken_into_a_chain(before: Settings) -> None:
    migrate(before)

    with closing(open_store(before)) as store:
        store.audit.note(7, Deed.TEST_SENT, who=OPERATOR, now=NOON)
        lines = list(reversed(store.audit.page(7, limit=10)))
        assert [(line.number, line.deed, line.text) for line in lines] == [
            *((1, "", "Installed."), (2, "", "Left."), (3, "audit_began", ""), (4, "test_sent", "")),
        ]
        assert (lines[0].who, lines[2].who, lines[2].facts) == ("the store", OPERATOR, {"carried": 2})
        check = store.audit.check(7)
        assert (check.number, check.faults, check.remarks) == (4, (), ())
        assert store.retention.delete_audit(7, before=lines[1].at + timedelta(days=1)) == 2
        assert store.audit.check(7).faults == ()


def test_a_chain_that_lost_its_head_before_is_given_none(before: Settings) -> None:
    with closing(Database(before)) as database, database.write() as connection:
        connection.execute(text("UPDATE audit SET number = id, seal = 'x'"))

    migrate(before)

    with closing(open_store(before)) as store:
        assert len(store.audit.check(7).faults) == 1


def test_lines_of_before_are_taken_into_a_chain_once(before: Settings) -> None:
    migrate(before)
    with closing(Database(before)) as database, database.write() as connection:
        connection.execute(text("DELETE FROM audit_heads"))

    migrate(before)

    with closing(open_store(before)) as store:
        assert len(store.audit.check(7).faults) == 1


def test_an_upgrade_without_the_keys_says_which_are_missing(cluster: Cluster) -> None:
    url = _before(cluster.new_database("before")).database_url

    with pytest.raises(BadEnvironment, match="ENCRYPTION_KEYS: it must be given"):
        migrate(Settings.from_environ({"DATABASE_URL": url}))
