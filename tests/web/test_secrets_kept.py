"""One address has two answers, the document and a shop's content: no cache may keep either, or take one for the other."""

from collections.abc import Mapping

import pytest

from plugin.config import Settings
from plugin.storage import SqlStore
from tests.support.storage.situations import REFUSED, a_claimed_delivery, attempted
from tests.support.web.addresses import Way, served
from tests.support.web.merchant import Merchant, a_merchant

ENTRY = "/fake"
TOKENS: Mapping[str, Mapping[str, str]] = {
    "good": {"Authorization": "Bearer staff-of demo"},
    "wrong": {"Authorization": "Bearer staff-of nobody"},
    "none": {},
}


@pytest.fixture
def merchant(store: SqlStore, settings: Settings) -> Merchant:
    merchant = a_merchant(store, settings)
    attempted(store, a_claimed_delivery(store, merchant.shop), REFUSED)
    return merchant


def pages(merchant: Merchant) -> list[Way]:
    return [way for way in served(merchant.client.application) if way.address.startswith(ENTRY)]


@pytest.mark.parametrize("token", TOKENS)
def test_no_answer_behind_the_door_is_kept_by_a_cache(merchant: Merchant, token: str) -> None:
    kept = {}
    for way in pages(merchant):
        data: dict[str, str] | None = {} if way.method == "POST" else None
        answer = merchant.client.open(way.address, method=way.method, headers=TOKENS[token], data=data, buffered=True)
        if answer.headers.get("Cache-Control") != "no-store" or "authorization" not in {one.lower() for one in answer.vary}:
            kept[way] = (answer.status_code, answer.headers.get("Cache-Control"), answer.headers.get("Vary"))

    assert len(pages(merchant)) > 20
    assert kept == {}
