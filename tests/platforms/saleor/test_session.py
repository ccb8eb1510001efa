"""Coming in from the Saleor dashboard: what only Saleor does."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from plugin import clock
from plugin.config import Settings
from plugin.domain.errors import NotAdmitted, TryAgain
from plugin.domain.shop import Shop
from plugin.platforms import discover
from plugin.platforms.saleor.keys import KeySets
from plugin.platforms.saleor.session import SaleorAdminEntry
from plugin.platforms.saleor.testing import ADDRESS, KEY_ID, TESTKIT
from plugin.ports import Frame, PageRequest, Visitor
from tests.support.builders import NOON
from tests.support.fake_platform import FakeClock
from tests.support.fakes import FakeShops
from tests.support.platforms.saleor.fixtures import another_key, key_set

DASHBOARD = "https://dash.example"
SHOP, ACCESS = TESTKIT.installation()
API_HOST = "/".join(SHOP.address.split("/")[:3])


class Publisher:
    """What the shop's key set says now, and how often it was asked."""

    def __init__(self, answer: Mapping[str, Any] | None = None) -> None:
        self.answer, self.asked = answer or TESTKIT.jwks(), 0

    def __call__(self, address: str) -> Mapping[str, Any]:
        self.asked += 1
        return self.answer


class Stand:
    """A door and the shop behind it."""

    def __init__(self, *, sandbox: bool = False, address: str = SHOP.address, **access: Any) -> None:
        settings = Settings.from_environ({"PLUGIN_SANDBOX": "1"} if sandbox else {})
        self.publisher, self.shops, self.clock = Publisher(), FakeShops(), FakeClock(at=clock.now())
        self.admin_entry = SaleorAdminEntry(settings, KeySets(self.publisher, now=self.clock))
        known = {name: word for name, word in {**ACCESS, "api_url": address, **access}.items() if word is not None}
        self.shop = self.shops.install(replace(SHOP, address=address), known, now=NOON)

    def open(self, **query: str) -> Frame:
        answer = self.admin_entry.open(PageRequest(url="", query=query, headers={}), self.shops, now=clock.now())
        assert isinstance(answer, Frame)
        return answer

    def visit(self, token: str | None = None, **headers: str) -> Visitor:
        sent = {"authorization": f"Bearer {TESTKIT.token(self.shop) if token is None else token}"}
        sent |= {name.replace("_", "-"): text for name, text in headers.items()}
        return self.admin_entry.visitor(PageRequest(url="", query={}, headers=sent), self.shops, now=clock.now())

    @property
    def access(self) -> Mapping[str, Any]:
        return self.shops.access(self.shop.id)


def test_the_pages_are_where_the_manifest_says() -> None:
    platform = discover()["saleor"].open(Settings.from_environ({}), TESTKIT.environ)

    assert platform.admin_entry
    assert platform.admin_entry.entry == "/saleor/app"


def test_the_document_follows_theme_and_language() -> None:
    frame = Stand().open(theme="dark", locale="pt-BR")

    assert (frame.theme, frame.locale, frame.facts) == ("dark", "pt-BR", {"entry": "/saleor/app"})
    assert Stand().open(theme="url(javascript:1)").theme == ""


def test_the_dashboard_s_address_is_learnt_from_who_is_allowed_in() -> None:
    stand = Stand()
    assert stand.open(saleorApiUrl=ADDRESS).ancestors == "https:"

    stand.visit(saleor_dashboard=DASHBOARD)

    assert stand.open(saleorApiUrl=ADDRESS).ancestors == DASHBOARD
    assert stand.open().ancestors == "https:"
    assert stand.open(saleorApiUrl="https://other.example/graphql/").ancestors == "https:"


def test_a_shop_may_have_several_dashboards() -> None:
    stand = Stand()
    stand.visit(saleor_dashboard=DASHBOARD)
    stand.visit(saleor_dashboard="https://another.example")
    stand.visit(saleor_dashboard=DASHBOARD)

    assert stand.open(saleorApiUrl=ADDRESS).ancestors == f"https://another.example {DASHBOARD}"


def test_of_many_dashboards_the_newest_are_remembered() -> None:
    stand = Stand()
    for number in range(9):
        stand.visit(saleor_dashboard=f"https://{number}.example")

    assert stand.access["dashboards"] == [f"https://{number}.example" for number in (8, 7, 6, 5, 4)]


def test_the_one_dashboard_an_earlier_version_knew_stays_known() -> None:
    stand = Stand(dashboard=DASHBOARD)
    stand.visit(saleor_dashboard="https://another.example")

    assert stand.open(saleorApiUrl=ADDRESS).ancestors == f"https://another.example {DASHBOARD}"


def asked(stand: Stand, *, referer: str = "", dashboard: str = "", framed: str = "iframe") -> str:
    """Who may frame the document this page asks for; "refused" with the reason when it may not."""
    query = {"saleorApiUrl": stand.shop.address} | ({"dashboard": dashboard} if dashboard else {})
    headers = {"sec-fetch-dest": framed, "referer": referer}
    try:
        frame = stand.admin_entry.open(PageRequest(url="", query=query, headers=headers), stand.shops, now=clock.now())
    except NotAdmitted as error:
        return f"refused {error.answer}: {error}"
    assert isinstance(frame, Frame)
    return frame.ancestors


@pytest.mark.parametrize("origin", [API_HOST, f"{API_HOST}:8443", "https://dash.example:8443"])
def test_another_dashboard_at_a_host_of_the_shop_gets_a_document_to_show_its_token_in(origin: str) -> None:
    stand = Stand(dashboards=[DASHBOARD])

    assert asked(stand, referer=f"{origin}/dashboard/?x=1") == f"{DASHBOARD} {origin}"
    assert asked(stand, dashboard=origin) == f"{DASHBOARD} {origin}"


@pytest.mark.parametrize("origin", ["https://moved.example", "https://evil.dash.example", f"{API_HOST}.evil.example"])
def test_a_dashboard_at_no_host_of_the_shop_is_told_why(origin: str) -> None:
    stand = Stand(dashboards=[DASHBOARD])

    for told in (asked(stand, referer=f"{origin}/x"), asked(stand, dashboard=origin)):
        assert told.startswith("refused 403: ")
        assert f"{origin} is not known" in told
    assert stand.access["dashboards"] == [DASHBOARD]


@pytest.mark.parametrize("spelling", ["https://DASH.example", "https://dash.example:443", "https://dash.example/"])
def test_another_spelling_of_a_known_dashboard_is_that_dashboard(spelling: str) -> None:
    assert asked(Stand(dashboards=[DASHBOARD]), dashboard=spelling) == DASHBOARD


@pytest.mark.parametrize(
    "named",
    [
        "https://moved.example; script-src *", "https://a b/", "javascript:1", "*", "https:", "https://dash.example@evil.example",
        "https://dash.example\\.evil.example", "https://dash.example?.evil.example", "//dash.example", "null",
        "data:text/html,x", "https://dash.example:443:443", "https://*.example", "'none'", "https://dash.example,https://evil.example",
    ],
)  # fmt: skip
def test_what_is_no_origin_adds_nothing(named: str) -> None:
    stand = Stand(dashboards=[DASHBOARD])

    assert asked(stand, referer=named, dashboard=named) == DASHBOARD
    assert stand.access["dashboards"] == [DASHBOARD]


def test_a_page_opened_outside_a_frame_is_refused_to_nobody_for_where_its_link_stood() -> None:
    assert asked(Stand(dashboards=[DASHBOARD]), referer="https://mail.example/", framed="document") == DASHBOARD


def test_the_app_s_own_pages_are_no_dashboard() -> None:
    stand = Stand(dashboards=[DASHBOARD])

    assert asked(stand, referer="http://127.0.0.1:8000/saleor/app") == DASHBOARD


@pytest.mark.parametrize("known", [[], [DASHBOARD]])
def test_a_dashboard_without_encryption_is_told_why(known: list[str]) -> None:
    told = asked(Stand(dashboards=known), referer="http://localhost:9000/dashboard/")

    assert told.startswith("refused 403: Your dashboard at http://localhost:9000 is reached over http")


def test_a_shop_let_in_over_http_has_a_dashboard_over_http() -> None:
    stand = Stand(address="http://localhost:8000/graphql/")
    assert asked(stand, referer="http://localhost:9000/") == "https: http:"

    stand.visit(saleor_dashboard="http://localhost:9000")

    assert asked(stand, referer="http://localhost:9000/") == "http://localhost:9000"
    assert asked(stand, referer="http://localhost:9001/") == "http://localhost:9000 http://localhost:9001"
    assert "is not known" in asked(stand, referer="http://evil.example/")


@pytest.mark.parametrize("origin", ["http://127.0.0.1:9000", "http://127.0.0.1"])
def test_this_machine_s_names_are_one_host(origin: str) -> None:
    stand = Stand(address="http://localhost:8000/graphql/", dashboards=["http://localhost:9000"])

    assert asked(stand, referer=f"{origin}/") == f"http://localhost:9000 {origin}"
    assert "is not known" in asked(stand, referer="http://127.0.0.1.example/")


def test_plain_dashboards_are_forgotten_where_the_shop_needs_encryption() -> None:
    assert asked(Stand(dashboards=["http://localhost:9000", DASHBOARD])) == DASHBOARD


@pytest.mark.parametrize(
    "origin", ["", "null", "x", "http://dash.example", "https://a b", "https://x; script-src *", "https://x/", "https://ż", "*"]
)
def test_what_is_no_address_of_a_dashboard_is_not_learnt(origin: str) -> None:
    stand = Stand()

    stand.visit(saleor_dashboard=origin)

    assert "dashboards" not in stand.access


@pytest.mark.parametrize("token", TESTKIT.wrong_tokens(SHOP).values(), ids=TESTKIT.wrong_tokens(SHOP))
def test_a_wrong_token_teaches_nothing(token: str) -> None:
    stand = Stand()

    with pytest.raises(NotAdmitted):
        stand.visit(token, saleor_dashboard="https://evil.example")

    assert "dashboards" not in stand.access


def test_the_sandbox_s_dashboard_may_do_without_tls() -> None:
    stand = Stand(sandbox=True)
    assert stand.open(saleorApiUrl=ADDRESS).ancestors == "https: http:"

    stand.visit(saleor_dashboard="http://localhost:8006")

    assert stand.open(saleorApiUrl=ADDRESS).ancestors == "http://localhost:8006"


@pytest.mark.parametrize(
    ("wrong", "answer"),
    [("of staff who may not manage apps", 403), ("of a customer", 403), ("an access token", 401), ("another app's", 401),
     ("forged with a key of its own", 401), ("signed with the public key", 401)],
)  # fmt: skip
def test_a_fresh_token_is_asked_for_only_where_it_could_help(wrong: str, answer: int) -> None:
    with pytest.raises(NotAdmitted) as refused:
        Stand().visit(TESTKIT.wrong_tokens(SHOP)[wrong])

    assert refused.value.answer == answer


def test_a_key_the_shop_changed_to_is_fetched() -> None:
    stand = Stand(jwks=key_set(another_key()))

    assert stand.visit().who == "saleor:VXNlcjox"
    assert stand.publisher.asked == 1
    assert stand.access["jwks"] == TESTKIT.jwks()


def test_a_signature_that_does_not_fit_a_known_key_asks_the_shop_nothing() -> None:
    stand = Stand()

    with pytest.raises(NotAdmitted):
        stand.visit(TESTKIT.wrong_tokens(SHOP)["forged"])

    assert stand.publisher.asked == 0


@pytest.mark.parametrize("name", ["unsigned", "signed with the public key"])
def test_a_token_saleor_would_not_make_makes_us_ask_nobody(name: str) -> None:
    stand = Stand(jwks=None)

    with pytest.raises(NotAdmitted):
        stand.visit(TESTKIT.wrong_tokens(SHOP)[name])

    assert stand.publisher.asked == 0


def test_nobody_is_let_in_while_the_shop_does_not_say_its_keys() -> None:
    stand = Stand(jwks=None)
    stand.publisher.answer = {"keys": []}

    with pytest.raises(TryAgain):
        stand.visit()


def test_junk_keeps_no_token_of_a_new_key_out() -> None:
    stand = Stand(jwks=key_set(another_key()))
    stand.publisher.answer = key_set(another_key())
    with pytest.raises(NotAdmitted):
        stand.visit(TESTKIT.wrong_tokens(SHOP)["forged with a key of its own"])
    stand.publisher.answer = TESTKIT.jwks()

    with pytest.raises(TryAgain):  # asked a moment ago: nobody knows yet whether this key is new
        stand.visit()
    stand.clock.move(seconds=6)

    assert stand.visit().who == "saleor:VXNlcjox"


def test_one_of_several_keys_may_have_signed_a_token() -> None:
    keys = {"keys": [*key_set(another_key(), kid=KEY_ID)["keys"], *TESTKIT.jwks()["keys"]]}

    assert Stand(jwks=keys).visit()


def test_the_token_s_own_word_for_the_shop_is_looked_up_and_never_called() -> None:
    stand = Stand()

    for address in ("https://evil.example/graphql/", "http://169.254.169.254/graphql/", "file:///etc/passwd", ""):
        with pytest.raises(NotAdmitted):
            stand.visit(TESTKIT.token(SHOP, iss=address))

    assert stand.publisher.asked == 0


def test_another_spelling_of_the_shop_s_address_is_another_issuer() -> None:
    with pytest.raises(NotAdmitted):
        Stand().visit(TESTKIT.token(SHOP, iss=ADDRESS.replace("https://demo", "https://DEMO")))


def test_a_shop_s_key_opens_no_other_shop() -> None:
    stand = Stand()
    other = stand.shops.install(
        Shop(id=0, platform="saleor", address="https://other.example/graphql/"),
        {**ACCESS, "api_url": "https://other.example/graphql/", "jwks": key_set(another_key())},
        now=NOON,
    )
    stand.publisher.answer = key_set(another_key())

    with pytest.raises(NotAdmitted):
        stand.visit(TESTKIT.token(other))


def test_an_app_put_in_by_hand_knows_no_app_id_and_lets_nobody_in() -> None:
    with pytest.raises(NotAdmitted):
        Stand(app_id=None).visit(TESTKIT.token(SHOP, app=None))


def test_after_a_new_installation_only_its_own_tokens_are_good() -> None:
    stand = Stand(app_id="QXBwOjg=")

    with pytest.raises(NotAdmitted):
        stand.visit()
    assert stand.visit(TESTKIT.token(SHOP, app="QXBwOjg=")).shop == stand.shop
