"""Secrets check themselves and never show."""

from typing import Any

import pytest

from plugin.domain.errors import Misconfigured
from plugin.domain.secret import AutomationId, EventUrl, Secret

URL = "https://events.sendpulse.com/events/id/0123456789abcdef0123456789abcdef/7043663"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("planted-secret-4f2a", "…4f2a"), ("twelve-signs", "…igns"), ("eleven-sign", "…"), ("", "…")],
    ids=["long", "twelve", "eleven", "empty"],
)
def test_a_secret_shows_at_most_its_last_four_characters(text: str, shown: str) -> None:
    secret = Secret(text)

    assert (repr(secret), str(secret), f"{secret}") == (shown, shown, shown)
    assert secret.reveal() == text


def test_an_event_url_shows_at_most_four_characters_of_what_tells_it_apart() -> None:
    url = EventUrl(URL + "/")

    assert (repr(url), str(url)) == ("…cdef", "…cdef")
    assert url.reveal() == URL + "/"


def test_the_number_at_the_end_of_an_event_url_is_the_account() -> None:
    assert EventUrl(URL).account == EventUrl(URL + "/").account == "7043663"


NOT_AN_EVENT_URL = {
    "empty": "", "other host": URL.replace("sendpulse", "sendpu1se"), "subdomain": URL.replace("://", "://x."),
    "host in the path": "https://evil.example/" + URL.removeprefix("https://"), "plain http": URL.replace("https", "http"),
    "user": URL.replace("://", "://jan@"), "port": URL.replace(".com/", ".com:8443/"), "query": URL + "?a=1",
    "fragment": URL + "#a", "line break": URL + "\n", "blank": " " + URL, "short hash": URL.replace("0123", "012"),
    "no number": URL.rsplit("/", 1)[0], "number too long": URL + "1" * 20, "capital hash": URL.replace("abcdef", "ABCDEF"),
    "capital host": URL.replace("events.", "EVENTS."), "path climbed": URL + "/../x", "Arabic digits": URL[:-1] + "٣",
}  # fmt: skip


@pytest.mark.parametrize("text", NOT_AN_EVENT_URL.values(), ids=NOT_AN_EVENT_URL)
def test_nothing_but_an_event_url_of_sendpulse_is_one(text: str) -> None:
    with pytest.raises(Misconfigured, match="not a SendPulse event URL") as raised:
        EventUrl(text)

    assert not text.strip() or text.strip() not in str(raised.value)


@pytest.mark.parametrize("number", [1, 101, 2**53 - 1])
def test_a_flow_is_a_whole_number(number: int) -> None:
    flow = AutomationId(number)

    assert flow.number == number
    assert str(flow) == str(number)


@pytest.mark.parametrize("number", [0, -1, 2**53, True, "101", 101.0, None], ids=repr)
def test_nothing_else_is_a_flow(number: Any) -> None:
    with pytest.raises(Misconfigured, match="positive whole number"):
        AutomationId(number)
