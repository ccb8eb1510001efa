"""`people export` and `people erase`, on both databases and for every platform's shops."""

import json
from collections.abc import Callable, Iterator, Mapping

import pytest
from click.testing import CliRunner, Result

from plugin.commands import main, opened
from plugin.config import Settings
from plugin.domain.shop import Shop
from plugin.platforms import discover, find_testkit
from plugin.storage import SqlStore
from plugin.upkeep.people import SHARED
from plugin.wiring import Services, assemble
from tests.storage.test_identity import EVA
from tests.storage.test_people import ORDER, everything_about_jan
from tests.support.builders import NOON, an_event
from tests.support.databases import ENCRYPTION_KEY, SECRET_KEY
from tests.support.storage.situations import audit_lines, tell

Run = Callable[..., Result]
JAN = ("--email", "Jan@example.com ")


@pytest.fixture(params=sorted(discover()))
def shop(request: pytest.FixtureRequest, store: SqlStore) -> Shop:
    return store.shops.install(*find_testkit(request.param).installation(), now=NOON)


@pytest.fixture
def people(database_url: str, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs one of the two commands for the shop; what a process closes by its end is closed after the test."""
    made: list[Services] = []

    def remembered(settings: Settings, environ: Mapping[str, str]) -> Services:
        made.append(assemble(settings, environ))
        return made[-1]

    monkeypatch.setattr(opened, "assemble", remembered)
    environ = {
        "DATABASE_URL": database_url, "ENCRYPTION_KEYS": ENCRYPTION_KEY, "SECRET_KEY": SECRET_KEY,
        "PUBLIC_URL": "https://app.example", **find_testkit(shop.platform).environ,
    }  # fmt: skip

    def call(command: str, *words: str, input: str | None = None) -> Result:
        return CliRunner().invoke(main, ("people", command, "--shop", shop.key, *words), env=environ, input=input)

    yield call
    for each in made:
        each.store.close()


def test_an_export_is_one_json_document_on_standard_output(people: Run, store: SqlStore, shop: Shop) -> None:
    everything_about_jan(store, shop)

    answer = people("export", "--customer-id", "7")

    document = json.loads(answer.stdout)
    assert document["known_as"] == {"emails": ["jan@example.com"], "phones": ["+48512345678"], "customer_ids": ["7"]}
    assert {kind for kind, things in document["kept"].items() if not things} == {"sendpulse_erasures", "unreadable"}
    assert {event["body"]["contact"]["email"] for event in document["kept"]["events"]} == {"jan@example.com"}


def test_an_export_about_nobody_says_so_kind_by_kind(people: Run) -> None:
    document = json.loads(people("export", "--email", "nobody@example.com").stdout)

    assert document["kept"]
    assert not any(document["kept"].values())


def test_an_erasure_asks_first(people: Run, store: SqlStore, shop: Shop) -> None:
    tell(store, shop, an_event(**ORDER))

    refused, done = people("erase", *JAN, input="n\n"), people("erase", *JAN, input="y\n")

    assert (refused.exit_code, done.exit_code) == (1, 0)
    assert "events 1, webhooks 1" in refused.output
    assert "Deleted: events 1, webhooks 1" in done.output
    assert "Nothing was kept about this person." in people("erase", *JAN, "--yes").output
    assert "operator" in {who for who, _ in audit_lines(store, shop)}
    assert "Nothing is kept about this person." in people("erase", *JAN, input="n\n").output


def test_a_phone_that_several_people_use_says_so(people: Run, store: SqlStore, shop: Shop) -> None:
    tell(store, shop, an_event(**ORDER), key="jan")
    alone = people("export", "--phone", "+48512345678")
    tell(store, shop, an_event(**EVA), key="eva")
    shared = people("export", "--phone", "+48512345678")

    assert (alone.stderr, shared.stderr.strip()) == ("", SHARED)
    assert [len(json.loads(answer.stdout)["kept"]["events"]) for answer in (alone, shared)] == [1, 0]
    assert SHARED not in people("export", "--customer-id", "7").stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "Name the person"),
        (("--email", "jan@"), "no e-mail address"),
        (("--phone", "512 345 678"), "with its country code"),
        (("--email", "jan@example.com", "--customer-id", "7" * 300), "no customer's number"),
    ],
    ids=["nobody", "no address", "no country", "no number"],
)
def test_a_name_that_cannot_be_read_is_refused(people: Run, words: tuple[str, ...], message: str) -> None:
    answer = people("erase", *words, "--yes")

    assert answer.exit_code == 1
    assert message in answer.output
