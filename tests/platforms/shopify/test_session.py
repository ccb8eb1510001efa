"""Coming in from the Shopify admin: the document, the installation, the visitor."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from plugin import clock
from plugin.config import Settings
from plugin.domain.errors import NotAdmitted
from plugin.platforms.shopify import PLATFORM
from plugin.platforms.shopify.scopes import allowed, of_token
from plugin.platforms.shopify.testing import TESTKIT
from plugin.platforms.shopify.token_endpoint import TokenPair
from plugin.ports import EarlyResponse, Frame, PageRequest
from tests.support.builders import NOON
from tests.support.fakes import FakeShops
from tests.support.platforms.shopify.fixtures import PUBLIC_URL, World, a_world
from tests.support.platforms.shopify.given import ACCESS, SHOP
from tests.support.uninstalling import uninstall


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as world:
        yield world


def frame(answer: Frame | EarlyResponse) -> Frame:
    assert isinstance(answer, Frame)
    return answer


def early(answer: Frame | EarlyResponse, status: int) -> EarlyResponse:
    assert isinstance(answer, EarlyResponse)
    assert answer.status == status
    return answer


# ------------------------------------------------------------------ the document


def test_the_document_may_be_framed_by_this_shop_s_admin_only() -> None:
    platform = PLATFORM.open(Settings.from_environ({}), TESTKIT.environ)
    shops = FakeShops()
    shops.install(SHOP, ACCESS, now=NOON)
    query = {"shop": SHOP.address, "embedded": "1", "id_token": TESTKIT.token(SHOP), "locale": "pt-BR"}
    assert platform.admin_entry

    answer = platform.admin_entry.open(PageRequest(url=PUBLIC_URL, query=query, headers={}), shops, now=clock.now())

    document = frame(answer)
    assert document.ancestors == "https://demo.myshopify.com https://admin.shopify.com"
    assert document.locale == "pt-BR"
    assert document.scripts == ("https://cdn.shopify.com",)
    assert document.facts == {
        "client_id": "testkit-client-id", "app_bridge": "https://cdn.shopify.com/shopifycloud/app-bridge.js",
    }  # fmt: skip


def test_without_a_shop_a_page_explains(world: World) -> None:
    for shop in ("", "evil.example", "demo.myshopify.com.evil.example", "http://[", "demo.myshopify.com;x"):
        answer = early(world.open(shop=shop), 200)

        assert "Shopify admin" in answer.body
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "demo" not in f"{answer.body}{answer.headers}"


def test_outside_the_frame_it_leads_into_the_admin(world: World) -> None:
    answer = early(world.open(embedded=""), 302)

    assert answer.headers["Location"] == f"{world.pretend.url}/demo.myshopify.com/admin/apps/testkit-client-id"


@pytest.mark.parametrize(
    ("path", "query", "behind"),
    [
        ("/shopify/deliveries/5", {}, "/shopify/deliveries/5"),
        ("/shopify/deliveries", {"state": "failed", "q": "a@b.example"}, "/shopify/deliveries?state=failed&q=a%40b.example"),
        ("/shopify", {"span": "day"}, "/shopify?span=day"),
        ("/shopify/", {}, ""),
        ("/shopify/events/a b\r\nX-Evil: 1", {}, "/shopify/events/a%20bX-Evil%3A%201"),
        ("/shopify//evil.example", {}, "/shopify//evil.example"),
        ("/shopify/events/../../../../settings", {}, ""),
        ("/shopify/events", {"hmac": "0", "timestamp": "0", "shopify-reload": "https://evil.example"}, "/shopify/events"),
    ],
    ids=["a page", "a filter", "the first with a query", "a slash", "strange", "another host", "a step up", "launch query"],
)  # fmt: skip
def test_a_page_opened_outside_the_frame_is_opened_inside_it(
    world: World, path: str, query: dict[str, str], behind: str
) -> None:
    answer = early(world.open(path, embedded="", **query), 302)

    there = f"{world.pretend.url}/demo.myshopify.com/admin/apps/testkit-client-id"
    assert answer.headers["Location"] == f"{there}{behind}"


@pytest.mark.parametrize("token", ["", "expired"])
def test_without_a_living_token_app_bridge_fetches_one(world: World, token: str) -> None:
    answer = early(world.open("/shopify/deliveries", id_token=TESTKIT.wrong_tokens(SHOP).get(token, "")), 302)

    there = urlsplit(answer.headers["Location"])
    query = {name: texts[0] for name, texts in parse_qs(there.query).items()}
    assert answer.headers["Location"].startswith(f"{PUBLIC_URL}/shopify?")
    assert "id_token" not in query
    reload = urlsplit(query["shopify-reload"])
    assert query["shopify-reload"].startswith(f"{PUBLIC_URL}/shopify/deliveries?")
    assert parse_qs(reload.query)["shop"] == ["demo.myshopify.com"]


def test_the_patch_page_holds_app_bridge_alone(world: World) -> None:
    sent = urlsplit(early(world.open(id_token=""), 302).headers["Location"])
    query = {name: texts[0] for name, texts in parse_qs(sent.query).items()}

    answer = early(world.open(id_token="", **{name: text for name, text in query.items() if name == "shopify-reload"}), 200)

    assert 'data-api-key="testkit-client-id"' in answer.body
    assert answer.body.count("<script") == 1
    assert "frame-ancestors https://demo.myshopify.com https://admin.shopify.com" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("shop", ["evil.example", "evil.example;", "x\r\nSet-Cookie: a=b", "*"])
def test_the_patch_page_reflects_no_other_shop(world: World, shop: str) -> None:
    answer = early(world.open(id_token="", shop=shop, **{"shopify-reload": f"{PUBLIC_URL}/shopify?x"}), 200)

    assert shop not in f"{answer.body}{answer.headers}"
    assert "<script" not in answer.body


HOME = f"{PUBLIC_URL}/shopify"
HOST = PUBLIC_URL.partition("://")[2]
STRANGE = (
    "https://evil.example/", "//evil.example", f"{PUBLIC_URL}.evil.example/", "javascript:1", "shopify", "/shopify",
    PUBLIC_URL, f"{PUBLIC_URL}/", f"{PUBLIC_URL}/go/x", f"{HOME}x", f"{HOME}/../go/x", f"{HOME}/./x", f"{HOME}/..",
    f"{HOME}/%2e%2e/go/x",
    f"{HOME}/.%2E/x", f"{HOME}/%2F..%2fgo", f"{HOME}/%5c..", f"{HOME}\\..\\go", f"{HOME}/x\\..\\..\\go",
    f"{HOME}//evil.example", f"https:\\\\{HOST}/shopify", f"https:/{HOST}/shopify", f"https:///{HOST}/shopify", f"https://{HOST}@evil.example/shopify",
    f"https://a:b@{HOST}/shopify", f"https://evil.example\\@{HOST}/shopify", f"https://evil.example#@{HOST}/shopify",
    f"http://{HOST}/shopify", f"https://{HOST}:8443/shopify", f"https://{HOST}:0443x/shopify", f"https://{HOST}./shopify",
    f" {HOME}", f"{HOME} ", f"\t{HOME}", f"{HOME}\n/x", f"{HOME}/\x00", f"{HOME}#x", f"{HOME}?a=\\", "https://\uff45vil.example/shopify",
    f"ftp://{HOST}/shopify", f"{HOME}/{'x' * 9000}", f"https://{HOST}\u3002evil.example/shopify",
)  # fmt: skip


@pytest.mark.parametrize("reload", STRANGE, ids=lambda text: repr(text)[:60])
def test_the_patch_page_leads_nowhere_else_with_a_token(world: World, reload: str) -> None:
    assert "<script" not in early(world.open(id_token="", **{"shopify-reload": reload}), 200).body


@pytest.mark.parametrize(
    "reload",
    [
        HOME, f"{HOME}/", f"{HOME}?shop=demo.myshopify.com&q=%2e%2e%2f", f"{HOME}/deliveries/5?state=failed", f"HTTPS://{HOST.upper()}/shopify",
        f"https://{HOST}:443/shopify/events",
    ],
)  # fmt: skip
def test_every_spelling_of_a_page_of_ours_is_led_to(world: World, reload: str) -> None:
    assert "<script" in early(world.open(id_token="", **{"shopify-reload": reload}), 200).body


def test_of_two_places_to_lead_to_neither_is_taken(world: World) -> None:
    asked = PageRequest(
        url=f"{HOME}?shop={SHOP.address}&embedded=1&shopify-reload={HOME}&shopify-reload=https://evil.example/",
        query={"shop": SHOP.address, "embedded": "1", "shopify-reload": HOME},
        headers={},
    )
    assert world.platform.admin_entry

    assert "<script" not in early(world.platform.admin_entry.open(asked, world.shops, now=clock.now()), 200).body


@pytest.mark.parametrize("wrong", sorted(set(TESTKIT.wrong_tokens(SHOP)) - {"empty", "expired"}))
def test_a_document_asked_for_with_a_wrong_token_is_refused(world: World, wrong: str) -> None:
    with pytest.raises(NotAdmitted) as refused:
        world.open(id_token=TESTKIT.wrong_tokens(SHOP)[wrong])

    assert refused.value.answer == 401
    assert world.shops.list() == ()
    assert world.pretend.tokens.requests == 0


def test_without_its_secret_the_app_lets_nobody_in() -> None:
    with a_world(SHOPIFY_CLIENT_SECRET="") as world:
        for ask in (world.open, lambda: world.visit(f"Bearer {TESTKIT.token(SHOP)}")):
            with pytest.raises(NotAdmitted, match="SHOPIFY_CLIENT_SECRET") as refused:
                ask()
            assert refused.value.answer == 403


def test_a_token_signed_before_the_secret_was_changed_is_believed() -> None:
    with a_world(SHOPIFY_CLIENT_SECRET="x" * 40, SHOPIFY_CLIENT_SECRET_OLD=TESTKIT.environ["SHOPIFY_CLIENT_SECRET"]) as world:
        world.shops.install(SHOP, ACCESS, now=NOON)

        assert world.visit(f"Bearer {TESTKIT.token(SHOP)}").shop.address == SHOP.address


# ------------------------------------------------------------------ the installation


def test_the_first_document_installs_the_shop(world: World) -> None:
    frame(world.open())

    [found] = world.shops.list()
    assert found.is_active
    assert (found.shop.name, found.shop.locale, found.shop.timezone) == ("Demo", "en", "Europe/Warsaw")
    assert found.shop.link
    assert found.shop.currency
    assert set(found.access) == {
        "access_token", "expires_at", "refresh_token", "refresh_expires_at", "token_scopes", "scopes_before",
    }  # fmt: skip
    assert found.access["token_scopes"] == sorted(world.pretend.scopes(SHOP.address))
    assert world.visit(f"Bearer {TESTKIT.token(SHOP)}").who == "shopify:42"


def test_the_second_document_asks_for_no_further_token(world: World) -> None:
    for _ in range(3):
        frame(world.open())

    assert world.pretend.tokens.requests == 1


def test_a_shop_that_left_comes_back_with_its_settings(world: World) -> None:
    frame(world.open())
    [found] = world.shops.list()
    world.shops.write_settings(found.shop.id, {"version": 1}, who="test", now=NOON)
    uninstall(world.shops, found.shop.id)
    world.pretend.tokens.revoke(SHOP.address)
    world.pretend.install(SHOP.address)

    frame(world.open())

    [again] = world.shops.list()
    assert (again.shop.id, again.is_active) == (found.shop.id, True)
    assert again.access["access_token"]
    assert again.access != found.access
    assert world.shops.settings_document(again.shop.id) == {"version": 1}


def test_changed_scopes_are_followed_by_new_tokens(world: World) -> None:
    frame(world.open())
    [found] = world.shops.list()
    world.shops.renew(found.shop.id, {"scopes": ["read_orders"]})

    frame(world.open())

    assert world.pretend.tokens.requests == 2
    assert world.access["token_scopes"] == sorted(world.pretend.scopes(SHOP.address))

    frame(world.open())

    assert world.pretend.tokens.requests == 2


def test_what_is_allowed_while_a_token_is_fetched_is_not_undone_by_it(world: World) -> None:
    frame(world.open())
    [found] = world.shops.list()
    before = world.access
    pair = TokenPair(
        access_token="shpat_1", expires_at="", refresh_token="shprt_1", refresh_expires_at="", scopes=("read_orders",)
    )
    world.shops.renew(found.shop.id, {"scopes": ["read_orders", "read_translations"]})  # the news of a grant
    world.shops.renew(found.shop.id, pair.words(before))  # fetched before it, kept after it

    assert allowed(world.access) == frozenset({"read_orders", "read_translations"})
    assert of_token(world.access) == frozenset({"read_orders"})

    frame(world.open())

    assert world.pretend.tokens.requests == 2


def test_a_custom_app_s_token_stays(world: World) -> None:
    world.shops.install(SHOP, ACCESS, now=NOON)

    frame(world.open())

    assert (world.access, world.pretend.tokens.requests) == (ACCESS, 0)


def test_a_shop_whose_access_ended_is_mended_by_opening_the_app(world: World) -> None:
    frame(world.open())
    [found] = world.shops.list()
    world.shops.renew(found.shop.id, {"access_token": "", "expires_at": "", "refresh_token": "", "refresh_expires_at": ""})

    frame(world.open())

    assert world.access["refresh_token"]


def test_an_id_token_that_is_too_old_for_the_exchange_is_fetched_anew(world: World) -> None:
    world.clock.move(minutes=5)  # Shopify's clock

    assert "shopify-reload" in early(world.open(), 302).headers["Location"]
    assert world.shops.list() == ()


def test_a_shop_that_cannot_be_installed_now_is_asked_to_come_again() -> None:
    with a_world(SHOPIFY_ADMIN_URL="http://127.0.0.1:9/{shop}") as world:
        answer = early(world.open(), 503)

        assert "wait a minute" in answer.body
        assert world.shops.list() == ()


# ------------------------------------------------------------------ the visitor


@pytest.mark.parametrize("wrong", sorted(set(TESTKIT.wrong_tokens(SHOP)) - {"another shop's"}))
def test_a_wrong_token_is_answered_401_so_that_app_bridge_fetches_another(world: World, wrong: str) -> None:
    world.shops.install(SHOP, ACCESS, now=NOON)

    with pytest.raises(NotAdmitted) as refused:
        world.visit(f"Bearer {TESTKIT.wrong_tokens(SHOP)[wrong]}")

    assert (refused.value.answer, refused.value.headers) == (401, {"X-Shopify-Retry-Invalid-Session-Request": "1"})


@pytest.mark.parametrize("authorization", ["", "Basic eDp5", "bearer x", "Bearer", f"Token {TESTKIT.token(SHOP)}", "Bearer ż"])
def test_whatever_else_stands_in_the_header_is_answered_401(world: World, authorization: str) -> None:
    world.shops.install(SHOP, ACCESS, now=NOON)

    with pytest.raises(NotAdmitted) as refused:
        world.visit(authorization)

    assert refused.value.answer == 401


def test_a_shop_that_is_not_here_or_left_is_answered_403(world: World) -> None:
    for step in ("not here", "left"):
        if step == "left":
            stored = world.shops.install(SHOP, ACCESS, now=NOON)
            uninstall(world.shops, stored.id)
        with pytest.raises(NotAdmitted) as refused:
            world.visit(f"Bearer {TESTKIT.token(SHOP)}")
        assert refused.value.answer == 403
