"""Somebody of a shop's staff at our pages: asks with a token, and reads what stands beside a field."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from plugin.config import Settings
from plugin.domain.shop import Shop
from plugin.ports import AccountApi, Store
from plugin.sendpulse.body import bodies
from plugin.web import create_app
from plugin.wiring import Services, short_links
from tests.support.builders import NOON, a_settings_document
from tests.support.fake_platform import FakePlatform, FakeSendPulse


@dataclass
class Merchant:
    """One visitor with a good token."""

    client: FlaskClient
    services: Services
    shop: Shop
    post_box: FakeSendPulse
    language: str = "en"

    def get(self, path: str, *, accept_encoding: str = "") -> TestResponse:
        return self.client.get(f"/fake{path}", headers=self._headers() | {"Accept-Encoding": accept_encoding})

    def post(self, path: str, fields: Mapping[str, Any], **more: Any) -> TestResponse:
        return self.client.post(f"/fake{path}", data=dict(fields), headers=self._headers(), **more)

    def form(self, path: str) -> dict[str, str]:
        """The fields of the page's form as they stand, ready to be sent back."""
        return fields_in(self.get(path).text)

    def document(self) -> Mapping[str, Any]:
        found = self.services.store.shops.settings_version(self.shop.id)
        return found.document if found else {}

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer staff-of {self.shop.address}", "Accept-Language": self.language}


def a_merchant(
    store: Store,
    settings: Settings,
    *,
    document: Mapping[str, Any] | None = None,
    locale: str = "en",
    timezone: str = "Europe/Warsaw",
    account: AccountApi | None = None,
) -> Merchant:
    """Staff of a shop with the settings docs/merchant.md explains, or with these; `{}` for a shop without any."""
    shop = store.shops.install(
        Shop(id=0, platform="fake", address="demo", name="Demo", locale=locale, timezone=timezone, currency="PLN"),
        {},
        now=NOON,
    )
    document = a_settings_document() if document is None else document
    if document:
        store.shops.write_settings(shop.id, document, who="test", now=NOON)
    post_box = FakeSendPulse()
    services = Services(
        settings=settings, store=store, platforms={"fake": FakePlatform()}, post=post_box, write_bodies=bodies,
        short_link=short_links(store, settings), account=account,
    )  # fmt: skip
    return Merchant(create_app(services).test_client(), services, shop, post_box)


class _Page(HTMLParser):
    """Fields, errors by the id of their field, and visible texts outside what is marked as data."""

    VOID = frozenset({"input", "meta", "link", "br", "img"})

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.errors: dict[str, str] = {}
        self.described: set[str] = set()
        self.texts: list[str] = []
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name, value = found.get("name") or "", found.get("value") or ""
        self.described |= {each.removesuffix("-error") for each in (found.get("aria-describedby") or "").split()}
        if tag == "input" and name:
            if found.get("type") not in ("checkbox", "radio") or "checked" in found:
                self.fields[name] = value
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in found or self._select not in self.fields):
            self.fields[self._select] = value
        elif tag == "textarea":
            self._area, self.fields[name] = name, ""
        if tag not in self.VOID:
            self._open.append((tag, found))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass
        self._select = "" if tag == "select" else self._select
        self._area = "" if tag == "textarea" else self._area

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data.removeprefix("\n")
        for _, found in self._open:
            if (found.get("id") or "").endswith("-error"):
                name = str(found["id"]).removesuffix("-error")
                self.errors[name] = self.errors.get(name, "") + data
        is_data = any(found.get("translate") == "no" or tag in ("code", "textarea") for tag, found in self._open)
        if not is_data and re.search(r"[A-Za-z]", data):
            self.texts.append(data.strip())


def _read(html: str) -> _Page:
    page = _Page()
    page.feed(html)
    return page


def fields_in(html: str) -> dict[str, str]:
    return _read(html).fields


def errors_in(html: str) -> dict[str, str]:
    """What stands beside each field."""
    return {name: said.strip() for name, said in _read(html).errors.items()}


def described_in(html: str) -> set[str]:
    """The fields whose error is read with them."""
    return _read(html).described


def bytes_in(html: str) -> list[str]:
    """What a page says is sent, byte for byte."""
    return [unescape(text) for text in re.findall(r"<pre[^>]* data-bytes[^>]*>(.*?)</pre>", html, re.DOTALL)]


def texts_in(html: str) -> list[str]:
    """What a reader sees, without what is marked as data."""
    return _read(html).texts
