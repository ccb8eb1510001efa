"""Times and numbers as each language of the pages writes them."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from plugin.web import i18n
from plugin.web.moments import ago, day_text, hour_text, moment, weekday_text
from tests.support.builders import NOON

WARSAW = ZoneInfo("Europe/Warsaw")


@pytest.mark.parametrize(
    ("language", "time", "hour", "weekday", "earlier", "number"),
    [
        ("en", "Nov 23, 2026, 1:00 PM", "1:00 PM", "Mon, Nov 23", "3 hours ago", "1,234,567"),
        ("de", "23.11.2026, 13:00", "13:00", "Mo., 23. Nov.", "vor 3 Stunden", "1.234.567"),
        ("pl", "23 lis 2026, 13:00", "13:00", "pon., 23 lis", "3 godziny temu", "1 234 567"),
        ("pt-BR", "23 de nov. de 2026 13:00", "13:00", "seg., 23 de nov.", "há 3 horas", "1.234.567"),
        ("en-XA", "⟦Ñóv 23, 2026, 1:00 PM~~~~~~~⟧", "⟦1:00 PM~~⟧", "⟦Móñ, Ñóv 23~~~⟧", "⟦3 hóúrš ágó~~~⟧", "1,234,567"),
    ],
)
def test_times_and_numbers_are_the_languages_own(
    monkeypatch: pytest.MonkeyPatch, language: str, time: str, hour: str, weekday: str, earlier: str, number: str
) -> None:
    monkeypatch.setattr(i18n, "locale", lambda: language)

    shown = (
        moment(NOON, WARSAW).text, hour_text(NOON, WARSAW), weekday_text(date(2026, 11, 23)),
        ago(NOON, NOON + timedelta(hours=3)), i18n.number(1_234_567),
    )  # fmt: skip

    assert tuple(" ".join(text.split()) for text in shown) == (time, hour, weekday, earlier, number)


def test_a_moment_keeps_what_a_machine_reads() -> None:
    assert moment(NOON, WARSAW).exact == "2026-11-23T13:00:00+01:00"
    assert moment(NOON, WARSAW, seconds=True).text == "Nov 23, 2026, 1:00:00\u202fPM"
    assert day_text(date(2026, 11, 23)) == "Nov 23, 2026"


def test_what_has_not_begun_by_this_clock_was_just_now() -> None:
    assert ago(NOON + timedelta(seconds=30), NOON) == "1 second ago"
