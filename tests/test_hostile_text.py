"""Text costs linear time: every expression and every reader of outside text, with 64 kB of what it likes least."""

from typing import Any

from tests.support.hostile.long_texts import MOST_SECONDS, Slowest, long_texts, seconds_for, units_of
from tests.support.hostile.patterns import Found, kept, written_in_place

# Expressions that are put together while the program runs, and why nothing hostile can be put into one.
PUT_TOGETHER = {
    "web/settings_labels.py: f'\\\\b{kind.value}\\\\b'": "the names of our own events",
    "sandbox/stores/saleor/findings.py: pattern": "the pretended Saleor's, which nobody but its own operator reaches",
    "platforms/saleor/config.py: text": "the operator's",
    "storage/privacy/erasure.py: f'(?<!\\\\w)({words})(?!\\\\w)'.encode()": "escaped words without a repeat",
}


def test_no_expression_takes_long_over_any_text(capsys: Any) -> None:
    constant, _ = written_in_place()
    found = [*kept(), *constant]

    slowest = max((_slowest(one) for one in found), default=Slowest())

    with capsys.disabled():
        print(f"\n{len(found)} expressions, slowest {slowest}")
    assert len(found) > 60
    assert slowest.seconds < MOST_SECONDS, str(slowest)


def test_every_expression_that_is_put_together_has_a_reason() -> None:
    _, put_together = written_in_place()

    assert set(put_together) == set(PUT_TOGETHER)


def _slowest(found: Found) -> Slowest:
    source = found.pattern.pattern
    is_bytes = isinstance(source, bytes)
    worst = Slowest()
    for unit, text in long_texts(units_of(source.decode("latin-1") if is_bytes else source)):
        given = text.encode("utf-8", "replace") if is_bytes else text
        for method in found.methods:
            taken = seconds_for(lambda: _use(found.pattern, method, given))  # noqa: B023  (called at once)
            worst = max(worst, Slowest(taken, f"{found.place}, {method}", unit))
            if taken > 1:
                return worst
    return worst


def _use(pattern: Any, method: str, text: str | bytes) -> None:
    if method == "sub":
        pattern.sub(text[:0], text)
    elif method == "finditer":
        list(pattern.finditer(text))
    else:
        getattr(pattern, method)(text)
