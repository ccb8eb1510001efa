"""Every address the application serves, asked of itself, and every way on that a page offers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask import Flask

PARTS: Mapping[str, str] = {"kind_name": "order_paid", "platform_name": "fake", "filename": "app.css", "token": "none"}
ASKING = frozenset({"href", "hx-get", "src"})  #: attributes that are asked for by GET
SENDING = frozenset({"hx-post"})


@dataclass(frozen=True, slots=True)
class Way:
    """One way on from a page."""

    method: str
    address: str


@dataclass(slots=True)
class SentForm:
    """A form of a page, with what stands in it."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


def served(app: Flask, *, number: int = 1) -> list[Way]:
    """Method and path of everything there is, with something that exists in each part of a path."""
    found = []
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<int:\w+>", str(number), rule.rule)
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: PARTS.get(match[1], "none"), path)
        found += [Way(method, path) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    return found


def ways_in(html: str) -> list[Way]:
    """Where its links, its parts and its forms lead, within the app."""
    page = _Ways()
    page.feed(html)
    return [way for way in page.ways if way.address.startswith("/") and not way.address.startswith("//")]


def forms_in(html: str) -> list[SentForm]:
    page = _Ways()
    page.feed(html)
    return page.forms


class _Ways(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ways: list[Way] = []
        self.forms: list[SentForm] = []
        self._form: SentForm | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ways += [Way("GET", given[name]) for name in ASKING & given.keys()]
        self.ways += [Way("POST", given[name]) for name in SENDING & given.keys()]
        if tag == "form" and "action" in given:
            self._form = SentForm(given["action"], given.get("method", "get").upper())
            self.forms.append(self._form)
            self.ways.append(Way(self._form.method, self._form.action))
        if tag in ("input", "select", "textarea", "button") and self._form and given.get("name"):
            self._form.fields.setdefault(given["name"], given.get("value", ""))
        if self._form and "hx-post" in given:
            self.forms.append(SentForm(given["hx-post"], "POST", self._form.fields))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
