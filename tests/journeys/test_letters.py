"""The letters to begin with, as a reader's mail program shows them: in light and in dark, with enough contrast."""

import pytest
from playwright.sync_api import Browser

from plugin.domain.kinds import EventKind
from plugin.web.letters import LANGUAGES
from tests.support.browsing import quiet_page
from tests.support.journeys.axe import axe
from tests.support.web.letters import SCHEMES, Scheme, looked_at

NARROW = 320
# A part of a page, so axe must not ask for a page's landmarks.
OF_PAGES = ("region:", "landmark-one-main:")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_letter_can_be_read(browser: Browser, scheme: Scheme) -> None:
    found = []
    with browser.new_context(color_scheme=scheme) as context, quiet_page(context) as page:
        for place, kind in enumerate(EventKind):
            language = LANGUAGES[place % len(LANGUAGES)]
            page.set_content(looked_at(kind, language), wait_until="load")
            found += [f"{kind} {one}" for one in axe(page.main_frame) if not one.startswith(OF_PAGES)]

    assert found == []


def test_no_letter_is_wider_than_a_phone(browser: Browser) -> None:
    wide = []
    with browser.new_context(viewport={"width": NARROW, "height": 640}) as context, quiet_page(context) as page:
        for kind in EventKind:
            for language in LANGUAGES:
                page.set_content(looked_at(kind, language), wait_until="load")
                if page.evaluate("document.documentElement.scrollWidth") > NARROW:
                    wide.append((kind, language))

    assert wide == []
