"""The app's pages as addresses in either admin, as the application itself lists them."""

import re
from functools import cache
from typing import Any, Final

import requests
from flask import Flask

from plugin.platforms import discover, find_testkit
from plugin.sandbox import demo
from plugin.sandbox.sendpulse import PretendSendPulse
from plugin.sandbox.stores.shopify.admin_page import address_of
from plugin.sandbox.stores.shopify.demo_shop import ADDRESS
from plugin.web import pages
from tests.support.browsing import wait_until
from tests.support.databases import settings_for
from tests.support.journeys.merchant import Merchant
from tests.support.journeys.sandbox import RunningSandbox

HOSTS: Final = ("shopify", "saleor")
# The figures and the log as they are asked for: by hour, by state, nothing to show, and something that is no filter.
ASKED: Final = ("?span=day", "/deliveries?state=failed", "/deliveries?q=nobody", "/deliveries?from=yesterday")
STEPS: Final = ("connect", "events", "languages", "test", "done")
# These answer with a part of a page or a file, and are asked for by a page.
PARTS: Final = re.compile(r"\.(flows|export|csv|count|matching|again|job)\w*$")
# What is loaded into a page once it stands; the classes are htmx's.
LOADED: Final = """
() => document.querySelector("h1") && !document.querySelector("#page .htmx-request, #page.htmx-request")
  && [...document.querySelectorAll("#sample, #result, [data-chart]")].every((part) => part.childElementCount)
"""


@cache
def entry(host: str) -> str:
    """Where the admin enters the app."""
    door = discover()[host].open(settings_for("sqlite:///unused.db"), find_testkit(host).environ).admin_entry
    assert door
    return door.entry


@cache
def paths(host: str) -> tuple[str, ...]:
    """Every page below the door, from the application's own list; those about one event are asked for one."""
    app = Flask(__name__)
    pages.register(app, [discover()[host].open(settings_for("sqlite:///unused.db"), find_testkit(host).environ)])
    found = [
        rule.rule.removeprefix(entry(host))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(entry(host)) and "GET" in (rule.methods or ()) and not PARTS.search(rule.endpoint)
    ]
    found.remove("/setup")  # is one of its steps
    steps = [f"/setup?step={step}" for step in STEPS]
    return tuple(path.replace("<kind_name>", "cart_abandoned") for path in sorted(found) if "<int:" not in path) + tuple(steps)


def stories(merchant: Merchant, host: str, address: str) -> list[str]:
    """The page of the newest delivery in each state that something in the log has."""
    opens(merchant, deep(host, address, "/deliveries"))
    rows = merchant.app.locator("table.log tbody tr")
    newest = [
        rows.filter(has=merchant.page.locator(f"[data-state={state}]")).first for state in ("delivered", "skipped", "failed")
    ]
    return [(row.get_by_role("link").get_attribute("href") or "").removeprefix(entry(host)) for row in newest]


def home(sandbox: RunningSandbox, host: str, *, shop: str = "") -> str:
    """The app's address in the demo shop's admin, or in that of another shop of the pretend Shopify."""
    if host == "shopify":
        return address_of(sandbox.places.store_urls("shopify")[0], f"{shop}.myshopify.com" if shop else ADDRESS)
    return installed_saleor(sandbox.places.store_urls("saleor")[0])


def installed_saleor(url: str) -> str:
    """Where the dashboard at this address shows the app; "" when it is not installed."""
    shown = requests.get(f"{url}/dashboard/", timeout=5).text
    link = re.search(r'href="(/dashboard/extensions/app/(?!install)[^"]+)"', shown)
    return f"{url}{link[1]}" if link else ""


def deep(host: str, home: str, path: str) -> str:
    """A page's address as the admin writes it: Shopify's with the app's own path, Saleor's with what is behind it."""
    return f"{home}{entry(host) if host == 'shopify' and path else ''}{path}"


def opens(merchant: Merchant, address: str) -> None:
    """Go there and wait until everything stands."""
    merchant.opens(address)
    merchant.app.get_by_role("heading", level=1).first.wait_for()
    settles(merchant)


def is_at(merchant: Merchant, host: str, path: str) -> None:
    """The app is at this page of its own, and Shopify's admin says so; Saleor's dashboard says where the app was opened."""
    wait_until(merchant.document, "(path) => location.pathname === path", f"{entry(host)}{path}")
    if host == "shopify":
        merchant.page.wait_for_url(f"**{path}")


def chooses_page(merchant: Merchant, path: str) -> None:
    """In the admin's own menu: the page comes into the document that stands."""
    merchant.document.evaluate("(path) => document.dispatchEvent(new CustomEvent('host:open', { detail: { path } }))", path)
    settles(merchant)


def turns_to(merchant: Merchant, host: str, name: str) -> None:
    """By the menu that a merchant has: the admin's own, or the app's where the admin has none for it."""
    menu = (
        merchant.page.get_by_role("list", name="SendPulse events")
        if host == "shopify"
        else merchant.app.get_by_role("navigation")
    )
    merchant.clicks_on("link", name, inside=menu.first)


def puts_guide_away(merchant: Merchant, address: str) -> None:
    """So that the first page is Home, at this address of the app in an admin; it stays away."""
    opens(merchant, address)
    if merchant.app.get_by_role("button", name="Hide setup guide").count():
        merchant.clicks_on("button", "Hide setup guide")
        merchant.clicks_on("link", "Go to Home")
    merchant.sees("heading", "Home")
    settles(merchant)


def settles(merchant: Merchant) -> None:
    """Wait until nothing is on its way into the page."""
    wait_until(merchant.document, LOADED)


def installs_shopify(sandbox: RunningSandbox, shop: str) -> str:
    """Install the app in a shop of its own, as the admin's button does; its address there."""
    url = f"{sandbox.places.store_urls('shopify')[0]}/store/{shop}/pretend/install"
    requests.post(url, json={}, timeout=10).raise_for_status()
    return home(sandbox, "shopify", shop=shop)


def event_url() -> str:
    """The event URL that the demo's pretend SendPulse shows its owner."""
    pretend = PretendSendPulse()
    demo.add_demo_data(pretend)
    definition = pretend.definition(account_id=pretend.account.user_id, name=demo.STORE_EVENT)
    assert definition
    return definition.url


def received_for(sandbox: RunningSandbox, email: str) -> list[Any]:
    """What the pretend SendPulse got for this person."""
    return [one for one in sandbox.received() if dict(one["variables"])["email"] == email]  # type: ignore[call-overload]
