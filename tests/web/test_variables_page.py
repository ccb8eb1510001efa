"""The merchant's own variables on their page: chosen by a click, named, seen at once, saved, changed and deleted."""

import json
import re
from html import unescape
from typing import Any

import pytest

from plugin.config import Settings
from plugin.domain.audit import Deed
from plugin.domain.event import StoreEvent
from plugin.domain.json_path import LONGEST_PATH
from plugin.domain.json_path.naming import is_short
from plugin.domain.kinds import EventKind
from plugin.domain.own import OwnValue
from plugin.storage import SqlStore
from plugin.web.pages.variables import tree
from tests.support.builders import NOON, a_settings_document, an_event
from tests.support.storage.situations import tell
from tests.support.web.merchant import Merchant, a_merchant, bytes_in, errors_in, fields_in

PAGE = "/settings/variables"
EDIT = f"{PAGE}/edit"
BODY = {
    "currency": "PLN",
    "email": "jan@example.com",
    "note": "Ring twice",
    "test": False,
    "total_price": "19.99",
    "created_at": "2026-12-24T23:30:00Z",
    "note_attributes": [{"name": "gift", "value": "For Ola"}, {"name": "wrap's", "value": None}],
    "line_items": [{"sku": "A-1", "properties": [{"name": "engraving", "value": "Ola"}]}] * 30,
    "customer": {"id": 7001000000001, "orders_count": 3, "metafields": {"loyalty": {"points": 12}}},
    "metadata": [{"key": "colour", "value": "red"}],
    "attributes": [{"attribute": {"slug": "size"}, "values": [{"name": "XL"}]}],
    "empty": {},
}


@pytest.fixture
def merchant(store: SqlStore, settings: Settings) -> Merchant:
    return a_merchant(store, settings)


def with_a_webhook(merchant: Merchant, body: Any = BODY, kind: EventKind = EventKind.ORDER_PAID) -> None:
    told(merchant, an_event(kind=kind), json.dumps(body).encode())


def told(merchant: Merchant, event: StoreEvent, body: bytes) -> None:
    store = merchant.services.store
    assert isinstance(store, SqlStore)
    tell(store, merchant.shop, event, key=f"real-{event.kind}", body=body)


def paths_in(html: str) -> list[str]:
    return [json.loads(unescape(text))["take"] for text in re.findall(r"hx-vals='([^']*)'", html)]


def saved(merchant: Merchant, **fields: str) -> Any:
    return merchant.post(EDIT, merchant.form(EDIT) | {"name": "mine"} | fields)


def test_a_field_that_was_clicked_is_named_seen_and_saved(merchant: Merchant) -> None:
    with_a_webhook(merchant)

    shown = merchant.post(f"{PAGE}/webhook", {"shown": "order_paid"}).text
    path = "$.note_attributes[?@.name=='gift'].value"
    assert path in paths_in(shown)
    taken = merchant.post(f"{PAGE}/fields", merchant.form(EDIT) | {"take": path, "shown": "order_paid"})
    typed = merchant.form(EDIT) | fields_in(taken.text)
    assert (typed["name"], typed["type"], typed["path"], typed["source"]) == ("gift", "text", path, "path")
    assert "hidden" not in taken.text.partition("data-value")[0] or "For Ola" not in taken.text
    answer = merchant.post(EDIT, typed | {"name": "gift_note", "each": "some", "kind-order_paid": "on"})

    assert answer.status_code == 200
    assert merchant.document()["variables"] == [{"name": "gift_note", "type": "text", "path": path, "events": ["order_paid"]}]
    assert "gift_note" in answer.text


def test_what_may_be_personal_is_masked(merchant: Merchant) -> None:
    with_a_webhook(merchant)

    shown = merchant.post(f"{PAGE}/webhook", {"shown": "order_paid"}).text

    for personal in ("jan@example.com", "Ring twice", "For Ola", "7001000000001", ">red<", "XL"):
        assert personal not in shown
    for harmless in ("PLN", "19.99", "A-1", "2026-12-24T23:30:00Z", ">3<", ">12<"):
        assert harmless in shown


def test_fields_with_names_of_their_own_are_offered_by_them(merchant: Merchant) -> None:
    with_a_webhook(merchant)

    shown = merchant.post(f"{PAGE}/webhook", {"shown": "order_paid"}).text

    assert paths_in(shown.partition("All fields")[0]) == [
        "$.note_attributes[?@.name=='gift'].value",
        "$.note_attributes[?@.name=='wrap\\'s'].value",
        "$.line_items[*].properties[?@.name=='engraving'].value",
        "$.customer.metafields.loyalty.points",
        "$.metadata[?@.key=='colour'].value",
        "$.attributes[?@.attribute.slug=='size'].values[*].name",
    ]


def test_every_field_that_is_offered_is_found_again(merchant: Merchant) -> None:
    with_a_webhook(merchant)
    shown = merchant.post(f"{PAGE}/webhook", {"shown": "order_paid"}).text

    for path in paths_in(shown):
        answer = merchant.post(f"{PAGE}/value", {"shown": "order_paid", "source": "path", "path": path, "type": "text"}).text
        assert "no such field" not in answer, path


def test_a_tree_is_bounded(merchant: Merchant) -> None:
    with_a_webhook(merchant, {"lines": [{"a": 1}] * 10_000, "wide": {f"f{number}": 1 for number in range(2_000)}})

    shown = merchant.post(f"{PAGE}/webhook", {"shown": "order_paid"}).text

    assert len(paths_in(shown)) <= 500
    assert "9,980 more entries are not shown." in shown
    assert "Not all fields are shown." in shown


def test_a_name_of_megabytes_is_copied_for_no_field_below_it(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    long, looked_at = "k" * 10_000, []

    def looking(path: str, steps: int) -> bool:
        looked_at.append(len(path))
        return is_short(path, steps)

    monkeypatch.setattr(tree, "is_short", looking)
    with_a_webhook(merchant, {long: {f"f{number}": [{"name": "a", "value": 1}] for number in range(50)}})

    merchant.post(f"{PAGE}/webhook", {"shown": "order_paid"})

    assert looked_at and max(looked_at) <= LONGEST_PATH + 1


def test_looking_at_a_real_webhook_is_a_line_of_the_audit(merchant: Merchant) -> None:
    audit = merchant.services.store.audit

    assert "example is made up" in merchant.post(f"{PAGE}/webhook", {"shown": "order_paid"}).text
    assert all(line.deed != Deed.WEBHOOK_VIEWED for line in audit.page(merchant.shop.id, limit=9))
    with_a_webhook(merchant)
    merchant.post(f"{PAGE}/webhook", {"shown": "order_paid"})

    [line] = audit.page(merchant.shop.id, limit=1)
    assert (line.deed, line.facts) == (Deed.WEBHOOK_VIEWED, {"kind": "order_paid"})


@pytest.mark.parametrize("path", ["$[?@.orders_count==3]", "$[?@.id<8000000000000].id", "$..email"])
def test_a_field_that_the_tree_does_not_offer_is_looked_for_under_the_eyes_of_the_audit(merchant: Merchant, path: str) -> None:
    """Whoever asks often enough whether something is less than something else knows what it is."""
    fields = {"shown": "order_paid", "source": "path", "type": "text"}
    merchant.post(f"{PAGE}/value", fields | {"path": path})
    assert viewed(merchant) == 0, "a sample is nobody's"
    with_a_webhook(merchant)
    merchant.post(f"{PAGE}/value", fields | {"path": "$.note"})
    assert viewed(merchant) == 0, "the tree offers it, and shows as much"

    merchant.post(f"{PAGE}/value", fields | {"path": path})
    merchant.post(f"{PAGE}/fields", fields | {"path": path, "take": "$.nowhere"})

    assert viewed(merchant) == 2


def viewed(merchant: Merchant) -> int:
    lines = merchant.services.store.audit.page(merchant.shop.id, limit=50)
    return sum(line.deed == Deed.WEBHOOK_VIEWED for line in lines)


def test_an_abandoned_cart_is_shown_by_its_carts_webhook(merchant: Merchant) -> None:
    with_a_webhook(merchant, {"own": "cart"}, EventKind.CART_UPDATED)

    assert "$.own" in paths_in(merchant.post(f"{PAGE}/webhook", {"shown": "cart_abandoned"}).text)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"path": "$.total_price", "type": "number"}, ">19.99<"),
        ({"path": "$.created_at", "type": "date"}, ">2026-12-25<"),
        ({"path": "$.currency", "type": "number"}, "This is not a number"),
        ({"path": "$.currency", "type": "date"}, "This is not a date"),
        ({"path": "$.line_items", "type": "text"}, "This has no text"),
        ({"path": "$.nowhere", "type": "text"}, "no such field"),
        ({"path": "$..[?", "type": "text"}, "no such field"),
        ({"path": "$.email", "type": "text"}, "Hidden because it may be personal (characters: 15)."),
        ({"path": "$..email", "type": "text"}, "Hidden because"),
        ({"path": "", "type": "text"}, ""),
        ({"path": "$.currency", "type": "odd"}, ""),
        ({"source": "value", "value": "winter", "type": "text"}, ">winter<"),
        ({"source": "value", "value": "much", "type": "number"}, "This is not a number"),
    ],
)
def test_the_preview_says_what_would_be_sent(merchant: Merchant, fields: dict[str, str], said: str) -> None:
    with_a_webhook(merchant)

    answer = merchant.post(f"{PAGE}/value", {"shown": "order_paid", "source": "path"} | fields).text

    assert said in answer
    assert bool(said) == bool(answer.strip())
    assert "jan@example.com" not in answer


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"name": ""}, "name", "Enter a name"),
        ({"name": "Gift"}, "name", "enter a name that starts with a letter"),
        ({"name": "order_link"}, "name", "Order_link is already a variable of this app"),
        ({"name": "unsubscribe_url"}, "name", "has a meaning of its own in SendPulse"),
        ({"name": "season"}, "name", "Another variable already has this name."),
        ({"source": "value", "value": ""}, "value", "Enter what to send."),
        ({"source": "value", "value": "much", "type": "number"}, "value", "enter a number"),
        ({"source": "value", "value": "soon", "type": "date"}, "value", "enter a date"),
        ({"path": ""}, "path", "Choose a field below."),
        ({"path": "$..a..b"}, "path", "at character 5, has a second .. in it"),
        ({"path": "$[?match(@.a, 'x')]"}, "path", "calls match()"),
        ({"each": "some"}, "each", "Select at least one event"),
        ({"type": "odd"}, "type", "enter one of these: text, number, date."),
    ],
)
def test_what_is_wrong_stands_beside_its_field(merchant: Merchant, fields: dict[str, str], field: str, said: str) -> None:
    saved(merchant, name="season", source="value", value="winter")

    answer = saved(merchant, **({"path": "$.currency"} | fields))

    assert answer.status_code == 422
    assert said in errors_in(answer.text)[field]
    assert fields_in(answer.text)["path"] == fields.get("path", "$.currency")
    assert [one["name"] for one in merchant.document()["variables"]] == ["season"]


def test_more_than_thirty_are_refused(merchant: Merchant) -> None:
    some = [{"name": f"mine_{number}", "type": "text", "value": "x"} for number in range(30)]
    document = a_settings_document(variables=some)
    merchant.services.store.shops.write_settings(merchant.shop.id, document, who="test", now=NOON)

    assert "You can have up to 30." in merchant.get(PAGE).text
    assert "enter at most 30" in errors_in(saved(merchant, path="$.currency").text)["name"]


def test_a_variable_is_changed_renamed_and_deleted(merchant: Merchant) -> None:
    saved(merchant, name="season", source="value", value="winter")
    saved(merchant, name="points", type="number", path="$.customer.metafields.loyalty.points")

    of_season = f"{EDIT}?name=season"
    merchant.post(EDIT, merchant.form(of_season) | {"name": "time_of_year", "value": "spring"})
    names = [(one["name"], one.get("value")) for one in merchant.document()["variables"]]
    assert names == [("time_of_year", "spring"), ("points", None)]
    answer = merchant.post(EDIT, merchant.form(f"{EDIT}?name=time_of_year") | {"delete": "1"})

    assert answer.status_code == 200
    assert [one["name"] for one in merchant.document()["variables"]] == ["points"]
    assert merchant.form(f"{EDIT}?name=points")["type"] == "number"


def test_nobody_overwrites_what_somebody_else_saved(merchant: Merchant) -> None:
    saved(merchant, name="season", source="value", value="winter")
    seen = merchant.form(f"{EDIT}?name=season")
    merchant.post(EDIT, seen | {"value": "spring"})

    answer = merchant.post(EDIT, seen | {"value": "summer"})

    assert answer.status_code == 409
    assert "Variables, row 1, What is sent" in answer.text


def test_a_place_that_no_sample_has_is_noted(merchant: Merchant) -> None:
    saved(merchant, name="known", path="$.currency")
    assert "None of our sample events has this field" not in merchant.get(PAGE).text

    saved(merchant, name="unknown", path="$.nowhere")

    assert "None of our sample events has this field" in merchant.get(PAGE).text


@pytest.mark.parametrize(
    ("path", "name", "type"),
    [
        ("$.currency", "my_currency", "text"),
        ("$.email", "my_email", "text"),
        ("$.total_price", "total_price", "number"),
        ("$.created_at", "created_at", "date"),
        ("$.customer.id", "customer_id", "text"),
        ("$.customer.metafields.loyalty.points", "points", "number"),
        ("$.metadata[?@.key=='colour'].value", "colour", "text"),
    ],
)
def test_a_name_and_a_type_are_proposed(merchant: Merchant, path: str, name: str, type: str) -> None:
    with_a_webhook(merchant)

    typed = fields_in(merchant.post(f"{PAGE}/fields", merchant.form(EDIT) | {"take": path, "shown": "order_paid"}).text)

    assert (typed["name"], typed["type"], typed["path"]) == (name, type, path)


def test_a_name_that_somebody_chose_stays(merchant: Merchant) -> None:
    with_a_webhook(merchant)
    typed = merchant.form(EDIT) | {"shown": "order_paid"}

    first = fields_in(merchant.post(f"{PAGE}/fields", typed | {"take": "$.total_price"}).text)
    second = fields_in(merchant.post(f"{PAGE}/fields", typed | first | {"take": "$.created_at"}).text)
    chosen = fields_in(merchant.post(f"{PAGE}/fields", typed | second | {"name": "mine", "take": "$.total_price"}).text)
    unknown = fields_in(merchant.post(f"{PAGE}/fields", typed | chosen | {"take": "$.nowhere"}).text)

    assert [each["name"] for each in (first, second, chosen)] == ["total_price", "created_at", "mine"]
    assert (unknown["name"], unknown["path"]) == ("mine", "$.total_price")


def test_a_kind_nobody_knows_is_not_shown(merchant: Merchant) -> None:
    assert merchant.post(f"{PAGE}/webhook", {"shown": "order_payed"}).status_code == 404


def test_a_preview_shows_them_with_a_real_event_and_a_made_up_one(merchant: Merchant) -> None:
    with_a_webhook(merchant)
    saved(merchant, name="gift_note", path="$.note_attributes[?@.name=='gift'].value")
    saved(merchant, name="points", type="number", path="$.customer.metafields.loyalty.points")
    saved(merchant, name="nowhere", path="$.nowhere")
    typed = fields_in(merchant.get("/preview").text) | {"kind": "order_paid"}
    [past] = merchant.services.store.events.past(merchant.shop.id)

    real = merchant.post("/preview/result", typed | {"past": str(past.id)}).text
    made_up = json.loads(bytes_in(merchant.post("/preview/result", typed | {"past": ""}).text)[0])

    assert (json.loads(bytes_in(real)[0])["gift_note"], json.loads(bytes_in(real)[0])["points"]) == ("For Ola", 12)
    assert "no suitable value for your variables: nowhere." in unescape(real)
    assert (made_up["gift_note"], made_up["points"], made_up["nowhere"]) == ("gift_note", 1, "nowhere")


def test_a_preview_shows_what_was_found_once_the_webhook_is_gone(merchant: Merchant) -> None:
    told(merchant, an_event(own=(OwnValue(name="gift_note", text="For Ola"),)), b"no JSON")
    saved(merchant, name="gift_note", path="$.gift")
    [past] = merchant.services.store.events.past(merchant.shop.id)

    typed = fields_in(merchant.get("/preview").text) | {"kind": "order_paid", "past": str(past.id)}

    assert json.loads(bytes_in(merchant.post("/preview/result", typed).text)[0])["gift_note"] == "For Ola"
    assert "example is made up" in merchant.post(f"{PAGE}/webhook", {"shown": "order_paid"}).text


def test_what_stands_too_deep_for_a_path_cannot_be_taken(merchant: Merchant) -> None:
    body: dict[str, Any] = {"bottom": "x"}
    for _ in range(30):
        body = {"a": body}
    with_a_webhook(merchant, body | {"near": "x", "x" * 300: "far", "odd": [{"attribute": {"slug": "s"}, "values": []}]})

    shown = merchant.post(f"{PAGE}/webhook", {"shown": "order_paid"}).text

    assert "$.near" in paths_in(shown)
    assert "bottom" not in shown
    assert re.search(r"disabled><span translate=\"no\">x{80}<", shown)
    assert "$.odd[?@.attribute.slug=='s'].values[*].name" in paths_in(shown)


def test_enter_in_a_field_saves_what_is_typed(merchant: Merchant) -> None:
    saved(merchant, name="season", source="value", value="winter")

    page = merchant.get(f"{EDIT}?name=season").text

    forms = re.findall(r"<form[^>]*>.*?</form>", page, re.DOTALL)
    [(first, _), (deleting, _)] = [(re.findall(r"<button type=\"submit\"[^>]*>", form)[0], form) for form in forms]
    assert "name=" not in first
    assert 'name="delete"' in deleting
