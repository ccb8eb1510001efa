"""Settings are spoken of as their forms call them, never as the file does."""

import pytest

from plugin.config import Settings
from plugin.domain.kinds import EventKind
from plugin.domain.losses import Loss
from plugin.domain.settings.editing import EMPTY, Difference, differences
from plugin.domain.settings.file import read_settings_file, write_settings_file
from plugin.ports import Store
from plugin.web.settings_labels import described, loss_text
from tests.support.builders import a_settings_document
from tests.support.web.merchant import a_merchant, fields_in

RULES = [{"channel": "outlet", "country": "PL", "event": "order_paid", "automation_id": 5, "name": "Outlet"}]


def told(path: str, before: str = "–", after: str = "x") -> tuple[str, str, str]:
    found = described(Difference(path=path, before=before, after=after))
    return found.place, found.before, found.after


@pytest.mark.parametrize(
    ("path", "before", "after", "words"),
    [
        ("flows[2].name", "Polski", "–", ("Languages, row 2, Name (only for you)", "Polski", "–")),
        ("flows[1].event", "–", "order_paid", ("Languages, row 1, Used for", "–", "Order paid")),
        ("events.order_paid.enabled", "True", "False", ("Order paid, Send this event to SendPulse", "On", "Off")),
        ("events.cart_abandoned.send", "json", "name", (
            "Cart abandoned, How to send", "To the event URL, as JSON", "By name, through the REST API"
        )),
        ("no_match.policy", "hold", "skip", (
            "Buyers whose language has no flow, What happens to these events", "Hold the event", "Send nothing"
        )),
        ("rules[1].country", "–", "PL", ("Rules, row 1, Country", "–", "PL")),
        ("store.name", "Demo", "New", ("Store, Name", "Demo", "New")),
        ("store.old_orders", "False", "True", ("Store, Send old orders too", "Off", "On")),
        ("account.client_secret", "…cret", "…9999", ("SendPulse account, Secret", "…cret", "…9999")),
    ],
)  # fmt: skip
def test_a_place_and_its_values_are_called_as_in_the_form(
    path: str, before: str, after: str, words: tuple[str, str, str]
) -> None:
    assert told(path, before, after) == words


def test_every_place_of_a_settings_file_has_a_name() -> None:
    links = {"cart_link": "https://demo.example/c", "order_link": "https://demo.example/o", "consent_key": "marketing"}
    full = read_settings_file(a_settings_document(rules=RULES, store=a_settings_document()["store"] | links))
    document = write_settings_file(full, with_secrets=True)
    api_key = {"version": 1, "account": {"api_key": "a-key"}}

    paths = [each.path for found in (document, api_key) for each in differences(EMPTY, found)]

    assert [path for path in paths if not told(path)[0]] == []


@pytest.mark.parametrize(
    "path", ["version", "events.order_eaten.send", "events.order_paid.taste", "flows[1].taste", "store.taste", ""]
)
def test_a_place_no_form_knows_stays_as_it_is(path: str) -> None:
    assert told(path, "1", "2") == ("", "1", "2")


def test_a_lost_event_goes_by_its_title() -> None:
    loss = Loss(locale="", kinds=(EventKind.ORDER_PAID,), becomes="order_paid is switched off.")

    assert loss_text(loss) == "Order paid is switched off."


def test_who_is_warned_reads_titles_in_every_language(store: Store, settings: Settings) -> None:
    merchant = a_merchant(store, settings)
    merchant.language = "de"
    without_polish = merchant.form("/languages/") | {"policy": "hold", "gone-1": "1"}

    warned = merchant.post("/languages/", without_polish).text.partition("<ul>")[2].partition("</ul>")[0]

    assert "Bestellung bezahlt" in warned
    assert "order_paid" not in warned


def test_what_somebody_else_changed_is_said_in_words(store: Store, settings: Settings) -> None:
    merchant = a_merchant(store, settings)
    first = second = merchant.form("/languages/")
    merchant.post("/languages/", first | {"name-1": "Po polsku"})

    conflict = merchant.post("/languages/", second | {"name-1": "British"})

    assert conflict.status_code == 409
    assert "Languages, row 2, Name (only for you)" in conflict.text
    assert "flows[2]" not in conflict.text
    assert fields_in(conflict.text)["name-1"] == "British"
