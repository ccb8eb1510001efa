"""Saleor's own AppBridge, from npm, inside the pretend dashboard: it proves the dashboard to be like the real one."""

import re
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from playwright.sync_api import Browser, Page, expect

from plugin.sandbox.serving import serve_in_thread
from plugin.sandbox.stores.saleor.api import saleor_app
from plugin.sandbox.stores.saleor.pretend import InstalledApp, PretendSaleor
from tests.support.browsing import framed, quiet_page
from tests.support.journeys.bundling import app_bridge
from tests.support.sandbox.standins import StandIn, standing_in


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with standing_in(scripts={"peer.js": app_bridge(tmp_path_factory.mktemp("bundle"))}) as running:
        yield running


@pytest.fixture(scope="module")
def pretend(standin: StandIn) -> Iterator[PretendSaleor]:
    found = PretendSaleor()
    with serve_in_thread(saleor_app(found, app_url=standin.url)) as serving:
        found.url = serving.url.replace("127.0.0.1", "localhost")
        yield found


@pytest.fixture(scope="module")
def app(pretend: PretendSaleor, standin: StandIn) -> InstalledApp:
    return pretend.add_app(
        {"id": "peer", "name": "Peer", "version": "1", "permissions": ["MANAGE_ORDERS"], "appUrl": f"{standin.url}/app"}
    )


@pytest.fixture
def home(pretend: PretendSaleor, app: InstalledApp) -> str:
    return f"{pretend.url}/dashboard/extensions/app/{app.id.replace('=', '%3D')}"


@pytest.fixture
def page(browser: Browser, pretend: PretendSaleor, standin: StandIn, home: str) -> Iterator[Page]:
    pretend.staff_tokens.spoiled, standin.asked[:] = 0, []
    with browser.new_context() as context, quiet_page(context, allowed=("allow-modals",)) as opened:
        opened.goto(home)
        until_state(opened, "state.ready")
        yield opened


def until_state(page: Page, claim: str) -> dict[str, Any]:
    """The bridge's state once the claim about it holds."""
    expect(page.locator("#app")).to_have_attribute("src", re.compile("http"))
    frame = framed(page)
    frame.wait_for_function(f"window.peer && ((state) => {claim})(peer.getState())")
    found: dict[str, Any] = frame.evaluate("peer.getState()")
    return found


def test_the_handshake_succeeds(page: Page, pretend: PretendSaleor, app: InstalledApp) -> None:
    state = until_state(page, "state.ready")

    claims = jwt.decode(state["token"], options={"verify_signature": False})
    assert (claims["app"], claims["iss"]) == (app.id, pretend.api_url)
    assert (state["id"], state["saleorApiUrl"]) == (app.id, pretend.api_url)
    assert (state["saleorVersion"], state["dashboardVersion"]) == ("3.23.28", "3.23.27")
    assert "MANAGE_APPS" in state["user"]["permissions"]


def test_the_address_has_what_the_real_dashboard_sends(page: Page, pretend: PretendSaleor, app: InstalledApp) -> None:
    query = framed(page).evaluate("Object.fromEntries(new URLSearchParams(location.search))")

    assert query == {
        "domain": pretend.domain, "saleorApiUrl": pretend.api_url, "id": app.id, "theme": "light", "featureFlags": "",
    }  # fmt: skip


def test_the_theme_follows(page: Page) -> None:
    page.get_by_label("Theme").select_option("dark")

    until_state(page, "state.theme === 'dark'")


def test_the_language_follows_without_a_word_in_the_address(page: Page) -> None:
    page.get_by_label("Language").select_option("pt-BR")

    until_state(page, "state.locale === 'pt-BR'")
    assert "locale" not in framed(page).url


def test_a_token_is_renewed_before_its_end(page: Page, pretend: PretendSaleor) -> None:
    first = until_state(page, "state.ready")["token"]
    page.get_by_label("A token lives").select_option("5")

    second = until_state(page, f"state.token !== {first!r}")["token"]
    third = until_state(page, f"![{first!r}, {second!r}].includes(state.token)")["token"]

    claims = jwt.decode(third, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 5


def test_another_member_of_staff_has_another_token(page: Page) -> None:
    page.get_by_label("You are").select_option("clerk")

    until_state(page, "state.ready && state.user && !state.user.permissions.includes('MANAGE_APPS')")


@pytest.mark.parametrize("route", ["/deliveries/7", "/deliveries?state=failed"])
def test_the_dashboards_address_keeps_the_apps_route(page: Page, home: str, standin: StandIn, route: str) -> None:
    framed(page).evaluate(f"peer.dispatch(actions.UpdateRouting({{newRoute: {route!r}}}))")
    page.wait_for_url(f"{home}{route}")
    standin.asked.clear()
    page.reload()
    until_state(page, "state.ready")

    [document] = standin.documents()
    assert document["path"] == f"/app{route.partition('?')[0]}"
    assert document["query"].get("state", "") == ("failed" if "?" in route else "")


def test_a_notification_is_shown_by_the_dashboard(page: Page) -> None:
    framed(page).evaluate("peer.dispatch(actions.Notification({status: 'success', title: 'Saved', text: 'All is well'}))")

    expect(page.get_by_role("status", name="Notifications")).to_have_text("Saved: All is well")


def test_a_redirect_within_the_dashboard_leads_there(page: Page, pretend: PretendSaleor) -> None:
    with page.expect_navigation():
        framed(page).evaluate("void peer.dispatch(actions.Redirect({to: '/'}))")

    assert page.url == f"{pretend.url}/dashboard/"


def test_a_redirect_to_a_new_window_leaves_the_dashboard_open(page: Page, standin: StandIn) -> None:
    with page.context.expect_page() as opened:
        framed(page).evaluate(f"peer.dispatch(actions.Redirect({{to: '{standin.url}/out', newContext: true}}))")

    assert opened.value.url == f"{standin.url}/out"


def test_the_frame_is_cross_site(page: Page, standin: StandIn) -> None:
    assert standin.documents()[0]["headers"]["sec-fetch-site"] == "cross-site"


def test_a_frame_may_not_open_the_browsers_own_dialogue(page: Page) -> None:
    assert framed(page).evaluate("confirm('Sure?')") is False
