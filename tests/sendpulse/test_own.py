"""The merchant's own variables in a body: last, typed, never in place of ours, and what is left out is said."""

import json
from dataclasses import replace
from typing import Any

import pytest

from plugin.domain import own as own_variables
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.own import OURS, OwnType, OwnValue, OwnVariable
from plugin.domain.routing import Route, Send, Shape
from plugin.domain.settings import NO_SETTINGS, StoreFacts
from plugin.sendpulse import own
from plugin.sendpulse.body import MOST_BYTES, Body, bodies
from plugin.sendpulse.form import form_text
from tests.support.builders import a_basket, a_cart, a_product, an_event
from tests.support.sendpulse.samples import SHOP

TEXT, NUMBER, DATE = OwnType.TEXT, OwnType.NUMBER, OwnType.DATE


def constant(name: str, value: str | float, type: OwnType = TEXT, **changed: Any) -> OwnVariable:
    return OwnVariable(name=name, type=type, value=value, **changed)


def placed(name: str, type: OwnType = TEXT, **changed: Any) -> OwnVariable:
    return OwnVariable(name=name, type=type, path="$.a", **changed)


def written(event: StoreEvent, *variables: OwnVariable, **route: Any) -> tuple[Body, ...]:
    settings = replace(NO_SETTINGS, variables=variables, store=StoreFacts(timezone="Europe/Warsaw"))
    return bodies(event, Route(kind=event.kind, **route), None, SHOP, settings, lambda *_: "")


def fields(body: Body) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(body.text)
    return read


def with_own(**values: str) -> StoreEvent:
    return an_event(own=tuple(OwnValue(name=name, text=text) for name, text in values.items()))


def test_they_come_last_of_the_flat_keys_in_the_order_of_the_settings() -> None:
    (body,) = written(with_own(gift="yes"), constant("season", "winter"), placed("gift"), constant("aa", 5, NUMBER))

    assert list(fields(body))[-4:] == ["season", "gift", "aa", "products"]
    assert fields(body).items() >= {"season": "winter", "gift": "yes", "aa": 5}.items()
    assert body.left_out == ()


@pytest.mark.parametrize(
    ("type", "text", "value"),
    [
        (TEXT, "<b>Hi</b>\u0007 you", "Hi you"), (TEXT, "ł" * 300, "ł" * 255), (NUMBER, "12.50", 12.5), (NUMBER, "7", 7),
        (DATE, "2026-12-24T23:30:00Z", "2026-12-25"), (DATE, "2026-12-24", "2026-12-24"),
    ],
)  # fmt: skip
def test_what_was_found_becomes_what_its_type_says(type: OwnType, text: str, value: object) -> None:
    (body,) = written(with_own(mine=text), placed("mine", type))

    assert fields(body)["mine"] == value


def test_what_is_missing_or_of_another_type_is_left_out_and_said() -> None:
    (body,) = written(with_own(points="many", day="soon", bare="<br>"), placed("gift"), placed("points", NUMBER),
                      placed("day", DATE), placed("bare"), constant("season", "winter"))  # fmt: skip

    assert fields(body).keys() & {"gift", "points", "day", "bare", "season"} == {"season"}
    assert body.left_out == ("Your store sent no suitable value for your variables: gift, points, day, bare.",)


def test_they_stand_only_in_the_events_they_are_for() -> None:
    mine = constant("season", "winter", kinds=(EventKind.ORDER_PAID,))

    (paid,), (cart,) = written(an_event(), mine), written(a_cart(), mine)

    assert ("season" in fields(paid), "season" in fields(cart), cart.left_out) == (True, False, ())


def test_a_body_a_line_has_them_too() -> None:
    event = an_event(basket=a_basket(products=(a_product(), a_product(id="2"))))

    found = written(event, constant("season", "winter"), placed("gift"), shape=Shape.ITEM)

    assert [fields(body)["season"] for body in found] == ["winter", "winter"]
    assert all(body.left_out for body in found)


def test_a_name_that_became_ours_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "OURS", OURS | {"tracking_code"})

    (body,) = written(an_event(), constant("tracking_code", "mine"))

    assert "tracking_code" not in fields(body)
    assert body.left_out == ("The app now has variables with these names, so rename yours: tracking_code.",)


@pytest.mark.parametrize("send", Send)
def test_what_finds_no_room_is_left_out_and_said(send: Send) -> None:
    most = [constant(f"mine_{number}", "\U0001f381" * 255) for number in range(own_variables.MOST)]
    event = an_event(basket=a_basket(products=(a_product(name="\U0001f381" * 255),) * 50))

    (body,) = written(event, *most, send=send)

    assert len(form_text(body.text) if send is Send.FORM else body.text.encode()) <= MOST_BYTES
    kept = [name for name in fields(body) if name.startswith("mine_")]
    assert kept == [f"mine_{number}" for number in range(len(kept))]
    said = ", ".join(f"mine_{number}" for number in range(len(kept), own_variables.MOST))
    expected = (f"The event has no room left for your variables: {said}.",) if said else ()
    assert (body.left_out, bool(said)) == (expected, send is Send.FORM)


def test_every_key_of_a_body_is_a_name_of_ours() -> None:
    basket = replace(a_basket(), order_total=a_basket().total, order_link="https://a.example", cart_link="https://b.example")
    (body,) = written(an_event(basket=replace(basket, products=(a_product(variant_name="M", bundle="B"),))))

    assert {*fields(body), *fields(body)["products"][0]} <= OURS
