"""Contact sheets: all pages of the app on one picture, for each admin, language and theme; docs/pictures/sheets keeps them.

python -m tests.support.journeys.sheets PORT [shopify | saleor] takes them of a sandbox that runs; make looks of one of its own.
"""

import base64
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser

from plugin.sandbox.places import Places
from tests.support.browsing import started_browser, wait_until
from tests.support.journeys.layout import crooked
from tests.support.journeys.merchant import Merchant, visiting
from tests.support.journeys.pictures import happens
from tests.support.journeys.running import CHECKOUT
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.tour import HOSTS, deep, home, opens, paths, puts_guide_away, settles, stories

FOLDER: Final = CHECKOUT / "docs" / "pictures" / "sheets"
LANGUAGES: Final = ("en", "de", "es", "fr", "pl", "pt-BR", "uk")
THEMES: Final = ("light", "dark")
WIDTH, NARROW = 900, 360
HIGHEST: Final = 1700  #: what is below is not on the sheet: rows of the log, the end of a letter
# The pretend admin is not shown: the app's frame fills the window.
FILLS: Final = """() => Object.assign(document.querySelector("#app").style,
  { position: "fixed", inset: 0, inlineSize: "100%", blockSize: "100%", zIndex: 9 })"""
# The pictures in columns of equal width, each with its name above it; the sheet as a data URL.
COMPOSE: Final = """async ({ pictures, columns, column, scale, quality }) => {
  const gap = 16, line = 24;
  const drawn = await Promise.all(pictures.map(async ({ name, data }) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    return { name, image, height: Math.round(image.height * scale) };
  }));
  const ends = Array(columns).fill(gap);
  const placed = drawn.map((one) => {
    const at = ends.indexOf(Math.min(...ends)), top = ends[at];
    ends[at] += line + one.height + gap;
    return { ...one, left: gap + at * (column + gap), top };
  });
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [gap + columns * (column + gap), Math.max(...ends)];
  const pen = sheet.getContext("2d");
  pen.fillStyle = "#777";
  pen.fillRect(0, 0, sheet.width, sheet.height);
  Object.assign(pen, { fillStyle: "#fff", font: "600 15px sans-serif", imageSmoothingQuality: "high" });
  for (const { name, image, height, left, top } of placed) {
    pen.fillText(name, left, top + 16);
    pen.drawImage(image, left, top + line, column, height);
  }
  return sheet.toDataURL("image/webp", quality).split(",")[1];
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One page."""

    name: str  #: its address below the app's entry
    theme: str
    png: bytes


def take(merchant: Merchant) -> bytes:
    """The page as high as it is."""
    height: int = merchant.document.evaluate("document.documentElement.scrollHeight")
    merchant.page.set_viewport_size({"width": WIDTH, "height": min(height, HIGHEST)})
    merchant.document.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    return merchant.page.screenshot(animations="disabled")


def wears(merchant: Merchant, theme: str) -> None:
    """Choose it in the admin, and wait until the app has it on."""
    if merchant.page.get_by_label("Theme").input_value() != theme:
        merchant.chooses("Theme", theme, inside=merchant.page)
    sign = "dark" if theme == "dark" else "light"
    wait_until(merchant.document, "(sign) => getComputedStyle(document.documentElement).colorScheme === sign", sign)


def speaks(merchant: Merchant, language: str) -> None:
    """Choose the language in the admin; it stays chosen."""
    merchant.chooses("Language", language, inside=merchant.page)
    merchant.app.locator(f"html[lang={language}]").wait_for()
    settles(merchant)


def pictures(
    merchant: Merchant, host: str, address: str, shown: Sequence[str], language: str, found: list[str]
) -> Iterator[Picture]:
    """Each page in each theme; what is laid out crookedly in this language is added to what was found."""
    opens(merchant, address)
    speaks(merchant, language)
    for path in shown:
        merchant.page.set_viewport_size({"width": WIDTH, "height": 600})
        opens(merchant, deep(host, address, path))
        merchant.page.evaluate(FILLS)
        for theme in THEMES:
            wears(merchant, theme)
            settles(merchant)
            yield Picture(name=path or "/", theme=theme, png=take(merchant))
        for width in (NARROW, WIDTH):
            merchant.resizes(width)
            wrong = crooked(merchant.document, width)
            found += [f"{host} {path or '/'}: {language}, {width} px: {finding}" for finding in wrong]


def composed(
    merchant: Merchant, taken: Sequence[Picture], *, columns: int = 5, scale: float = 0.45, quality: float = 0.28
) -> bytes:
    """A WebP of all of them."""
    told = [{"name": one.name, "data": base64.b64encode(one.png).decode()} for one in taken]
    wish = {"pictures": told, "columns": columns, "column": WIDTH * scale, "scale": scale, "quality": quality}
    found: str = merchant.page.evaluate(COMPOSE, wish)
    return base64.b64decode(found)


def take_sheets(browser: Browser, sandbox: RunningSandbox, host: str, folder: Path = FOLDER) -> list[str]:
    """Two sheets a language, after an hour of a small store; what is laid out crookedly in one."""
    happens(sandbox, host)
    folder.mkdir(parents=True, exist_ok=True)
    found: list[str] = []
    address = home(sandbox, host)
    with visiting(browser, width=WIDTH) as merchant:
        puts_guide_away(merchant, address)
        shown = (*paths(host), *stories(merchant, host, address))
        for language in LANGUAGES:
            taken = list(pictures(merchant, host, address, shown, language, found))
            for theme in THEMES:
                worn = [picture for picture in taken if picture.theme == theme]
                (folder / f"{host}-{language}-{theme}.webp").write_bytes(composed(merchant, worn))
    for finding in found:
        print(finding, flush=True)
    return found


def main(port: int, hosts: Sequence[str]) -> None:
    sandbox = RunningSandbox(places=Places(host="127.0.0.1", port=port))
    with started_browser() as browser:
        for host in hosts:
            take_sheets(browser, sandbox, host)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:] or HOSTS)
