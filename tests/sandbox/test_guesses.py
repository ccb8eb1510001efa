"""What the pretend stores guess can be read where they run."""

from plugin.platforms import find_testkit
from plugin.sandbox.stores.saleor import guesses as saleor
from plugin.sandbox.stores.saleor.api import saleor_app
from plugin.sandbox.stores.saleor.pretend import PretendSaleor
from plugin.sandbox.stores.shopify import guesses as shopify
from plugin.sandbox.stores.shopify.admin import admin_app
from plugin.sandbox.stores.shopify.pretend import PretendShopify


def test_each_pretend_store_shows_its_guesses() -> None:
    environ = find_testkit("shopify").environ
    pretend = PretendShopify(client_id=environ["SHOPIFY_CLIENT_ID"], client_secret=environ["SHOPIFY_CLIENT_SECRET"])
    dashboard = saleor_app(PretendSaleor(), app_url="http://app.example")

    assert admin_app(pretend).test_client().get("/pretend/guesses").get_json() == dict(shopify.GUESSES)
    assert dashboard.test_client().get("/dashboard/pretend/guesses").get_json() == dict(saleor.GUESSES)
