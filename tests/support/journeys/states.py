"""Every page of the app in every state that a merchant may see it in: set up or not, with mistakes, empty, with many rows."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import expect

from plugin.platforms import discover, find_testkit
from plugin.sandbox import demo
from tests.support.databases import settings_for
from tests.support.journeys.merchant import Merchant
from tests.support.journeys.tour import (
    ASKED,
    chooses_page,
    deep,
    entry,
    event_url,
    opens,
    paths,
    puts_guide_away,
    settles,
    stories,
)

Goes = Callable[[Merchant, str], object]
EVERY: Final = slice(None)


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong that is typed into a page."""

    label: str
    text: str
    button: str


MISTAKES = {
    "/setup?step=connect": Mistake("REST ID", "owner@example.com", "Continue"),
    "/setup?step=languages": Mistake("Default flow, English", "the English one", "Continue"),
    "/setup?step=test": Mistake("Your own email address", "me", "Test all languages"),
    "/events/cart_abandoned": Mistake("Event URL", "https://evil.example/events", "Save"),
    "/languages": Mistake("Default flow, English", "the English one", "Save"),
    "/preview": Mistake("Your own email address", "me", "Send test"),
    "/settings": Mistake("Time zone", "Mars/Base", "Save"),
    "/settings/account": Mistake("Maximum events per second", "99", "Save"),
    "/settings/customers": Mistake("Email", "me", "Look up"),
    "/settings/file": Mistake("Or paste its contents", "{", "Import"),
}
# Where the number of rows, columns or marks shows.
CROWDED: Final = (
    "", "/deliveries", "/deliveries?state=failed", "/deliveries/again", "/languages", "/preview", "/settings/audit",
    "/settings/variables", "/setup?step=events", "/setup?step=languages", "/setup?step=test",
)  # fmt: skip
LANGUAGES: Final = ("en", "pl", "de", "fr", "es", "it", "uk", "pt-BR", "zh-Hant", "sr-Latn")


def errs(merchant: Merchant, mistake: Mistake) -> None:
    """Type it, send it, and be told beside the field, where it still stands."""
    field = merchant.app.get_by_label(mistake.label, exact=True)
    field.fill(mistake.text)
    merchant.clicks_on("button", re.compile(f"^{mistake.button}$") if mistake.button != "Save" else "Save")
    expect(merchant.app.locator(".error").first).to_be_visible()
    settles(merchant)
    expect(field).to_have_value(mistake.text)


def set_up(merchant: Merchant, host: str, address: str, *, goes: Goes = opens, share: slice = EVERY) -> Iterator[str]:
    """Every page of a store that is set up, or a share of them, with nothing wrong and with what was typed refused."""
    puts_guide_away(merchant, address)
    for path in (*paths(host), *ASKED, *stories(merchant, host, address))[share]:
        goes(merchant, deep(host, address, path))
        yield path
        if mistake := MISTAKES.get(path):
            errs(merchant, mistake)
            yield f"{path}, refused"


def untouched(merchant: Merchant, host: str, address: str) -> Iterator[str]:
    """Every page before anything is set up."""
    opens(merchant, address)
    for path in paths(host):
        chooses_page(merchant, f"{entry(host)}{path}")
        yield f"{path or '/'}, not set up"


def crowded(merchant: Merchant, host: str, address: str) -> Iterator[str]:
    """The pages with lists, with as much in them as a busy store of ten languages may have; its settings are replaced."""
    opens(merchant, deep(host, address, "/settings/file"))
    merchant.writes("Or paste its contents", json.dumps(much(host)))
    merchant.clicks_on("button", "Import")
    expect(merchant.app.get_by_text(re.compile(r"^(Saved\.|Not saved yet)")).first).to_be_visible()
    if merchant.app.get_by_text("Not saved yet").count():  # flows of before would go
        merchant.clicks_on("button", "Import")
        merchant.reads("Saved.")
    for path in CROWDED:
        opens(merchant, deep(host, address, path))
        yield f"{path or '/'}, crowded"


def much(host: str) -> dict[str, Any]:
    """Settings in which every event has a flow of its own in each of ten languages, and twelve variables."""
    platform = discover()[host].open(settings_for("sqlite:///unused.db"), find_testkit(host).environ)
    kinds = sorted(kind.value for kind in platform.kinds)
    return {
        "version": 1,
        "events": {kind: {"enabled": True, "send": "json", "event_url": event_url()} for kind in kinds},
        "flows": [
            {"locale": locale, "automation_id": 5000 + 100 * column + row, "name": f"{locale} {kind}".strip()}
            | ({"event": kind} if kind else {})
            for column, kind in enumerate(("", *kinds))
            for row, locale in enumerate(LANGUAGES)
        ],
        "no_match": {"policy": "hold"},
        "store": {
            "name": "A store of wool and clay, and of all that is made of them by hand",
            "timezone": "Europe/Warsaw",
        },
        "variables": [
            {"name": f"loyalty_programme_level_{number}", "type": "text", "value": "A long word: Donaudampfschifffahrt"}
            for number in range(12)
        ],
        "account": {"client_id": demo.CLIENT_ID, "client_secret": demo.CLIENT_SECRET},
    }
