"""What a webhook has for the merchant's own variables, and how a text becomes a number or a day."""

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from plugin.domain.kinds import EventKind
from plugin.domain.own import OURS, OwnType, OwnValue, OwnVariable, date_of, found, looked_for, made_up, number_of
from plugin.domain.payload import Payload, read_json

WARSAW = ZoneInfo("Europe/Warsaw")


def a_variable(path: str, name: str = "mine", **changed: Any) -> OwnVariable:
    return OwnVariable(**({"name": name, "type": OwnType.TEXT, "path": path} | changed))


def a_body(**fields: Any) -> Payload:
    return read_json(json.dumps(fields).encode(), "body")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("winter", "winter"), (" winter\n", "winter"), (5, "5"), (12.5, "12.5"), (True, "yes"), (False, "no"), (None, None),
        ("", None),        ({"a": 1}, None), ([1], None), ("\u0000 a", "a"),
    ],
)  # fmt: skip
def test_texts_numbers_and_truths_are_values(value: Any, text: str | None) -> None:
    values = found([a_variable("$.a")], a_body(a=value))

    assert values == ((OwnValue(name="mine", text=text),) if text else ())


def test_a_place_that_is_not_there_has_no_value() -> None:
    assert found([a_variable("$.b")], a_body(a=1)) == ()


def test_a_path_that_is_refused_by_now_has_no_value() -> None:
    assert found([a_variable("$.a[?match(@.b,'x')]")], a_body(a=1)) == ()


def test_who_looks_at_too_much_hides_no_single_place() -> None:
    variables = [*(a_variable("$..nowhere", f"wide_{number}") for number in range(3)), a_variable("$.a.b", "single")]

    values = found(variables, a_body(lines=[{"x": 1}] * 60_000, a={"b": "here"}))

    assert values == (OwnValue(name="single", text="here"),)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12.50", 12.5), ("12", 12), ("12.00", 12), ("-3", -3), (" 7 ", 7), ("0", 0), ("1e3", 1000),
        ("999999999999999", 999999999999999),
        ("1000000000000000", None), ("0.0001", 0.0001), ("0.00001", None), ("1_000", None), ("NaN", None), ("Infinity", None),
        ("", None), ("zwölf", None), ("12,50", None), ("1e99999999999999999999", None),
    ],
)  # fmt: skip
def test_a_number_is_read_out_of_a_text(text: str, number: float | None) -> None:
    read = number_of(text)

    assert (type(read), read) == (type(number), number)
    assert "e" not in json.dumps(read)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-24", "2026-12-24"), ("2026-12-24T23:30:00Z", "2026-12-25"), ("2026-12-24T23:30:00.123+01:00", "2026-12-24"),
        ("2026-12-24 08:00", "2026-12-24"), ("2026-12-24T23:59:59", "2026-12-24"), ("2026-02-30", ""), ("2026-13-01T10:00", ""),
        ("24.12.2026", ""), ("2026-W52-4", ""), ("0001-01-01", ""), ("0001-01-01T00:00+01:00", ""), ("", ""), ("soon", ""),
        ("9999-12-31T23:00-01:00", ""), ("2026-12-24T99:00", ""),
    ],
)  # fmt: skip
def test_a_day_is_read_out_of_a_text(text: str, day: str) -> None:
    assert date_of(text, WARSAW) == day


def test_a_cart_keeps_what_its_reminder_may_say() -> None:
    reminder, paid, every = (
        a_variable("$.a", kinds=(EventKind.CART_ABANDONED,)),
        a_variable("$.a", kinds=(EventKind.ORDER_PAID,)),
        a_variable("$.a"),
    )
    constant = OwnVariable(name="season", type=OwnType.TEXT, value="winter")
    mine = (reminder, paid, every, constant)

    assert looked_for(mine, EventKind.CART_UPDATED) == (reminder, every)
    assert looked_for(mine, EventKind.ORDER_PAID) == (paid, every)


def test_every_key_of_a_line_is_ours_too() -> None:
    assert {"products", "variant_name", "line_total_text", "email"} <= OURS


def test_something_of_its_type_is_made_up_for_each() -> None:
    some = [a_variable("$.a", f"my_{type}", type=type) for type in OwnType]

    assert [value.text for value in made_up(some)] == ["my_text", "1", "2026-12-24"]
    assert number_of("1") == 1 and date_of("2026-12-24", WARSAW)
