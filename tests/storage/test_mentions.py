"""Whether a body names somebody, however it writes them, and how little it takes to say so."""

import pytest

from plugin.storage.privacy import mentions
from plugin.storage.privacy.mentions import arranged

NAMES = ("jan@example.com", "+48512345678", "7001000000001", "VXNlcjo3MQ==", "jan kowalski", "+++", "+123")


def is_found(body: bytes, *names: str) -> bool:
    wanted = arranged(names or NAMES)
    assert wanted
    return any(wanted.found_in(body))


@pytest.mark.parametrize(
    "body",
    [
        b'{"email": "JAN@Example.com"}', b"jan@example.com", rb'"\u006aan\u0040example.com"', rb'"by:\njan@example.com\t"',
        rb'{"not JSON": \u006aan@example.com', b'"tel": "+48 512 345 678"', b'"tel": "512-345-678"', b'"tel": "0512 345 678"',
        b'"tel": "0048512345678"', b'"tel": "00 48 (512) 345.678"', b'"tel": "12 48512345678"', b'"id": 7001000000001',
        b'"id": "VXNlcjo3MQ=="', b'"name": "Jan Kowalski"', b"tel +123",
    ],
)  # fmt: skip
def test_a_name_is_found_however_it_is_written(body: bytes) -> None:
    assert is_found(body)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xff\xfe", b"ajan@example.com", b"jan@example.community", b"jan@example", b"_jan@example.com",
        b'"id": 17001000000001', b'"id": 70010000000010', b'"tel": "1512345678"', b'"tel": "512 345 6789"', b'"tel": "512 345"',
        b'"tel": "512 345 678a"', b'"tel": "512    345 678"', b'"id": "VXNlcjo3MQ"', b"jan  kowalski", b"+12",
        rb"\u00", b"512 x",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_name_is_none(body: bytes) -> None:
    assert not is_found(body)


def test_nobody_is_found_by_no_name() -> None:
    assert arranged(()) is None
    assert arranged(("+++", "@")) is None


def test_a_number_longer_than_any_phones_is_a_word_like_others() -> None:
    assert is_found(b"tel +" + b"1" * 30, "+" + "1" * 30)


def test_many_names_cost_no_more_looks_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request to forget somebody may name thousands of orders: each word of a body is looked up once for all of them."""
    looks: list[str] = []

    def is_in_a_word(text: str, *_: int) -> bool:
        looks.append(text)
        return False

    monkeypatch.setattr(mentions, "_is_in_a_word", is_in_a_word)
    many = arranged(str(number) for number in range(1_000_000, 1_010_000))
    body = b'{"id": 1009999, "order": 2000000} ' * 50

    assert many
    assert not any(many.found_in(body.replace(b"1009999", b"3000000")))
    assert any(many.found_in(body))
    assert len(looks) == 1


def test_others_go_on_while_a_long_body_is_looked_at() -> None:
    wanted = arranged(NAMES)
    assert wanted

    assert len(list(wanted.found_in(b"word " * 20_000))) == 10
    assert len(list(wanted.found_in(rb"a\n" * 20_000))) >= 20
