"""Wrong inputs: each has a message of its own beside its field, and nothing that was typed is lost."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin.storage import open_store
from tests.builders import EVENT_URL
from tests.databases import settings_for
from tests.web.merchant import Merchant, a_merchant, errors_in, fields_in

KEY = "0123456789abcdef0123456789abcdef"
HOST = "https://events.sendpulse.com"

WRONG_EVENTS = [
    ("event_url", "https://evil.example/events/id/" + KEY + "/1", "leads to evil.example"),
    ("event_url", "http://127.0.0.1/", "no event URL was found"),
    ("event_url", "https://login.sendpulse.com/automation360/events", "page of login.sendpulse.com"),
    ("event_url", "https://api.sendpulse.com/events/name/purchase", "REST API"),
    ("event_url", "https://login.sendpulse.com/automation/flow/id/12345", "address of a flow"),
    ("event_url", f"{HOST}/events/id/{KEY}", "number at the end is missing"),
    ("event_url", f"{HOST}/events/id/{KEY[:-1]}/7043663", "has 31 signs"),
    ("event_url", f"{HOST}/events/id/{KEY}0/7043663", "has 33 signs"),
    ("event_url", f"{HOST}/events/id/{KEY[:-1]}g/7043663", "other signs than 0-9 and a-f"),
    ("event_url", f"{HOST}/events/id/{KEY}/abc", "after the last slash is no number"),
    ("event_url", f"{HOST}/events", "is no event's"),
    ("event_url", f"{EVENT_URL} {HOST}/events/id/{KEY[::-1]}/7043663", "2 different event URLs"),
    ("event_url", "ftp://events.sendpulse.com/events/id/" + KEY + "/1", "begins ftp://"),
    ("event_url", "jan@example.com", "found an e-mail address"),
    ("event_url", "7043663", "a number alone"),
    ("event_url", KEY, "the middle part"),
    ("event_url", '{"email": "jan@example.com"}', "found JSON"),
    ("event_url", "purchase", 'found "purchase", which looks like an event\'s name'),
    ("event_url", "x " * 5000, "text of 9999 characters"),
    ("wait_minutes", "5", "found the number 5"),
    ("wait_minutes", "an hour", 'found "an hour"'),
    ("wait_minutes", "-60", 'found "-60"'),
    ("event_name", "with blanks!", 'found "with blanks!"'),
    ("shape", "pyramid", 'found "pyramid"'),
]

WRONG_LANGUAGES = [
    ("locale-0", "klingonish", 'found "klingonish"'),
    ("locale-0", "e", 'found "e"'),
    ("locale-0", "12", 'found "12"'),
    ("locale-0", "und", 'found "und"'),
    ("locale-0", "English (US)", 'found "English (US)"'),
    ("locale-0", "en pl", 'found "en pl"'),
    ("locale-0", "", "write the language"),
    ("locale-1", "en", "row 1 has this locale"),
    ("flow-0", "", "is missing"),
    ("flow-0", "0", "counted from 1"),
    ("flow-0", "-5", "no minus"),
    ("flow-0", "12.5", "is whole"),
    ("flow-0", "abc", 'found "abc"'),
    ("flow-0", "12, 13", "several numbers"),
    ("flow-0", "12345678901234567", "17 digits"),
    ("flow-0", EVENT_URL, "found an event URL"),
    ("flow-0", "https://login.sendpulse.com/automation/flow/id/", "no number after /flow/id/"),
    ("flow-0", "https://login.sendpulse.com/", "is no flow's"),
    ("flow-0", "https://a.example/flow/id/1 https://a.example/flow/id/2", "addresses of two flows"),
    ("event-0", "order_payed", "Did you mean order_paid?"),
    ("name-0", "x" * 300, "text of 300 characters"),
    ("default_flow", "none", 'found "none"'),
    ("policy", "shrug", 'found "shrug"'),
]

WRONG_STORE = [
    ("name", "x" * 256, "text of 256 characters"),
    ("link", "demo.example", 'found "demo.example"'),
    ("link", "ftp://demo.example", 'found "ftp://demo.example"'),
    ("link", "https://", 'found "https://"'),
    ("link", "https://user@demo.example", "text of 25 characters"),
    ("link", "https://demo .example", 'found "https://demo .example"'),
    ("link", "javascript:alert(1)", 'found "javascript:alert(1)"'),
    ("link", "https://demo.example:99999", 'found "https://demo.example:99999"'),
    ("product_link", "/products/{slug}", 'found "/products/{slug}"'),
    ("product_link", "https://demo.example/{id}", 'found "id" in braces'),
    ("product_link", "https://demo.example/{slug", "brace is left open"),
    ("product_link", "https://demo.example/{slugg}", "Did you mean slug?"),
    ("product_link", "https://demo.example/{}", 'found "" in braces'),
    ("product_link", "https://demo.example/{slug!r}", 'found "slug" in braces'),
    ("timezone", "Warsaw", 'found "Warsaw"'),
    ("timezone", "CEST+1", 'found "CEST+1"'),
    ("timezone", "Europe/Warszawa", "Did you mean Europe/Warsaw?"),
    ("default_locale", "xx-yy-zz", 'found "xx-yy-zz"'),
    ("default_locale", "Polish", 'found "Polish"'),
    ("product_id", "float", 'found "float"'),
]

WRONG_ACCOUNT = [
    ("rate_per_second", "0", "found the number 0"),
    ("rate_per_second", "11", "found the number 11"),
    ("rate_per_second", "fast", 'found "fast"'),
    ("rate_per_second", "2.5", 'found "2.5"'),
    ("client_id", "two words", "no key of SendPulse"),
    ("client_secret", "two words", "no key of SendPulse"),
    ("api_key", "klucz zażółć", "no key of SendPulse"),
]

FORMS = [
    *(("/events/cart_abandoned", *wrong) for wrong in WRONG_EVENTS),
    *(("/languages/", *wrong) for wrong in WRONG_LANGUAGES),
    *(("/settings/", *wrong) for wrong in WRONG_STORE),
    *(("/settings/account", *wrong) for wrong in WRONG_ACCOUNT),
]


@pytest.fixture(scope="module")
def merchant(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Merchant]:
    """One for all: nothing wrong is ever stored."""
    path = tmp_path_factory.mktemp("forms") / "plugin.db"
    shutil.copy(migrated_sqlite, path)
    settings = settings_for(f"sqlite:///{path}")
    store = open_store(settings)
    yield a_merchant(store, settings)
    store.close()


@pytest.mark.parametrize(("path", "field", "typed", "said"), FORMS, ids=[f"{path} {typed[:30]}" for path, _, typed, _ in FORMS])
def test_a_wrong_input_is_explained_beside_its_field_and_kept(
    merchant: Merchant, path: str, field: str, typed: str, said: str
) -> None:
    before = merchant.document()
    sent = merchant.form(path) | {field: typed}

    answer = merchant.post(path, sent)

    assert answer.status_code == 422
    assert said.lower() in errors_in(answer.text)[field].lower()
    if field not in ("shape", "policy", "event-0", "product_id"):  # these are chosen from a list, never typed
        assert fields_in(answer.text)[field] == typed
    assert {name for name, value in fields_in(answer.text).items() if value != sent.get(name)} <= {field}
    assert merchant.document() == before


@pytest.mark.parametrize("table", [WRONG_EVENTS, WRONG_LANGUAGES, WRONG_STORE], ids=["events", "languages", "store"])
def test_twenty_wrong_inputs_have_twenty_messages(table: list[tuple[str, str, str]]) -> None:
    assert len({(field, said) for field, _, said in table}) >= 20


WRONG_FILES = {
    "": "Choose a file",
    "{": "line 1, column 2",
    "[]": "is an object",
    "[" * 100_000: "nested too deeply",
}


@pytest.mark.parametrize(("text", "said"), WRONG_FILES.items(), ids=["empty", "cut off", "list", "deep"])
def test_what_is_no_settings_file_says_so(merchant: Merchant, text: str, said: str) -> None:
    answer = merchant.post("/settings/file", {"text": text, "version": "1"})

    assert answer.status_code == 422
    assert said in errors_in(answer.text)["text"]


def test_every_error_of_an_imported_file_is_shown(merchant: Merchant) -> None:
    text = '{"version": 2, "events": {"order_payed": {}}, "flows": [{"locale": "zz"}], "store": {"timezone": "Mars"}}'

    answer = merchant.post("/settings/file", {"text": text, "version": "1"})

    assert answer.status_code == 422
    for place in ("$.version", "$.events.order_payed", "$.flows[0].locale", "$.flows[0].automation_id", "$.store.timezone"):
        assert place in answer.text
    assert fields_in(answer.text)["text"] == text


WRONG_TESTS = [
    ({"email": ""}, "email", "Write your own"),
    ({"email": "jan"}, "email", "has an @"),
    ({"email": "@example.com"}, "email", "before the @"),
    ({"email": "jan@example"}, "email", "whole domain"),
    ({"email": "jan@example.com, eva@example.com"}, "email", "One address only"),
    ({"email": "jan@example.com", "locale": "klingonish"}, "locale", "klingonish"),
    ({"email": "jan@example.com", "kind": "order_payed"}, "kind", "in the list"),
]


@pytest.mark.parametrize(("changed", "field", "said"), WRONG_TESTS, ids=[str(changed) for changed, _, _ in WRONG_TESTS])
def test_a_test_that_cannot_be_sent_says_why(merchant: Merchant, changed: dict[str, str], field: str, said: str) -> None:
    answer = merchant.post("/preview/test", {"kind": "order_paid", "locale": "en"} | changed)

    assert answer.status_code == 422
    assert said.lower() in errors_in(answer.text)[field].lower()
    assert merchant.post_box.parcels == []
