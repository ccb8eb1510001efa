"""Every way on that a page offers leads somewhere, at once: no dead end, no redirect."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from plugin.storage import open_store
from tests.support.databases import settings_for
from tests.support.storage.situations import REFUSED, a_claimed_delivery, attempted
from tests.support.web.addresses import Way, served, ways_in
from tests.support.web.merchant import Merchant, a_merchant

UNTROUBLED = {("POST", "/fake/health/again")}  #: offered only while something is wrong
ASKED_BY_SCRIPT = {
    ("GET", "/fake/deliveries/job"),  # how far many are sent again, while it goes on
    ("POST", "/fake/deliveries/job/1/stop"),
    ("GET", "/fake/deliveries/export/rows"),  # how many rows a download will have, while it goes on
    ("POST", "/fake/settings/variables/fields"),  # a field of the webhook that is loaded into the page
}
TYPED = {"email": "jan@example.com"}  #: where a form has such a field: the buyer of the delivery in the log
STATES = ("", "/setup?step=connect", "/setup?step=events", "/setup?step=languages", "/setup?step=test", "/setup?step=done")


@dataclass(frozen=True)
class Walk:
    """Who went every way there is, with what each answered."""

    merchant: Merchant
    found: Mapping[Way, int]


@pytest.fixture(scope="module")
def walk(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """One for all tests; a delivery is in the log, so that the pages have something to lead to."""
    path = tmp_path_factory.mktemp("walk") / "plugin.db"
    shutil.copy(migrated_sqlite, path)
    settings = settings_for(f"sqlite:///{path}")
    with closing(open_store(settings)) as store:
        merchant = a_merchant(store, settings)
        attempted(store, a_claimed_delivery(store, merchant.shop), REFUSED)
        yield Walk(merchant, walked(merchant))


def answered(merchant: Merchant, way: Way, *, has_token: bool = True) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer staff-of {merchant.shop.address}"} if has_token else {}
    data = TYPED if way.method == "POST" else None
    answer = merchant.client.open(way.address, method=way.method, headers=headers, data=data, buffered=True)
    return answer.status_code, answer.text if answer.mimetype == "text/html" else ""


def walked(merchant: Merchant) -> dict[Way, int]:
    """Each way of each page that can be come to from the first ones, with what it answered."""
    found: dict[Way, int] = {}
    ahead = [Way("GET", f"/fake{state}") for state in STATES]
    ahead += ways_in(answered(merchant, Way("GET", "/fake"), has_token=False)[1])
    while ahead:
        # Looked at first, changed afterwards, and erased at the end.
        ahead.sort(key=lambda way: (way.method, "erase" in way.address), reverse=True)
        way = ahead.pop()
        if way in found or len(found) > 500:
            continue
        found[way], html = answered(merchant, way)
        ahead += ways_in(html)
    return found


def test_no_way_leads_nowhere_or_in_a_circle(walk: Walk) -> None:
    assert {way: status for way, status in walk.found.items() if status not in (200, 409, 422)} == {}
    assert len(walk.found) < 500


def test_every_page_can_be_come_to(walk: Walk) -> None:
    come_to = {(way.method, urlsplit(way.address).path) for way in walk.found}

    pages = {way for way in served(walk.merchant.client.application) if way.address.startswith("/fake")}

    assert {(way.method, way.address) for way in pages} - come_to == UNTROUBLED | ASKED_BY_SCRIPT


def test_what_is_in_the_address_bar_can_be_opened_anew(walk: Walk) -> None:
    pages = [way for way in walk.found if way.method == "GET" and way.address.startswith("/fake")]

    opened = {way.address: answered(walk.merchant, way, has_token=False)[0] for way in pages}

    assert set(opened.values()) == {200}
