"""Each admin's colours in our pages: they come after ours, and what is written in them can be read in light and dark."""

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Final

import pytest
from flask import render_template

from plugin import resources
from plugin.config import Settings
from plugin.platforms import discover
from plugin.ports import Frame, Store
from plugin.web import create_app
from tests.support.web.merchant import a_merchant

NAMES: Final = sorted(discover())
OURS: Final = resources.PACKAGE / "static" / "app.css"
#: What stands on what, and how much apart at least. https://www.w3.org/TR/WCAG22/#contrast-minimum
READ: Final = tuple(product(("ink", "soft", "link", "good", "bad", "warn", "busy"), ("ground", "card", "sunk"), (4.5,)))
BADGES: Final = tuple((name, f"{name}-ground", 4.5) for name in ("good", "bad", "warn", "busy"))
FOUND: Final = tuple(product(("edge", "focus"), ("ground", "card"), (3.0,)))
PAIRS: Final = (*READ, *BADGES, *FOUND, ("on-strong", "strong", 4.5), ("ink", "plain-ground", 4.5))
DARK: Final = (':root[data-theme="dark"]', ':root:not([data-theme="light"])')  # chosen, and by the browser


def tokens(platform: str) -> Path:
    return resources.PACKAGE / "platforms" / platform / "static" / "tokens.css"


def declared(path: Path, selector: str) -> dict[str, str]:
    """The variables this sheet gives under this selector."""
    sheet = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    blocks = re.findall(rf"^\s*{re.escape(selector)} \{{([^}}]*)\}}", sheet, re.MULTILINE)
    return {name: value for block in blocks for name, value in re.findall(r"--([\w-]+): (#\w+)", block)}


def colours(platform: str, selectors: Iterable[str]) -> dict[str, str]:
    """As the browser resolves them: the last sheet wins where two selectors are as strong."""
    found = dict[str, str]()
    for selector, path in product(selectors, (OURS, tokens(platform))):
        found |= declared(path, selector)
    return found


def luminance(colour: str) -> float:
    """Relative, by https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    digits = colour.removeprefix("#")
    whole = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    parts = [int(whole[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_what_the_standard_says() -> None:
    assert contrast("#fff", "#000000") == pytest.approx(21)
    assert contrast("#777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("selectors", [(":root",), (":root", DARK[0]), (":root", DARK[1])], ids=["light", "dark", "by itself"])
@pytest.mark.parametrize("name", NAMES)
def test_everything_can_be_read_in_the_colours_of_the_host(name: str, selectors: tuple[str, ...]) -> None:
    found = colours(name, selectors)

    pale = {f"{one} on {other}": round(contrast(found[one], found[other]), 2) for one, other, least in PAIRS
            if contrast(found[one], found[other]) < least}  # fmt: skip

    assert pale == {}


@pytest.mark.parametrize("name", NAMES)
def test_dark_is_the_same_whether_it_is_chosen_or_the_browser_s(name: str) -> None:
    assert declared(tokens(name), DARK[0]) == declared(tokens(name), DARK[1])


@pytest.mark.parametrize("name", NAMES)
def test_no_colour_is_given_that_no_rule_of_ours_uses(name: str) -> None:
    assert {*declared(tokens(name), ":root")} <= {*declared(OURS, ":root")}


@pytest.mark.parametrize("name", NAMES)
def test_a_document_loads_the_host_s_colours_after_ours(store: Store, settings: Settings, name: str) -> None:
    services = replace(a_merchant(store, settings).services, platforms={name: discover()[name].open(settings, {})})
    frame = Frame(ancestors="x", facts={"entry": "/x", "client_id": "x", "app_bridge": "https://x.example/bridge.js"})
    with create_app(services).test_request_context():
        shown = {"frame": frame, "platform": name, "links": [], "publisher": settings.publisher, "home": "/x"}
        page = render_template("pages/document.html", **shown)

    sheets = [address.partition("?")[0] for address in re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)]
    assert sheets == ["/static/app.css", "/static/built/app.css", f"/static/platforms/{name}/tokens.css"]
