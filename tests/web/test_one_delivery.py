"""One event of the log: its story, what was sent, and nobody else's."""

from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from plugin.storage import SqlStore
from tests.conftest import database_url as database_url
from tests.support.builders import NOON, a_settings_document
from tests.support.storage.situations import (
    BODY,
    REFUSED,
    a_claimed_delivery,
    attempted,
    audit_lines,
)
from tests.support.web.merchant import Merchant
from tests.support.web.the_log import failed as failed
from tests.support.web.the_log import ids_in, states
from tests.support.web.the_log import merchant as merchant

# ------------------------------------------------------------------ one delivery


def test_a_story_goes_from_the_store_s_word_to_what_to_do_next(merchant: Merchant, failed: int) -> None:
    page = merchant.get(f"/deliveries/{failed}").text

    places = [page.index(words) for words in ("orders/paid", "pl is written for pl-PL", "Answer: 400", "Show what was sent")]
    assert places == sorted(places)
    assert "Check the event." in page
    assert "jan@example.com" not in page


def test_a_deleted_flow_keeps_its_name_where_it_was_sent_to(merchant: Merchant, store: SqlStore, failed: int) -> None:
    document = a_settings_document()
    document["flows"] = [flow for flow in document["flows"] if flow["automation_id"] != 102]
    store.shops.write_settings(merchant.shop.id, document, who="test", now=NOON)

    for path in ("", f"/{failed}"):
        assert "102 Polski (deleted)" in merchant.get(f"/deliveries{path}").text


def test_what_sendpulse_said_is_shown_as_text(merchant: Merchant, store: SqlStore) -> None:
    claimed = a_claimed_delivery(store, merchant.shop)
    attempted(
        store,
        claimed,
        type(REFUSED)(verdict=REFUSED.verdict, code=REFUSED.code, reason=worded("no"), status=400, answer="<script>x</script>"),
    )

    assert "&lt;script&gt;x" in merchant.get(f"/deliveries/{claimed.delivery.id}").text


def test_what_was_sent_is_shown_when_asked_for_which_is_noted_without_it(
    merchant: Merchant, store: SqlStore, failed: int
) -> None:
    page = merchant.post(f"/deliveries/{failed}/body", {}).text

    assert "Kubek" in page
    who, what = audit_lines(store, merchant.shop)[-1]
    assert str(failed) in what
    assert BODY not in what and "jan" not in what
    assert who


def test_a_delivery_of_another_shop_is_none(merchant: Merchant, store: SqlStore) -> None:
    other = store.shops.install(Shop(id=0, platform="fake", address="other"), {}, now=NOON)
    store.shops.write_settings(other.id, a_settings_document(), who="test", now=NOON)
    claimed = a_claimed_delivery(store, other)
    attempted(store, claimed, REFUSED)
    number = claimed.delivery.id

    answers = [
        merchant.get(f"/deliveries/{number}"),
        *(merchant.post(f"/deliveries/{number}/{do}", {}) for do in ("body", "again")),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert ids_in(merchant.get("/deliveries").text) == []
    assert states(store, other) == {number: "failed"}
    assert not any("viewed" in what for _, what in audit_lines(store, other))
