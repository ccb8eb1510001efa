"""Every address behind a door, asked of the application itself, opens to nobody without a good token."""

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Blueprint, Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from plugin.config import Settings
from plugin.domain.shop import Shop
from plugin.platforms import discover, find_testkit
from plugin.ports import Platform
from plugin.sendpulse.body import bodies
from plugin.storage import SqlStore
from plugin.storage.db.tables import metadata
from plugin.web import create_app
from plugin.wiring import Services, short_links
from tests.support.builders import NOON, a_settings_document
from tests.support.fake_platform import FakeSendPulse
from tests.support.storage.situations import a_delivery
from tests.support.uninstalling import uninstall

NAMES = sorted(discover())
DOCUMENT, CONTENT = "Planted Lamps & Co", "Planted Lamps &amp; Co"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
REFUSED = (401, 403)
#: Nobody answers here when a store is asked whether it has such a key by now: the visitor is asked to come again.
UNDECIDED = {"forged with a key of its own": (401, 503)}


@dataclass(frozen=True, kw_only=True)
class House:
    """The real application with one shop of a platform in it, which has settings and a delivery."""

    app: Flask
    store: SqlStore
    platform: Platform
    shop: Shop

    def ask(self, method: str, path: str, token: str | None) -> TestResponse:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return self.app.test_client().open(path, method=method, headers=headers, data={} if method != "GET" else None)

    def everything(self) -> Mapping[str, Any]:
        """Every row of every table, but for the count of refused visits."""
        tables = [table for table in metadata.sorted_tables if table.name != "refused_logins"]
        with self.store.database.read() as connection:
            return {table.name: connection.execute(select(table)).all() for table in tables}


@pytest.fixture(params=NAMES)
def house(request: pytest.FixtureRequest, store: SqlStore, settings: Settings) -> Iterator[House]:
    name, playing = str(request.param), find_testkit(str(request.param))
    platform = discover()[name].open(settings, playing.environ)
    services = Services(
        settings=settings, store=store, platforms={name: platform}, post=FakeSendPulse(), write_bodies=bodies,
        short_link=short_links(store, settings),
    )  # fmt: skip
    shop, access = playing.installation()
    stored = store.shops.install(_named(shop), access, now=NOON)
    store.shops.write_settings(stored.id, a_settings_document(), who="test", now=NOON)
    a_delivery(store, stored)
    yield House(app=create_app(services), store=store, platform=platform, shop=stored)


def _named(shop: Shop) -> Shop:
    return Shop(id=0, platform=shop.platform, address=shop.address, name=DOCUMENT, locale="en", timezone="Europe/Warsaw")


def addresses(house: House) -> list[tuple[str, str]]:
    """Method and path of everything the application serves below the door's entry."""
    assert house.platform.admin_entry
    entry, found = house.platform.admin_entry.entry, list[tuple[str, str]]()
    for rule in house.app.url_map.iter_rules():
        if rule.rule == entry or rule.rule.startswith(f"{entry}/"):
            path = re.sub(r"<int:\w+>", "1", rule.rule)
            path = re.sub(r"<[^>]+>", "order_paid", path)
            found += [(method, path) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    return found


def unguarded(house: House, token: str, refused: Container[int] = REFUSED) -> list[str]:
    """What answers anything but a refusal to this token, or changes something."""
    before = house.everything()
    wrong = [
        f"{method} {path}: {answer.status_code}"
        for method, path in addresses(house)
        if (answer := house.ask(method, path, token)).status_code not in refused or CONTENT in answer.text
    ]
    return wrong + [name for name, rows in house.everything().items() if rows != before[name]]


def test_there_are_addresses_to_guard(house: House) -> None:
    methods = {method for method, _ in addresses(house)}

    assert methods >= {"GET"}
    assert methods <= set(METHODS)


def test_a_good_token_is_let_in(house: House) -> None:
    token = find_testkit(house.platform.name).token(house.shop)
    assert house.platform.admin_entry

    answer = house.ask("GET", house.platform.admin_entry.entry, token)

    assert answer.status_code == 200
    assert "<h1" in answer.text


def test_no_wrong_token_opens_any_address(house: House) -> None:
    wrong = find_testkit(house.platform.name).wrong_tokens(house.shop)

    opened = {name: unguarded(house, token, UNDECIDED.get(name, REFUSED)) for name, token in wrong.items()}

    assert {name: found for name, found in opened.items() if found} == {}


def test_a_token_of_a_shop_that_left_opens_no_address(house: House) -> None:
    token = find_testkit(house.platform.name).token(house.shop)
    uninstall(house.store.shops, house.shop.id)

    assert unguarded(house, token) == []


def test_without_a_token_only_a_document_is_given_and_nothing_of_the_shop_is_in_it(house: House) -> None:
    before = house.everything()

    for method, path in addresses(house):
        answer = house.ask(method, path, None)
        if method == "GET":
            assert answer.status_code in (200, 302, 401, 403), path
        else:
            assert answer.status_code in (401, 403), f"{method} {path}"
        for word in (DOCUMENT, CONTENT, house.shop.address, "planted"):
            assert word not in answer.text, f"{word} in {method} {path}"
    assert house.everything() == before


def test_another_shop_s_token_shows_that_shop_and_changes_nothing_here(house: House) -> None:
    name, playing = house.platform.name, find_testkit(house.platform.name)
    other_address = house.shop.address.replace("demo", "other")
    other, access = playing.installation(other_address)
    stored = house.store.shops.install(other, access, now=NOON)
    here = _rows_of(house, house.shop.id)

    for method, path in addresses(house):
        answer = house.ask(method, path, playing.token(stored))
        assert CONTENT not in answer.text, f"{name}: {method} {path}"
        assert house.shop.address not in answer.text, f"{name}: {method} {path}"

    assert _rows_of(house, house.shop.id) == here


def _rows_of(house: House, shop_id: int) -> Mapping[str, Any]:
    return {
        name: [row for row in rows if row._mapping.get("shop_id") == shop_id or (name == "shops" and row.id == shop_id)]
        for name, rows in house.everything().items()
    }


@pytest.mark.parametrize("method", METHODS)
def test_an_address_somebody_forgot_to_guard_is_found(house: House, method: str) -> None:
    assert house.platform.admin_entry
    forgotten = Blueprint("forgotten", __name__, url_prefix=house.platform.admin_entry.entry)
    forgotten.add_url_rule("/forgotten/<int:number>", view_func=lambda number: "everything", methods=[method])
    house.app.register_blueprint(forgotten)

    found = unguarded(house, find_testkit(house.platform.name).wrong_tokens(house.shop)["forged"])

    assert found == [f"{method} {house.platform.admin_entry.entry}/forgotten/1: 200"]


def test_an_address_that_refuses_but_changes_something_is_found(house: House) -> None:
    assert house.platform.admin_entry
    careless = Blueprint("careless", __name__, url_prefix=house.platform.admin_entry.entry)

    def changes_first() -> tuple[str, int]:
        uninstall(house.store.shops, house.shop.id)
        return "no", 401

    careless.add_url_rule("/careless", view_func=changes_first, methods=["POST"])
    house.app.register_blueprint(careless)

    found = unguarded(house, find_testkit(house.platform.name).wrong_tokens(house.shop)["forged"])

    assert "shops" in found
