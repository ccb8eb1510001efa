"""A merchant in a browser: sees roles and labels, and every click is counted."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Error, Frame, FrameLocator, Locator, Page, expect

from tests.support.browsing import framed, quiet_page, wait_until
from tests.support.journeys.vitals import Vitals, vitals, watch

# A refused token is answered 401 and asked for again, a refused form 422; the browser writes a line for each refusal, and htmx
# one for what was given up on purpose.
USUAL_COMPLAINTS = ("status of 401", "status of 403", "status of 422", "status of 409", "allow-modals", "silent admin")


@dataclass
class Merchant:
    """Drives one page; whatever is not said with a role and a name, a merchant could not find either."""

    page: Page
    clicks: int = 0
    keys: int = 0
    began: float = field(default_factory=time.monotonic)

    def opens(self, address: str) -> None:
        self.page.goto(address)

    def forgets(self) -> None:
        """The browser keeps nothing it has loaded so far."""
        self.page.context.new_cdp_session(self.page).send("Network.clearBrowserCache")

    @property
    def seconds(self) -> float:
        """Since the merchant sat down."""
        return time.monotonic() - self.began

    @property
    def app(self) -> FrameLocator:
        """The app, inside the admin."""
        return self.page.frame_locator("#app")

    @property
    def document(self) -> Frame:
        """The app's document, for measuring."""
        return framed(self.page)

    def clicks_on(self, role: Any, name: str | re.Pattern[str], *, inside: FrameLocator | Page | Locator | None = None) -> None:
        """One click; in the app, unless said otherwise."""
        if inside is None and name in ("Save", "Discard") and self.page.locator("#save").count():
            inside = self.page.locator("#save")  # Shopify's own save bar
        (inside or self.app).get_by_role(role, name=name).click()
        self.clicks += 1

    def chooses(self, label: str, option: str, *, inside: FrameLocator | Page | Locator | None = None) -> None:
        """Opening a list and choosing in it are two clicks."""
        (inside or self.app).get_by_label(label).select_option(option)
        self.clicks += 2

    def writes(self, label: str | re.Pattern[str], text: str) -> None:
        """Clicks into the field, then pastes."""
        field = self.app.get_by_label(label, exact=True).and_(self.app.locator("input, textarea"))  # no list of the same name
        field.click()
        self.clicks += 1
        field.fill(text)

    def presses(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1

    def tabs_to(self, role: Any, name: str | re.Pattern[str], *, most: int = 80) -> None:
        """By the keyboard alone; fails when the focus never gets there."""
        wanted = self.app.get_by_role(role, name=name)
        for _ in range(most):
            if wanted.evaluate("(element) => element === document.activeElement"):
                return
            self.presses("Tab")
        raise AssertionError(f"{most} times Tab did not lead to {role} {name!r}")

    def sees(self, role: Any, name: str) -> None:
        expect(self.app.get_by_role(role, name=name).first).to_be_visible()

    def reads(self, text: str) -> None:
        expect(self.app.get_by_text(text).first).to_be_visible()

    def resizes(self, width: int) -> None:
        """Make the screen so wide, and wait until the app's document, drawn by another process, is as wide as its frame."""
        self.page.set_viewport_size({"width": width, "height": 900})
        frame: int = self.page.locator("#app").evaluate("(frame) => frame.clientWidth")
        wait_until(self.document, "(width) => innerWidth === width", frame)
        self.document.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")

    def measures(self) -> Vitals:
        return vitals(self.document)


@contextmanager
def visiting(
    browser: Browser, *, width: int = 1280, height: int = 900, scheme: Any = "null", **told: Any
) -> Iterator[Merchant]:
    """A merchant at a screen of this width; their browser must not complain."""
    with browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, **told) as context:
        watch(context)
        with quiet_page(context, allowed=USUAL_COMPLAINTS) as page:
            merchant = Merchant(page)
            try:
                yield merchant
            except (AssertionError, Error) as error:
                error.add_note(f"The app shows: {merchant.app.locator('body').all_inner_texts()}")
                raise
