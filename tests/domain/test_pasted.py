"""What a merchant pastes is understood, or said what it is."""

import pytest

from plugin.domain.settings.pasted import read_event_url, read_flow
from plugin.domain.settings.values import Wrong

URL = "https://events.sendpulse.com/events/id/0123456789abcdef0123456789abcdef/7043663"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (URL, ""),
        (f" {URL} ", "Removed the spaces around the event URL."),
        (f"\N{ZERO WIDTH SPACE}{URL}", "Cleaned up the event URL."),
        (URL.replace("https", "http"), "Cleaned up the event URL."),
        (f"{URL}/?utm=1", "Cleaned up the event URL."),
        (URL.replace("abcdef", "ABCDEF"), "Cleaned up the event URL."),
        (f"curl -d @body.json '{URL}'", "Found the event URL in the cURL command."),
        (f"POST {URL} HTTP/1.1", "Found the event URL in the text, and ignored the rest."),
        (URL.replace("/704", "/\n704"), "Found the event URL in the text, and ignored the rest."),
        (f"{URL}\n{URL}", "Found the event URL in the text, and ignored the rest."),
    ],
)
def test_an_event_url_is_found_in_what_was_pasted(text: str, said: str) -> None:
    pasted = read_event_url(text)

    assert (pasted.value, pasted.said) == (URL, said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is missing"),
        ("https://events.sendpulse.com/events/id//1", "is empty"),
        ("look here", "no event URL was found"),
        ("https://" + "a" * 30 + ".example/", "leads to another site"),
        ("https://events.sendpulse.com/", "is not an event URL"),
        ("https://events.sendpulse.com/events/id/0123456789abcdef0123456789abcdef", "the number at the end is missing"),
        ("x" * 8001, "8001 characters"),
    ],
)
def test_what_is_no_event_url_is_called_what_it_is(text: str, said: str) -> None:
    with pytest.raises(Wrong, match=said):
        read_event_url(text)


@pytest.mark.parametrize(
    "text",
    ["12345", " 12345 ", "#12345", "12 345", "012345", "https://login.sendpulse.com/flow/id/12345?tab=1", "/flow/id/12345"],
)
def test_a_flow_is_read_out_of_a_number_or_an_address(text: str) -> None:
    assert read_flow(text).value == "12345"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "enter the flow"), ("0", "found 0"), ("1" * 16, "16 digits"), ("-1", "no minus"), ("1,5", "whole"),
        ("x", 'found "x"'),
        (URL, "event URL"), ("https://login.sendpulse.com/flow/new", "no number"), ("https://sendpulse.com/", "not a flow"),
        ("9" * 5000, "5000 digits"), ("0" * 5000, "found 0"), ("1, 2", "several numbers"),
        ("/flow/id/1 /flow/id/2", "two flows"), ("7" * 8001, "8001 characters"),
    ],
)  # fmt: skip
def test_what_is_no_flow_is_called_what_it_is(text: str, said: str) -> None:
    with pytest.raises(Wrong, match=said):
        read_flow(text)
