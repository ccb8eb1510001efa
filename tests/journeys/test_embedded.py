"""The real app inside both pretend admins: as far as every page goes, whatever is on it."""

import pytest
from playwright.sync_api import Browser, expect

from plugin.sandbox.stores.shopify.demo_shop import ADDRESS
from tests.support.journeys.axe import axe
from tests.support.journeys.merchant import Merchant, visiting
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.tour import deep, entry, home
from tests.support.journeys.vitals import bytes_loaded

MOST_BYTES = 60_000  #: of a first visit, over the wire: documents, styles, scripts and the page itself
SOON_MS = 2_000  #: what is certain is not waited for


def opens(merchant: Merchant, sandbox: RunningSandbox, host: str) -> None:
    """The app in the demo shop's admin."""
    merchant.opens(getattr(sandbox, host))
    if host == "saleor":
        merchant.clicks_on("link", "SendPulse events", inside=merchant.page)
    merchant.app.get_by_role("heading", level=1).wait_for()


@pytest.mark.parametrize("host", ["shopify", "saleor"])
def test_the_first_page_is_shown_to_the_shops_staff(merchant: Merchant, sandbox: RunningSandbox, host: str) -> None:
    opens(merchant, sandbox, host)

    assert merchant.document.url.startswith(sandbox.places.app)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("host", ["shopify", "saleor"])
def test_axe_finds_nothing_on_the_first_page(browser: Browser, sandbox: RunningSandbox, host: str, scheme: str) -> None:
    with visiting(browser) as merchant:
        opens(merchant, sandbox, host)
        merchant.chooses("Theme", scheme, inside=merchant.page)

        assert axe(merchant.document) == []


@pytest.mark.parametrize("host", ["shopify", "saleor"])
def test_the_first_page_is_there_soon_and_light(merchant: Merchant, sandbox: RunningSandbox, host: str) -> None:
    opens(merchant, sandbox, host)

    measured, loaded = merchant.measures(), bytes_loaded(merchant.document)
    sizes = [size for address, size in loaded if address.startswith(sandbox.places.app)]
    print(f"\n{host}: {measured}; {sum(sizes)} bytes in {len(sizes)} answers")
    assert measured.lcp_seconds < 1.5
    assert measured.cls == 0
    assert len(sizes) == 7 and all(sizes), loaded  # the document, its page, three styles, two scripts
    assert sum(sizes) < MOST_BYTES


def test_a_newcomer_of_shopify_is_in_after_one_click(merchant: Merchant, sandbox: RunningSandbox) -> None:
    merchant.opens(sandbox.shopify_newcomer)
    merchant.clicks_on("button", "Install", inside=merchant.page)
    merchant.app.get_by_role("heading", level=1).wait_for()

    assert merchant.clicks == 1


def test_a_newcomer_of_saleor_is_in_after_two_clicks(merchant: Merchant, sandbox: RunningSandbox) -> None:
    merchant.opens(sandbox.saleor_newcomer)
    merchant.clicks_on("link", "Install an app from its manifest", inside=merchant.page)
    merchant.clicks_on("button", "Install app", inside=merchant.page)
    merchant.app.get_by_role("heading", level=1).wait_for()

    assert merchant.clicks == 2


def test_a_second_dashboard_of_a_shop_shows_the_pages_too(merchant: Merchant, sandbox: RunningSandbox) -> None:
    opens(merchant, sandbox, "saleor")  # by its name, and from then on that one is known
    second = sandbox.saleor.replace("localhost", "127.0.0.1")

    merchant.opens(second)
    merchant.clicks_on("link", "SendPulse events", inside=merchant.page)
    merchant.app.get_by_role("heading", level=1).wait_for()
    merchant.chooses("Language", "pl", inside=merchant.page)

    expect(merchant.app.locator("html")).to_have_attribute("lang", "pl")
    opens(merchant, sandbox, "saleor")


@pytest.mark.parametrize("host", ["shopify", "saleor"])
def test_nothing_scrolls_sideways_on_a_narrow_screen(browser: Browser, sandbox: RunningSandbox, host: str) -> None:
    with visiting(browser, width=320) as merchant:
        opens(merchant, sandbox, host)

        assert merchant.document.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_token_that_is_refused_once_is_replaced(merchant: Merchant, sandbox: RunningSandbox) -> None:
    opens(merchant, sandbox, "shopify")
    merchant.clicks_on("button", "Spoil the next token", inside=merchant.page)

    merchant.document.evaluate("history.go(0)")

    merchant.app.get_by_role("heading", level=1).wait_for()


def test_staff_who_may_not_manage_apps_see_nothing_of_the_shop(merchant: Merchant, sandbox: RunningSandbox) -> None:
    opens(merchant, sandbox, "saleor")
    with merchant.page.expect_response(lambda answer: answer.status == 403):
        merchant.chooses("You are", "clerk", inside=merchant.page)


def test_outside_a_dashboard_a_page_says_at_once_where_to_open_it(browser: Browser, sandbox: RunningSandbox) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{sandbox.places.app}{entry('saleor')}/events")

        expect(page.get_by_role("heading", name="Open the app from your store’s admin")).to_be_visible(timeout=SOON_MS)
        expect(page.get_by_role("link")).to_have_count(0)


def test_a_page_opened_outside_shopify_s_admin_is_opened_in_it(merchant: Merchant, sandbox: RunningSandbox) -> None:
    opens(merchant, sandbox, "shopify")

    merchant.opens(f"{sandbox.places.app}/shopify/deliveries?shop={ADDRESS}&state=failed")

    merchant.sees("heading", "Event log")
    expect(merchant.page).to_have_url(deep("shopify", home(sandbox, "shopify"), "/deliveries?state=failed"))
    expect(merchant.app.get_by_label("Status")).to_have_value("failed")
