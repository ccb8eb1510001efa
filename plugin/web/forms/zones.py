"""Time zones as a merchant knows them: by their city, with what they are ahead of or behind UTC now."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import get_timezone_location

from plugin.web import i18n

PLACES: Final = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)
BETWEEN: Final = " · "
_known = cache(available_timezones)


def zones(now: datetime) -> Sequence[tuple[str, str]]:
    """Each zone with a place, by continent, and what it is called in the page's language: Warsaw · UTC+01:00."""
    known = _zones(i18n.cldr().language, now.replace(minute=0, second=0, microsecond=0))
    return [(zone, i18n.said(name)) for zone, name in known]


def offset(zone: str, now: datetime) -> str:
    """What clocks there are ahead of UTC at this moment, as UTC+01:00; "" for a zone nobody knows."""
    if zone not in _known():
        return ""
    seconds = int((ZoneInfo(zone).utcoffset(now) or now - now).total_seconds())
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"UTC{'-' if seconds < 0 else '+'}{hours:02}:{minutes:02}"


def zone_called(text: str) -> str:
    """The zone that is meant by its city, in English or the page's language, or by a line of the list; else the text itself."""
    wanted = text.partition(BETWEEN)[0].strip()
    if not wanted or wanted in _known():
        return wanted
    return _names(i18n.cldr().language).get(_plain(wanted), text.strip())


@lru_cache(maxsize=16)
def _zones(language: str, now: datetime) -> Sequence[tuple[str, str]]:
    found = sorted(zone for zone in _known() if zone.partition("/")[0] in PLACES)
    return [(zone, f"{_city(zone, language)}{BETWEEN}{offset(zone, now)}") for zone in [*found, "UTC"]]


@lru_cache(maxsize=16)
def _names(language: str) -> Mapping[str, str]:
    """Every name that only one zone has."""
    found: dict[str, set[str]] = {}
    for zone in _known():
        if zone.partition("/")[0] in PLACES or zone == "UTC":
            for name in (zone, zone.rpartition("/")[2], _city(zone, language)):
                found.setdefault(_plain(name), set()).add(zone)
    return {name: min(zones) for name, zones in found.items() if len(zones) == 1}


def _city(zone: str, language: str) -> str:
    return zone if zone == "UTC" else get_timezone_location(zone, locale=language, return_city=True)


def _plain(name: str) -> str:
    return name.replace("_", " ").casefold().strip()
