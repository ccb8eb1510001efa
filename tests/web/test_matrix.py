"""The matrix of languages and events: what is saved is what stands in it, and no event takes another one's letter unasked."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.config import Settings
from plugin.domain.kinds import EventKind
from plugin.domain.locale import parse
from plugin.domain.routing import Flow, RouteTable
from plugin.domain.secret import AutomationId
from plugin.ports import Store
from plugin.web.forms.languages import LanguagesForm
from plugin.web.forms.matrix import Matrix, field_name, read_matrix, stored_matrix, typed_matrix
from tests.support.builders import a_settings_document
from tests.support.web.merchant import Merchant, a_merchant, described_in, errors_in, fields_in

EN, PL = {"locale": "en", "automation_id": 101, "name": "English"}, {"locale": "pl", "automation_id": 102, "name": "Polski"}
CARTS = "cart_abandoned"


def a_shop(store: Store, settings: Settings, *flows: dict[str, Any], **changed: Any) -> Merchant:
    return a_merchant(store, settings, document=a_settings_document(flows=list(flows), **changed))


@pytest.fixture
def merchant(store: Store, settings: Settings) -> Merchant:
    """Of a shop whose reminders have no flow of their own."""
    return a_shop(store, settings, EN, PL)


# ------------------------------------------------------------------ the same, saved unchanged

LOCALES = ("en", "pl", "pt", "pt-BR", "pt_PT", "uk", "DE_DE", "zh-Hant-HK")


def fields_of(matrix: Matrix) -> dict[str, str]:
    """What a browser sends of a matrix that nobody touched: an independent walk over it."""
    sent = {f"column-{column}": "1" for column in matrix.columns if column}
    for number, row in enumerate(matrix.rows):
        sent[f"locale-{number}"] = row.locale
        for column, cell in row.cells.items():
            sent[field_name("flow", number, column)] = cell.flow
            sent[field_name("name", number, column)] = cell.name
            sent[field_name("at", number, column)] = cell.place
    return sent


flow_rows = st.builds(
    lambda locale, number, name, event: (
        {"locale": locale, "automation_id": number}
        | ({"name": name} if name else {})
        | ({"event": event.value} if event else {})
    ),
    st.sampled_from(LOCALES),
    st.integers(1, 4),
    st.sampled_from(["", "", "Polski", "="]),
    st.sampled_from([None, None, *EventKind]),
)


@given(st.lists(flow_rows, unique_by=lambda row: (parse(row["locale"]), row.get("event")), max_size=40))
def test_what_is_saved_unchanged_is_the_same_list(rows: list[dict[str, Any]]) -> None:
    flows = tuple(
        Flow(
            locale=row["locale"], automation_id=AutomationId(row["automation_id"]), name=row.get("name", ""),
            event=EventKind(row["event"]) if "event" in row else None,
        )
        for row in rows
    )  # fmt: skip
    draft = LanguagesForm()

    read_matrix(draft, typed_matrix(fields_of(stored_matrix(RouteTable(routes={}, flows=flows)))), ())

    assert draft.errors == {}
    assert draft.flows == rows


def test_a_page_that_is_saved_unchanged_changes_nothing(store: Store, settings: Settings) -> None:
    merchant = a_merchant(store, settings)
    before = merchant.document()

    assert merchant.post("/languages", merchant.form("/languages")).status_code == 200

    assert merchant.document()["flows"] == before["flows"]


# ------------------------------------------------------------------ no letter of another event


def test_an_event_that_would_take_an_orders_letter_needs_a_choice_in_each_row(merchant: Merchant) -> None:
    answer = merchant.post("/languages", merchant.form("/languages"))

    assert answer.status_code == 422
    cells = {f"flow-0-{CARTS}", f"flow-1-{CARTS}"}
    assert errors_in(answer.text).keys() == cells <= described_in(answer.text)
    assert all("Same flow as the default" in said for said in errors_in(answer.text).values())
    assert merchant.document()["flows"] == [EN, PL]


@pytest.mark.parametrize("typed", ["=", "Same flow as the default", " same  flow as the DEFAULT "])
def test_the_same_flow_is_stored_as_a_row_of_its_own(merchant: Merchant, typed: str) -> None:
    chosen = {f"flow-0-{CARTS}": typed, f"flow-1-{CARTS}": "https://login.sendpulse.com/flow/id/202"}

    answer = merchant.post("/languages", merchant.form("/languages") | chosen)

    assert answer.status_code == 200
    carts = {"locale": "en", "automation_id": 101, "event": CARTS}, {"locale": "pl", "automation_id": 202, "event": CARTS}
    assert merchant.document()["flows"] == [EN, PL, *carts]
    shown = fields_in(answer.text)
    assert (shown[f"flow-0-{CARTS}"], shown[f"flow-1-{CARTS}"]) == ("Same flow as the default", "202")


def test_one_button_says_it_for_every_empty_cell(merchant: Merchant) -> None:
    typed = merchant.form("/languages") | {f"flow-1-{CARTS}": "202", "same": CARTS}

    filled = fields_in(merchant.post("/languages", typed).text)

    assert merchant.document()["flows"] == [EN, PL]
    assert (filled[f"flow-0-{CARTS}"], filled[f"flow-1-{CARTS}"]) == ("Same flow as the default", "202")
    assert merchant.post("/languages", filled).status_code == 200


def test_a_flow_of_the_events_own_in_a_wider_language_is_a_choice(store: Store, settings: Settings) -> None:
    british = {"locale": "en-GB", "automation_id": 103}
    merchant = a_shop(store, settings, EN, british, {"locale": "en", "automation_id": 201, "event": CARTS})

    assert merchant.post("/languages", merchant.form("/languages")).status_code == 200


@pytest.mark.parametrize(
    "events",
    [{}, {CARTS: {"enabled": False}}, {"order_created": {"enabled": True, "send": "name", "event_name": "placed"}}],
    ids=["none", "off", "an order's"],
)
def test_nothing_is_asked_of_other_events(store: Store, settings: Settings, events: dict[str, Any]) -> None:
    merchant = a_shop(store, settings, EN, PL, events=events)

    assert merchant.post("/languages", merchant.form("/languages")).status_code == 200
    assert merchant.document()["flows"] == [EN, PL]


def test_a_language_added_later_needs_the_choice_too(store: Store, settings: Settings) -> None:
    merchant = a_merchant(store, settings)
    typed = merchant.form("/languages") | {"locale-2": "uk", "flow-2": "303"}

    assert errors_in(merchant.post("/languages", typed).text).keys() == {f"flow-2-{CARTS}"}
    assert merchant.post("/languages", typed | {f"flow-2-{CARTS}": "="}).status_code == 200


# ------------------------------------------------------------------ rows and columns


def test_a_column_is_added_for_an_event_whose_letter_differs(store: Store, settings: Settings) -> None:
    merchant = a_merchant(store, settings)

    added = fields_in(
        merchant.post("/languages", merchant.form("/languages") | {"add-column": "1", "new-column": "order_paid"}).text
    )
    answer = merchant.post("/languages", added | {"flow-1-order_paid": "404", "name-1-order_paid": "Dziękujemy"})

    assert answer.status_code == 200
    new = {"locale": "pl", "automation_id": 404, "name": "Dziękujemy", "event": "order_paid"}
    assert merchant.document()["flows"] == [*a_settings_document()["flows"], new]


def test_a_removed_row_says_what_its_buyers_get_and_comes_back(store: Store, settings: Settings) -> None:
    merchant = a_merchant(store, settings)
    before = merchant.form("/languages")

    gone = merchant.post("/languages", before | {"bin": "1"}).text
    back = fields_in(merchant.post("/languages", fields_in(gone) | {"back": "1"}).text)

    assert "Events in this language then go to: your default flow 101 English." in gone
    assert {name: value for name, value in before.items() if back.get(name) != value} == {}
    assert merchant.post("/languages", fields_in(gone)).status_code == 200
    assert [flow["locale"] for flow in merchant.document()["flows"]] == ["en", "en"]


POLAND = {"locale": "pl-PL", "automation_id": 9, "event": "order_paid"}


@pytest.mark.parametrize(
    ("left", "instead"),
    [([EN, PL], "the flow for Polish (102)"), ([EN, PL, POLAND], "the flow for Polish (Poland) (9)")],
    ids=["the default", "the event's flow of a near language"],
)
def test_a_flow_taken_out_of_its_cell_says_what_its_buyers_get(
    store: Store, settings: Settings, left: list[dict[str, Any]], instead: str
) -> None:
    own = {"locale": "pl", "automation_id": 404, "event": "order_paid"}
    merchant = a_shop(store, settings, *left, own, events={})
    form = merchant.form("/languages")
    [cell] = [name for name, value in form.items() if value == "404"]

    answer = merchant.post("/languages", form | {cell: ""})

    assert answer.status_code == 200
    assert f"Order paid, Polish: the event’s own flow was removed. These events now go to: {instead}." in answer.text
    assert merchant.document()["flows"] == left
    assert "now go to" not in merchant.post("/languages", merchant.form("/languages")).text


def test_what_was_typed_stays_while_rows_are_added_and_removed(merchant: Merchant) -> None:
    typed = merchant.form("/languages") | {"flow-0": "none", f"flow-1-{CARTS}": "x", "name-1": "Mine", "policy": "hold"}

    for press in ({"add": "1"}, {"bin": "0"}, {"back": "0"}, {"add-column": "1", "new-column": "order_paid"}, {"same": CARTS}):
        page = fields_in(merchant.post("/languages", typed | press).text)
        assert {name: page.get(name) for name in ("flow-0", f"flow-1-{CARTS}", "name-1", "policy")} == {
            "flow-0": "none", f"flow-1-{CARTS}": "x", "name-1": "Mine", "policy": "hold",
        }  # fmt: skip


def test_languages_go_by_name_in_the_pages_language(merchant: Merchant) -> None:
    merchant.language = "de"

    page = merchant.get("/languages").text

    assert "Polnisch</span>" in page
    assert fields_in(page)["locale-1"] == "pl"


# ------------------------------------------------------------------ wrong inputs

WRONG = [
    ({"flow-0": "="}, "flow-0", "Enter the default flow"),
    ({"flow-0": "", f"flow-0-{CARTS}": "="}, f"flow-0-{CARTS}", "Enter the default flow"),
    ({f"flow-0-{CARTS}": "-5"}, f"flow-0-{CARTS}", "no minus"),
    ({f"flow-0-{CARTS}": "0"}, f"flow-0-{CARTS}", "start at 1"),
    ({f"flow-0-{CARTS}": "12, 13"}, f"flow-0-{CARTS}", "several numbers"),
    ({f"flow-0-{CARTS}": "=="}, f"flow-0-{CARTS}", 'Found "=="'),
    ({f"flow-0-{CARTS}": "the same"}, f"flow-0-{CARTS}", 'Found "the same"'),
    ({f"name-0-{CARTS}": "x" * 300}, f"name-0-{CARTS}", "text of 300 characters"),
    ({"locale-0": ""}, "locale-0", "Enter the language"),
    ({"locale-2": "Pollish", "flow-2": "7", f"flow-2-{CARTS}": "8"}, "locale-2", "Did you mean Polish (pl)?"),
    ({"locale-2": "Deutch", "flow-2": "7", f"flow-2-{CARTS}": "8"}, "locale-2", "Deutch"),
    ({"locale-2": "🏳️", "flow-2": "7", f"flow-2-{CARTS}": "8"}, "locale-2", "not a language we know"),
    ({"locale-2": "polski, angielski", "flow-2": "7", f"flow-2-{CARTS}": "8"}, "locale-2", "not a language we know"),
    ({"locale-2": "Polish", "flow-2": "7", f"flow-2-{CARTS}": "8"}, "locale-2", "row 2"),
    ({"locale-2": "uk", "flow-2": "", f"flow-2-{CARTS}": ""}, "flow-2", "Enter the flow number"),
    ({"locale-2": "en", "flow-2": "7", f"flow-2-{CARTS}": "8"}, "locale-2", "row 1"),
    ({"locale-2": "", "flow-2": "7", f"flow-2-{CARTS}": "8"}, "locale-2", "Enter the language"),
]


@pytest.mark.parametrize(("typed", "field", "said"), WRONG, ids=[str(typed)[:40] for typed, *_ in WRONG])
def test_a_wrong_cell_is_explained_beside_it_and_kept(
    store: Store, settings: Settings, typed: dict[str, str], field: str, said: str
) -> None:
    merchant = a_merchant(store, settings)

    answer = merchant.post("/languages", merchant.form("/languages") | typed)

    assert answer.status_code == 422
    assert said in errors_in(answer.text)[field]
    assert field in described_in(answer.text)
    shown = fields_in(answer.text)
    assert {name for name, value in typed.items() if value not in ("=",) and shown.get(name) != value} == set()
    assert merchant.document() == a_settings_document()


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Ukrainian", "uk"),
        ("українська", "uk"),
        ("🇺🇦", "uk"),
        ("Deutsch", "de"),
        ("niemiecki", "de"),
        ("🇧🇷", "pt"),
        ("pt_BR", "pt_BR"),
    ],
)
def test_names_and_flags_are_read_as_the_language_they_mean(store: Store, settings: Settings, typed: str, code: str) -> None:
    merchant = a_merchant(store, settings)

    answer = merchant.post(
        "/languages", merchant.form("/languages") | {"locale-2": typed, "flow-2": "7", f"flow-2-{CARTS}": "="}
    )

    assert answer.status_code == 200
    assert merchant.document()["flows"][-1] == {"locale": code, "automation_id": 7, "event": CARTS}
    assert (f"({code})." in answer.text) == (typed != code)
