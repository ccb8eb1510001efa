"""Every page in both admins: nothing for axe to find, empty, filled or refused, in both themes; soon there, standing still."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from tests.support.journeys.axe import axe
from tests.support.journeys.merchant import Merchant, visiting
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.tour import (
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
from tests.support.journeys.traffic import every_state

MOST_SECONDS = 1.5


# Words of buttons, labels and headings that are broken in two, and cells that stand on two lines beside their label on a
# narrow screen. A label there is written by the style sheet, where it is measured, and not seen.
CROOKED = r"""() => {
  const WORD = /[\p{L}\p{N}_]+/gu;
  const isOurs = ({ parentElement: holder }) =>
    !holder.closest("[translate=no], .unseen, option") && !(holder.closest("thead")?.offsetWidth < 2);
  const isBroken = (text, word) => {
    const range = document.createRange();
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1;
  };
  const texts = (element) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT), found = [];
    while (walker.nextNode()) found.push(walker.currentNode);
    return found.filter(isOurs);
  };
  const said = [...document.querySelectorAll("button, .button, label, legend, th, dt, h1, h2, h3, summary")].flatMap(texts);
  const broken = said.flatMap((text) =>
    [...text.data.matchAll(WORD)].filter((word) => isBroken(text, word)).map(([word]) => word));
  const labelled = [...document.querySelectorAll(".lists td[data-label]")];
  const pen = document.createElement("canvas").getContext("2d");
  const room = (cell) => {
    const beside = document.createRange();
    beside.selectNodeContents(cell);
    const [all, rest] = [cell, beside].map((part) => part.getBoundingClientRect());
    const both = document.dir === "rtl" ? all.right - rest.right : rest.left - all.left;
    return both - parseFloat(getComputedStyle(cell).columnGap);
  };
  const isTooLong = (cell) => {
    const style = getComputedStyle(cell, "::before");
    pen.font = style.font;
    const isShown = style.content !== "none" && cell.hasChildNodes();
    return isShown && cell.dataset.label.match(WORD).some((word) => pen.measureText(word).width > room(cell));
  };
  const parts = ({ childNodes }) => [...childNodes].filter((node) => node.nodeType === Node.ELEMENT_NODE || node.data?.trim());
  return [...broken.map((word) => `broken: ${word}`),
    ...labelled.filter(isTooLong).map((cell) => `broken: ${cell.dataset.label}`),
    ...labelled.filter((cell) => parts(cell).length > 1).map((cell) => `in parts: ${cell.dataset.label}`)];
}"""
# Fields of one row of a list that begin or end at different places on a narrow screen.
UNEVEN = """() => [...document.querySelectorAll(".lists tr")].flatMap((row) => {
  const fields = [...row.querySelectorAll("td[data-label] :is(input, select)")].map((field) => field.getBoundingClientRect());
  const places = new Set(fields.map(({ left, right }) => `${Math.round(left)} to ${Math.round(right)}`));
  return places.size > 1 ? [`fields from ${[...places].join(" and from ")}`] : [];
})"""


# Controls that something else covers when they have the focus, with every save bar shown; and short words of data, such as a
# language or an address, that are broken in two where a line of its own would hold them.
COVERED = r"""() => {
  const forms = [...document.querySelectorAll("form[data-save]:not([data-dirty])")];
  forms.forEach((form) => form.setAttribute("data-dirty", ""));
  const isFree = (element, x, y) => {
    const top = document.elementFromPoint(x, y);
    return top && (element.contains(top) || top.contains(element) || top.closest("label")?.control === element);
  };
  const covered = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.matches(":disabled, .unseen"))
    .filter((element) => {
      element.focus();
      const [{ left, top, bottom }] = element.getClientRects();
      return document.activeElement === element && ![top + 2, (top + bottom) / 2].every((y) => isFree(element, left + 4, y));
    }).map((element) => `covered: ${element.name || element.textContent.trim().slice(0, 30)}`);
  forms.forEach((form) => form.removeAttribute("data-dirty"));
  document.activeElement.blur();
  const lines = (text, word) => {
    const range = document.createRange();
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
  };
  const cells = [...document.querySelectorAll("td [translate=no], td[translate=no]")].filter((cell) => cell.checkVisibility());
  const broken = cells.flatMap((cell) => [...cell.childNodes]).filter((node) => node.nodeType === Node.TEXT_NODE)
    .flatMap((text) => [...text.data.matchAll(/[\w@.]{2,24}/gu)].filter((word) => lines(text, word) > 1).map(([word]) => word));
  return [...covered, ...(innerWidth > 640 ? broken.map((word) => `broken: ${word}`) : [])];
}"""


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
    "/settings/account": Mistake("Events per second, at most", "99", "Save"),
    "/settings/customers": Mistake("Email", "me", "Look up"),
    "/settings/file": Mistake("Or paste its contents", "{", "Import"),
}


def findings(merchant: Merchant) -> list[str]:
    """What axe says, what is laid out crookedly or covered, and whether a narrow screen scrolls sideways.

    Colours are the same at every width, and places in both themes: dark is looked at on a tablet, narrow in light.
    """
    found: list[str] = axe(merchant.document) + merchant.document.evaluate(CROOKED) + merchant.document.evaluate(COVERED)
    merchant.chooses("Theme", "dark", inside=merchant.page)
    merchant.resizes(768)
    tablet = axe(merchant.document) + merchant.document.evaluate(CROOKED) + merchant.document.evaluate(COVERED)
    merchant.chooses("Theme", "light", inside=merchant.page)
    merchant.resizes(360)
    phone = axe(merchant.document) + merchant.document.evaluate(COVERED)
    merchant.resizes(320)
    found += [f"at 768 px: {finding}" for finding in tablet] + [f"at 360 px: {finding}" for finding in phone] + narrow(merchant)
    merchant.resizes(1280)
    return found


def narrow(merchant: Merchant) -> list[str]:
    """What is laid out crookedly on a screen of 320 px, and whether it scrolls sideways."""
    found = [f"at 320 px: {said}" for look in (CROOKED, UNEVEN) for said in merchant.document.evaluate(look)]
    width: int = merchant.document.evaluate("document.documentElement.scrollWidth")
    return found if width <= 320 else [*found, f"{width} px wide at 320 px"]


def errs(merchant: Merchant, mistake: Mistake) -> None:
    """Type it, send it, and be told beside the field, where it still stands."""
    field = merchant.app.get_by_label(mistake.label, exact=True)
    field.fill(mistake.text)
    merchant.clicks_on("button", re.compile(f"^{mistake.button}$") if mistake.button != "Save" else "Save")
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


@pytest.mark.parametrize("locale", ["pl", "ar-XB"])
@pytest.mark.parametrize("host", HOSTS)
def test_a_narrow_page_fits_in_a_language_of_long_words_or_from_right_to_left(
    browser: Browser, sandbox: RunningSandbox, host: str, locale: str
) -> None:
    with visiting(browser, width=320) as merchant:
        opens(merchant, deep(host, home(sandbox, host), "/languages"))
        merchant.chooses("Language", locale, inside=merchant.page)
        merchant.app.locator(f"html[lang={locale}]").wait_for()
        settles(merchant)

        assert narrow(merchant) == []
