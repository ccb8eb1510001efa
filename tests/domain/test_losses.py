"""What a change of settings would take away is known before it is made."""

from typing import Any

from plugin.domain.kinds import EventKind
from plugin.domain.losses import Loss, digest, losses, switched_off
from plugin.domain.settings.file import read_settings_file
from tests.support.builders import EVENT_URL, a_settings_document

PAID = {"order_paid": {"event_url": EVENT_URL}}


def lost(after: dict[str, Any], *, seen: tuple[str, ...] = (), default: str = "en", **before: Any) -> list[Loss]:
    old = read_settings_file(a_settings_document(events=PAID, **before)).table
    new = read_settings_file(a_settings_document(events=PAID) | after).table
    return list(losses(old, new, seen, default_locale=default))


def test_nothing_is_lost_where_nothing_changes() -> None:
    assert lost({}) == []


def test_a_flow_taken_away_is_lost_for_its_language() -> None:
    after = {"flows": [{"locale": "en", "automation_id": 101}], "no_match": {"policy": "skip"}}

    (loss,) = lost(after)

    assert (loss.locale, loss.kinds) == ("pl", (EventKind.ORDER_PAID,))
    assert "the event is skipped, as you set" in loss.becomes


def test_a_language_that_was_seen_counts_too() -> None:
    assert [loss.locale for loss in lost({"no_match": {"policy": "hold"}}, seen=("uk",))] == ["uk"]


def test_an_event_that_would_start_every_flow_is_told() -> None:
    (loss,) = lost({"no_match": {"policy": "without_flow"}}, seen=("uk",))

    assert "SendPulse starts every flow" in loss.becomes


def test_an_event_switched_off_is_lost_without_any_flow() -> None:
    before: dict[str, Any] = {"flows": [], "no_match": {}}
    after = before | {"events": {"order_paid": {"enabled": False}}}

    (loss,) = lost(after, **before)

    assert (loss.locale, loss.becomes) == ("", "order_paid is switched off.")


def test_what_did_not_leave_before_cannot_be_lost() -> None:
    before = {"events": {"order_paid": {"enabled": False}}}
    table = read_settings_file(a_settings_document() | before).table

    assert losses(table, table, ("uk",), default_locale="en") == ()


def test_the_same_losses_have_one_digest_in_any_order_and_others_another() -> None:
    polish = Loss(locale="pl", kinds=(EventKind.ORDER_PAID, EventKind.ORDER_CREATED), becomes="skipped")
    turned = Loss(locale="pl", kinds=(EventKind.ORDER_CREATED, EventKind.ORDER_PAID), becomes="skipped")
    english = Loss(locale="en", kinds=(EventKind.ORDER_PAID,), becomes="skipped")

    assert digest([polish, english]) == digest([english, turned])
    assert len({digest(found) for found in ([], [polish], [english], [polish, english])}) == 4
    assert digest([]) == ""
    assert len({digest([polish], off) for off in ([], [EventKind.ORDER_PAID], [EventKind.CART_ABANDONED])}) == 3


def test_what_is_switched_off_or_taken_out_is_off_and_what_was_off_is_not() -> None:
    off = {"enabled": False}
    before = {**PAID, "order_created": {"event_url": EVENT_URL}, "customer_created": off}
    tables = [
        read_settings_file(a_settings_document(events=events)).table
        for events in (before, {"order_paid": off, "customer_created": off})
    ]

    assert switched_off(*tables) == (EventKind.ORDER_CREATED, EventKind.ORDER_PAID)
    assert switched_off(*reversed(tables)) == ()


def test_a_rule_taken_away_is_lost_for_its_channel_and_country() -> None:
    rules = [{"country": "PL", "channel": "outlet", "automation_id": 505}]
    after = {"flows": a_settings_document()["flows"], "no_match": {"policy": "hold"}}

    (loss,) = lost(after, rules=rules, no_match={"policy": "hold"}, default="fr")

    assert (loss.place, loss.locale, loss.kinds) == ("outlet, PL", "", (EventKind.ORDER_PAID,))
    assert "the event is held, as you set" in loss.becomes


def test_a_language_that_a_rule_gave_is_lost_with_it() -> None:
    after = {"flows": a_settings_document()["flows"], "no_match": {"policy": "skip"}}

    (loss,) = lost(after, rules=[{"country": "PL", "locale": "pl"}], no_match={"policy": "skip"}, default="fr")

    assert (loss.place, loss.kinds) == ("PL", (EventKind.ORDER_PAID,))


def test_a_rule_that_moved_is_not_lost() -> None:
    rules = [{"country": country, "automation_id": number} for number, country in enumerate(("PL", "DE"), start=1)]
    after = {"flows": a_settings_document()["flows"], "rules": rules[::-1], "no_match": {"policy": "hold"}}

    assert lost(after, rules=rules, no_match={"policy": "hold"}, default="fr") == []
