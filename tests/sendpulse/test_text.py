"""Text made plain and cut where a reader sees no cut."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.sendpulse.text import LONGEST_TEXT, cut, plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kubek", "Kubek"),
        ("<b>Kubek</b>", "Kubek"),
        ("<B CLASS='x'>Kubek</B><br/>", "Kubek"),
        ("Kubek <!-- a > b --> duży", "Kubek duży"),
        ("<<b>b>Kubek", "Kubek"),
        ("5 < 6 and 7 > 3", "5 < 6 and 7 > 3"),
        ("I <3 tea", "I <3 tea"),
        ("Salt &amp; pepper", "Salt &amp; pepper"),  # no tags, so no HTML: the store shows it like this too
        ("<i>Salt</i> &amp; pepper", "Salt & pepper"),
        ("<i>x</i> &lt;script&gt;", "x"),
        ("two\r\nlines\tand\u2028three", "two lines and three"),
        (" many   blanks ", "many blanks"),
        ("no\xa0break", "no\xa0break"),
        ("bell\x07 \x00null \ud800half", "bell null half"),
        ("<br>", ""),
        ("<\x00b>bold", "bold"),  # without what is not seen a tag
        ("<b <i>>x</b>", "x"),
        ("<!-- <!-- a > --> b -->", "b -->"),
        ("<!-- never ends <b>x</b>", "< !-- never ends x"),
        ("<img src=//a.example/ onerror=b", "< img src=//a.example/ onerror=b"),  # the letter's next > would end it
        ("Anna <a href='//a.example'", "Anna < a href='//a.example'"),
        ("<b>x</b> &lt;/td", "x < /td"),
        ("size <L", "size < L"),
    ],
)
def test_tags_and_control_characters_go(text: str, expected: str) -> None:
    assert plain(text) == expected


@given(st.text(alphabet=st.sampled_from("<>/!-ab& \n;ltgamp#60")))
def test_no_tag_is_ever_left(text: str) -> None:
    assert not re.search(r"<[/!?a-zA-Z]", plain(text))


def test_no_more_is_read_of_a_text_than_any_name_has() -> None:
    assert plain("<br>" * 2000 + "Kubek") == ""


@given(st.text(max_size=600))
def test_plain_text_fits_and_has_no_control_character(text: str) -> None:
    found = plain(text)

    assert len(found) <= LONGEST_TEXT
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", found)


FAMILY = "👩\u200d👩\u200d👧"


@pytest.mark.parametrize(
    ("tail", "kept"),
    [
        ("ab", "a"),
        ("é" + "x", "é"),
        ("e\u0301", ""),  # e with its accent as a character of its own
        ("👍🏽", ""),
        (FAMILY, ""),
        ("🇵🇱", ""),
        (" b", ""),  # no blank at the end
    ],
    ids=["letters", "one_letter", "combining", "skin_tone", "family", "flag", "blank"],
)
def test_a_cut_leaves_no_half_character(tail: str, kept: str) -> None:
    start = "x" * (LONGEST_TEXT - 1)

    assert cut(start + tail) == start + kept


def test_flags_are_cut_between_flags() -> None:
    flags = "🇵🇱" * 200

    assert cut("x" + flags) == "x" + flags[:254]
    assert cut(flags) == flags[:254]


def test_a_family_at_the_end_goes_as_a_whole() -> None:
    start = "x" * (LONGEST_TEXT - 3)

    assert cut(start + FAMILY) == start


def test_accents_on_nothing_are_cut_hard() -> None:
    assert cut("\u0301" * 300) == "\u0301" * 255
