"""Other people's JSON is read without trusting it, and a hole says where it is."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.domain.errors import Unreadable
from plugin.domain.payload import LONGEST_TEXT, MOST_ENTRIES, Payload, read_json


def of(value: Any) -> Payload:
    return Payload({"it": value}, "order")


EMPTY = {"nothing": {}, "null": {"it": None}, "object": {"it": {"a": 1}}, "list": {"it": ["a"]}, "truth": {"it": True}}


@pytest.mark.parametrize("fields", EMPTY.values(), ids=EMPTY)
def test_a_plain_value_of_another_type_is_missing(fields: dict[str, Any]) -> None:
    payload = Payload(fields, "order")

    assert (payload.text("it"), payload.whole("it"), payload.decimal("it"), payload.when("it")) == ("", None, None, None)


def test_a_body_with_more_in_it_than_any_store_says_is_not_read() -> None:
    lists = b"[]," * (MOST_ENTRIES // 2 - 1)

    assert read_json(b'{"it":[' + lists + b"0]}", "order")
    with pytest.raises(Unreadable, match="order: the body has more than 250000 entries"):
        read_json(b'{"it":[' + lists + b"[]]}", "order")


def test_a_body_may_be_long_for_its_texts() -> None:
    assert len(read_json(b'{"it":"' + b"x" * 2 * MOST_ENTRIES + b'"}', "order").text("it")) == LONGEST_TEXT


TEXTS = {
    "text": ("Kubek", "Kubek"), "blanks": ("  Kubek \n", "Kubek"), "number": (5, "5"),
    "blank inside": ("Kubek z uchem", "Kubek z uchem"), "decimal": (Decimal("1.50"), "1.50"),
    "lines": ("a\n\tb", "a\n\tb"), "control": ("a\x00b\x07c\x7f", "abc"), "surrogate": ("a\ud800b", "ab"),
    "emoji": ("a🏆", "a🏆"),
    "long": ("x" * (LONGEST_TEXT + 1), "x" * LONGEST_TEXT),
}  # fmt: skip


@pytest.mark.parametrize(("value", "text"), TEXTS.values(), ids=TEXTS)
def test_text_comes_clean(value: Any, text: str) -> None:
    assert of(value).text("it") == text
    assert of(value).required_text("it") == text


def test_a_number_longer_than_any_text_is_none() -> None:
    longest = Decimal("0." + "7" * (LONGEST_TEXT - 2))

    assert (of(longest).text("it"), of(Decimal(f"{longest}7")).text("it")) == (str(longest), "")


@pytest.mark.parametrize(("value", "truth"), [(True, True), (False, False), (1, False), ("true", False), (None, False)])
def test_only_true_is_true(value: Any, truth: bool) -> None:
    assert of(value).truth("it") is truth


WHOLE = {
    "number": (5, 5), "text": ("632910392", 632910392), "below zero": ("-5", -5), "fraction": (Decimal("5.0"), None),
    "minus": ("-", None), "two minuses": ("--5", None), "word": ("five", None), "Arabic digits": ("٥", None),
    "superscript": ("²", None), "long": ("9" * 20, None),
}  # fmt: skip


@pytest.mark.parametrize(("value", "number"), WHOLE.values(), ids=WHOLE)
def test_whole_numbers_are_read_from_numbers_or_texts(value: Any, number: int | None) -> None:
    assert of(value).whole("it") == number


DECIMALS = {
    "text": ("19.99", Decimal("19.99")), "number": (Decimal("19.990"), Decimal("19.990")), "whole": (5, Decimal(5)),
    "word": ("free", None), "NaN": ("NaN", None), "infinite": ("Infinity", None), "comma": ("19,99", None),
    "underscore": ("1_000", None), "large": ("1E+20", None), "small": ("1E-20", None),
    "almost large": ("1E+19", Decimal("1E+19")),
}  # fmt: skip


@pytest.mark.parametrize(("value", "number"), DECIMALS.values(), ids=DECIMALS)
def test_amounts_are_exact_or_missing(value: Any, number: Decimal | None) -> None:
    assert of(value).decimal("it") == number


MOMENTS = {
    "Z": ("2026-11-23T12:00:00Z", datetime(2026, 11, 23, 12, tzinfo=UTC)),
    "offset": ("2026-11-23T12:00:00-05:00", datetime(2026, 11, 23, 17, tzinfo=UTC)),
    "no offset": ("2026-11-23T12:00:00", datetime(2026, 11, 23, 12, tzinfo=UTC)),
    "date": ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
    "word": ("yesterday", None),
    "no such day": ("2026-02-30T00:00:00Z", None),
    "first year": ("1900-01-01", datetime(1900, 1, 1, tzinfo=UTC)),
    "last year": ("2999-12-31", datetime(2999, 12, 31, tzinfo=UTC)),
    "before the first year": ("1899-12-31", None),
    "after the last year": ("3000-01-01", None),
    "an offset in seconds": ("2026-11-23T12:00:00+01:00:30", None),
    "before anybody's time": ("0001-01-01T00:00:00Z", None),
    "after everybody's time": ("9999-12-31T23:59:59Z", None),
}


@pytest.mark.parametrize(("value", "moment"), MOMENTS.values(), ids=MOMENTS)
def test_a_moment_always_has_an_offset(value: Any, moment: datetime | None) -> None:
    found = of(value).when("it")

    assert found == moment
    assert found is None or found.utcoffset() is not None


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_can_be_shown_in_every_time_zone(moment: datetime) -> None:
    found = of(moment.isoformat()).when("it")

    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        assert found is None or found.astimezone(ZoneInfo(zone)) - moment == timedelta(0)


def test_objects_and_lists_know_where_they_were_found() -> None:
    order = read_json(
        b'{"customer": {"name": "Jan"}, "lines": [{"id": 1}, null, {"id": 2}], "tags": ["a", 5, null, "", {}]}', "order"
    )

    assert order.object("customer").text("name") == "Jan"
    assert order.required_object("customer").path == "order.customer"
    assert [(line.whole("id"), line.path) for line in order.objects("lines")] == [(1, "order.lines[0]"), (2, "order.lines[2]")]
    assert order.texts("tags") == ("a", "5")


@pytest.mark.parametrize("value", [None, "", [], 5], ids=["null", "text", "list", "number"])
def test_what_should_be_an_object_and_is_not_is_an_empty_one(value: Any) -> None:
    payload = of(value).object("it")

    assert not payload
    assert payload.path == "order.it"
    assert of({"a": 1}).object("it")


@pytest.mark.parametrize("value", [None, "", {}, 5], ids=["null", "text", "object", "number"])
def test_what_should_be_a_list_and_is_not_is_an_empty_one(value: Any) -> None:
    assert of(value).objects("it") == ()
    assert of(value).texts("it") == ()


HOLES = {
    "nothing": ({}, "nothing"), "null": ({"it": None}, "null"), "list": ({"it": []}, "a list"),
    "truth": ({"it": True}, "true or false"),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "found"), HOLES.values(), ids=HOLES)
@pytest.mark.parametrize(
    ("reader", "expected"),
    [("required_text", "text"), ("required_when", "a date with time"), ("required_object", "an object")],
    ids=["text", "when", "object"],
)
def test_a_hole_says_where_it_is(reader: str, expected: str, fields: dict[str, Any], found: str) -> None:
    with pytest.raises(Unreadable) as raised:
        getattr(Payload(fields, "order.lines[2]"), reader)("it")

    assert str(raised.value) == f"order.lines[2].it: expected {expected}, found {found}"


@pytest.mark.parametrize(("value", "found"), [("", "a text"), ({}, "an object"), (Decimal(5), "a number")], ids=str)
def test_a_hole_says_what_stands_there_but_not_its_value(value: Any, found: str) -> None:
    with pytest.raises(Unreadable, match=rf"^order\.it: expected a date with time, found {found}$"):
        of(value).required_when("it")


def test_required_values_are_answered_when_they_are_there() -> None:
    assert of("2026-11-23T12:00:00Z").required_when("it") == datetime(2026, 11, 23, 12, tzinfo=UTC)


UNREADABLE = {
    "empty": b"", "no JSON": b"<html>", "cut off": b'{"a": 1', "list": b"[]", "number": b"5", "null": b"null", "text": b'"a"',
    "NaN": b'{"a": NaN}', "infinite": b'{"a": -Infinity}', "not UTF-8": b'{"a": "\xff"}', "deep": b'{"a":' * 100_000,
    "digits": b'{"a": ' + b"1" * 5000 + b"}", "exponent": b'{"a": 1e99999999999999999999}',
}  # fmt: skip


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_a_body_that_is_no_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable, match=r"^order: "):
        read_json(body, "order")


def test_prices_are_read_without_losing_a_digit() -> None:
    assert read_json(b'{"price": 0.1000000000000000055}', "order").decimal("price") == Decimal("0.1000000000000000055")


def test_a_byte_order_mark_does_no_harm() -> None:
    assert read_json(b'\xef\xbb\xbf{"id": 1}', "order").whole("id") == 1
