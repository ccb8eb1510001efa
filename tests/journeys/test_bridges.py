"""Our two bridges in a real browser: what they say to the admin around them, and whom they listen to.

The hosts here are a few lines each, so that every message is seen; the pretend admins of the sandbox are the whole way.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jwt
import pytest
from flask import Flask, Response, send_from_directory
from playwright.sync_api import Browser, Frame, Page

from plugin import clock, resources
from plugin.sandbox.serving import serve_in_thread

PLATFORMS = Path(resources.PACKAGE) / "platforms"

HOST = """<!doctype html><title>host</title><script>
window.heard = [];
window.addEventListener("message", (event) => {
  window.heard.push(event.data);
  if (event.data.type === "notifyReady" && window.token)
    event.source.postMessage({ type: "handshake", payload: { token: window.token, version: 1 } }, "*");
});
window.say = (type, payload) => document.querySelector("iframe").contentWindow.postMessage({ type, payload }, "*");
</script><iframe src="%s" sandbox="allow-same-origin allow-forms allow-scripts allow-downloads allow-popups"></iframe>"""

SALEOR = """<!doctype html><html lang="en"><meta name="saleor-entry" content="/saleor/app">
<script>window.opened = []; document.addEventListener("host:open", (event) => window.opened.push(event.detail.path));</script>
<script src="/static/saleor/bridge.js"></script>"""

SHOPIFY = """<!doctype html><script>
window.shopify = { ready: Promise.resolve(), idToken: async () => "id-token" };
window.opened = []; document.addEventListener("host:open", (event) => window.opened.push(event.detail.path));
</script><script src="/static/shopify/bridge.js"></script>
<s-app-nav><s-link href="/shopify/deliveries">Deliveries</s-link></s-app-nav><s-link id="elsewhere" href="/x">x</s-link>"""


def _app(document: str) -> Flask:
    app = Flask(__name__, static_folder=None)

    @app.get("/static/<platform>/<name>")
    def static(platform: str, name: str) -> Response:
        return send_from_directory(PLATFORMS / platform / "static", name)

    @app.get("/host/<int:port>/<path:path>")
    def host(port: int, path: str) -> str:
        return HOST % f"http://127.0.0.1:{port}/{path}"

    @app.get("/<path:path>")
    def page(path: str) -> str:
        return document

    return app


@contextmanager
def a_host(browser: Browser, document: str, path: str, *, token: str = "") -> Iterator[Page]:
    """A host at one origin and the page in its frame at another."""
    with serve_in_thread(_app(document)) as serving:
        port = serving.server.server_port
        page = browser.new_page()
        page.add_init_script(f"window.token = {token!r};")
        page.goto(f"http://localhost:{port}/host/{port}/{path}")
        yield page
        page.close()


def framed(page: Page) -> Frame:
    page.frames[1].wait_for_load_state()
    return page.frames[1]


def a_token(seconds: int = 300, **claims: Any) -> str:
    return jwt.encode({"exp": int(clock.now().timestamp()) + seconds, **claims}, "k" * 32, algorithm="HS256")


def heard(page: Page, type: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("window.heard")
    return [one for one in found if one["type"] == type]


# ------------------------------------------------------------------ Saleor


def test_the_dashboard_s_handshake_brings_the_token(browser: Browser) -> None:
    token = a_token()
    with a_host(browser, SALEOR, "saleor/app", token=token) as page:
        frame = framed(page)
        frame.evaluate("window.host.ready")

        assert frame.evaluate("window.host.token()") == token
        assert heard(page, "notifyReady")[0]["payload"]["actionId"]


def test_a_refreshed_token_takes_the_place_of_the_first(browser: Browser) -> None:
    with a_host(browser, SALEOR, "saleor/app", token=a_token(turn=1)) as page:
        frame, fresh = framed(page), a_token(turn=2)
        frame.evaluate("window.host.ready")

        page.evaluate("token => window.say('tokenRefresh', { token })", fresh)
        frame.wait_for_function("fresh => window.host.token().then((token) => token === fresh)", arg=fresh)


@pytest.mark.parametrize(("seconds", "again"), [(5, False), (-60, False), (300, True)])
def test_a_token_that_ends_or_was_refused_is_asked_for_anew(browser: Browser, seconds: int, again: bool) -> None:
    with a_host(browser, SALEOR, "saleor/app", token=a_token(seconds)) as page:
        frame, fresh = framed(page), a_token(turn="fresh")
        frame.evaluate("window.host.ready")
        page.evaluate("token => { window.token = token; }", fresh)

        assert frame.evaluate("again => window.host.token(again)", again) == fresh


def test_the_dashboard_gets_no_entry_of_its_own_for_a_step_of_ours(browser: Browser) -> None:
    with a_host(browser, SALEOR, "saleor/app/events", token=a_token()) as page:
        frame = framed(page)
        frame.evaluate("window.host.ready")

        # As it says it after its first handshake, with its own path before the app's.
        for path in ("/dashboard/extensions/app/QXBwOjE%3D/events", "/", "/saleor/app/languages"):
            page.evaluate("path => window.say('redirect', { path })", path)
        page.evaluate("window.say('theme', { theme: 'dark' })")  # comes after them, and is heard
        frame.wait_for_function("document.documentElement.dataset.theme === 'dark'")

        assert {one["type"] for one in page.evaluate("window.heard")} == {"notifyReady"}
        assert frame.evaluate("window.opened") == []


def test_the_dashboard_says_what_is_done(browser: Browser) -> None:
    with a_host(browser, SALEOR, "saleor/app", token=a_token()) as page:
        frame = framed(page)
        frame.evaluate("window.host.ready")

        frame.evaluate("window.host.toast('Saved.')")
        page.wait_for_function("window.heard.length > 1")

        payload = heard(page, "notification")[0]["payload"]
        assert (payload["status"], payload["title"]) == ("success", "Saved.")


def test_a_token_the_dashboard_has_no_newer_one_for_is_waited_for(browser: Browser) -> None:
    with a_host(browser, SALEOR, "saleor/app", token=a_token(turn=1)) as page:
        frame, fresh = framed(page), a_token(turn=2)
        frame.evaluate("window.host.ready")
        frame.evaluate("() => { window.host.token(true).then((token) => { window.got = token; }); }")
        page.wait_for_function("window.heard.filter((one) => one.type === 'notifyReady').length === 2")
        page.evaluate("token => window.say('tokenRefresh', { token })", fresh)

        frame.wait_for_function("window.got !== undefined")
        assert frame.evaluate("window.got") == fresh


def test_theme_and_language_follow_the_dashboard(browser: Browser) -> None:
    with a_host(browser, SALEOR, "saleor/app", token=a_token()) as page:
        frame = framed(page)
        frame.evaluate("window.host.ready")

        page.evaluate("window.say('theme', { theme: 'dark' })")
        frame.wait_for_function("document.documentElement.dataset.theme === 'dark'")
        page.evaluate("window.say('localeChanged', { locale: 'pl' })")
        frame.wait_for_url(re.compile(r"/saleor/app\?locale=pl&dashboard=http%3A%2F%2Flocalhost%3A\d+$"))

        page.evaluate("window.say('localeChanged', { locale: 'pl' })")
        frame.evaluate("window.host.ready")
        assert frame.url.count("locale=pl") == 1


def test_nobody_but_the_window_around_it_is_listened_to(browser: Browser) -> None:
    with a_host(browser, SALEOR, "saleor/app") as page:
        frame = framed(page)
        frame.evaluate("window.postMessage({ type: 'handshake', payload: { token: 'planted' } }, '*')")
        page.evaluate("window.say('theme', { theme: 'dark' })")  # comes after it, and is heard
        frame.wait_for_function("document.documentElement.dataset.theme === 'dark'")

        assert frame.evaluate("Promise.race([window.host.ready.then(() => 'believed'), 'not yet'])") == "not yet"


@pytest.mark.parametrize(
    "message", ["null", "1", "'x'", "{}", "{ type: 'constructor' }", "{ type: '__proto__' }", "{ type: 7 }"]
)
def test_strange_messages_do_no_harm(browser: Browser, message: str) -> None:
    with a_host(browser, SALEOR, "saleor/app", token=a_token()) as page:
        frame, errors = framed(page), list[str]()
        page.on("pageerror", lambda error: errors.append(str(error)))

        page.evaluate(f"document.querySelector('iframe').contentWindow.postMessage({message}, '*')")
        frame.evaluate("window.host.ready")

        assert errors == []


def test_outside_a_dashboard_there_is_no_host(browser: Browser) -> None:
    with serve_in_thread(_app(SALEOR)) as serving:
        page = browser.new_page()
        page.goto(f"{serving.url}/saleor/app")

        assert page.evaluate("window.host === undefined")
        page.close()


# ------------------------------------------------------------------ Shopify


def test_app_bridge_s_token_is_handed_on(browser: Browser) -> None:
    with a_host(browser, SHOPIFY, "shopify") as page:
        frame = framed(page)

        assert frame.evaluate("window.host.ready.then(() => window.host.token())") == "id-token"


@pytest.mark.parametrize("event", ["click", "shopify:navigate"])
def test_a_link_of_the_admin_s_menu_opens_in_place(browser: Browser, event: str) -> None:
    with a_host(browser, SHOPIFY, "shopify") as page:
        frame = framed(page)
        link = "document.querySelector('s-app-nav s-link')"
        sent = f"type => {link}.dispatchEvent(new Event(type, {{ bubbles: true, cancelable: true }}))"

        assert frame.evaluate(sent, event) is False  # nobody else follows it

        assert frame.evaluate("window.opened") == ["/shopify/deliveries"]


def test_a_click_elsewhere_is_left_alone(browser: Browser) -> None:
    with a_host(browser, SHOPIFY, "shopify") as page:
        frame = framed(page)
        frame.evaluate("document.getElementById('elsewhere').click()")

        assert frame.evaluate("window.opened") == []
