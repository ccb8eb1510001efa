"""Changing one part of the settings leaves the rest, and what differs can be told."""

from plugin.domain.event import EventKind
from plugin.domain.settings.editing import (
    EMPTY,
    Difference,
    differences,
    with_account,
    with_event,
    with_languages,
    with_store,
)
from tests.support.builders import EVENT_URL, a_settings_document

DOCUMENT = a_settings_document()
OTHERS = ("version", "rules", "flows", "no_match", "store", "account")


def test_an_event_changes_alone_and_keeps_its_url() -> None:
    changed = with_event(DOCUMENT, EventKind.ORDER_PAID, {"enabled": False})

    assert changed["events"]["order_paid"] == {"event_url": EVENT_URL, "enabled": False}
    assert changed["events"]["cart_abandoned"] == DOCUMENT["events"]["cart_abandoned"]
    assert all(changed.get(part) == DOCUMENT.get(part) for part in OTHERS)


def test_the_first_event_of_an_empty_file_is_added() -> None:
    assert with_event(EMPTY, EventKind.ORDER_PAID, {"enabled": False}) == {
        "version": 1,
        "events": {"order_paid": {"enabled": False}},
    }


def test_languages_flows_and_store_change_alone() -> None:
    flow = {"locale": "uk", "automation_id": 3}

    assert with_languages(DOCUMENT, [flow], {"policy": "skip"}) == {**DOCUMENT, "flows": [flow], "no_match": {"policy": "skip"}}
    assert with_store(DOCUMENT, {"name": "New"}) == {**DOCUMENT, "store": {"name": "New"}}


def test_secrets_stay_until_they_are_typed_anew_or_dropped() -> None:
    kept = with_account(DOCUMENT, {"client_id": "new"})["account"]
    dropped = with_account(DOCUMENT, {"client_secret": ""})["account"]

    assert kept == {"client_id": "new", "client_secret": "planted-client-secret"}
    assert dropped == {}


def test_differences_name_the_place_and_hide_secrets() -> None:
    other = with_event(DOCUMENT, EventKind.ORDER_PAID, {"event_url": EVENT_URL.replace("7043663", "7049999"), "send": None})

    found = differences(DOCUMENT, other, ("events", "order_paid"))

    assert found[0] == Difference(path="events.order_paid.event_url", before="…3663", after="…9999")
    assert Difference(path="events.order_paid.shape", before="order", after="–") in found
    assert differences(DOCUMENT, other, ("flows",)) == ()
    assert differences(DOCUMENT, DOCUMENT) == ()


def test_differences_count_the_entries_of_a_list() -> None:
    flow = {"locale": "uk", "automation_id": 3}

    assert differences(EMPTY, {**EMPTY, "flows": [flow]}, ("flows",)) == (
        Difference(path="flows[1].locale", before="–", after="uk"),
        Difference(path="flows[1].automation_id", before="–", after="3"),
    )
