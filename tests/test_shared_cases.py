"""The stories of ../shared/cases, played through the real platforms, a real store and the real door."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, NoDeprecatedCustomRule, build_schema, parse, validate

from plugin.config import Settings
from plugin.platforms.saleor import manifest
from plugin.platforms.saleor.config import ALLOWED_URLS
from plugin.storage import SqlStore
from tests.support.cases.keys import Keys
from tests.support.cases.playing import DEFAULT_FLOW, Stage, staged
from tests.support.cases.stories import FOLDER, read, stories
from tests.support.databases import settings_for
from tests.support.platforms.saleor.fakes import Answer, PretendSaleor, introduction
from tests.support.shared_folder import needs_shared

SHOPIFY_ORDER = Path("plugin/platforms/shopify/samples/order_created.json")
OPERATIONS = Path("plugin/platforms/saleor/operations")
KEYS, API = "/.well-known/jwks.json", "/graphql/"
RETRY_SECONDS = (10, 20, 40, 80, 160)  #: as Saleor comes again

pytestmark = needs_shared


def told(play: str = "") -> list[Path]:
    """The folders of the cases that are played so."""
    return [folder for folder in stories() if read(folder, began=datetime.now(UTC)).play == play]


def named(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


@pytest.fixture
def sandboxed(database_url: str) -> Settings:
    return settings_for(database_url, PLUGIN_SANDBOX="1")


@pytest.fixture
def saleor() -> Iterator[PretendSaleor]:
    with PretendSaleor() as running:
        yield running


@pytest.mark.parametrize("folder", told(), ids=named)
def test_a_story_comes_out_right(folder: Path, store: SqlStore, sandboxed: Settings) -> None:
    began = datetime.now(UTC)

    with staged(read(folder, began=began), store, sandboxed, began=began) as stage:
        stage.play()

        assert stage.faults() == []


@pytest.mark.parametrize("folder", told("locales"), ids=named)
def test_each_locale_gets_its_flow_and_is_shown_as_it_came(folder: Path, store: SqlStore, sandboxed: Settings) -> None:
    began = datetime.now(UTC)
    story = read(folder, began=began)
    flows = {None: DEFAULT_FLOW} | {name: 100 + number for number, name in enumerate(story.told["flows"], start=1)}
    order = json.loads(SHOPIFY_ORDER.read_text(encoding="utf-8"))

    with staged(story, store, sandboxed, began=began, platform="shopify") as stage:
        for number, (locale, _) in enumerate(story.told["locales"]):
            stage.send({"topic": "orders/create", "body": _another(order, number, locale, began)})
        rows = {row.locale: row.automation_id for row in stage.rows()}

    assert rows == {locale: flows[None if flow == "-" else flow] for locale, flow in story.told["locales"]}


def _another(order: dict[str, Any], number: int, locale: str, now: datetime) -> dict[str, Any]:
    own = {"id": order["id"] + number, "checkout_token": f"c{number}", "cart_token": f"t{number}", "customer_locale": locale}
    return order | own | {name: now.isoformat() for name in ("created_at", "processed_at", "updated_at")}


@pytest.mark.parametrize("folder", told("queries"), ids=named)
def test_every_query_holds_on_the_next_saleor(folder: Path) -> None:
    story = read(folder, began=datetime.now(UTC))
    schema = build_schema((folder / story.told["schema"]).read_text(encoding="utf-8"), assume_valid=True)
    queries = {event: manifest.subscription(event) for event in manifest.events()}
    queries |= {path.stem: path.read_text(encoding="utf-8") for path in OPERATIONS.glob("*.graphql")}

    found = {name: _wrong_in(query, schema, story.told["deprecated_but_needed"]) for name, query in queries.items()}

    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def _wrong_in(query: str, schema: GraphQLSchema, needed: list[str]) -> list[str]:
    parsed = parse(query)
    deprecated = [error.message for error in validate(schema, parsed, [NoDeprecatedCustomRule])]
    return [error.message for error in validate(schema, parsed)] + [
        message for message in deprecated if not any(name in message for name in needed)
    ]


@pytest.mark.parametrize("folder", told("keys_away") + told("keys_while_fetched"), ids=named)
def test_no_delivery_is_lost_while_the_key_changes(
    folder: Path, store: SqlStore, sandboxed: Settings, saleor: PretendSaleor
) -> None:
    began = datetime.now(UTC)
    story = read(folder, began=began)
    new = Keys()
    is_away = story.play == "keys_away"

    with staged(story, store, sandboxed, began=began, address=saleor.address) as stage:
        saleor.answers[KEYS] = Answer(b"Bad Gateway", status=502) if is_away else Answer(new.published(), drip_seconds=0.002)
        first = story.told["steps"][:1] if is_away else story.told["steps"]
        with ThreadPoolExecutor() as pool:
            answers = list(pool.map(lambda step: stage.tell(step, sign=new.sign)[0], first))
        saleor.answers[KEYS] = Answer(new.published())
        waiting = [step for step in story.told["steps"] if step not in first or answers[first.index(step)] != 200]
        answers += [status for seconds in RETRY_SECONDS for status in _come_again(stage, waiting, new, seconds)]
        stage.pass_a_minute()

        assert 401 not in answers
        assert waiting == []
        assert stage.faults() == []


def _come_again(stage: Stage, waiting: list[dict[str, Any]], key: Keys, seconds: int) -> list[int]:
    """As Saleor repeats what was not taken; what is taken waits no longer."""
    stage.clock.move(seconds=seconds)
    answers = [stage.tell(step, sign=key.sign)[0] for step in waiting]
    waiting[:] = [step for step, status in zip(waiting, answers, strict=True) if status != 200]
    return answers


@pytest.mark.parametrize("folder", told("installing"), ids=named)
def test_whoever_installs_reads_what_to_mend(folder: Path, store: SqlStore, sandboxed: Settings, saleor: PretendSaleor) -> None:
    began = datetime.now(UTC)
    story = read(folder, began=began)
    only_it = {ALLOWED_URLS.name: re.escape(saleor.address)}
    wrong = []

    for knock in story.told["knocks"]:
        with staged(story, store, sandboxed, began=began, environ=only_it) as stage:
            status, text = _install(stage, saleor, knock)
        low, high = knock["status"]
        if not low <= status <= high or not re.search(knock["answer"], text) or "Traceback" in text:
            wrong.append((knock["name"], status, text))

    assert wrong == []


def _install(stage: Stage, saleor: PretendSaleor, knock: dict[str, Any]) -> tuple[int, str]:
    good = {KEYS: (200, Keys().published().decode()), API: (200, introduction().decode())}
    said = good | ({KEYS: knock["keys"]} if "keys" in knock else {}) | ({API: knock["api"]} if "api" in knock else {})
    saleor.answers |= {path: Answer(text.encode(), status=status) for path, (status, text) in said.items()}
    headers = {"saleor-api-url": knock.get("api_url", saleor.address)}
    answer = stage.client.post("/saleor/register", json={"auth_token": "a" * 30}, headers=headers)
    return answer.status_code, answer.text


def test_every_case_is_played(capsys: pytest.CaptureFixture[str]) -> None:
    plays = ["", "locales", "queries", "keys_away", "keys_while_fetched", "installing"]
    played = [folder for play in plays for folder in told(play)]

    with capsys.disabled():
        print(f"\n{len(played)} of {len(stories())} cases of {FOLDER.name} are played")

    assert sorted(played) == stories()
