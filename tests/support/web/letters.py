"""docs/letters, made of the app's own letters: `python -m tests.support.web.letters` renews them and their pictures."""

import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser

from plugin.domain.kinds import EventKind
from plugin.domain.settings import NO_SETTINGS
from plugin.domain.shop import Shop
from plugin.sendpulse.body import bodies
from plugin.upkeep.sample import sample_fields
from plugin.web import i18n
from plugin.web.event_texts import EVENT_TEXTS
from plugin.web.flow_recipes import recipe
from plugin.web.letter_previews import PICTURE
from plugin.web.letters import LANGUAGES, letter
from tests.support.browsing import started_browser

DOCS: Final = Path(__file__).resolve().parents[3] / "docs"
FOLDER: Final = DOCS / "letters"
SHOP: Final = Shop(id=0, platform="", address="", name="", currency="")
WIDTH, HEIGHT, SCALE = 640, 600, 0.4
Scheme = Literal["light", "dark"]
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")

HEAD: Final = """\
# Ready-made emails

One email for each kind of event in each of the app's languages: `<language>/<kind>.html`. Paste one into the Email element of a
flow in SendPulse as HTML, copy its subject from the table below, and adapt it to your store. The page of each event in the app
shows the same emails, with a button to copy them. `python -m tests.support.web.letters` makes them from `plugin/web/letters`; a
test compares the two.

- They use only the flat variables of [variables.md](../variables.md). How SendPulse's templates repeat a block, leave out a
  part or write a plural is not published, so nothing here needs it: each email shows the one product of the `product_*` keys.
  To show all products, replace it with SendPulse's product cards element and fill that from the list `products`. With the
  shape *array* the `product_*` keys are empty, so remove the product.
- Amounts are the `…_text` variables: written the buyer's way, with their currency.
- Comments mark the rows that not every store can fill: delete those that yours does not send.
- On Saleor, `order_link` and `cart_link` need their addresses under *Settings*.
- Each has an unsubscribe link (`{{unsubscribe_url}}`), and stays readable where an email program uses dark colors.
- Make one flow for each language, with the email in that language, and enter its number on the *Languages* page.
- People who have unsubscribed pass through a flow without an email, so do not use these as receipts that the law requires.

[All of them, light](../pictures/letters-light.png) · [dark](../pictures/letters-dark.png)

## Flows

| event | start again | stop by event | wait |
|---|---|---|---|
"""


def files() -> Iterator[tuple[Path, str]]:
    """Every file of the folder, with what it should hold."""
    yield FOLDER / "README.md", readme()
    for language in LANGUAGES:
        for kind in EventKind:
            yield FOLDER / language / f"{kind}.html", letter(kind, language).html


def readme() -> str:
    recipes = [(kind, recipe(kind)) for kind in EventKind]
    rows = [f"| `{kind}`: {EVENT_TEXTS[kind].title} | {one.again} | {one.stop} | {one.wait} |" for kind, one in recipes]
    subjects = [
        "| " + " | ".join([f"`{kind}`", *(letter(kind, language).subject for language in LANGUAGES)]) + " |"
        for kind in EventKind
    ]
    titles = " | ".join(i18n.own_name(language) for language in LANGUAGES)
    head = [f"\n## Subjects\n\n| event | {titles} |", "|---" * (len(LANGUAGES) + 1) + "|"]
    return HEAD + "\n".join([*rows, *head, *subjects]) + "\n"


def looked_at(kind: EventKind, language: str) -> str:
    """A letter as its reader sees it."""
    values = sample_fields(kind, SHOP, NO_SETTINGS, write_bodies=bodies)
    return letter(kind, language, dict(values) | {"product_img_url": PICTURE, "unsubscribe_url": "#"}).html


def sheet(scheme: Scheme) -> str:
    """All letters on one page: a row a kind, a column a language."""
    letters = [looked_at(kind, language) for kind in EventKind for language in LANGUAGES]
    frames = "".join(f'<div><iframe srcdoc="{escape(html)}"></iframe></div>' for html in letters)
    ground = {"light": "#fff", "dark": "#000"}[scheme]
    return f"""<!DOCTYPE html><style>
    body {{ margin: 8px; background: {ground}; display: grid; gap: 8px; }}
    body {{ grid-template-columns: repeat({len(LANGUAGES)}, max-content); }}
    div {{ inline-size: {WIDTH * SCALE}px; block-size: {HEIGHT * SCALE}px; overflow: hidden; }}
    iframe {{ inline-size: {WIDTH}px; block-size: {HEIGHT}px; border: 0; scale: {SCALE}; transform-origin: 0 0; }}
    </style>{frames}"""


def take_pictures(browser: Browser) -> None:
    width = round((WIDTH * SCALE + 8) * len(LANGUAGES)) + 8
    for scheme in SCHEMES:
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        page.set_content(sheet(scheme), wait_until="load")
        page.screenshot(path=DOCS / "pictures" / f"letters-{scheme}.png", full_page=True)
        page.close()


def main() -> None:
    for path, text in files():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if "--no-pictures" not in sys.argv:
        with started_browser() as browser:
            take_pictures(browser)


if __name__ == "__main__":
    main()
