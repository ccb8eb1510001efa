"""Reasons as codes: stored beside every sentence, read from the sentences of older rows once, and searched by."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, select, text

from plugin.config import Settings
from plugin.domain.delivery import Hold, Skip
from plugin.domain.kinds import EventKind
from plugin.domain.notice import Translation
from plugin.domain.reason_codes import FlowMatch, ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from plugin.ports import DeliveryFilter, Plan
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.db.engine import Database
from plugin.storage.db.migrate import MIGRATIONS, migrate
from tests.storage.test_database import empty_database as empty_database
from tests.support.builders import NOON, an_event
from tests.support.storage.situations import REFUSED, a_claimed_delivery, a_plan, attempted, claimed_webhook, planned

PLUGIN = Path(__file__).resolve().parents[2] / "plugin"
OF_BEFORE = {
    "buyer's locale fi: no flow fits → your default flow (Finnish)": ("", "default"),
    "buyer's locale fi: no flow fits → sent without a flow, so SendPulse starts every flow of the event": ("", "none"),
    "": ("No flow fits fi; your settings hold such events.", "none"),
    'buyer\'s locale fi → your flow "fi" (no flow fits → any)': ("", ""),
}


@pytest.mark.parametrize("code", ReasonCode)
def test_every_code_is_given_by_something(code: ReasonCode) -> None:
    texts = (path.read_text(encoding="utf-8") for path in PLUGIN.rglob("*.py") if path.name != "reason_codes.py")

    assert any(re.search(rf"\bReasonCode\.{code.name}\b", content) for content in texts)


@pytest.mark.parametrize(
    ("plan", "code", "match"),
    [
        (Skip(code=ReasonCode.NOT_SUBSCRIBED, reason=worded("no")), "not_subscribed", ""),
        (Skip(code=ReasonCode.NO_FLOW, reason=worded("no")), "no_flow", "none"),
        (Hold(code=ReasonCode.NO_LOCALE, reason=worded("no"), fix=worded("add one")), "no_locale", "none"),
        (a_plan(an_event(), match=FlowMatch.NEAREST), "", "nearest"),
    ],
    ids=["skipped", "skipped for want of a flow", "held", "planned"],
)
def test_a_plan_is_stored_with_its_codes(store: SqlStore, a_shop: Shop, plan: Plan, code: str, match: str) -> None:
    planned(store, a_shop, an_event(), plan)

    [row] = _rows(store, "deliveries")
    assert (row["reason_code"], row["flow_match"]) == (code, match)


def test_what_failed_and_its_attempt_have_the_code_of_the_answer(store: SqlStore, a_shop: Shop) -> None:
    attempted(store, a_claimed_delivery(store, a_shop), REFUSED)

    codes = [row["reason_code"] for name in ("deliveries", "attempts") for row in _rows(store, name)]
    assert codes == [REFUSED.code.value, REFUSED.code.value]


def test_a_webhook_is_closed_with_its_code(store: SqlStore, a_shop: Shop) -> None:
    skip = Skip(code=ReasonCode.IMPORTED, reason=worded("An import."))

    store.inbox.translated(claimed_webhook(store, a_shop, key="1"), Translation(skip=skip), now=NOON)
    store.inbox.failed(claimed_webhook(store, a_shop, key="2"), "at $.id", code=ReasonCode.UNREADABLE, now=NOON)

    assert [row["reason_code"] for row in _rows(store, "webhooks")] == ["imported", "unreadable"]


def test_the_log_is_asked_by_code(store: SqlStore, a_shop: Shop) -> None:
    for number, code in enumerate((ReasonCode.NO_CONTACT, ReasonCode.TEST_ORDER)):
        planned(store, a_shop, an_event(object_id=str(number)), Skip(code=code, reason=worded("no")), key=str(number))

    found = store.log.list(DeliveryFilter(shop_id=a_shop.id, reason_code=ReasonCode.TEST_ORDER))

    assert [row.reason_code for row in found] == ["test_order"]


def test_what_older_rows_say_in_words_is_read_once(empty_database: Settings) -> None:
    database = Database(empty_database)
    with database.write() as connection:
        _upgrade(connection, "0011")
        _write_rows_of_before(connection)

    migrate(empty_database)

    with database.read() as connection:
        found = connection.execute(text("SELECT rule, flow_match FROM deliveries ORDER BY id")).all()
        forgotten = connection.execute(text("SELECT reason_code FROM webhooks")).scalar_one()
    database.close()
    assert {rule: match for rule, match in found} == {rule: match for rule, (_, match) in OF_BEFORE.items()}  # noqa: C416
    assert forgotten == ReasonCode.FORGOTTEN


def _write_rows_of_before(connection: Connection) -> None:
    at = "2026-11-01 12:00:00"
    connection.execute(text(f"INSERT INTO shops (id, platform, address, installed_at) VALUES (1, 'fake', 'demo', '{at}')"))
    reason = "The store asked to forget the person this was about before it was read."
    webhook = {"reason": reason}
    connection.execute(
        text(
            "INSERT INTO webhooks (id, shop_id, key, topic, received_at, state, reason) "
            f"VALUES (1, 1, 'k', 'orders/paid', '{at}', 'waiting', :reason)"
        ),
        webhook,
    )
    for number, (rule, (why, _)) in enumerate(OF_BEFORE.items(), start=1):
        its = {"id": number, "rule": rule, "why": why, "kind": EventKind.ORDER_PAID.value, "body": b""}
        connection.execute(
            text(
                "INSERT INTO events (id, shop_id, key, kind, state, happened_at, created_at, body) "
                f"VALUES (:id, 1, 'k' || :id, :kind, 'planned', '{at}', '{at}', :body)"
            ),
            its,
        )
        connection.execute(
            text(
                "INSERT INTO deliveries (id, shop_id, event_id, part, kind, state, rule, reason, happened_at, created_at) "
                f"VALUES (:id, 1, :id, 0, :kind, 'delivered', :rule, :why, '{at}', '{at}')"
            ),
            its,
        )


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _rows(store: SqlStore, name: str) -> list[Mapping[str, Any]]:
    with store.database.read() as connection:
        table = tables.metadata.tables[name]
        return [dict(row) for row in connection.execute(select(table).order_by(table.c.id)).mappings()]
