"""Settings as full as they may be: their pages keep nobody waiting."""

import gc
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from string import ascii_uppercase

import pytest

from plugin.domain.locale import parse
from plugin.domain.routing import Flow, RouteTable
from plugin.domain.secret import AutomationId
from plugin.domain.settings import ShopSettings
from plugin.domain.settings.walking import MOST_ITEMS
from plugin.storage import open_store
from plugin.web.flow_names import flow_names
from tests.support.builders import a_settings_document
from tests.support.databases import settings_for
from tests.support.hostile.long_texts import MOST_SECONDS, TRIES
from tests.support.hostile.whole_files import Pauses
from tests.support.web.merchant import Merchant, a_merchant


def locales() -> list[str]:
    """So many that are different, however they are spelled."""
    codes = [f"{one}{other}" for one in ascii_uppercase for other in ascii_uppercase]
    found = {parse(f"{language}-{code}"): f"{language}-{code}" for language in ("en", "fr", "de") for code in codes}
    return [locale for tag, locale in found.items() if tag][:MOST_ITEMS]


@pytest.fixture(scope="module")
def merchant(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Merchant]:
    path = tmp_path_factory.mktemp("full") / "plugin.db"
    shutil.copy(migrated_sqlite, path)
    settings = settings_for(f"sqlite:///{path}")
    store = open_store(settings)
    merchant = a_merchant(store, settings)
    full = a_settings_document(
        flows=[{"locale": locale, "automation_id": 101, "name": f"The flow of {locale}"} for locale in locales()],
        rules=[{"channel": f"channel-{number}", "automation_id": 101} for number in range(MOST_ITEMS)],
    )
    sent = merchant.form("/settings/file") | {"text": json.dumps(full)}
    assert merchant.post("/settings/file", sent).status_code == 200
    merchant.language = "pl"
    yield merchant
    store.close()


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> Pauses:
    pauses = Pauses()
    monkeypatch.setattr("plugin.turns.time", pauses)
    return pauses


def longest_piece(pauses: Pauses, act: Callable[[], object]) -> float:
    act()  # what is made once, such as catalogues and templates
    gc.disable()
    try:
        return min(pauses.longest_of(act) for _ in range(TRIES))
    finally:
        gc.enable()


def test_five_hundred_flows_are_shown_in_turns(merchant: Merchant, pauses: Pauses) -> None:
    assert merchant.get("/languages").text.count('name="locale-') > MOST_ITEMS

    assert longest_piece(pauses, lambda: merchant.get("/languages")) < MOST_SECONDS


def test_a_flow_of_many_languages_is_called_by_the_first_of_them() -> None:
    flows = tuple(Flow(locale=locale, automation_id=AutomationId(7)) for locale in ["pl", "uk", *locales()])

    (name,) = flow_names(ShopSettings(table=RouteTable(routes={}, flows=flows))).values()

    assert (name[:8], name[-3:]) == ("pl, uk, ", ", …")
    assert len(name) < 80


def test_thousands_of_differences_are_shown_in_turns(merchant: Merchant, pauses: Pauses) -> None:
    behind = {"version": "1", "text": '{"version": 1}'}
    answer = merchant.post("/settings/file", behind)

    assert (answer.status_code, answer.text.count("→") > 2 * MOST_ITEMS) == (409, True)
    assert longest_piece(pauses, lambda: merchant.post("/settings/file", behind)) < 2 * MOST_SECONDS


def test_hundreds_of_losses_are_shown_in_turns(merchant: Merchant, pauses: Pauses) -> None:
    emptied = merchant.form("/settings/file") | {"text": json.dumps(a_settings_document(flows=[], no_match={"policy": "hold"}))}
    answer = merchant.post("/settings/file", emptied)

    assert answer.status_code == 422
    assert longest_piece(pauses, lambda: merchant.post("/settings/file", emptied)) < 2 * MOST_SECONDS
