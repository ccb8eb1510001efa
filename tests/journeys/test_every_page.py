"""Every page in both admins: nothing for axe to find, empty, filled or refused, in both themes; soon there, standing still."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.axe import axe
from tests.journeys.merchant import Merchant, visiting
from tests.journeys.sandbox import RunningSandbox
from tests.journeys.tour import (
    ASKED,
    HOSTS,
    chooses_page,
    deep,
    entry,
    home,
    installs_shopify,
    opens,
    paths,
    puts_guide_away,
    settles,
    stories,
)
from tests.journeys.traffic import every_state

MOST_SECONDS = 1.5


# Words of a button that are broken in two, and cells that stand on two lines beside their label on a narrow screen.
CROOKED = r"""() => {
  const isBroken = (text, word) => {
    const range = document.createRange();
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1;
  };
  const texts = [...document.querySelectorAll("button, .button")].flatMap(({ childNodes }) => [...childNodes])
    .filter((node) => node.nodeType === Node.TEXT_NODE);
  const broken = texts.flatMap((text) =>
    [...text.data.matchAll(/\S+/g)].filter((word) => isBroken(text, word)).map(([word]) => word));
  const parts = ({ childNodes }) => [...childNodes].filter((node) => node.nodeType === Node.ELEMENT_NODE || node.data?.trim());
  const cells = [...document.querySelectorAll(".lists td[data-label]")].filter((cell) => parts(cell).length > 1);
  return [...broken.map((word) => `broken: ${word}`), ...cells.map((cell) => `in parts: ${cell.dataset.label}`)];
}"""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong that is typed into a page."""

    label: str
    text: str
    button: str


MISTAKES = {
    "/setup?step=connect": Mistake("Event URL", "https://evil.example/events", "Go on"),
    "/setup?step=languages": Mistake("Flow, row 1", "the Polish one", "Go on"),
    "/setup?step=test": Mistake("Your own e-mail address", "me", "Send the test"),
    "/events/cart_abandoned": Mistake("Event URL", "https://evil.example/events", "Save"),
    "/languages": Mistake("Flow, row 1", "the English one", "Save"),
    "/preview": Mistake("Your own e-mail address", "me", "Send the test"),
    "/settings": Mistake("Time zone", "Mars/Base", "Save"),
    "/settings/account": Mistake("Events a second, at most", "99", "Save"),
    "/settings/file": Mistake("Or its content", "{", "Import"),
}


def findings(merchant: Merchant) -> list[str]:
    """What axe says in either theme, what is laid out crookedly, and whether a narrow screen scrolls sideways."""
    found = axe(merchant.document)
    merchant.chooses("Theme", "dark", inside=merchant.page)
    found += [f"dark: {finding}" for finding in axe(merchant.document)]
    merchant.chooses("Theme", "light", inside=merchant.page)
    found += merchant.document.evaluate(CROOKED)
    merchant.page.set_viewport_size({"width": 320, "height": 900})
    width: int = merchant.document.evaluate("document.documentElement.scrollWidth")
    merchant.page.set_viewport_size({"width": 1280, "height": 900})
    return found if width <= 320 else [*found, f"{width} px wide at 320 px"]


def errs(merchant: Merchant, mistake: Mistake) -> None:
    """Type it, send it, and be told beside the field, where it still stands."""
    field = merchant.app.get_by_label(mistake.label, exact=True)
    field.fill(mistake.text)
    merchant.app.get_by_role("button", name=mistake.button, exact=True).first.click()
    expect(merchant.app.locator(".error").first).to_be_visible()
    settles(merchant)
    expect(field).to_have_value(mistake.text)


def loads(merchant: Merchant, address: str) -> list[str]:
    """Open it as somebody whose browser keeps nothing of it yet; what is slow or jumps."""
    # Other tests keep the machine busy: a page that is late once is looked at again, a slow one is slow twice.
    for _ in range(2):
        merchant.forgets()
        opens(merchant, address)
        measured = merchant.measures()
        print(f"\n{address}: {measured}", end="")
        if measured.cls or measured.lcp_seconds < MOST_SECONDS:
            break
    return [str(measured)] if measured.lcp_seconds >= MOST_SECONDS or measured.cls else []


@pytest.mark.parametrize("host", HOSTS)
def test_every_page_is_sound_with_what_a_merchant_may_do_wrong(browser: Browser, sandbox: RunningSandbox, host: str) -> None:
    every_state(sandbox, host)
    found: dict[str, list[str]] = {}
    with visiting(browser) as merchant:
        address = home(sandbox, host)
        puts_guide_away(merchant, address)
        for path in (*paths(host), *ASKED, *stories(merchant, host, address)):
            found[path] = loads(merchant, deep(host, address, path)) + findings(merchant)
            if mistake := MISTAKES.get(path):
                errs(merchant, mistake)
                found[f"{path}, refused"] = findings(merchant)

    assert set(MISTAKES) <= set(paths(host))
    assert {page: said for page, said in found.items() if said} == {}


def test_every_page_is_sound_before_anything_is_set_up(browser: Browser, sandbox: RunningSandbox) -> None:
    address, found = installs_shopify(sandbox, "untouched"), {}
    with visiting(browser) as merchant:
        opens(merchant, address)
        for path in paths("shopify"):
            chooses_page(merchant, f"{entry('shopify')}{path}")
            found[path] = findings(merchant)

    assert {page: said for page, said in found.items() if said} == {}
