"""Settings: what is said of the store, the SendPulse account, and the whole settings as a file."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, Response, render_template, request
from markupsafe import Markup

from plugin.domain.audit import Deed
from plugin.domain.settings import ShopSettings
from plugin.domain.settings.editing import Document, with_store
from plugin.domain.settings.file import SettingsError, write_settings_file
from plugin.domain.settings.secrets import kept, with_stored_secrets
from plugin.domain.wording import NO_SENTENCE
from plugin.upkeep.edit import draft
from plugin.web import event_texts, i18n, language_names, limits
from plugin.web.auditing import noted
from plugin.web.forms.account import account_change, incomplete_keys
from plugin.web.forms.matrix import asking, inheriting
from plugin.web.forms.settings import Form, errors_by_field, save, seen_version, submitted, version_in
from plugin.web.forms.zones import offset, zone_called, zones
from plugin.web.i18n import gettext as _
from plugin.web.pages.store import examples, reading
from plugin.web.services import services
from plugin.web.trouble_texts import Notice, takes_orders_flow
from plugin.web.visit import visit

blueprint = Blueprint("store", __name__, url_prefix="/settings")

TEXTS = ("name", "link", "product_link", "cart_link", "order_link", "timezone", "default_locale", "consent_key")
TICKS = ("test_orders", "old_orders")
MEANT = {"timezone": zone_called, "default_locale": language_names.called}  #: chosen from lists, by name
NOT_EVERYWHERE = frozenset({"cart_link", "order_link", "consent_key"})  #: asked where the platform cannot say it


@blueprint.get("", strict_slashes=False)
def show() -> str:
    return _page("store", Form(values=_store(visit().settings), version=seen_version()))


@blueprint.post("", strict_slashes=False)
def change() -> tuple[str, int]:
    typed = submitted()
    store: dict[str, Any] = {name: typed[name].strip() for name in TEXTS if typed.get(name, "").strip()}
    store |= {name: meant(store[name]) for name, meant in MEANT.items() if name in store}
    store |= {name: typed.get(name) == "on" for name in TICKS} | {"product_id": typed.get("product_id", "number")}
    errors = examples.refused(store, visit().settings, _merchant_says())
    return _saved("store", _store, save(("store",), partial(with_store, store=store), errors))


@blueprint.get("/account")
def account() -> str:
    return _page("account", Form(values=_account(visit().settings), version=seen_version()))


@blueprint.post("/account")
def change_account() -> tuple[str, int]:
    return _saved("account", _account, save(("account",), account_change(submitted()), incomplete_keys(submitted())))


@blueprint.post("/account/check")
def check() -> tuple[str, int]:
    """Whether SendPulse takes these credentials, before they are saved."""
    typed, ask = submitted(), services().account
    if wrong := incomplete_keys(typed):
        return render_template("components/wrong_fields.html", errors=wrong), 422
    made = draft(services().store, visit().shop, account_change(typed))
    if not isinstance(made, ShopSettings):
        beside, others = errors_by_field(made, "$.account", {})
        if beside:
            return render_template("components/wrong_fields.html", errors=beside), 422
        return render_template("pages/store/_checked.html", outcome=None, errors=others), 422
    if ask is None or not made.account.has_keys:
        return render_template(
            "components/wrong_fields.html", errors={"client_id": _("Enter the ID and the secret first.")}
        ), 422
    noted(Deed.ACCOUNT_CHECKED)
    return render_template("pages/store/_checked.html", outcome=ask.check(made.account)), 200


@blueprint.get("/file")
def file() -> str:
    return _page("file", Form(values={"text": ""}, version=seen_version()))


@blueprint.get("/export")
def export() -> Response:
    """The settings without secrets, as a file."""
    limits.demand(limits.EXPORTS, visit().shop.id, now=services().now())
    document = write_settings_file(visit().settings, with_secrets=False)
    noted(Deed.SETTINGS_EXPORTED)
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    named = {"Content-Disposition": 'attachment; filename="sendpulse-settings.json"', "Cache-Control": "no-store"}
    return Response(text, mimetype="application/json", headers=named)


@blueprint.post("/file")
def import_file() -> tuple[str, int]:
    """Take a settings file in place of all settings, but for the secrets it leaves out; every error in it is shown."""
    chosen = request.files.get("file")
    given = reading.read_file(chosen.read() if chosen and chosen.filename else None, submitted().get("text", ""))
    if given.document is None:
        return _page("file", Form(values={"text": given.text}, version=version_in(submitted()), errors=given.errors)), 422
    file = given.document
    form = save((), partial(with_stored_secrets, file), {})
    messages = [reading.missing_secret(error, file) or other for error, other in zip(_errors(form), form.others, strict=True)]
    refused = {"text": Markup("\n").join(messages)} if messages else {}
    is_saved = bool(form.edited and form.edited.is_saved)
    kept_note = kept(file, _document(form.version)).summary if is_saved else NO_SENTENCE
    text = "" if is_saved else given.text
    return _page("file", replace(form, values={"text": text}, errors=refused, others=()), kept_note=kept_note), form.status


def _errors(form: Form) -> Sequence[SettingsError]:
    return form.edited.errors if form.edited else ()


def _document(version: int) -> Document:
    found = services().store.shops.settings_version(visit().shop.id, version)
    return found.document if found else {}


def _saved(page: str, values: Callable[[ShopSettings], dict[str, str]], form: Form) -> tuple[str, int]:
    if form.edited and form.edited.is_saved:
        form = Form(values=values(_settings()), version=form.version, edited=form.edited)
    return _page(page, form), form.status


def _page(page: str, form: Form, **more: object) -> str:
    shop, settings = visit().shop, _settings()
    if page == "store":
        more |= {"examples": examples.examples(form.values, settings, _merchant_says()), **_lists(form.values)}
    return render_template(
        f"pages/store/{page}.html", form=form, shop=shop, account=settings.account, page=page, asked=_asked(settings),
        warnings=_warnings(settings) if page == "file" else (), **more,
    )  # fmt: skip


def _warnings(settings: ShopSettings) -> list[Notice]:
    """What a file may say, and a merchant hardly means."""
    kinds = [kind for kind in asking(settings.table) if inheriting(settings.table.flows, kind)]
    return [takes_orders_flow(", ".join(map(event_texts.title, kinds)))] if kinds else []


def _lists(values: Mapping[str, str]) -> Mapping[str, object]:
    """What time zone and language are chosen from, and what is chosen: its name, and what its clocks are ahead now."""
    shop, now = visit().shop, services().now()
    offered = [(each.code, i18n.said(each.name)) for each in language_names.languages(i18n.locale())]
    return {
        "zones": zones(now),
        "offset": offset(values.get("timezone", "") or shop.timezone, now),
        "languages": offered,
        "language": dict(offered).get(values.get("default_locale", "") or shop.locale, ""),
    }


def _asked(settings: ShopSettings) -> frozenset[str]:
    """Which of the fields that not every store needs are shown; what is set is seen everywhere, or it would be lost."""
    is_set = {name for name in NOT_EVERYWHERE if getattr(settings.store, name)}
    return _merchant_says() & NOT_EVERYWHERE | is_set


def _merchant_says() -> frozenset[str]:
    return visit().platform.merchant_says


def _settings() -> ShopSettings:
    return services().store.shops.settings(visit().shop.id)


def _store(settings: ShopSettings) -> dict[str, str]:
    store = settings.store
    texts = {name: getattr(store, name) for name in TEXTS}
    product_id = "text" if store.product_id_as_text else "number"
    return texts | {name: "on" if getattr(store, name) else "" for name in TICKS} | {"product_id": product_id}


def _account(settings: ShopSettings) -> dict[str, str]:
    account = settings.account
    return {"rate_per_second": str(account.rate_per_second), "client_id": account.client_id, "client_secret": "", "api_key": ""}
