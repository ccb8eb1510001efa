"""Pages come compressed to whoever reads that, and say the same."""

import gzip

import pytest

from plugin.config import Settings
from plugin.storage import SqlStore
from tests.support.web.merchant import Merchant, a_merchant


@pytest.fixture
def merchant(store: SqlStore, settings: Settings) -> Merchant:
    return a_merchant(store, settings)


def test_a_page_is_smaller_on_its_way(merchant: Merchant) -> None:
    plain = merchant.get("/languages")
    packed = merchant.get("/languages", accept_encoding="gzip, br")

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.get_data()) == plain.get_data()
    assert len(packed.get_data()) < len(plain.get_data()) / 3
    assert {"accept-encoding", "authorization"} <= {name.lower() for name in packed.vary}
    assert int(packed.headers["Content-Length"]) == len(packed.get_data())


@pytest.mark.parametrize("accepted", ["", "gzip;q=0", "br"])
def test_who_does_not_read_it_gets_the_page_as_it_is(merchant: Merchant, accepted: str) -> None:
    answer = merchant.get("/languages", accept_encoding=accepted)

    assert "Content-Encoding" not in answer.headers
    assert "<h1" in answer.text
    assert "accept-encoding" in {name.lower() for name in answer.vary}


def test_what_is_small_or_no_page_goes_as_it_is(merchant: Merchant) -> None:
    small = merchant.get("/languages/flows", accept_encoding="gzip")
    table = merchant.get("/deliveries.csv", accept_encoding="gzip")

    assert [answer.headers.get("Content-Encoding") for answer in (small, table)] == [None, None]
