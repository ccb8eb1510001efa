"""What the pretend stores guess is named, and nothing named is not acted on."""

import re
from collections.abc import Mapping

import pytest

from plugin import resources
from plugin.platforms import find_testkit
from plugin.sandbox.saleor import guesses as saleor
from plugin.sandbox.saleor.api import saleor_app
from plugin.sandbox.saleor.pretend import PretendSaleor
from plugin.sandbox.shopify import guesses as shopify
from plugin.sandbox.shopify.admin import admin_app
from plugin.sandbox.shopify.pretend import PretendShopify

STATIC = resources.PACKAGE / "static"
PAGES = resources.TEMPLATES / "sandbox"
PLACES = {
    "shopify": (STATIC / "sandbox-admin.js", STATIC / "sandbox-app-bridge.js", PAGES / "admin" / "app.html"),
    "saleor": (STATIC / "sandbox-dashboard.js",),
}


@pytest.mark.parametrize(("name", "guesses"), [("shopify", shopify.GUESSES), ("saleor", saleor.GUESSES)])
def test_every_guess_is_marked_where_it_is_acted_on(name: str, guesses: Mapping[str, str]) -> None:
    code = [path.read_text(encoding="utf-8") for path in (resources.PACKAGE / "sandbox" / name).glob("*.py")]
    code += [path.read_text(encoding="utf-8") for path in PLACES[name]]
    marked = set(re.findall(r"GUESS ([a-z_]+)", "\n".join(code)))

    assert marked == set(guesses)


def test_each_pretend_store_shows_its_guesses() -> None:
    environ = find_testkit("shopify").environ
    pretend = PretendShopify(client_id=environ["SHOPIFY_CLIENT_ID"], client_secret=environ["SHOPIFY_CLIENT_SECRET"])
    dashboard = saleor_app(PretendSaleor(), app_url="http://app.example")

    assert admin_app(pretend).test_client().get("/pretend/guesses").get_json() == dict(shopify.GUESSES)
    assert dashboard.test_client().get("/dashboard/pretend/guesses").get_json() == dict(saleor.GUESSES)
