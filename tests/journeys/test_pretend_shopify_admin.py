"""The pretend Shopify admin in a real browser, around an app that stands in for ours."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from plugin.sandbox.serving import serve_in_thread
from plugin.sandbox.stores.shopify.admin import admin_app
from plugin.sandbox.stores.shopify.admin_page import APP, BRIDGE
from plugin.sandbox.stores.shopify.pretend import PretendShopify
from tests.support.browsing import framed, quiet_page
from tests.support.sandbox.standins import StandIn, standing_in

SHOP, SECRET = "demo.myshopify.com", "client-secret-of-thirty-two-bytes"
HOME = f"/store/demo/apps/{APP}"


@pytest.fixture(scope="module")
def standin() -> Iterator[StandIn]:
    with standing_in(secret=SECRET) as running:
        yield running


@pytest.fixture(scope="module")
def pretend(standin: StandIn) -> Iterator[PretendShopify]:
    found = PretendShopify(client_id="client-id", client_secret=SECRET, app_url=standin.url)
    with serve_in_thread(admin_app(found)) as serving:
        # Another name is another site; another port alone is none.
        found.url = serving.url.replace("127.0.0.1", "localhost")
        standin.bridge = f"{found.url}{BRIDGE}"
        yield found


@pytest.fixture
def page(browser: Browser, pretend: PretendShopify, standin: StandIn) -> Iterator[Page]:
    pretend.install(SHOP)
    pretend.id_tokens.spoiled = 0
    # Without a colour scheme of its own, which the browser would force on every frame.
    with browser.new_context(color_scheme="null") as context, quiet_page(context, allowed=("401",)) as opened:
        standin.asked.clear()
        opened.goto(f"{pretend.url}{HOME}")
        expect(app(opened).get_by_role("heading", name="Stand-in")).to_be_visible()
        yield opened


def app(page: Page) -> FrameLocator:
    return page.frame_locator("#app")


def test_the_frame_is_cross_site(page: Page, standin: StandIn) -> None:
    [document] = standin.documents()

    assert document["headers"]["sec-fetch-site"] == "cross-site"
    assert document["headers"]["sec-fetch-dest"] == "iframe"


def test_a_frame_of_another_site_keeps_no_cookie(page: Page, standin: StandIn) -> None:
    framed(page).evaluate("document.cookie = 'seen=1; path=/'")
    framed(page).evaluate("fetch('/shopify/again')")

    assert framed(page).evaluate("document.cookie") == ""
    assert "cookie" not in standin.fetches()[-1]["headers"]


def test_a_fetch_carries_a_fresh_token_each_time(page: Page) -> None:
    first, second = (framed(page).evaluate("fetch('/shopify/x').then((a) => a.json())") for _ in range(2))

    assert first["token"] != second["token"]


def test_a_fetch_elsewhere_carries_none(page: Page, pretend: PretendShopify) -> None:
    made = pretend.id_tokens.made
    framed(page).evaluate(f"fetch('{pretend.url}{BRIDGE}', {{mode: 'no-cors'}}).then(() => 1)")

    assert pretend.id_tokens.made == made


def test_a_token_of_its_own_is_left_alone(page: Page, standin: StandIn) -> None:
    framed(page).evaluate("shopify.idToken().then((t) => fetch('/shopify/own', {headers: {Authorization: `Bearer ${t}`}}))")

    assert standin.fetches()[-1]["path"] == "/shopify/own"


def test_a_refused_token_is_replaced_once(page: Page, standin: StandIn) -> None:
    page.get_by_role("button", name="Spoil the next token").click()
    page.wait_for_function("fetch('/store/demo/pretend/tokens', {method: 'POST', headers: {'Content-Type': 'application/json'},"
                           " body: '{}'}).then((a) => a.json()).then((told) => told.spoiled === 1)")  # fmt: skip
    before = len(standin.fetches())

    answer = framed(page).evaluate("fetch('/shopify/x', {method: 'GET'}).then((a) => a.status)")

    assert answer == 200
    assert len(standin.fetches()) == before + 2


def test_the_apps_navigation_is_the_admins(page: Page) -> None:
    nav = page.get_by_role("list", name="SendPulse events")

    assert nav.get_by_role("link").all_text_contents() == ["Deliveries", "Events"]


@pytest.mark.parametrize(("link", "path"), [("Deliveries", "/shopify/deliveries?state=failed"), ("Events", "/shopify/events")])
def test_a_link_of_the_navigation_leads_the_frame_and_the_address_follows(page: Page, link: str, path: str) -> None:
    page.get_by_role("link", name=link, exact=True).click()

    page.wait_for_url(f"**{HOME}{path}")
    assert framed(page).url.endswith(path)


def test_the_app_may_load_a_chosen_page_its_own_way(page: Page) -> None:
    framed(page).evaluate(
        "document.addEventListener('shopify:navigate', (e) => { e.preventDefault(); window.chosen = e.target.textContent; })"
    )
    page.get_by_role("link", name="Deliveries").click()
    framed(page).wait_for_function("window.chosen")

    assert framed(page).evaluate("window.chosen") == "Deliveries"
    assert framed(page).evaluate("location.pathname") == "/shopify"


def test_the_address_opens_the_same_page_again(page: Page, standin: StandIn) -> None:
    framed(page).evaluate("history.pushState(null, '', '/shopify/deliveries/7?attempt=2')")
    page.wait_for_url(f"**{HOME}/shopify/deliveries/7?attempt=2")
    standin.asked.clear()
    page.reload()
    expect(app(page).get_by_role("heading")).to_be_visible()

    [document] = standin.documents()
    assert document["path"] == "/shopify/deliveries/7"
    assert (document["query"]["attempt"], document["query"]["shop"]) == ("2", SHOP)
    expect(page).to_have_url(re.compile(re.escape(f"{HOME}/shopify/deliveries/7?attempt=2") + "$"))


def test_the_save_bar_follows_the_form(page: Page) -> None:
    bar, name = page.get_by_role("region", name="Unsaved changes"), app(page).get_by_label("Name")
    name.fill("new")
    expect(bar).to_be_visible()

    bar.get_by_role("button", name="Discard").click()

    expect(bar).to_be_hidden()
    expect(name).to_have_value("old")


def test_save_submits_the_form(page: Page) -> None:
    framed(page).evaluate("addEventListener('submit', (e) => { e.preventDefault(); window.sent = true; })")
    app(page).get_by_label("Name").fill("new")

    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("region", name="Unsaved changes")).to_be_hidden()
    assert framed(page).evaluate("window.sent")


def test_a_page_asked_to_reload_comes_back_with_a_token(page: Page, standin: StandIn) -> None:
    standin.asked.clear()
    framed(page).evaluate("location.assign('/shopify?shopify-reload=' + encodeURIComponent('/shopify/back?a=1'))")
    framed(page).wait_for_url("**/shopify/back?a=1&id_token=*")

    assert standin.documents()[-1]["query"]["a"] == "1"


def test_the_theme_of_the_admin_is_the_frames_too(page: Page) -> None:
    page.get_by_label("Theme").select_option("dark")

    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    framed(page).wait_for_function("matchMedia('(prefers-color-scheme: dark)').matches")


def test_another_language_opens_the_app_again_in_it(page: Page, standin: StandIn) -> None:
    with page.expect_request(lambda request: "locale=pl" in request.url):
        page.get_by_label("Language").select_option("pl")


def test_it_is_installed_opened_then_taken_away(browser: Browser, pretend: PretendShopify, standin: StandIn) -> None:
    pretend.uninstall("newcomer.myshopify.com")
    with browser.new_context() as context, quiet_page(context) as page:
        page.goto(f"{pretend.url}/store/newcomer/apps/{APP}")
        page.get_by_role("button", name="Install", exact=True).click()
        expect(app(page).get_by_role("heading", name="Stand-in")).to_be_visible()
        opened = standin.documents()[-1]
        page.get_by_role("button", name="Uninstall").click()

        expect(page.get_by_role("button", name="Install", exact=True)).to_be_visible()
        assert opened["query"]["shop"] == "newcomer.myshopify.com"
        assert standin.webhooks[-1]["headers"]["x-shopify-topic"] == "app/uninstalled"
