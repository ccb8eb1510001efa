"""A shop's API address changes: its events are refused in words, and the operator hears of it."""

from dataclasses import replace

from plugin.config import Settings
from plugin.platforms.saleor.testing import TESTKIT
from plugin.ports import RawWebhook
from plugin.storage import SqlStore
from plugin.upkeep.doctor import findings
from tests.support.builders import NOON
from tests.support.fake_platform import FakeClock
from tests.support.platforms.saleor.fixtures import a_body
from tests.support.platforms.saleor.web import a_web_process, sent

MOVED = "https://moved.example.com/graphql/"


def under(webhook: RawWebhook, address: str) -> RawWebhook:
    return replace(webhook, headers={**webhook.headers, "saleor-api-url": address})


def test_a_shop_that_moved_is_told_what_to_do(store: SqlStore, settings: Settings) -> None:
    shop, access = TESTKIT.installation()
    webhook = TESTKIT.webhook("order_created", a_body(), store.shops.install(shop, access, now=NOON))
    app = a_web_process(store, settings, FakeClock())

    status, words = sent(app, under(webhook, MOVED))

    assert status == 401
    assert "install the app again" in words
    assert "SALEOR_ALLOWED_URLS" in words
    assert MOVED not in words  # what a stranger wrote is not repeated
    assert sent(app, webhook) == (200, "ok")  # under the old address everything goes on
    [told] = [each for each in findings(store, public_url="https://app.example", is_sandbox=False, now=NOON) if MOVED in each]
    assert "install the app again" in told


def test_what_is_no_address_of_a_saleor_is_not_shown_to_the_operator(store: SqlStore, settings: Settings) -> None:
    webhook = TESTKIT.webhook("order_created", a_body(), TESTKIT.installation()[0])
    app = a_web_process(store, settings, FakeClock())

    for address in ("https://moved.example.com/graphql/?\x1b[31m", "https://moved.example.com/<b>/graphql/", "moved", ""):
        assert sent(app, under(webhook, address))[0] == 401

    assert store.knocks.list(now=NOON) == []
