"""Who opens a page and gets none reads why, on a page; a machine gets a line of text."""

import re
from dataclasses import replace
from typing import Any

import pytest

from plugin.config import Settings
from plugin.domain.errors import NotAdmitted, StorageDown
from plugin.platforms import discover
from plugin.ports import EarlyResponse, Frame, PageRequest, Store
from plugin.web import create_app
from plugin.web.i18n import PSEUDO
from tests.support.fake_platform import FakePlatform
from tests.support.web.merchant import Merchant, a_merchant
from tests.web.texts.test_languages import unmarked

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


class Shut:
    """A door that opens to nobody."""

    entry = "/fake"

    def __init__(self, error: Exception) -> None:
        self.error = error

    def open(self, request: PageRequest, shops: Any, *, now: Any) -> Frame | EarlyResponse:
        raise self.error

    visitor: Any = open

    def claimed(self, request: PageRequest) -> str:
        return ""


@pytest.fixture
def merchant(store: Store, settings: Settings) -> Merchant:
    return a_merchant(store, settings)


def shut(merchant: Merchant, error: Exception) -> Any:
    class Closed(FakePlatform):
        @property
        def admin_entry(self) -> Any:
            return Shut(error)

    return create_app(replace(merchant.services, platforms={"fake": Closed()})).test_client()


REFUSALS = [
    (NotAdmitted("Your account may not manage apps.", answer=403), 403, "The app cannot let you in"),
    (NotAdmitted("The store did not vouch for this visit.", answer=401), 401, "Open the app from your store’s admin"),
    (StorageDown("away"), 503, "Something went wrong on our side"),
    (RuntimeError("a bug"), 503, "Something went wrong on our side"),
]
IDS = ["forbidden", "nobody", "storage down", "bug"]


@pytest.mark.parametrize(("error", "status", "title"), REFUSALS, ids=IDS)
def test_a_reader_gets_a_page_that_says_why_and_what_to_do(
    merchant: Merchant, error: Exception, status: int, title: str
) -> None:
    answer = shut(merchant, error).get("/fake/events", headers=BROWSER)

    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert f"<title>{title}</title>" in answer.text
    assert f"<h1>{title}</h1>" in answer.text
    assert '<html lang="en" dir="ltr">' in answer.text
    assert len(re.findall(r"<p\b", answer.text)) >= 1
    assert (str(error) in answer.text) is isinstance(error, NotAdmitted)
    assert "<script" not in answer.text
    assert "demo" not in answer.text.lower()


def test_a_refusal_is_seen_in_the_frame_of_an_admin(merchant: Merchant) -> None:
    answer = shut(merchant, REFUSALS[0][0]).get("/fake", headers=BROWSER)

    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(("error", "status", "_title"), REFUSALS, ids=IDS)
def test_every_text_of_a_refusal_is_marked(merchant: Merchant, error: Exception, status: int, _title: str) -> None:
    answer = shut(merchant, error).get(f"/fake?locale={PSEUDO}", headers=BROWSER)

    assert answer.status_code == status
    assert unmarked(answer.text) == []


def test_a_refusal_speaks_the_language_of_the_host(merchant: Merchant) -> None:
    answer = shut(merchant, REFUSALS[1][0]).get("/fake?locale=de", headers=BROWSER)

    assert '<html lang="de" dir="ltr">' in answer.text
    assert "Open the app" not in answer.text


@pytest.mark.parametrize("path", ["/nobody", "/fakes", "/go/none"])
def test_a_page_that_is_not_there_says_so_to_a_reader(merchant: Merchant, path: str) -> None:
    answer = merchant.client.get(path, headers=BROWSER)

    assert answer.status_code == 404
    assert "<h1>Page not found</h1>" in answer.text
    assert "<script" not in answer.text


ASTRAY = ["/fake/nothing", "/fake/deliveries/none", "/fake/events/order_paid/none", "/fake/deliveries/7/send"]


@pytest.mark.parametrize("path", ASTRAY)
def test_at_a_wrong_address_inside_an_admin_the_menu_and_a_way_home_stay(merchant: Merchant, path: str) -> None:
    answer, page = merchant.client.get(path, headers=BROWSER), merchant.client.get("/fake/events", headers=BROWSER)

    assert answer.status_code == 404
    said = re.search(r'<div id="astray"([^>]*)>(.*?)</div>', answer.text, re.DOTALL)
    assert said and "hidden" not in said[1]
    assert "Page not found" in said[2] and '<a href="/fake">Go to Home</a>' in said[2]
    assert ways(answer.text) == ways(page.text) != []
    named = ("Content-Security-Policy", "Cross-Origin-Resource-Policy", "Cache-Control", "Vary")
    assert [answer.headers[name] for name in named] == [page.headers[name] for name in named]


def ways(html: str) -> list[str]:
    """Where the menu leads."""
    [menu] = re.findall("<nav.*?</nav>", html, re.DOTALL)
    return re.findall('href="([^"]*)"', menu)


def test_a_page_that_is_there_says_nothing_of_the_kind_until_its_content_is_missing(merchant: Merchant) -> None:
    page = merchant.client.get("/fake/events", headers=BROWSER).text

    assert re.search(r'<div id="astray"[^>]* hidden>', page)


@pytest.mark.parametrize(("error", "status", "title"), REFUSALS, ids=IDS)
def test_who_may_not_come_in_learns_at_a_wrong_address_what_others_tell(
    merchant: Merchant, error: Exception, status: int, title: str
) -> None:
    client = shut(merchant, error).get

    wrong, right = client("/fake/nothing", headers=BROWSER), client("/fake/events", headers=BROWSER)

    assert (wrong.status_code, wrong.text) == (right.status_code, right.text)
    assert f"<h1>{title}</h1>" in wrong.text


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer staff-of demo"} | BROWSER, {"Authorization": "Bearer x"}])
def test_whoever_asks_for_no_page_gets_a_line_at_a_wrong_address(merchant: Merchant, headers: dict[str, str]) -> None:
    answer = merchant.client.get("/fake/nothing", headers=headers)

    assert (answer.status_code, answer.text) == (404, "Not Found")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x"} | BROWSER], ids=["a machine", "our own script"])
def test_nobody_else_gets_a_page_of_their_own(merchant: Merchant, headers: dict[str, str]) -> None:
    answer = shut(merchant, REFUSALS[0][0]).get("/fake/events", headers=headers)

    assert (answer.status_code, answer.text) == (403, "Your account may not manage apps.")


def test_a_wrong_address_outside_every_shop_opens_nothing(store: Store, settings: Settings) -> None:
    platform = discover()["shopify"].open(settings, {})
    merchant = a_merchant(store, settings)
    client = create_app(replace(merchant.services, platforms={"shopify": platform})).test_client()

    answer = client.get("/shopify/nothing", headers=BROWSER)

    assert answer.status_code == 404
    assert "<h1>Page not found</h1>" in answer.text
    assert "<script" not in answer.text


@pytest.mark.parametrize("name", sorted(discover()))
def test_a_page_opened_outside_its_host_is_a_whole_page(store: Store, settings: Settings, name: str) -> None:
    platform = discover()[name].open(settings, {})
    merchant = a_merchant(store, settings)
    client = create_app(replace(merchant.services, platforms={name: platform})).test_client()
    assert platform.admin_entry

    answer = client.get(platform.admin_entry.entry, headers=BROWSER)

    assert answer.mimetype == "text/html"
    assert re.search(r'<html lang="en"', answer.text)
    assert re.search(r"<title>[^<]{5,}</title>", answer.text)
    assert re.search(r"<h1>[^<]{5,}</h1>\s*<p>[^<]{20,}", answer.text)
