"""`deliveries list` prints what scripts of operators rely on: the same keys, in the same order, with the same values."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from plugin.commands import main
from plugin.config import Settings
from plugin.domain.delivery import Skip
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.wording import worded
from plugin.platforms import find_testkit
from plugin.storage import SqlStore, open_store
from plugin.storage.db.migrate import migrate
from tests.support.builders import NOON
from tests.support.storage.situations import BUSY, LEASE, a_claimed_delivery, a_delivery, attempted


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/plugin.db"


@pytest.fixture
def store(url: str) -> Any:
    settings = Settings.from_environ({"DATABASE_URL": url})
    migrate(settings)
    opened = open_store(settings)
    yield opened
    opened.close()


def printed(url: str, *words: str) -> list[str]:
    environ = {"DATABASE_URL": url, "PUBLIC_URL": "https://app.example"}
    answer = CliRunner().invoke(main, ["deliveries", "list", "--shop", "shopify:demo.myshopify.com", *words], env=environ)
    assert answer.exit_code == 0, answer.output
    return answer.stdout.splitlines()


def some_deliveries(store: SqlStore) -> None:
    """One that is being sent for the second time, and one that was skipped."""
    shop = store.shops.install(*find_testkit("shopify").installation("demo.myshopify.com"), now=NOON)
    attempted(
        store, a_claimed_delivery(store, shop, partial="No link.; No picture."), BUSY, next_at=NOON + timedelta(minutes=1)
    )
    store.deliveries.claim(limit=1, now=NOON + timedelta(minutes=1), lease=LEASE)
    skip = Skip(code=ReasonCode.NOT_SUBSCRIBED, reason=worded("No consent."), fix=worded("Ask the buyer ☕."))
    a_delivery(store, shop, key="k2", object_id="7", plan=skip)


def test_json_has_one_object_a_line_the_newest_first(url: str, store: SqlStore) -> None:
    some_deliveries(store)

    lines = printed(url, "--json")

    shared = {"shop": "shopify:demo.myshopify.com", "part": 0, "kind": "order_paid", "locale": "pl-PL"}
    times = {"happened_at": NOON.isoformat(), "created_at": NOON.isoformat()}
    assert [json.loads(line) for line in lines] == [
        shared | times | {
            "id": 2, "event_id": 2, "state": "skipped", "automation_id": None, "flow_match": "", "rule": "",
            "reason_code": "not_subscribed", "reason": "No consent.",
            "fix": "Ask the buyer ☕.", "partial": "", "due_at": None, "finished_at": NOON.isoformat(), "attempts": [],
        },
        shared | times | {
            "id": 1, "event_id": 1, "state": "sending", "automation_id": 102, "flow_match": "wider",
            "rule": "pl is written for pl-PL", "reason_code": "server_fault", "reason": "SendPulse is busy.",
            "fix": "", "partial": "No link. No picture.", "due_at": "2026-11-23T12:01:00+00:00", "finished_at": None,
            "attempts": [
                {
                    "number": 1, "started_at": NOON.isoformat(), "took_ms": 1000, "verdict": "try_again", "status": 503,
                    "reason_code": "server_fault", "reason": "SendPulse is busy.", "fix": "", "answer": "",
                },
                {
                    "number": 2, "started_at": "2026-11-23T12:01:00+00:00", "took_ms": None, "verdict": "", "status": None,
                    "reason_code": "", "reason": "", "fix": "", "answer": "",
                },
            ],
        },
    ]  # fmt: skip


def test_the_bytes_of_a_json_line_are_those_of_always(url: str, store: SqlStore) -> None:
    some_deliveries(store)

    assert printed(url, "--json", "--state", "skipped") == [
        '{"shop": "shopify:demo.myshopify.com", "id": 2, "event_id": 2, "part": 0, "kind": "order_paid", "state": "skipped", '
        '"locale": "pl-PL", "automation_id": null, "flow_match": "", "rule": "", "reason_code": "not_subscribed", '
        '"reason": "No consent.", "fix": "Ask the buyer ☕.", "partial": "", '
        '"happened_at": "2026-11-23T12:00:00+00:00", "created_at": "2026-11-23T12:00:00+00:00", "due_at": null, '
        '"finished_at": "2026-11-23T12:00:00+00:00", "attempts": []}'
    ]


def test_a_plain_line_ends_with_the_reason_or_the_rule(url: str, store: SqlStore) -> None:
    some_deliveries(store)

    assert printed(url) == [
        "2\t2026-11-23T12:00:00+00:00\torder_paid\tskipped\tpl-PL\tNo consent.",
        "1\t2026-11-23T12:00:00+00:00\torder_paid\tsending\tpl-PL\tSendPulse is busy.",
    ]
