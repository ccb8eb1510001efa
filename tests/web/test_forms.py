"""Wrong inputs: each has a message of its own beside its field, and nothing that was typed is lost."""

import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from plugin.storage import open_store
from tests.support.databases import settings_for
from tests.support.web.merchant import Merchant, a_merchant, described_in, errors_in, fields_in
from tests.support.web.wrong_files import MANY, PASTED, UPLOADED
from tests.support.web.wrong_inputs import ACCOUNT, ADDRESSES, EVENTS, FILTERS, FLOWS, LANGUAGES, STORE, URLS, Wrong

FORMS = {
    "/events/cart_abandoned": EVENTS, "/languages": LANGUAGES, "/settings": STORE, "/settings/account": ACCOUNT,
    "/setup/connect": URLS, "/setup/languages": FLOWS,
}  # fmt: skip
PAGES = {
    "/setup/connect": "/setup?step=connect",
    "/setup/languages": "/setup?step=languages",
}  #: where a form stands, if elsewhere
RULE = {"rules": "1", "rule-state-0": "open", "rule-channel-0": "web", "rule-gives-0": "flow:101"}  #: one that is begun
CHOSEN = {"send", "shape", "audience", "lead", "on_uncertain", "policy", "product_id"}  #: from a list, never typed
UNSEEN = {"version", "sure"}
CASES = [(path, *wrong) for path, table in FORMS.items() for wrong in table]


@pytest.fixture(scope="module")
def merchant(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Merchant]:
    """One for all: nothing wrong is ever stored."""
    path = tmp_path_factory.mktemp("forms") / "plugin.db"
    shutil.copy(migrated_sqlite, path)
    settings = settings_for(f"sqlite:///{path}")
    store = open_store(settings)
    yield a_merchant(store, settings)
    store.close()


NEEDS: dict[tuple[str, str], dict[str, str]] = {
    ("/events/cart_abandoned", "event_url"): {"enabled": "on", "send": "json"},
    ("/languages", "default_flow"): {"policy": "default_flow"},
    ("/settings/account", "client_id"): {"client_secret": "0123456789abcdef"},
    **{("/languages", f"rule-{cell}-0"): RULE for cell in ("channel", "country", "event", "gives", "name")},
    ("/languages", "rule-flow-0"): RULE | {"rule-gives-0": "another"},
}  #: what makes the field count


def typed_into(merchant: Merchant, path: str, field: str, typed: str) -> dict[str, str]:
    """The form as it stands, with this typed."""
    return merchant.form(PAGES.get(path, path)) | NEEDS.get((path, field), {}) | {field: typed}


@pytest.fixture(scope="module")
def refusals() -> dict[tuple[str, str, str], str]:
    """What was said to each wrong input, so that none is typed in twice."""
    return {}


@pytest.mark.parametrize(
    ("path", "field", "typed", "said"), CASES, ids=[f"{path} {typed[:30]!a}" for path, _, typed, _ in CASES]
)
def test_a_wrong_input_is_explained_beside_its_field_and_kept(
    merchant: Merchant, refusals: dict[tuple[str, str, str], str], path: str, field: str, typed: str, said: str
) -> None:
    before = merchant.document()
    sent = typed_into(merchant, path, field, typed)

    answer = merchant.post(path, sent)

    assert answer.status_code == 422
    refusals[path, field, typed] = errors_in(answer.text)[field]
    assert said.lower() in refusals[path, field, typed].lower()
    assert field in described_in(answer.text)
    stands = fields_in(answer.text)
    assert {name for name, value in sent.items() if stands.get(name, "") != value} <= CHOSEN | UNSEEN
    assert merchant.document() == before


@pytest.mark.parametrize(("path", "table"), FORMS.items(), ids=FORMS.keys())
def test_twenty_different_mistakes_have_twenty_messages(
    merchant: Merchant, refusals: dict[tuple[str, str, str], str], path: str, table: list[Wrong]
) -> None:
    for field, typed, _ in table:
        if (path, field, typed) not in refusals:  # where these tests are shared out among processes
            answer = merchant.post(path, typed_into(merchant, path, field, typed))
            refusals[path, field, typed] = errors_in(answer.text)[field]

    said = [(field, refusals[path, field, typed]) for field, typed, _ in table]

    assert len(table) >= 20
    assert len(set(said)) == len(table)


# ------------------------------------------------------------------ the guide's list of events


@pytest.mark.parametrize(
    "kinds", [[], [""], ["order_payed"], ["order_delivered"]], ids=["none", "blank", "misspelled", "not offered"]
)
def test_the_guide_says_beside_its_list_that_an_event_is_to_be_chosen(merchant: Merchant, kinds: list[str]) -> None:
    answer = merchant.post("/setup/events", {"kinds": kinds, "version": "1"})

    assert answer.status_code == 422
    assert "Choose at least one event" in errors_in(answer.text)["kinds"]
    assert "kinds" in described_in(answer.text)


# ------------------------------------------------------------------ a settings file


@pytest.mark.parametrize(("text", "said"), PASTED, ids=[f"{number} {text[:20]!a}" for number, (text, _) in enumerate(PASTED)])
def test_a_text_that_is_no_settings_file_says_where_and_why(merchant: Merchant, text: str, said: str) -> None:
    answer = merchant.post("/settings/file", {"text": text, "version": "1"})

    assert answer.status_code == 422
    assert said in errors_in(answer.text)["text"]
    assert "text" in described_in(answer.text)
    assert fields_in(answer.text)["text"] == text


def test_each_mistake_in_a_settings_file_has_its_own_message(merchant: Merchant) -> None:
    said = [errors_in(merchant.post("/settings/file", {"text": text, "version": "1"}).text)["text"] for text, _ in PASTED]

    assert len(set(said)) == len(PASTED) > 20


def upload(merchant: Merchant, content: bytes, text: str = "") -> TestResponse:
    fields = {"version": "1", "text": text, "file": (io.BytesIO(content), "settings.json")}
    return merchant.post("/settings/file", fields, content_type="multipart/form-data")


@pytest.mark.parametrize(("content", "field", "said"), UPLOADED, ids=[said for _, _, said in UPLOADED])
def test_an_upload_that_is_no_settings_file_says_why_beside_the_file(
    merchant: Merchant, content: bytes, field: str, said: str
) -> None:
    answer = upload(merchant, content)

    assert answer.status_code == 422
    assert said in errors_in(answer.text)[field]
    assert field in described_in(answer.text)


def test_a_text_is_not_lost_to_a_file_that_was_chosen_too(merchant: Merchant) -> None:
    answer = upload(merchant, b'{"version": 1}', text="{}")

    assert answer.status_code == 422
    assert "You also chose a file" in errors_in(answer.text)["text"]
    assert fields_in(answer.text)["text"] == "{}"


def test_a_byte_order_mark_does_no_harm(merchant: Merchant) -> None:
    answer = upload(merchant, b'\xef\xbb\xbf{"version": 2}')

    assert "$.version: found the number 2" in errors_in(answer.text)["text"]


def test_every_error_of_an_imported_file_is_shown(merchant: Merchant) -> None:
    answer = merchant.post("/settings/file", {"text": json.dumps(MANY), "version": "1"})

    said = errors_in(answer.text)["text"].splitlines()
    assert answer.status_code == 422
    for place in ("$.version", "$.events.order_payed", "$.flows[0].locale", "$.flows[0].automation_id", "$.store.timezone"):
        assert any(line.startswith(f"{place}: ") for line in said)
    assert fields_in(answer.text)["text"] == json.dumps(MANY)


# ------------------------------------------------------------------ a test event, and what is checked before it is saved


@pytest.mark.parametrize(("field", "typed", "said"), ADDRESSES, ids=[typed[:30] for _, typed, _ in ADDRESSES])
def test_a_test_that_cannot_be_sent_says_why_for_its_field(merchant: Merchant, field: str, typed: str, said: str) -> None:
    given = {"kind": "order_paid", "locale": "en", "email": "jan@example.com", field: typed}

    answer = merchant.post("/preview/test", given)

    assert answer.status_code == 422
    assert said.lower() in errors_in(answer.text)[field].lower()
    assert f'data-beside="{field}"' in answer.text
    assert merchant.post_box.posted == []


def test_each_wrong_address_has_its_own_message(merchant: Merchant) -> None:
    good = {"kind": "order_paid", "locale": "en", "email": "jan@example.com"}

    said = [errors_in(merchant.post("/preview/test", good | {field: typed}).text)[field] for field, typed, _ in ADDRESSES]

    assert len(set(said)) == len(ADDRESSES) > 20


@pytest.mark.parametrize(("field", "typed", "said"), ACCOUNT, ids=[f"{field} {typed[:30]!a}" for field, typed, _ in ACCOUNT])
def test_keys_are_refused_for_their_field_before_sendpulse_is_asked(
    merchant: Merchant, field: str, typed: str, said: str
) -> None:
    answer = merchant.post("/settings/account/check", typed_into(merchant, "/settings/account", field, typed))

    assert answer.status_code == 422
    assert said.lower() in errors_in(answer.text)[field].lower()
    assert f'data-beside="{field}"' in answer.text


# ------------------------------------------------------------------ the filter of the deliveries, and sending them again


@pytest.mark.parametrize("path", ["/deliveries", "/deliveries/again"])
@pytest.mark.parametrize(("field", "typed", "said"), FILTERS, ids=[f"{field} {typed[:20]!a}" for field, typed, _ in FILTERS])
def test_a_filter_that_cannot_be_used_says_so_beside_its_field(
    merchant: Merchant, path: str, field: str, typed: str, said: str
) -> None:
    given = {"q": "7", "from": "2026-01-01", "to": "2026-12-31", "flow": "101", field: typed}

    answers = [merchant.get(f"{path}?{urlencode(given)}")]
    answers += [merchant.post(path, given | {"again-failed": "9"})] if path.endswith("again") else []

    for answer in answers:
        assert answer.status_code == 422
        assert said in errors_in(answer.text)[field]
        assert list(errors_in(answer.text)) == [field]
        assert field in described_in(answer.text)
        stands = fields_in(answer.text)
        assert {name for name, value in given.items() if stands.get(name) != value} <= {"state", "event"}


def test_each_wrong_filter_has_its_own_message(merchant: Merchant) -> None:
    said = [
        (field, errors_in(merchant.get(f"/deliveries?{urlencode({field: typed})}").text)[field]) for field, typed, _ in FILTERS
    ]

    assert len({message for _, message in said}) >= 18
    assert len(FILTERS) > 20
