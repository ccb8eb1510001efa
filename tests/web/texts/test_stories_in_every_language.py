"""Why something was sent, held, skipped or given up stands in the merchant's language, on every page and in the CSV."""

import csv
import io
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from plugin.config import Settings
from plugin.domain.delivery import Outcome
from plugin.domain.matching import choose
from plugin.domain.routing import Flow, NoMatch, NoMatchPolicy, Route, RouteTable
from plugin.domain.secret import AutomationId, EventUrl
from plugin.domain.wording import worded
from plugin.ports import Plan
from plugin.sendpulse.outcomes import NO_SUCH_ADDRESS, NOT_LET_IN, Meaning
from plugin.storage import SqlStore
from plugin.web.i18n import ENGLISH, LOCALES
from tests.support.builders import EVENT_URL, NOON, an_event
from tests.support.storage.situations import a_plan, attempted, planned
from tests.support.web.merchant import Merchant, a_merchant, texts_in
from tests.web.texts.test_reasons import ENGLISH_WORDS

ANSWER = {
    "pl": "SendPulse nie zna tego zdarzenia.",
    "uk": "SendPulse не знає цієї події.",
    "de": "SendPulse kennt dieses Ereignis nicht.",
    "es": "SendPulse no conoce este evento.",
    "fr": "SendPulse ne connaît pas cet événement.",
    "pt-BR": "A SendPulse não conhece este evento.",
}
RULE = worded('%(why)s → your flow "%(locale)s"', why=worded("buyer's language %(locale)s", locale="pl-PL"), locale="pl")


@pytest.fixture
def database_url(tmp_path: Path, migrated_sqlite: Path) -> str:
    """Words do not depend on the database: one is enough."""
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'plugin.db')}"


@pytest.fixture(params=[locale for locale in LOCALES if locale != ENGLISH])
def merchant(request: pytest.FixtureRequest, store: SqlStore, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Merchant:
    monkeypatch.setattr("plugin.clock.now", lambda: NOON + timedelta(minutes=9))
    merchant = a_merchant(store, settings)
    merchant.language = str(request.param)
    return merchant


def what_matching_says(policy: NoMatchPolicy) -> Plan:
    """What becomes of an event in Finnish where only Polish has a flow."""
    route = Route(kind=an_event().kind, event_url=EventUrl(EVENT_URL))
    flows = (Flow(locale="pl", automation_id=AutomationId(102)),)
    table = RouteTable(routes={route.kind: route}, flows=flows, no_match=NoMatch(policy=policy))
    decided = choose(table, an_event(locale="fi"), default_locale="en")
    assert not hasattr(decided, "rule")
    return decided


def outcome(meaning: Meaning) -> Outcome:
    return Outcome(
        verdict=meaning.verdict,
        code=meaning.code,
        reason=meaning.reason,
        fix=meaning.fix,
        status=404,
        needs_merchant=meaning.needs_merchant,
    )


@pytest.fixture
def stories(store: SqlStore, merchant: Merchant) -> list[int]:
    """A delivery that was skipped, one that is held, one that failed and one that waits for the merchant."""
    planned(store, merchant.shop, an_event(object_id="1", locale="fi"), what_matching_says(NoMatchPolicy.SKIP), key="k1")
    planned(store, merchant.shop, an_event(object_id="2", locale="fi"), what_matching_says(NoMatchPolicy.HOLD), key="k2")
    for number, meaning in ((3, NO_SUCH_ADDRESS), (4, NOT_LET_IN)):
        now = NOON + timedelta(minutes=number)
        event = an_event(object_id=str(number))
        planned(store, merchant.shop, event, a_plan(event, rule=RULE), key=f"k{number}")
        [claimed] = store.deliveries.claim(limit=1, now=now, lease=timedelta(seconds=90))
        later = now + timedelta(hours=1) if meaning.needs_merchant else None
        attempted(store, claimed, outcome(meaning), next_at=later, now=now)
    return [1, 2, 3, 4]


def test_each_story_is_told_in_the_merchants_language(merchant: Merchant, stories: list[int]) -> None:
    pages = [merchant.get(f"/deliveries/{number}") for number in stories]

    assert {page.status_code for page in pages} == {200}
    assert [english_in(page.text) for page in pages] == [[], [], [], []]
    assert ANSWER[merchant.language] in pages[2].text


def test_the_list_tells_why_in_the_merchants_language(merchant: Merchant, stories: list[int]) -> None:
    page = merchant.get("/deliveries").text

    assert english_in(page) == []
    assert ANSWER[merchant.language] in page


def test_what_is_wrong_is_said_in_the_merchants_language(merchant: Merchant, stories: list[int]) -> None:
    merchant.services.store.guides.dismissed(merchant.shop.id, now=NOON)

    page = merchant.get("/").text

    assert 'class="banner bad"' in page
    assert english_in(page) == []


def test_a_preview_gives_its_reason_in_the_merchants_language(merchant: Merchant) -> None:
    page = merchant.post("/preview/result", {"kind": "order_paid", "locale": "pt-PT"}).text

    assert "<dd>" in page
    assert english_in(page) == []


def test_a_test_gives_its_answer_in_the_merchants_language(merchant: Merchant) -> None:
    merchant.post_box.answers = [outcome(NO_SUCH_ADDRESS)]

    page = merchant.post("/preview/test", {"kind": "order_paid", "locale": "en", "email": "me@example.com"}).text

    assert ANSWER[merchant.language] in page
    assert english_in(page) == []


def test_the_csv_gives_reasons_in_the_merchants_language(merchant: Merchant, stories: list[int]) -> None:
    text = merchant.get("/deliveries/export").text
    table = list(csv.reader(io.StringIO(text), delimiter=";"))  # in each of these a comma stands in numbers

    cells = [cell for row in table for cell in row]
    assert text.startswith("\ufeff")
    assert len(table) == 5
    assert ANSWER[merchant.language] in cells
    assert [cell for cell in cells if ENGLISH_WORDS.search(cell)] == []


def english_in(page: str) -> list[str]:
    """Reasons that are read in English, and whatever else says it is."""
    return [text for text in texts_in(page) if ENGLISH_WORDS.search(text)] + ['lang="en"'] * page.count('lang="en"')
