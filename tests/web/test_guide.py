"""Going through the guide: what was chosen stays chosen, and going through it again takes nothing away unasked."""

import json
import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from plugin.config import Settings
from plugin.domain.delivery import Outcome, Skip
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.wording import worded
from plugin.ports import Store
from plugin.storage import SqlStore
from plugin.web.pages.setup import testing
from tests.support.builders import EVENT_URL, NOON, a_settings_document
from tests.support.storage.situations import DELIVERED, REFUSED, a_claimed_delivery, a_delivery, a_refusal, attempted
from tests.support.web.merchant import Merchant, a_merchant, errors_in, fields_in

REGIONS = (
    "US", "GB", "CA", "AU", "NZ", "IE", "ZA", "IN", "PL", "DE", "AT", "CH", "FR", "BE", "LU", "ES", "MX", "AR", "CL", "CO",
    "PE", "PT", "BR", "UA", "IT", "NL", "SE", "NO", "DK", "FI",
)  # fmt: skip
OTHER_URL, THIRD_URL = EVENT_URL.replace("0123", "9999"), EVENT_URL.replace("0123", "8888")


@pytest.fixture
def merchant(store: Store, settings: Settings) -> Merchant:
    return a_merchant(store, settings)


def ticked(html: str) -> set[str]:
    return set(re.findall(r'name="kinds" value="(\w+)" checked', html))


def test_what_was_ticked_stays_ticked_when_the_guide_has_a_question(merchant: Merchant) -> None:
    page = merchant.get("/setup?step=events").text
    assert "order_paid" in ticked(page)
    typed = {"kinds": ["customer_created"], "address-customer_created": OTHER_URL, "version": fields_in(page)["version"]}

    warned = merchant.post("/setup/events", typed)

    assert "Order paid is switched off" in warned.text
    assert ticked(warned.text) == {"customer_created"}


def test_another_event_url_in_the_guide_leaves_the_event_as_it_is(merchant: Merchant) -> None:
    before = merchant.document()["events"]["order_paid"]

    answer = merchant.post("/setup/connect", merchant.form("/setup?step=connect") | {"event_url": OTHER_URL})

    assert answer.status_code == 200
    assert merchant.document()["events"]["order_paid"] == before | {"event_url": OTHER_URL}


def test_an_event_url_in_the_guide_is_used_by_an_event_that_was_sent_by_name(store: Store, settings: Settings) -> None:
    named = a_settings_document(events={"order_paid": {"send": "name", "event_name": "paid"}})
    merchant = a_merchant(store, settings, document=named)

    merchant.post("/setup/connect", merchant.form("/setup?step=connect") | {"event_url": OTHER_URL})

    assert merchant.document()["events"]["order_paid"]["send"] == "json"
    assert merchant.document()["events"]["order_paid"]["event_url"] == OTHER_URL


ID, SECRET = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"


def test_the_first_step_keeps_a_rest_id_and_secret_beside_the_event_url(store: Store, settings: Settings) -> None:
    merchant = a_merchant(store, settings, document={})

    keys = {"event_url": EVENT_URL, "client_id": ID, "client_secret": SECRET}
    answer = merchant.post("/setup/connect", merchant.form("/setup?step=connect") | keys)

    assert answer.status_code == 200
    assert "A separate event for each" in answer.text
    assert merchant.document()["events"]["order_paid"]["event_url"] == EVENT_URL
    assert merchant.document()["account"] == {"client_id": ID, "client_secret": SECRET}


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"client_id": ID}, "client_secret", "the ID works only together with it"),
        ({"client_secret": SECRET}, "client_id", "the secret works only together with it"),
        ({"client_id": "owner@example.com", "client_secret": SECRET}, "client_id", "an email address"),
        ({"client_id": ID, "client_secret": "••••••••"}, "client_secret", "that hide a key"),
        ({"client_id": ID, "client_secret": SECRET, "event_url": "purchase"}, "event_url", "looks like an event's name"),
    ],
    ids=["half", "other half", "an address", "hidden", "event url"],
)
def test_a_mistake_in_the_first_step_stands_beside_its_field_and_takes_nothing_away(
    store: Store, settings: Settings, typed: dict[str, str], field: str, said: str
) -> None:
    merchant = a_merchant(store, settings, document={})
    sent = merchant.form("/setup?step=connect") | {"event_url": EVENT_URL} | typed

    answer = merchant.post("/setup/connect", sent)

    assert answer.status_code == 422
    assert said.lower() in errors_in(answer.text)[field].lower()
    assert {name: fields_in(answer.text)[name] for name in sent} == sent
    assert merchant.document() == {}


def test_keys_typed_into_the_guide_leave_the_rest_of_the_account_as_it_is(merchant: Merchant) -> None:
    before = merchant.document()

    answer = merchant.post("/setup/connect", merchant.form("/setup?step=connect") | {"client_id": ID, "client_secret": SECRET})

    assert answer.status_code == 200
    assert merchant.document()["account"] == {**before["account"], "client_id": ID, "client_secret": SECRET}
    assert merchant.document()["events"] == before["events"]


def test_keys_alone_connect(store: Store, settings: Settings) -> None:
    merchant = a_merchant(store, settings, document={})

    keys = {"client_id": ID, "client_secret": SECRET}
    answer = merchant.post("/setup/connect", merchant.form("/setup?step=connect") | keys)

    assert answer.status_code == 200
    assert merchant.document()["account"] == keys
    assert not merchant.document().get("events")
    assert heading_of_step(answer.text) == "Choose events"


@pytest.mark.parametrize(("way", "field"), [("keys", "client_id"), ("url", "event_url")])
def test_the_way_that_was_chosen_says_what_it_needs(store: Store, settings: Settings, way: str, field: str) -> None:
    merchant = a_merchant(store, settings, document={})

    answer = merchant.post("/setup/connect", merchant.form("/setup?step=connect") | {"way": way})

    assert answer.status_code == 422
    assert list(errors_in(answer.text)) == [field]


def test_another_event_url_replaces_the_old_one_of_every_event(store: Store, settings: Settings) -> None:
    route = {"enabled": True, "send": "json", "event_url": EVENT_URL}
    events = {"order_paid": route, "order_created": route, "order_fulfilled": route | {"event_url": THIRD_URL}}
    merchant = a_merchant(store, settings, document={"version": 1, "events": events})

    merchant.post("/setup/connect", merchant.form("/setup?step=connect") | {"event_url": OTHER_URL})

    urls = {kind: event["event_url"] for kind, event in merchant.document()["events"].items()}
    assert urls == {"order_paid": OTHER_URL, "order_created": OTHER_URL, "order_fulfilled": THIRD_URL}


# ------------------------------------------------------------------ which events, and where to

EVENT_ON = {"enabled": True, "send": "json", "event_url": EVENT_URL}
KEYS = {"version": 1, "account": {"client_id": ID, "client_secret": SECRET}}
BY_URL = {"version": 1, "events": {"order_paid": {"enabled": False, "send": "json", "event_url": EVENT_URL}}}


def chosen(merchant: Merchant, kinds: list[str], **fields: str) -> TestResponse:
    """The answer to the second step, with these events ticked and this typed."""
    form = merchant.form("/setup?step=events") | {name.replace("__", "-"): typed for name, typed in fields.items()}
    return merchant.post("/setup/events", form | {"kinds": kinds})


@pytest.mark.parametrize(
    ("document", "address"),
    [
        (KEYS, {"send": "name", "event_name": "order_paid"}),
        (BY_URL, {"send": "json", "event_url": EVENT_URL}),
    ],
    ids=["keys", "event URL"],
)
def test_who_only_continues_switches_one_event_on(
    store: Store, settings: Settings, document: dict[str, Any], address: dict[str, str]
) -> None:
    merchant = a_merchant(store, settings, document=document)
    page = merchant.get("/setup?step=events").text

    answer = chosen(merchant, sorted(ticked(page)))

    assert answer.status_code == 200
    assert merchant.document()["events"] == {"order_paid": {"enabled": True, **address}}


def test_a_cart_reminder_begins_with_those_who_agreed(store: Store, settings: Settings) -> None:
    merchant = a_merchant(store, settings, document=KEYS)
    page = merchant.get("/setup?step=events").text

    chosen(merchant, ["order_paid", "cart_abandoned", "customer_created"])

    assert page.partition("Cart abandoned")[2].partition("Customer")[0].count("only for people who agreed to marketing") == 1
    events = merchant.document()["events"]
    assert {kind: event.get("audience") for kind, event in events.items()} == {
        "order_paid": None, "cart_abandoned": "subscribers", "customer_created": None,
    }  # fmt: skip


def test_a_reminder_that_goes_to_everyone_is_left_as_its_merchant_set_it(merchant: Merchant) -> None:
    before = merchant.document()["events"]["cart_abandoned"]

    chosen(merchant, ["order_paid", "cart_abandoned"])

    assert merchant.document()["events"]["cart_abandoned"] == before


def test_each_event_has_its_own_name_or_url(store: Store, settings: Settings) -> None:
    merchant = a_merchant(store, settings, document=KEYS)

    pasted = {"address__order_created": f"curl {OTHER_URL}", "address__cart_abandoned": "carts", "addresses": "each"}
    chosen(merchant, ["order_created", "cart_abandoned", "order_paid"], **pasted)

    events = merchant.document()["events"]
    assert events["order_created"] == {"enabled": True, "send": "json", "event_url": OTHER_URL}
    assert (events["cart_abandoned"]["send"], events["cart_abandoned"]["event_name"]) == ("name", "carts")
    assert events["order_paid"] == {"enabled": True, "send": "name", "event_name": "order_paid"}


@pytest.mark.parametrize(
    ("address", "stored"),
    [
        ("store_event", {"send": "name", "event_name": "store_event"}),
        (OTHER_URL, {"send": "json", "event_url": OTHER_URL}),
    ],
)
def test_one_event_serves_all(store: Store, settings: Settings, address: str, stored: dict[str, str]) -> None:
    merchant = a_merchant(store, settings, document=KEYS)

    chosen(merchant, ["order_paid", "cart_abandoned"], addresses="one", address=address)

    events = merchant.document()["events"]
    assert events["order_paid"] == {"enabled": True, **stored}
    assert events["cart_abandoned"] == {"enabled": True, "audience": "subscribers", **stored}
    assert fields_in(merchant.get("/setup?step=events").text)["addresses"] == "one"


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"addresses": "one", "address": "store_event"}, "address", "enter your REST ID and secret"),
        ({"addresses": "each", "address__order_created": "placed"}, "address-order_created", "enter your REST ID and secret"),
        ({"addresses": "each", "address__order_created": ""}, "address-order_created", "or switch this event off"),
        ({"addresses": "each", "address__order_created": "me@example.com"}, "address-order_created", "an email address"),
        (
            {"addresses": "each", "address__order_created": OTHER_URL, "address__order_refunded": "0123"},
            "address-order_refunded",
            "only a number",
        ),
    ],
)
def test_a_wrong_address_of_an_event_is_answered_beside_it(
    store: Store, settings: Settings, fields: dict[str, str], field: str, said: str
) -> None:
    merchant = a_merchant(store, settings, document=BY_URL)

    answer = chosen(merchant, ["order_paid", "order_created"], **fields)

    assert answer.status_code == 422
    assert set(errors_in(answer.text)) == {field}
    assert said in errors_in(answer.text)[field]
    assert ticked(answer.text) == {"order_paid", "order_created"}
    assert fields_in(answer.text)[field] == fields[field.replace("-", "__")]
    assert merchant.document() == BY_URL


def test_what_was_pasted_beside_an_event_that_is_off_is_kept(store: Store, settings: Settings) -> None:
    merchant = a_merchant(store, settings, document=KEYS)

    chosen(merchant, ["order_paid"], address__order_refunded=OTHER_URL)

    assert merchant.document()["events"]["order_refunded"] == {"enabled": False, "send": "json", "event_url": OTHER_URL}


def test_going_through_the_events_again_changes_nothing(merchant: Merchant) -> None:
    before = merchant.document()
    page = merchant.get("/setup?step=events").text

    chosen(merchant, sorted(ticked(page)))

    assert EVENT_URL not in page
    assert merchant.document() == before


def test_going_through_the_first_step_again_with_nothing_typed_changes_nothing(merchant: Merchant) -> None:
    before, page = merchant.document(), merchant.get("/setup?step=connect").text

    answer = merchant.post("/setup/connect", fields_in(page))

    assert EVENT_URL not in page
    assert "…cdef" in page
    assert answer.status_code == 200
    assert merchant.document() == before


def test_the_guide_shows_the_flows_there_are_and_keeps_them(merchant: Merchant) -> None:
    before = merchant.document()

    answer = merchant.post("/setup/languages", merchant.form("/setup?step=languages"))

    assert answer.status_code == 200
    assert merchant.document() == before


@pytest.mark.parametrize("kind", ["cart_abandoned", "customer_created", "checkout_started"])
def test_a_cart_or_a_customer_gets_no_order_flow_because_somebody_only_continued(
    store: Store, settings: Settings, kind: str
) -> None:
    document = a_settings_document(flows=FLOWS)
    on = dict.fromkeys(("order_paid", kind), document["events"]["order_paid"])
    merchant = a_merchant(store, settings, document=document | {"events": on})
    page = merchant.get("/setup?step=languages").text

    answer = merchant.post("/setup/languages", fields_in(page))

    assert answer.status_code == 422
    assert set(errors_in(answer.text)) == {f"flow-0-{kind}", f"flow-1-{kind}"}
    assert merchant.document()["flows"] == FLOWS
    assert heading_of_step(merchant.get("/setup").text) == "Choose a flow for each language"


def test_an_order_event_with_its_own_event_in_sendpulse_asks_for_its_own_flow(store: Store, settings: Settings) -> None:
    named = {kind: {"enabled": True, "send": "name", "event_name": kind} for kind in ("order_paid", "order_fulfilled")}
    merchant = a_merchant(store, settings, document=KEYS | {"events": named})

    asked = merchant.post("/setup/languages", merchant.form("/setup?step=languages") | {"flow-0": "101"})
    merchant.post("/setup/languages", fields_in(asked.text) | {"flow-0-order_fulfilled": "103"})

    assert set(errors_in(asked.text)) == {"flow-0-order_fulfilled"}
    assert merchant.document()["flows"] == [
        {"locale": "en", "automation_id": 101},
        {"locale": "en", "automation_id": 103, "event": "order_fulfilled"},
    ]


def test_flows_of_one_event_are_not_skipped_for_orders_with_carts(store: Store, settings: Settings) -> None:
    route = {"enabled": True, "send": "json", "event_url": EVENT_URL}
    document = {"version": 1, "events": {"order_paid": route, "cart_abandoned": route}}
    merchant = a_merchant(store, settings, document=document)

    answer = merchant.post("/setup/languages", merchant.form("/setup?step=languages") | {"policy": "none"})

    assert answer.status_code == 422
    assert "would start every flow for each of them" in errors_in(answer.text)["policy"]
    assert merchant.document() == document


@pytest.mark.parametrize(
    ("kinds", "unmatched"),
    [
        (["order_paid"], {"policy": "default_flow", "automation_id": 101}),
        (["order_paid", "cart_abandoned"], {"policy": "hold"}),
    ],
)
def test_other_languages_get_the_stores_own_flow_unless_that_is_another_events_letter(
    store: Store, settings: Settings, kinds: list[str], unmatched: dict[str, Any]
) -> None:
    merchant = a_merchant(store, settings, document=BY_URL | {"events": dict.fromkeys(kinds, EVENT_ON)}, locale="")

    typed = {"flow-0": "101", "flow-0-cart_abandoned": "201"}
    answer = merchant.post("/setup/languages", merchant.form("/setup?step=languages") | typed)

    assert answer.status_code == 200
    assert merchant.document()["flows"][0] == {"locale": "en", "automation_id": 101}
    assert merchant.document()["no_match"] == unmatched


def test_a_language_is_added_without_saving_anything(merchant: Merchant) -> None:
    before = merchant.document()

    answer = merchant.post("/setup/languages", merchant.form("/setup?step=languages") | {"add": "1"})

    assert answer.status_code == 200
    assert len(re.findall(r'name="locale-\d+"', answer.text)) == 3
    assert merchant.document() == before


def test_going_on_without_flows_says_first_what_that_takes_away(merchant: Merchant) -> None:
    before = merchant.document()

    warned = merchant.post("/setup/languages", merchant.form("/setup?step=languages") | {"policy": "none"})

    assert warned.status_code == 422
    assert "some events would no longer reach a flow" in warned.text
    assert merchant.document() == before


def test_more_flows_than_a_screen_holds_are_all_kept(store: Store, settings: Settings) -> None:
    pairs = [(language, region) for language in ("en", "pl", "de", "fr", "es", "pt", "uk") for region in REGIONS]
    flows = [{"locale": f"{language}-{region}", "automation_id": 1 + place} for place, (language, region) in enumerate(pairs)]
    merchant = a_merchant(store, settings, document=a_settings_document(flows=flows, events={}))

    answer = merchant.post("/languages", merchant.form("/languages"))

    assert len(flows) > 200
    assert answer.status_code == 200
    assert merchant.document()["flows"] == flows


# ------------------------------------------------------------------ when it is shown


def heading_of_step(page: str) -> str:
    [title] = re.findall(r"<h2 data-focus>(.+?)</h2>", page)
    return re.sub("<[^>]+>", "", title)


def heading(page: str) -> str:
    [title] = re.findall(r"<h1>(.+?)</h1>", page)
    return re.sub("<[^>]+>", "", title)


def test_the_guide_is_shown_until_a_test_arrived(merchant: Merchant) -> None:
    before = merchant.get("/").text
    merchant.services.store.guides.tested(merchant.shop.id, now=NOON)

    assert heading(before) == "Set up Demo"
    assert heading(merchant.get("/").text) == "Home"


@pytest.mark.parametrize("outcome", [DELIVERED, REFUSED, None])
def test_a_shop_whose_events_leave_sees_its_overview_without_a_test(
    store: SqlStore, merchant: Merchant, outcome: Outcome | None
) -> None:
    claimed = a_claimed_delivery(store, merchant.shop)
    if outcome:
        attempted(store, claimed, outcome)

    assert heading(merchant.get("/").text) == "Home"
    assert heading(merchant.get("/setup").text) == "Set up Demo"


def test_what_was_skipped_is_no_traffic(store: SqlStore, merchant: Merchant) -> None:
    a_delivery(store, merchant.shop, plan=Skip(code=ReasonCode.NO_CONTACT, reason=worded("no")))

    assert heading(merchant.get("/").text) == "Set up Demo"


def test_a_shop_that_is_not_set_up_sees_the_guide_whatever_left_before(store: SqlStore, settings: Settings) -> None:
    merchant = a_merchant(store, settings, document={"version": 1, "events": {}})
    attempted(store, a_claimed_delivery(store, merchant.shop), DELIVERED)

    assert heading(merchant.get("/").text) == "Set up Demo"


def test_what_is_wrong_stands_above_the_guide(store: SqlStore, merchant: Merchant) -> None:
    store.shops.refused(merchant.shop.id, a_refusal())

    for path in ("/", "/setup"):
        page = merchant.get(path).text
        assert heading(page) == "Set up Demo"
        assert 0 < page.find("The store said no. Ask again.") < page.find('<ol class="steps">')


# ------------------------------------------------------------------ the test, and whether it arrived

FLOWS: list[dict[str, Any]] = [
    {"locale": "en", "automation_id": 101, "name": "English"},
    {"locale": "pl", "automation_id": 102, "name": "Polski"},
]
CART_FLOWS = [
    {"locale": flow["locale"], "automation_id": 100 + flow["automation_id"], "event": "cart_abandoned"} for flow in FLOWS
]
EMAIL = {"email": "me@example.com"}


@pytest.fixture
def bilingual(store: Store, settings: Settings) -> Merchant:
    document = a_settings_document(flows=[*FLOWS, *CART_FLOWS])
    on = {"order_paid": document["events"]["order_paid"], "cart_abandoned": document["events"]["order_paid"]}
    return a_merchant(store, settings, document=document | {"events": on})


def posted(merchant: Merchant) -> list[tuple[str, str, int]]:
    bodies = [json.loads(claimed.body) for claimed in merchant.post_box.posted]
    return [(body["locale"], body["event_name"], body["automation_id"]) for body in bodies]


def test_one_language_is_tested_with_every_event_that_is_on(bilingual: Merchant) -> None:
    page = bilingual.get("/setup?step=test").text

    answer = bilingual.post("/setup/test?locale=pl", bilingual.form("/setup?step=test") | EMAIL)

    assert page.count("Not tested yet") == 2
    assert posted(bilingual) == [("pl", "order_paid", 102), ("pl", "cart_abandoned", 202)]
    assert "2 test events accepted" in answer.text
    assert "Polski (102)" in answer.text


def test_all_languages_are_tested_at_once(bilingual: Merchant) -> None:
    answer = bilingual.post("/setup/test", bilingual.form("/setup?step=test") | EMAIL | {"kind": "order_paid"})

    assert posted(bilingual) == [("en", "order_paid", 101), ("pl", "order_paid", 102)]
    assert answer.text.count("Accepted by SendPulse") == 2
    assert heading(bilingual.get("/").text) != "Set up Demo"


def test_what_sendpulse_refused_says_why_in_its_row(bilingual: Merchant) -> None:
    bilingual.post_box.always[bilingual.shop.id] = REFUSED

    answer = bilingual.post("/setup/test", bilingual.form("/setup?step=test") | EMAIL)

    assert answer.text.count("Not accepted") == 4
    assert REFUSED.reason in answer.text
    assert heading(bilingual.get("/").text) == "Set up Demo"


@pytest.mark.parametrize("path", ["/setup/test", "/setup/test?locale=pl"])
def test_a_test_needs_an_address(bilingual: Merchant, path: str) -> None:
    answer = bilingual.post(path, bilingual.form("/setup?step=test") | {"email": "me@"})

    assert answer.status_code == 422
    assert "The part after the @ is missing." in errors_in(answer.text)["email"]
    assert posted(bilingual) == []


def test_what_takes_too_long_for_one_press_is_left_to_the_next(bilingual: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(testing, "MOST_SECONDS", -1.0)

    answer = bilingual.post("/setup/test", bilingual.form("/setup?step=test") | EMAIL)

    assert answer.text.count("Not tested yet") == 2
    assert posted(bilingual) == []


def test_whoever_got_no_letter_is_told_what_to_check(merchant: Merchant) -> None:
    asked = merchant.get("/setup?step=done").text
    told = merchant.get("/setup?step=done&arrived=no").text

    assert "Did the email arrive?" in asked
    assert "Start when contact is added" not in asked
    for checked in ("Spam folder:", "Flow is active:", "Start when contact is added", "has unsubscribed", "fewer than 20"):
        assert checked in told
