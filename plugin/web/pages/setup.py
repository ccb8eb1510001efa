"""The setup guide: five steps from an installed app to the first green test event."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from flask import Blueprint, g, render_template, request

from plugin.domain.audit import Deed
from plugin.domain.delivery import State
from plugin.domain.kinds import KINDS, EventKind
from plugin.domain.routing import NoMatchPolicy
from plugin.domain.settings import ShopSettings
from plugin.domain.settings.editing import SECRETS, Document, part_of, with_event, with_languages
from plugin.domain.settings.pasted import read_event_url
from plugin.domain.settings.values import Wrong
from plugin.ports import DeliveryFilter
from plugin.web import event_texts, trouble_texts
from plugin.web import i18n as interface
from plugin.web.auditing import noted
from plugin.web.event_samples import event_sample
from plugin.web.forms.account import account_change, incomplete_keys
from plugin.web.forms.languages import LanguagesForm, form_from, stored_rows, typed_rows, with_row_numbers
from plugin.web.forms.settings import Form, field_message, save, seen_version, submitted
from plugin.web.i18n import gettext as _
from plugin.web.services import services
from plugin.web.visit import visit

blueprint = Blueprint("setup", __name__, url_prefix="/setup")

ACCOUNT_KEYS = ("client_id", "client_secret")  #: the keys the first step asks for; the others are for the Settings page
STEPS = ("connect", "events", "languages", "test", "done")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Which steps are done; the rest is still to do."""

    done: frozenset[str]

    @property
    def step(self) -> str:
        return next(step for step in STEPS if step not in self.done)


def replace_overview(pages: Blueprint) -> None:
    """Show the guide in place of the overview until it is finished or put away, or events leave without its test."""

    def first() -> str | None:
        is_overview = (request.endpoint or "").endswith(".overview.show")
        return _page() if is_overview and request.method == "GET" and "visit" in g and _is_due() else None

    pages.before_request(first)


@blueprint.get("", strict_slashes=False)
def show() -> str:
    return _page()


@blueprint.post("/connect")
def connect() -> tuple[str, int]:
    """Keep the first event URL, and the account's keys if they came along; nothing is sent before an event is chosen."""
    typed, kind = submitted(), EventKind.ORDER_PAID
    event: dict[str, Any] = dict(_stored("events", kind.value) or {"enabled": False})
    event["send"] = "form" if event.get("send") == "form" else "json"
    errors: dict[str, str] = {}
    try:
        if typed.get("event_url", "").strip() or not event.get("event_url"):
            event["event_url"] = read_event_url(typed.get("event_url", "")).value
    except Wrong as error:
        errors["event_url"] = field_message(error.said)
    part, change = ("events", kind.value), partial(with_event, kind=kind, event=event)
    if not any(name in typed for name in ACCOUNT_KEYS):
        return _next(save(part, change, errors))
    errors |= incomplete_keys(typed)
    names = {f"$.account.{name}": name for name in ACCOUNT_KEYS}
    return _next(save(part, partial(_with_keys, change=change, typed=typed), errors, names=names, also=(("account",),)))


@blueprint.post("/events")
def events() -> tuple[str, int]:
    """Switch on what was ticked; kinds without an event URL of their own begin with the first one."""
    chosen = [kind for kind in _offered() if kind.value in request.form.getlist("kinds")]
    errors = {} if chosen else {"kinds": _("Choose one event at least; the others can follow at any time.")}
    return _next(save(("events",), partial(_with_kinds, chosen=chosen), errors))


@blueprint.post("/languages")
def languages() -> tuple[str, int]:
    is_without = submitted().get("policy") == "none"
    draft = LanguagesForm() if is_without else form_from(submitted() | {"policy": NoMatchPolicy.WITHOUT_FLOW.value})
    if not draft.flows and not draft.errors and not is_without:
        draft.errors["flow-0"] = _("Write one language and its flow, or choose to go on without.")
    no_match = {} if is_without else _stored("no_match")
    change = partial(with_languages, flows=draft.flows, no_match=no_match or {"policy": NoMatchPolicy.WITHOUT_FLOW.value})
    form = save(("flows",), change, draft.errors, draft.notes, names=draft.names, also=(("no_match",),))
    places = [name for path, name in draft.names.items() if path.endswith(".locale")]
    return _next(replace(form, errors=with_row_numbers(form.errors, places)))


@blueprint.post("/dismiss")
def dismiss() -> str:
    services().store.guides.dismissed(visit().shop.id, now=services().now())
    noted(Deed.GUIDE_DISMISSED)
    return render_template("pages/setup/dismissed.html", finished=_progress().step == "done")


def _with_keys(document: Document, change: Callable[[Document], Document], typed: Mapping[str, str]) -> Document:
    """Changed, and with the keys that were typed; what else is set of the account stays."""
    document = change(document)
    if not any(typed.get(name, "").strip() for name in ACCOUNT_KEYS):
        return document
    stored = {name: str(value) for name, value in document.get("account", {}).items() if name not in SECRETS}
    return account_change(stored | {name: typed.get(name, "") for name in ACCOUNT_KEYS})(document)


def _with_kinds(document: Document, chosen: list[EventKind]) -> Document:
    first = next((event["event_url"] for event in document.get("events", {}).values() if event.get("event_url")), None)
    for kind in _offered():
        stored: Mapping[str, Any] = document.get("events", {}).get(kind.value, {})
        if kind in chosen:
            url = {"event_url": first} if first and not stored.get("event_url") else {}
            document = with_event(document, kind, {"send": "json", **stored, **url, "enabled": True})
        elif stored:
            document = with_event(document, kind, {**stored, "enabled": False})
    return document


def _is_due() -> bool:
    step = "done" if services().store.guides.read(visit().shop.id).is_dismissed else _progress().step
    return step != "done" and not (step == "test" and _has_traffic())


def _has_traffic() -> bool:
    """Whether any event was to leave; what comes before anything is set up is skipped."""
    some = (DeliveryFilter(shop_id=visit().shop.id, state=state, limit=1) for state in State if state is not State.SKIPPED)
    return any(services().store.log.count(one, most=1).number for one in some)


def _progress() -> Progress:
    shop_id = visit().shop.id
    settings = services().store.shops.settings(shop_id)
    document = services().store.shops.settings_document(shop_id) or {}
    is_there = {
        "connect": any(route.event_url or route.event_name for route in settings.table.routes.values()),
        "events": any(route.enabled for route in settings.table.routes.values()),
        "languages": bool(settings.table.flows) or "no_match" in document,
        "test": services().store.guides.read(shop_id).is_tested,
    }
    return Progress(done=frozenset(step for step, done in is_there.items() if done))


def _stored(*part: str) -> Mapping[str, Any]:
    """What the newest settings say at this place: going through the guide again takes nothing away unasked."""
    return part_of(services().store.shops.settings_document(visit().shop.id) or {}, part) or {}


def _next(form: Form) -> tuple[str, int]:
    return _page(form), form.status


def _page(form: Form | None = None) -> str:
    progress = _progress()
    shop, settings = visit().shop, services().store.shops.settings(visit().shop.id)
    is_saved = bool(form and form.edited and form.edited.is_saved)
    current = form if form and not is_saved else Form(values=_values(settings), version=seen_version())
    requested = request.args.get("step", "")
    step = requested if requested in STEPS else progress.step
    if form and not is_saved:
        step = request.path.rstrip("/").rpartition("/")[2]
    rows = typed_rows(current.values) or [*stored_rows(settings.table), {}]
    rows = rows if len(rows) > 1 else [{"locale": _language(settings)}, {}]
    store, zone = services().store, settings.zone(shop)
    warnings = trouble_texts.notices(store, visit().platform, shop.id, now=services().now(), zone=zone)
    return render_template(
        "pages/setup/show.html", warnings=warnings, shop=shop, progress=progress, step=step, steps=STEPS, form=current,
        rows=rows, event_texts=event_texts, offered=_offered(), chosen=_chosen(settings, current), account=settings.account,
        route=settings.table.routes.get(EventKind.ORDER_PAID),
        kind_titles=dict(event_texts.titles()), known=event_sample(EventKind.ORDER_PAID) if step == "connect" else None,
    )  # fmt: skip


def _offered() -> tuple[EventKind, ...]:
    return tuple(kind for kind in visit().kinds if KINDS[kind].is_recommended)


def _chosen(settings: ShopSettings, form: Form) -> set[EventKind]:
    if form.is_unsaved:  # what was ticked stays ticked
        return {kind for kind in _offered() if kind.value in request.form.getlist("kinds")}
    on = {kind for kind, route in settings.table.routes.items() if route.enabled}
    return on or {EventKind.ORDER_PAID}


def _values(settings: ShopSettings) -> dict[str, str]:
    kind = next((kind.value for kind, route in settings.table.routes.items() if route.enabled), EventKind.ORDER_PAID.value)
    return {"event_url": "", "client_id": settings.account.client_id, "kind": kind, "locale": _language(settings)}


def _language(settings: ShopSettings) -> str:
    """What the store most likely writes in: as it says, else the first flow's, else the language of its admin."""
    first = next((flow.locale for flow in settings.table.flows), "")
    spoken = interface.locale()
    return settings.store.default_locale or visit().shop.locale or first or (spoken if spoken in interface.LOCALES else "")
