"""Numbers in addresses, questions and forms: each has one spelling, and none is more than either database stores."""

from urllib.parse import quote

import pytest

from plugin.config import Settings
from plugin.ports import DeliveryFilter, Store
from tests.conftest import database_url as database_url
from tests.support.builders import a_settings_document
from tests.support.storage.situations import a_delivery
from tests.support.web.addresses import served
from tests.support.web.merchant import Merchant, a_merchant

PLACE = 12345678
TOO_MUCH = (str(2**31), str(2**53), str(2**63 - 1), str(2**63), str(2**64), "9" * 30, "9" * 4400)
ODD = ("0", "-1", "+1", "01", "1.0", "1e3", "1_0", "1٣", "１", "²", "1\0", " 1", "1\n", "")
FIELDS = ("before", "flow", "version", "past", "again-delivered", "again-failed", "period", "span", "map", "step", "from", "to")


@pytest.fixture
def merchant(store: Store, settings: Settings) -> Merchant:
    found = a_merchant(store, settings, document=a_settings_document())
    a_delivery(found.services.store, found.shop)  # type: ignore[arg-type]  # it is a SqlStore
    return found


@pytest.mark.parametrize("number", [*TOO_MUCH, *filter(str.strip, ODD)], ids=lambda text: ascii(text)[:20])
def test_a_path_with_such_a_number_is_not_there(merchant: Merchant, number: str) -> None:
    headers = {"Authorization": f"Bearer staff-of {merchant.shop.address}"}
    ways = [way for way in served(merchant.client.application, number=PLACE) if str(PLACE) in way.address]

    answers = {
        f"{way.method} {way.address}": merchant.client.open(
            way.address.replace(str(PLACE), quote(number, safe="")), method=way.method, headers=headers
        ).status_code
        for way in ways
    }

    assert len(ways) > 2
    assert set(answers.values()) == {404}, answers


def test_the_one_spelling_of_a_number_leads_to_its_row(merchant: Merchant) -> None:
    (delivery,) = merchant.services.store.log.list(DeliveryFilter(shop_id=merchant.shop.id))

    assert merchant.get(f"/deliveries/{delivery.id}").status_code == 200


@pytest.mark.parametrize("number", [*TOO_MUCH, "-1", "1٣", "1\0"], ids=lambda text: ascii(text)[:20])
def test_such_a_number_anywhere_else_is_an_answer_below_500(merchant: Merchant, number: str) -> None:
    headers = {"Authorization": f"Bearer staff-of {merchant.shop.address}"}
    question = "&".join(f"{name}={quote(number)}" for name in FIELDS)

    failed = {
        f"{way.method} {way.address}": answer.status_code
        for way in served(merchant.client.application)
        if way.address.startswith("/fake")
        and (
            answer := merchant.client.open(
                f"{way.address}?{question}", method=way.method, headers=headers, buffered=True,
                data=question if way.method == "POST" else None, content_type="application/x-www-form-urlencoded",
            )
        ).status_code >= 500
    }  # fmt: skip

    assert failed == {}


def test_a_page_of_the_log_begins_at_no_such_number(merchant: Merchant) -> None:
    numbers = [number for number in (*TOO_MUCH, *ODD) if number and number != str(2**31)]

    assert {merchant.get(f"/deliveries?before={quote(number)}").status_code for number in numbers} == {404}
