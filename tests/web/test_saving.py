"""Saving settings: what is kept, what is said before, and who is told that somebody else was there."""

import json

import pytest

from plugin.config import Settings
from plugin.ports import Guide, Store
from tests.support.builders import EVENT_URL, NOON, a_settings_document
from tests.support.web.merchant import Merchant, a_merchant, errors_in, fields_in

OTHER_URL = EVENT_URL.replace("0123", "9999")


@pytest.fixture
def merchant(store: Store, settings: Settings) -> Merchant:
    return a_merchant(store, settings)


def test_a_stored_event_url_is_never_shown_again_and_stays(merchant: Merchant) -> None:
    page = merchant.get("/events/order_paid").text
    answer = merchant.post("/events/order_paid", fields_in(page) | {"shape": "item"})

    assert EVENT_URL not in page
    assert "…cdef" in page
    assert answer.status_code == 200
    assert merchant.document()["events"]["order_paid"] == {
        "enabled": True, "send": "json", "event_url": EVENT_URL, "shape": "item", "audience": "everyone", "lead": "first",
        "on_uncertain": "repeat",
    }  # fmt: skip
    assert merchant.document()["flows"] == a_settings_document()["flows"]


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        (f"curl -X POST '{OTHER_URL}' -H 'Content-Type: application/json' -d '{{}}'", "in the cURL command"),
        (f"  {OTHER_URL}\n", "Removed the spaces"),
        (OTHER_URL.replace("/7043663", "/\n7043663"), "ignored the rest"),
        (OTHER_URL.removeprefix("https://"), "Cleaned"),
    ],
    ids=["cURL", "blanks", "broken line", "no scheme"],
)
def test_a_pasted_event_url_is_found_and_it_says_how(merchant: Merchant, pasted: str, said: str) -> None:
    answer = merchant.post("/events/order_paid", merchant.form("/events/order_paid") | {"event_url": pasted})

    assert answer.status_code == 200
    assert said in answer.text
    assert merchant.document()["events"]["order_paid"]["event_url"] == OTHER_URL


@pytest.mark.parametrize("path", ["/events/order_paid", "/setup/connect"])
@pytest.mark.parametrize("pasted", ["purchase", "https://api.sendpulse.com/events/name/purchase"], ids=["name", "address"])
def test_whoever_pastes_a_name_is_told_where_to_choose_that_wherever_it_was_pasted(
    merchant: Merchant, path: str, pasted: str
) -> None:
    answer = merchant.post(path, {"enabled": "on", "send": "json", "event_url": pasted, "version": "1"})

    said = errors_in(answer.text)["event_url"]
    assert "To send by name, choose that on the event's own page." in said
    assert "above" not in said


def test_two_editors_of_one_page_keep_each_others_changes_and_are_told(merchant: Merchant) -> None:
    first = second = merchant.form("/events/order_paid")
    merchant.post("/events/order_paid", first | {"audience": "subscribers"})

    told = merchant.post("/events/order_paid", second | {"shape": "item", "event_url": OTHER_URL})

    assert told.status_code == 200
    assert "Order paid, Who gets it" in told.text
    assert "Everyone → Only people who agreed to marketing" in told.text
    saved = merchant.document()["events"]["order_paid"]
    assert (saved["audience"], saved["shape"], saved["event_url"]) == ("subscribers", "item", OTHER_URL)
    assert fields_in(told.text)["audience"] == "subscribers"


def test_the_second_who_changes_the_same_is_told_first_and_then_counts_there_alone(merchant: Merchant) -> None:
    first = second = merchant.form("/languages")
    merchant.post("/languages", first | {"flow-0": "801", "flow-1": "802"})

    told = merchant.post("/languages", second | {"flow-0": "901"})

    assert told.status_code == 409
    assert fields_in(told.text)["flow-0"] == "901"
    assert [flow["automation_id"] for flow in merchant.document()["flows"][:2]] == [801, 802]
    again = merchant.post("/languages", fields_in(told.text))
    assert again.status_code == 200
    assert [flow["automation_id"] for flow in merchant.document()["flows"][:2]] == [901, 802]
    assert fields_in(again.text)["flow-1"] == "802"


def test_what_was_changed_after_that_is_told_once_more(merchant: Merchant) -> None:
    first = second = merchant.form("/languages")
    merchant.post("/languages", first | {"flow-0": "801"})
    told = fields_in(merchant.post("/languages", second | {"flow-0": "901"}).text)
    merchant.post("/languages", merchant.form("/languages") | {"flow-0": "803"})

    assert merchant.post("/languages", told).status_code == 409
    assert merchant.document()["flows"][0]["automation_id"] == 803


def test_a_row_is_added_while_another_is_edited(merchant: Merchant) -> None:
    first = second = merchant.form("/languages")
    added = {"locale-3": "uk", "flow-3": "303", "flow-3-cart_abandoned": "="}
    merchant.post("/languages", first | added)

    assert merchant.post("/languages", second | {"name-0": "British"}).status_code == 200
    assert [flow["locale"] for flow in merchant.document()["flows"] if "event" not in flow] == ["en", "pl", "uk"]
    assert merchant.document()["flows"][0]["name"] == "British"


@pytest.mark.parametrize("is_own", [True, False])
def test_nobody_is_told_that_he_was_somebody_else(merchant: Merchant, is_own: bool) -> None:
    form = merchant.form("/languages")
    merchant.post("/languages", form | {"flow-0": "801"})
    if not is_own:
        merchant.services.store.shops.write_settings(
            merchant.shop.id, {**merchant.document(), "store": {"name": "Another"}}, who="other", now=NOON
        )

    told = merchant.post("/languages", form | {"flow-0": "901"}).text
    kept = merchant.post("/languages", form | {"flow-1": "901"}).text

    assert ("You changed this in another tab" in told) is is_own
    assert ("Somebody else changed this" in told) is not is_own
    assert ("You also changed this in another tab. Both changes are kept:" in kept) is is_own
    assert ("Somebody else also changed this. Both changes are kept:" in kept) is not is_own


def test_the_same_form_sent_twice_is_saved_once_and_nobody_is_told_of_himself(merchant: Merchant) -> None:
    form = merchant.form("/events/order_paid") | {"audience": "subscribers", "event_url": OTHER_URL}

    first, second = (merchant.post("/events/order_paid", form) for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 200)
    assert "Saved." in second.text
    saved = merchant.services.store.shops.settings_version(merchant.shop.id)
    assert saved and saved.number == int(form["version"]) + 1


def test_two_editors_of_different_parts_do_not_disturb_each_other(merchant: Merchant) -> None:
    events, languages = merchant.form("/events/order_paid"), merchant.form("/languages/")
    merchant.post("/events/order_paid", events | {"shape": "array"})

    answer = merchant.post(
        "/languages/",
        languages | {"locale-3": "uk", "flow-3": "https://login.sendpulse.com/flow/id/303", "flow-3-cart_abandoned": "="},
    )

    assert answer.status_code == 200
    assert merchant.document()["events"]["order_paid"]["shape"] == "array"
    assert merchant.document()["flows"][-2:] == [
        {"locale": "uk", "automation_id": 303},
        {"locale": "uk", "automation_id": 303, "event": "cart_abandoned"},
    ]


def test_what_would_become_unroutable_is_said_before_it_is_saved(merchant: Merchant) -> None:
    without_polish = merchant.form("/languages/") | {"policy": "hold", "gone-1": "1"}

    warned = merchant.post("/languages/", without_polish)

    assert warned.status_code == 422
    assert "No flow fits pl, so the event is held, as you set." in warned.text
    assert merchant.document() == a_settings_document()
    assert merchant.post("/languages/", fields_in(warned.text)).status_code == 200
    assert [flow["locale"] for flow in merchant.document()["flows"]] == ["en", "en"]


def test_other_losses_than_those_that_were_told_are_told_first(merchant: Merchant) -> None:
    skips = merchant.form("/languages/") | {"policy": "skip"}
    polish, english = {"gone-1": "1"}, {"gone-0": "1"}
    warned = fields_in(merchant.post("/languages/", skips | polish).text)

    del warned["gone-1"]
    again = merchant.post("/languages/", warned | english)

    assert again.status_code == 422
    assert "No flow fits en, so the event is skipped, as you set." in again.text
    assert merchant.document() == a_settings_document()
    assert merchant.post("/languages/", fields_in(again.text)).status_code == 200


@pytest.mark.parametrize("sure", ["yes", "x"])
def test_who_was_told_of_nothing_cannot_be_sure(merchant: Merchant, sure: str) -> None:
    without_polish = merchant.form("/languages/") | {"policy": "hold", "gone-1": "1"}

    assert merchant.post("/languages/", without_polish | {"sure": sure}).status_code == 422


def test_switching_an_event_off_says_what_that_takes_away(merchant: Merchant) -> None:
    fields = merchant.form("/events/order_paid")
    del fields["enabled"]

    warned = merchant.post("/events/order_paid", fields)

    assert "Order paid is switched off. (Order paid)" in warned.text
    assert merchant.document()["events"]["order_paid"]["enabled"] is True


def test_an_event_by_name_without_credentials_says_so_at_the_way_to_send(store: Store, settings: Settings) -> None:
    merchant = a_merchant(store, settings, document=a_settings_document(events={}, account={"rate_per_second": 8}))

    answer = merchant.post("/events/order_paid", {"enabled": "on", "send": "name", "event_name": "paid", "version": "1"})

    assert answer.status_code == 422
    assert "needs client_id and client_secret" in errors_in(answer.text)["send"]


def test_the_export_holds_no_secret(merchant: Merchant) -> None:
    exported = merchant.get("/settings/export").text

    assert json.loads(exported)["flows"] == a_settings_document()["flows"]
    assert "planted-client-secret" not in exported
    assert EVENT_URL not in exported


def test_the_export_imported_again_changes_nothing_and_says_what_it_kept(merchant: Merchant, store: Store) -> None:
    exported, before = merchant.get("/settings/export").text, store.shops.settings(merchant.shop.id)

    answer = merchant.post("/settings/file", {"text": exported, "version": "1"})

    assert answer.status_code == 200
    assert "Kept: the stored event URLs and keys, which the file leaves out." in answer.text
    assert store.shops.settings(merchant.shop.id) == before
    assert merchant.get("/settings/export").text == exported


def test_a_full_file_keeps_nothing_and_says_nothing(merchant: Merchant) -> None:
    answer = merchant.post("/settings/file", {"text": json.dumps(a_settings_document()), "version": "1"})

    assert answer.status_code == 200
    assert "Kept:" not in answer.text


def test_a_secret_nobody_has_is_asked_for_in_the_merchants_words(store: Store, settings: Settings) -> None:
    exported = a_merchant(store, settings).get("/settings/export").text
    newcomer = a_merchant(store, settings, document={"version": 1})

    answer = newcomer.post("/settings/file", {"text": exported, "version": "2"})

    said = errors_in(answer.text)["text"].splitlines()
    assert answer.status_code == 422
    assert [line.partition(":")[0] for line in said] == ["Order paid, event URL", "SendPulse account, keys"]
    assert "Paste it on the Events page, under “Order paid”, then import the file again." in said[0]
    assert fields_in(answer.text)["text"] == exported


def test_a_secret_of_another_account_is_not_put_in_its_place(merchant: Merchant) -> None:
    other = json.loads(merchant.get("/settings/export").text)
    other["account"]["client_id"] = "another-id"

    answer = merchant.post("/settings/file", {"text": json.dumps(other), "version": "1"})

    assert "SendPulse account, keys" in errors_in(answer.text)["text"]
    assert merchant.document() == a_settings_document()


def test_a_test_goes_the_real_way_and_is_stored_nowhere(merchant: Merchant, store: Store) -> None:
    answer = merchant.post("/preview/test", {"kind": "order_paid", "locale": "pl", "email": "me@example.com"})

    (claimed,) = merchant.post_box.posted
    assert "Test event accepted. Now check your inbox." in answer.text
    assert json.loads(claimed.body)["email"] == "me@example.com"
    assert json.loads(claimed.body)["automation_id"] == 102
    assert (store.backlog().events, store.backlog().deliveries) == ({}, {})
    assert store.guides.read(merchant.shop.id) == Guide(is_tested=True)


def test_a_newcomer_comes_to_the_first_green_test(store: Store, settings: Settings) -> None:
    merchant = a_merchant(store, settings, document={})
    assert "Connect SendPulse" in merchant.get("").text

    merchant.post("/setup/connect", merchant.form("") | {"event_url": f"curl {EVENT_URL}"})
    assert merchant.document()["events"]["order_paid"]["enabled"] is False
    merchant.post("/setup/events", merchant.form("") | {"kinds": "order_paid"})
    merchant.post("/setup/languages", merchant.form("") | {"flow-0": "https://login.sendpulse.com/flow/id/101"})
    fields = merchant.form("")
    assert "1 test event accepted" in merchant.post("/setup/test", fields | {"email": "me@example.com"}).text
    assert "<h1>Home</h1>" in merchant.get("").text
    assert merchant.document()["flows"] == [{"locale": "en", "automation_id": 101}]


def test_the_guide_can_be_put_away(store: Store, settings: Settings) -> None:
    merchant = a_merchant(store, settings, document={})

    merchant.post("/setup/dismiss", {})

    assert "Connect SendPulse" not in merchant.get("").text
    assert "Connect SendPulse" in merchant.get("/setup/").text


def test_a_store_that_names_no_language_is_offered_its_admins(store: Store, settings: Settings) -> None:
    merchant = a_merchant(store, settings, document={}, locale="")
    merchant.language = "pl"

    assert fields_in(merchant.get("/setup?step=languages").text)["locale-0"] == "pl"
