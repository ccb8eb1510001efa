"""Every answer SendPulse can give, and what it comes to."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.domain.delivery import Outcome, Verdict
from plugin.sendpulse.mask import masked
from plugin.sendpulse.outcomes import Failure, retry_after, understand
from tests.support.builders import NOON

YES, AGAIN, NO, UNSURE = Verdict.DELIVERED, Verdict.TRY_AGAIN, Verdict.GIVE_UP, Verdict.UNCERTAIN
PAGE = b"<html><body>Welcome to our Wi-Fi</body></html>"


def outcome(status: int | None, body: bytes = b"", failure: Failure | None = None, **headers: str) -> Outcome:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return understand(status, named, body, failure=failure, now=NOON)


@pytest.mark.parametrize(
    ("status", "body", "verdict", "reason"),
    [
        (200, b'{"result": true}', YES, "accepted the event."),
        (200, b'\xef\xbb\xbf{"result": true}', YES, "accepted the event."),
        (201, b'{"result": 1, "id": 7}', YES, "accepted the event."),
        (200, b'{"result": false}', NO, "did not accept"),
        (200, b'{"result": null}', NO, "did not accept"),
        (200, b'{"error": "broken"}', NO, "did not accept"),
        (200, b'{"is_error": true}', NO, "did not accept"),
        (200, b'{"id": 7, "error": null}', YES, "has no result"),
        (200, b"", YES, "empty answer"),
        (204, b" \n", YES, "empty answer"),
        (200, PAGE, UNSURE, "page came instead"),
        (200, b"OK", UNSURE, "page came instead"),
        (200, b"true", UNSURE, "page came instead"),
        (200, b"[" * 100_000, UNSURE, "page came instead"),
        (200, b'{"result": tr', UNSURE, "page came instead"),
        (200, b'{"error_code": 2020202020}', AGAIN, "ten requests a second"),
        (301, b"", NO, "redirect"),
        (304, b"", NO, "redirect"),
        (400, b'{"message": "Bad request"}', NO, "refused the event"),
        (400, b'{"error_code": "2020202020"}', AGAIN, "ten requests a second"),
        (401, b'{"message":"Unauthorized!","error_code":401}', NO, "keys"),
        (402, b"", NO, "plan"),
        (403, b'{"error_code": 3030303030}', NO, "plan"),
        (403, b"", NO, "refused access"),
        (404, b'{"message": "EVENT NOT EXISTS"}', NO, "no event of this name"),
        (422, b'{"message": "Event not exists"}', NO, "no event of this name"),
        (404, PAGE, NO, "does not know this event"),
        (410, b"", NO, "does not know this event"),
        (408, b"", AGAIN, "waited too long"),
        (413, b"", NO, "refused the event"),
        (422, b'{"error_code": 422}', NO, "refused the event"),
        (422, b'{"error_code": 708}', NO, "plan"),
        (425, b"", AGAIN, "later"),
        (429, b'{"error_code": 2020202020}', AGAIN, "ten requests a second"),
        (429, b"", AGAIN, "more slowly"),
        (500, PAGE, AGAIN, "problem at the moment"),
        (502, b"", UNSURE, "may have passed the event on"),
        (502, b'{"error_code": 2020202020}', AGAIN, "ten requests a second"),
        (503, PAGE, AGAIN, "problem at the moment"),
        (504, PAGE, UNSURE, "may have passed the event on"),
        (519, b"", AGAIN, "problem at the moment"),
        (520, b"", UNSURE, "may have passed the event on"),
        (524, PAGE, UNSURE, "may have passed the event on"),
        (525, b"", AGAIN, "problem at the moment"),
        (599, b"", AGAIN, "problem at the moment"),
        (999, b"", NO, "refused the event"),
    ],
)
def test_an_answer_means(status: int, body: bytes, verdict: Verdict, reason: str) -> None:
    found = outcome(status, body)

    assert (found.verdict, found.status) == (verdict, status)
    assert reason in found.reason


@pytest.mark.parametrize(
    ("failure", "status", "verdict"),
    [
        (Failure.UNREACHABLE, None, AGAIN),
        (Failure.NOT_SECURE, None, AGAIN),
        (Failure.NO_ANSWER, None, UNSURE),
        (None, None, UNSURE),
        (Failure.UNSENDABLE, None, NO),
        (Failure.CUT_OFF, 200, UNSURE),
        (Failure.CUT_OFF, 503, AGAIN),
        (Failure.CUT_OFF, 504, UNSURE),
        (Failure.CUT_OFF, 400, NO),
    ],
)
def test_a_failure_means(failure: Failure | None, status: int | None, verdict: Verdict) -> None:
    assert outcome(status, b'{"resu', failure).verdict is verdict


@given(st.none() | st.integers(100, 599), st.binary(max_size=100), st.none() | st.sampled_from(Failure), st.text(max_size=30))
def test_no_answer_is_too_odd(status: int | None, body: bytes, failure: Failure | None, wait: str) -> None:
    found = outcome(status, body, failure, Retry_After=wait)

    assert found.reason
    assert found.fix or found.verdict is not Verdict.GIVE_UP
    assert found.after is None or timedelta(0) <= found.after <= timedelta(hours=24)


@pytest.mark.parametrize("status", [401, 402, 403])
def test_what_only_the_merchant_can_mend_says_so(status: int) -> None:
    assert outcome(status).needs_merchant
    assert not outcome(404).needs_merchant


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("99999999999999999999", 24 * 3600),
        ("Mon, 23 Nov 2026 12:05:00 GMT", 300),
        ("Mon, 23 Nov 2026 12:05:00 -0000", 300),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0),
        ("Mon, 23 Nov 2099 12:00:00 GMT", 24 * 3600),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("soon", None),
        ("Mon, 23 Nov 2026 12:05:00 +99999999999999999999", None),
        ("", None),
    ],
)
def test_retry_after_is_read_with_care(text: str, seconds: int | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)

    assert retry_after({"X-Other": "1", "retry-AFTER": text}, now=NOON) == expected


def test_an_answers_own_wait_replaces_the_usual_one() -> None:
    assert outcome(429).after == timedelta(seconds=60)
    assert outcome(429, Retry_After="3").after == timedelta(seconds=3)
    assert outcome(503, Retry_After="0").after == timedelta(0)
    assert outcome(504, Retry_After="90").after == timedelta(seconds=90)


def test_a_wait_is_not_read_where_nothing_will_be_sent_again() -> None:
    assert outcome(400, Retry_After="3").after is None


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("no such contact jan.kowalski+shop@example.com!", "no such contact …"),
        ('{"email":"jan@example.com","error_code":3030303030}', '{"email":"…","error_code":3030303030}'),
        ("x=jan%40example.com&y=1", "…"),
        (r'{"email":"jan\u0040example.com"}', '{"email":"…"}'),
        ("phone +48 501-234-567 unknown", "phone … unknown"),
        ("phone 48501234567", "phone …"),
        ("Authorization: Bearer abc", "Authorization: …"),
        ("key sp_apikey_abc is wrong", "key … is wrong"),
        ("/events/id/0123456789abcdef0123456789abcdef/7043663", "/events/id/…"),
        ("eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiI0MmE0In0.c2lnbmF0dXJl", "…"),
        ("code 2020202020", "code 2020202020"),
        ("Unauthorized!  error_code:\n401", "Unauthorized! error_code: 401"),
        ("a\x00b\x1b\x9b\ud800\u202e\ufffe", "ab"),
        ("one\r\n\ttwo\x0cthree\u2028four", "one two three four"),
        ("j\x00a\x00n\x00@\x00example.com and 48\x00501\x00234\x00567", "… and …"),
    ],
)
def test_an_answer_is_shown_without_people_or_keys(secret: str, shown: str) -> None:
    assert masked(secret) == shown


def test_an_answer_is_shown_up_to_300_characters() -> None:
    found: Any = outcome(500, ("<p>ą " * 200).encode()).answer

    assert len(found) == 300


def test_an_address_at_the_cut_is_hidden_as_a_whole() -> None:
    assert "jan" not in masked("x " * 148 + "jan@example.com")
