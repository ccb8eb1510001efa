"""Installing: what a Saleor sends to /register, and what it hears."""

import json
import re
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from flask import Flask
from prometheus_client import REGISTRY
from werkzeug.test import TestResponse

from plugin import clock
from plugin.config import Settings
from plugin.domain.errors import Misconfigured, StorageDown
from plugin.domain.shop import Shop
from plugin.platforms import discover
from plugin.platforms.saleor.addresses import AddressPolicy
from plugin.platforms.saleor.install import _NOT_CONFIRMED, MOST_AT_ONCE, Refused, _Turns, pages
from plugin.platforms.saleor.testing import APP_ID, TESTKIT
from plugin.ports import Installation
from tests.support.builders import NOON
from tests.support.fakes import FakeShops
from tests.support.platforms.saleor.fakes import Answer, PretendSaleor, introduction
from tests.support.shared_folder import SHARED, needs_shared

TOKEN = "k3wq9ZtB7xYp2LmN5vRs8AhDj1FgCe"


@dataclass(frozen=True)
class Stand:
    saleor: PretendSaleor
    shops: FakeShops
    app: Flask

    def register(self, body: Any = None, *, path: str = "/saleor/register", **headers: str) -> TestResponse:
        sent = json.dumps({"auth_token": TOKEN} if body is None else body).encode() if not isinstance(body, bytes) else body
        usual = {"Saleor-Api-Url": self.saleor.address, "Content-Type": "application/json", "Saleor-Domain": "127.0.0.1"}
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.app.test_client().post(path, data=sent, headers={**usual, **given})

    @property
    def installation(self) -> Installation:
        (found,) = self.shops.list()
        return found


def an_app(shops: FakeShops, *, limit: str = "100", **environ: str) -> Flask:
    app = Flask("test")
    settings = Settings.from_environ({"PUBLIC_URL": "https://plugin.example.com", "REGISTRATIONS_PER_HOUR": limit})
    app.register_blueprint(discover()["saleor"].open(settings, environ).pages(shops))
    return app


def an_app_that_looks_up(gate: AddressPolicy, shops: FakeShops) -> Flask:
    app = Flask("test")
    settings = Settings.from_environ({"PUBLIC_URL": "https://plugin.example.com"})
    app.register_blueprint(pages(settings, gate, shops, clock.now))
    return app


@pytest.fixture
def stand() -> Iterator[Stand]:
    shops = FakeShops()
    with PretendSaleor() as saleor:
        yield Stand(saleor, shops, an_app(shops, **TESTKIT.environ))


def test_a_shop_installs(stand: Stand) -> None:
    answer = stand.register()

    assert (answer.status_code, answer.json) == (200, {"success": True})
    shop = stand.installation.shop
    assert (shop.platform, shop.address, shop.name) == ("saleor", stand.saleor.address, "Lamps & Co")
    assert stand.installation.is_active
    access = dict(stand.installation.access)
    assert clock.now() - datetime.fromisoformat(access.pop("jwks_at")) < timedelta(minutes=5)
    assert access == {
        "token": TOKEN, "app_id": APP_ID, "api_url": stand.saleor.address, "jwks": TESTKIT.jwks(), "version": "3.23.28",
    }  # fmt: skip


def test_a_shop_that_installed_can_send(stand: Stand) -> None:
    stand.register()
    platform = discover()["saleor"].open(Settings.from_environ({}), TESTKIT.environ)
    body = b'{"__typename": "OrderCreated", "recipient": {"id": "QXBwOjc="}}'

    verified = platform.verify(TESTKIT.webhook("order_created", body, stand.installation.shop), stand.shops)

    assert verified.shop == stand.installation.shop


def test_installing_again_brings_the_newest_token(stand: Stand) -> None:
    stand.register()
    first = stand.installation.shop.id
    stand.shops.write_settings(first, {"version": 1}, who="test", now=NOON)
    stand.shops.leave(first, now=NOON)
    stand.saleor.answers["/graphql/"] = Answer(introduction(app_id="QXBwOjg="))

    assert stand.register({"auth_token": "another-token"}).status_code == 200
    assert stand.register({"auth_token": "another-token"}).status_code == 200

    assert stand.installation.shop.id == first
    assert stand.installation.is_active
    assert (stand.installation.access["token"], stand.installation.access["app_id"]) == ("another-token", "QXBwOjg=")
    assert stand.shops.settings_document(first) == {"version": 1}


# Saleor counts a redirect as success, although nobody took the token: so there must be none.
@pytest.mark.parametrize("path", ["/saleor/register", "/saleor/register/"])
@pytest.mark.parametrize("host", ["plugin.example.com", "localhost", "127.0.0.1:8000", "other.example"])
def test_registering_is_never_redirected(stand: Stand, path: str, host: str) -> None:
    answer = stand.register(path=path, Host=host)

    assert answer.status_code == 200
    assert stand.installation.access["token"] == TOKEN


@pytest.mark.parametrize(
    "path",
    [
        "/saleor/register//",
        "//saleor/register",
        "/saleor//register",
        "/saleor/register?x=1",
        "/saleor/Register",
        "/saleor/manifest.json//",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "HEAD"])
def test_no_spelling_of_an_address_is_redirected(stand: Stand, path: str, method: str) -> None:
    answer = stand.app.test_client().open(path, method=method)

    assert not 300 <= answer.status_code < 400


def test_a_request_without_the_shops_address_is_refused(stand: Stand) -> None:
    assert_refused(stand.register(Saleor_Api_Url=""), 400, "MISSING_API_URL")
    assert stand.saleor.asked == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"auth_token": ""}', {}, {"auth_token": None}, {"auth_token": ["x"]}, {"token": TOKEN},
     {"auth_token": "two words"}, {"auth_token": "żółć"}, {"auth_token": "a\r\nX-Evil: 1"}, {"auth_token": "a" * 600}],
    ids=repr,
)  # fmt: skip
def test_a_request_without_a_token_is_refused(stand: Stand, body: Any) -> None:
    assert_refused(stand.register(body), 400, "MISSING_TOKEN")
    assert stand.saleor.asked == []


def test_a_large_request_is_refused_unread(stand: Stand) -> None:
    assert_refused(stand.register({"auth_token": TOKEN, "more": "a" * 20_000}), 413, "TOO_LARGE")


@pytest.mark.parametrize(
    "address",
    ["https://shop.example/graphql/", "http://127.0.0.1/graphql/", "https://127.0.0.1:1/graphql/", "file:///etc/passwd",
     "http://127.0.0.1:9/graphql/@evil", "http://user@127.0.0.1:9/graphql/", "http://169.254.169.254/graphql/", "x"],
)  # fmt: skip
def test_an_address_the_operator_did_not_allow_is_refused(stand: Stand, address: str) -> None:
    assert_refused(stand.register(Saleor_Api_Url=address), 403, "URL_NOT_ALLOWED")
    assert stand.saleor.asked == []


def test_without_allowed_addresses_a_private_one_is_refused(stand: Stand) -> None:
    app = an_app(stand.shops)

    assert_refused(Stand(stand.saleor, stand.shops, app).register(), 403, "URL_NOT_ALLOWED")
    assert stand.saleor.asked == []


NOT_CONFIRMED = {
    "the token is not known": {"/graphql/": Answer(b"{}", status=401)},
    "the token is refused": {"/graphql/": Answer(b"{}", status=403)},
    "the token is no app's": {"/graphql/": Answer(introduction(identifier=""))},
    "the token is another app's": {"/graphql/": Answer(introduction(app_id="QXBwOjk=", identifier="saleor.app.klaviyo"))},
    "the identifier is spelled otherwise": {"/graphql/": Answer(introduction(identifier="APP.SENDPULSE-PLUGIN.EVENTS"))},
    "the API fails": {"/graphql/": Answer(b"", status=500)},
    "the API moved": {"/graphql/": Answer(b"", status=308, headers={"Location": "/graphql/"})},
    "the API is a page": {"/graphql/": Answer(b"<!doctype html><title>Dashboard</title>")},
    "the API talks on and on": {"/graphql/": Answer(b" " * 70_000)},
    "the key set fails": {"/.well-known/jwks.json": Answer(b"", status=500)},
    "the key set is forbidden": {"/.well-known/jwks.json": Answer(b"<html>403 Forbidden</html>", status=403)},
    "the key set is not there": {"/.well-known/jwks.json": Answer(b"", status=404)},
    "the key set moved": {"/.well-known/jwks.json": Answer(b"", status=308, headers={"Location": "/graphql/"})},
    "the key set is a page": {"/.well-known/jwks.json": Answer(b"<!doctype html><title>Dashboard</title>")},
    "the key set is long": {"/.well-known/jwks.json": Answer(b" " * 70_000)},
    "the key set is empty": {"/.well-known/jwks.json": Answer(b"{}")},
    "the key set has no key": {"/.well-known/jwks.json": Answer(b'{"keys": []}')},
    "the key set has a key of another make": {"/.well-known/jwks.json": Answer(b'{"keys": [{"kty": "oct", "k": "AA"}]}')},
}


@pytest.mark.parametrize("answers", NOT_CONFIRMED.values(), ids=NOT_CONFIRMED)
def test_whatever_a_host_answers_a_stranger_reads_the_same(stand: Stand, answers: Mapping[str, Answer]) -> None:
    stand.register()
    stand.saleor.answers |= answers

    answer = stand.register({"auth_token": "token-of-another-app"})

    assert_not_confirmed(answer)
    assert stand.installation.access["token"] == TOKEN


def test_a_saleor_that_is_not_there_reads_the_same(stand: Stand) -> None:
    with PretendSaleor() as gone:
        address = gone.address

    assert_not_confirmed(stand.register(Saleor_Api_Url=address))


@pytest.mark.parametrize("found", [["10.0.0.1"], ["93.184.216.34", "127.0.0.1"], []], ids=["private", "mixed", "nothing"])
def test_what_a_name_leads_to_is_not_told(stand: Stand, found: list[str]) -> None:
    app = an_app_that_looks_up(AddressPolicy(resolve=lambda host, port: found), stand.shops)

    assert_not_confirmed(Stand(stand.saleor, stand.shops, app).register(Saleor_Api_Url="https://shop.example/graphql/"))


@pytest.mark.parametrize("was_here", [True, False])
def test_the_name_of_a_store_that_was_here_waits_for_no_strangers(stand: Stand, *, was_here: bool) -> None:
    gate = AddressPolicy(resolve=lambda host, port: ["10.0.0.1"])
    if was_here:
        shop = Shop(id=0, platform="saleor", address="https://shop.example/graphql/")
        stand.shops.leave(stand.shops.install(shop, {}, now=NOON).id, now=NOON)

    app = an_app_that_looks_up(gate, stand.shops)
    assert_not_confirmed(Stand(stand.saleor, stand.shops, app).register(Saleor_Api_Url="https://shop.example/graphql/"))

    assert ("shop.example" in gate.known) is was_here


def test_the_operator_reads_what_a_stranger_does_not(stand: Stand, logged: list[MutableMapping[str, Any]]) -> None:
    stand.saleor.answers["/.well-known/jwks.json"] = Answer(b"", status=404)

    stand.register()

    [told] = [line for line in logged if line["event"] == "not_confirmed"]
    assert (told["address"], "answered 404" in told["reason"]) == (stand.saleor.address, True)


ANNOUNCED = {
    "the path is doubled": ("https://a.example/graphql//graphql/", "not the address of"),
    "http is announced": ("http://a.example/graphql/", "SALEOR_ALLOWED_URLS"),
    "localhost is announced": ("http://localhost/graphql/", "ALLOWED_URLS.*PUBLIC_URL"),
}


@pytest.mark.parametrize(("announced", "words"), ANNOUNCED.values(), ids=ANNOUNCED)
def test_whoever_announces_a_wrong_address_reads_what_to_mend(stand: Stand, announced: str, words: str) -> None:
    answered = stand.register(Saleor_Api_Url=announced)

    assert_refused(answered, 403, "URL_NOT_ALLOWED")
    assert re.search(words, answered.get_json()["error"]["message"])


def test_one_address_may_try_so_often_an_hour(stand: Stand) -> None:
    app = an_app(stand.shops, **TESTKIT.environ, limit="2")
    limited = Stand(stand.saleor, stand.shops, app)
    before = REGISTRY.get_sample_value("plugin_limited_total", {"what": "registration"}) or 0

    assert [limited.register().status_code for _ in range(2)] == [200, 200]
    asked = len(stand.saleor.asked)

    assert_refused(limited.register(), 429, "TOO_MANY")
    assert len(stand.saleor.asked) == asked
    assert REGISTRY.get_sample_value("plugin_limited_total", {"what": "registration"}) == before + 1


def test_what_cannot_be_a_registration_takes_nobodys_turn(stand: Stand) -> None:
    limited = Stand(stand.saleor, stand.shops, an_app(stand.shops, **TESTKIT.environ, limit="1"))

    junk = [
        limited.register(b"{"),
        limited.register(Saleor_Api_Url=""),
        limited.register(Saleor_Api_Url="http://a.example/graphql/"),
    ]

    assert [answer.status_code for answer in junk] == [400, 400, 403]
    assert limited.register().status_code == 200


def test_a_store_that_was_here_installs_again_beside_strangers_of_its_address(stand: Stand) -> None:
    stand.register()
    allowed = {"SALEOR_ALLOWED_URLS": r"http://127\.0\.0\.1:\d+/(another/)?graphql/"}
    limited = Stand(stand.saleor, stand.shops, an_app(stand.shops, **allowed, limit="2"))
    another = stand.saleor.address.replace("/graphql/", "/another/graphql/")

    strangers = [limited.register(Saleor_Api_Url=another).status_code for _ in range(3)]

    assert strangers == [502, 502, 429]
    assert [limited.register().status_code for _ in range(3)] == [200, 200, 429]


def test_tries_that_are_never_answered_leave_room_for_others() -> None:
    turns = _Turns(1_000)
    with ExitStack() as open_tries:
        for number in range(MOST_AT_ONCE // 2):
            open_tries.enter_context(turns.one("192.0.2.66", f"https://{number}.example/graphql/", was_here=False, now=NOON))
        with pytest.raises(Refused) as refused:
            open_tries.enter_context(turns.one("192.0.2.66", "https://more.example/graphql/", was_here=False, now=NOON))

        with turns.one("198.51.100.7", "https://honest.example/graphql/", was_here=False, now=NOON):
            assert (refused.value.status, refused.value.code) == (503, "BUSY")


def test_a_store_that_was_here_has_a_place_of_its_own() -> None:
    """One: who announces its address again and again is a stranger like any other."""
    turns, shop, sources = _Turns(1_000), "https://shop.example/graphql/", count()
    before = REGISTRY.get_sample_value("plugin_limited_total", {"what": "registration"}) or 0
    with ExitStack() as open_tries:

        def try_another(address: str = shop, *, was_here: bool) -> None:
            open_tries.enter_context(turns.one(f"192.0.2.{next(sources)}", address, was_here=was_here, now=NOON))

        with pytest.raises(Refused):
            for number in range(MOST_AT_ONCE + 1):
                try_another(f"https://{number}.example/graphql/", was_here=False)
        try_another(was_here=True)
        with pytest.raises(Refused, match="Too many installations are being confirmed"):
            try_another(was_here=True)

    assert REGISTRY.get_sample_value("plugin_limited_total", {"what": "registration"}) == before + 2
    with turns.one("192.0.2.1", shop, was_here=True, now=NOON), turns.one("192.0.2.1", shop, was_here=True, now=NOON):
        pass  # both are free again


@dataclass
class UnreadShops(FakeShops):
    """Nobody can read which store was here; `why` says why."""

    why: Exception = field(kw_only=True)
    tokens: list[str] = field(default_factory=list)

    def find(self, platform: str, address: str) -> Installation | None:
        raise self.why

    def install(self, shop: Shop, access: Mapping[str, Any], *, now: datetime, **by: Any) -> Shop:
        self.tokens.append(access["token"])
        return shop


def test_a_database_that_is_down_when_a_store_is_looked_for_is_our_own_trouble(stand: Stand) -> None:
    app = an_app(UnreadShops(why=StorageDown("it does not answer")), **TESTKIT.environ)

    assert_refused(Stand(stand.saleor, stand.shops, app).register(), 503, "STORAGE_DOWN")


def test_a_store_whose_access_no_key_opens_installs_again(stand: Stand) -> None:
    shops = UnreadShops(why=Misconfigured("No key opens this."))

    assert Stand(stand.saleor, shops, an_app(shops, **TESTKIT.environ)).register().status_code == 200
    assert shops.tokens == [TOKEN]


def test_a_database_that_is_down_is_said_as_our_own_trouble(stand: Stand) -> None:
    stand.shops.is_down = True

    assert_refused(stand.register(), 503, "STORAGE_DOWN")


def test_nothing_of_the_token_is_logged(
    stand: Stand, logged: list[MutableMapping[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    stand.register()
    stand.shops.is_down = True
    stand.register()
    stand.saleor.answers["/graphql/"] = Answer(b"{}", status=401)
    stand.register()

    words = repr(logged)
    assert "installed" in words
    assert "NOT_CONFIRMED" in words
    assert TOKEN not in f"{words} {capsys.readouterr()}"


@needs_shared
def test_a_captured_registration_is_understood(stand: Stand) -> None:
    folder = SHARED / "corpus" / "saleor"
    headers: Mapping[str, str] = dict(json.loads((folder / "register.headers.json").read_bytes())["headers"])
    app_answer = json.loads((folder / "register-callback.body").read_bytes().partition(b"\n")[0])
    stand.saleor.answers["/graphql/"] = Answer(json.dumps(app_answer).encode())
    sent = {**headers, "Saleor-Api-Url": stand.saleor.address}

    answer = stand.app.test_client().post("/saleor/register", data=(folder / "register.body").read_bytes(), headers=sent)

    # The captured app is another one: it is known by its identifier, and only that is wrong.
    assert_not_confirmed(answer)
    assert len(stand.saleor.asked) == 1


def assert_not_confirmed(answer: TestResponse) -> None:
    """One status, one code, one text."""
    assert_refused(answer, 502, "NOT_CONFIRMED")
    assert answer.get_json()["error"]["message"] == _NOT_CONFIRMED


def assert_refused(answer: TestResponse, status: int, code: str) -> None:
    assert (answer.status_code, answer.mimetype) == (status, "application/json")
    document = answer.get_json()
    assert document["success"] is False
    assert document["error"]["code"] == code
    assert 0 < len(document["error"]["message"]) <= 255  # what Saleor shows of it
    assert TOKEN not in answer.get_data(as_text=True)
