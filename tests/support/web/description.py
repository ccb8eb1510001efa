"""The HTTP surface as OpenAPI 3.1, read from the application itself: `python -m tests.support.web.description` renews it."""

import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from flask import Flask
from werkzeug.routing import Rule

from plugin.config import Settings
from plugin.domain.kinds import EventKind
from plugin.domain.shop import Shop
from plugin.platforms import discover, find_testkit
from plugin.sendpulse.body import bodies
from plugin.storage import SqlStore, open_store
from plugin.storage.db.migrate import migrate
from plugin.web import create_app
from plugin.wiring import Services, short_links
from tests.support.builders import NOON, a_settings_document
from tests.support.databases import settings_for
from tests.support.fake_platform import FakeSendPulse
from tests.support.storage.situations import a_delivery
from tests.support.web.addresses import SentForm, forms_in, served

DESCRIPTION: Final = Path(__file__).resolve().parents[3] / "docs" / "openapi.json"
#: What a part of a path may be, by its name; any other is a word.
PARTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "platform_name": {"type": "string", "enum": sorted(discover())},
    "kind_name": {"type": "string", "enum": sorted(EventKind)},
    "delivery_id": {"type": "integer", "format": "int64", "minimum": 0},
}
FORM: Final = "application/x-www-form-urlencoded"
#: Addresses that read JSON, and what it is.
JSON_BODIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "/webhooks/<platform_name>": {"description": "The store's own webhook; its signature stands in a header."},
    "/saleor/register": {
        "type": "object",
        "required": ["auth_token"],
        "properties": {"auth_token": {"type": "string"}},
    },
}
ANSWERS: Final[Mapping[str, str]] = {
    "2XX": "Done, or the page.",
    "3XX": "Elsewhere.",
    "4XX": "What is wrong with the request, and what to do.",
    "503": "Not now: ask again after `Retry-After`.",
}


def described(app: Flask, forms: Sequence[SentForm]) -> dict[str, Any]:
    """Every address with its methods, the parts of its path, its headers and what its forms send."""
    paths: dict[str, Any] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        path = re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            paths.setdefault(path, {})[method.lower()] = _operation(app, rule, method, forms)
    info = {"title": "SendPulse plugin", "version": "1", "description": "Made from the application; see DESIGN, section 8."}
    return {"openapi": "3.1.0", "info": info, "paths": paths}


def _operation(app: Flask, rule: Rule, method: str, forms: Sequence[SentForm]) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": PARTS.get(name, {"type": "string"})}
        for name in sorted(rule.arguments)
    ]
    sent = _sent(rule.rule, method, forms)
    if method == "GET":
        parameters += [{"name": name, "in": "query", "schema": {"type": "string"}} for name in sent]
    words = (app.view_functions[rule.endpoint].__doc__ or "").strip().partition("\n")[0]
    operation: dict[str, Any] = {
        "parameters": parameters,
        "responses": {code: {"description": text} for code, text in ANSWERS.items()},
    }
    if words:
        operation["summary"] = words
    if method == "POST":
        operation["requestBody"] = {"content": _content(rule.rule, sent)}
    return operation


def _content(rule: str, sent: Sequence[str]) -> dict[str, Any]:
    if rule.rstrip("/") in JSON_BODIES:
        return {"application/json": {"schema": JSON_BODIES[rule.rstrip("/")]}}
    return {FORM: {"schema": {"type": "object", "properties": {name: {"type": "string"} for name in sent}}}}


def _sent(rule: str, method: str, forms: Sequence[SentForm]) -> list[str]:
    """The fields of the forms that lead there."""
    pattern = re.compile(re.sub(r"<[^<>]+>", "[^/]+", rule))
    return sorted(
        {
            name
            for form in forms
            if form.method == method and pattern.fullmatch(form.action.split("?")[0])
            for name in form.fields
        }
    )


def all_platforms(store: SqlStore, settings: Settings) -> tuple[Flask, Mapping[str, Shop]]:
    """The application with every platform, and a shop of each that has settings and a delivery."""
    kits = {name: find_testkit(name) for name in discover()}
    services = Services(
        settings=settings, store=store, post=FakeSendPulse(), write_bodies=bodies, short_link=short_links(store, settings),
        platforms={name: folder.open(settings, kits[name].environ) for name, folder in discover().items()},
    )  # fmt: skip
    shops = {}
    for name, kit in kits.items():
        shop, access = kit.installation()
        shops[name] = store.shops.install(shop, access, now=NOON)
        store.shops.write_settings(shops[name].id, a_settings_document(), who="test", now=NOON)
        a_delivery(store, shops[name])
    return create_app(services), shops


def all_forms(app: Flask, shops: Mapping[str, Shop]) -> Iterator[SentForm]:
    """Every form of every page, as each shop's staff sees it."""
    for name, shop in shops.items():
        headers = {"Authorization": f"Bearer {find_testkit(name).token(shop)}"}
        for way in served(app):
            if way.method == "GET":
                yield from forms_in(app.test_client().get(way.address, headers=headers, buffered=True).text)


def description() -> dict[str, Any]:
    """The description of the application as it is now."""
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_for(f"sqlite:///{folder}/plugin.db")
        migrate(settings)
        store = open_store(settings)
        try:
            app, shops = all_platforms(store, settings)
            return described(app, list(all_forms(app, shops)))
        finally:
            store.close()


def written(found: Mapping[str, Any]) -> str:
    """The bytes of the file."""
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    DESCRIPTION.write_text(written(description()))
