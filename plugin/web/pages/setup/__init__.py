"""The setup guide: five steps from an installed app to the first green test event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from flask import Blueprint, g, render_template, request

from plugin.domain.audit import Deed
from plugin.domain.delivery import State
from plugin.domain.kinds import KINDS, EventKind
from plugin.domain.routing import NoMatchPolicy
from plugin.domain.settings import ShopSettings
from plugin.domain.settings.editing import part_of, with_languages
from plugin.ports import DeliveryFilter
from plugin.web import event_texts, trouble_texts
from plugin.web import i18n as interface
from plugin.web.auditing import noted
from plugin.web.event_samples import event_sample
from plugin.web.forms.languages import with_row_numbers
from plugin.web.forms.matrix import Matrix, asking, is_rearranged, rearranged, typed_matrix
from plugin.web.forms.settings import Form, save, seen_version, submitted, version_in
from plugin.web.own_languages import OwnLanguages, own_languages
from plugin.web.pages.setup import checklist, choosing, connecting, flows, testing
from plugin.web.services import services
from plugin.web.visit import visit

blueprint = Blueprint("setup", __name__, url_prefix="/setup")

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
    """Keep the account's keys and the first event URL, whichever came; nothing is sent before an event is chosen."""
    typed = submitted()
    found = connecting.read(typed, visit().settings)
    change = partial(connecting.connected, typed=typed, url=found.url)
    names = {f"$.account.{name}": name for name in connecting.KEYS}
    return _next(save(("events",), change, found.errors, found.notes, names=names, also=(("account",),)))


@blueprint.post("/events")
def events() -> tuple[str, int]:
    """Switch on what was ticked, each with its own event in SendPulse or all with the same."""
    typed, kinds = submitted(), visit().kinds
    found = choosing.read(typed, request.form.getlist("kinds"), kinds, visit().settings)
    names = {
        f"$.events.{kind}.{part}": choosing.field_of(kind) for kind in kinds for part in ("event_url", "event_name", "send")
    }
    change = partial(choosing.with_choice, choice=found, kinds=kinds)
    return _next(save(("events",), change, found.errors, found.notes, names=names))


@blueprint.post("/languages")
def languages() -> tuple[str, int]:
    """Keep the flows; buyers whose language has none are held, where nothing else was chosen."""
    typed, settings = submitted(), visit().settings
    is_skipped, typed_flows = typed.get("policy") == flows.SKIP, typed_matrix(typed)
    if not is_skipped and is_rearranged(typed):
        moved, focus = rearranged(typed)
        return _page(
            Form(values=typed, version=version_in(typed), told=version_in(typed, "told")), matrix=moved, focus=focus
        ), 200
    draft = flows.skipped(settings) if is_skipped else flows.read(typed_flows, settings)
    known, nothing = _stored("no_match"), {"policy": NoMatchPolicy.WITHOUT_FLOW.value}
    unmatched = nothing if is_skipped else known or flows.unmatched(draft, settings, _language(settings))
    change = partial(with_languages, flows=draft.flows, no_match=unmatched)
    saving = partial(save, ("flows",), change, draft.errors, draft.notes, names=draft.names, also=(("no_match",),))
    form = saving()
    if form.edited and form.edited.confirmation and not (known or settings.table.flows):  # there was nothing to lose
        form = saving(sure=form.edited.confirmation)
    places = [name for path, name in draft.names.items() if path.startswith("$.flows[") and path.endswith(".locale")]
    form = replace(form, errors=with_row_numbers(form.errors, places))
    return _page(form, matrix=typed_flows), form.status


@blueprint.post("/test")
def test() -> tuple[str, int]:
    """Test one language, or all of them, with the events that were chosen."""
    typed, settings = submitted(), visit().settings
    email, only = typed.get("email", "").strip(), request.args.get("locale")
    rows, kinds = testing.rows(settings, _language(settings)), testing.kinds_on(settings)
    if wrong := testing.mistake(email):
        return _tests(rows, is_one=only is not None, errors={"email": wrong}), 422
    wanted = [row for row in rows if only is None or row.locale == only]
    chosen = [kind for kind in kinds if typed.get("kind", "") in ("", kind.value)]
    return _tests(testing.tested(wanted, chosen, email=email), is_one=only is not None), 200


def _tests(rows: Sequence[testing.LanguageRow], *, is_one: bool, errors: Mapping[str, str] | None = None) -> str:
    """A row's answer, or all rows with theirs."""
    if errors and is_one:
        return render_template("components/wrong_fields.html", errors=errors)
    page = "_answers" if is_one else "_tests"
    row = rows[0] if rows else None
    return render_template(f"pages/setup/{page}.html", tests=rows, row=row, errors=errors or {})


@blueprint.post("/dismiss")
def dismiss() -> str:
    services().store.guides.dismissed(visit().shop.id, now=services().now())
    noted(Deed.GUIDE_DISMISSED)
    return render_template("pages/setup/dismissed.html", finished=_progress().step == "done")


def _is_due() -> bool:
    step = "done" if services().store.guides.read(visit().shop.id).is_dismissed else _progress().step
    return step != "done" and not (step in ("languages", "test") and _has_traffic())


def _has_traffic() -> bool:
    """Whether any event was to leave; what comes before anything is set up is skipped."""
    some = (DeliveryFilter(shop_id=visit().shop.id, state=state, limit=1) for state in State if state is not State.SKIPPED)
    return any(services().store.log.count(one, most=1).number for one in some)


def _progress() -> Progress:
    shop_id = visit().shop.id
    settings = services().store.shops.settings(shop_id)
    document = services().store.shops.settings_document(shop_id) or {}
    is_there = {
        "connect": settings.account.has_keys
        or any(route.event_url or route.event_name for route in settings.table.routes.values()),
        "events": any(route.enabled for route in settings.table.routes.values()),
        "languages": flows.is_chosen(settings, has_rule="no_match" in document),
        "test": services().store.guides.read(shop_id).is_tested,
    }
    return Progress(done=frozenset(step for step, done in is_there.items() if done))


def _stored(*part: str) -> Mapping[str, Any]:
    """What the newest settings say at this place: going through the guide again takes nothing away unasked."""
    return part_of(services().store.shops.settings_document(visit().shop.id) or {}, part) or {}


def _next(form: Form) -> tuple[str, int]:
    return _page(form), form.status


def _page(form: Form | None = None, *, matrix: Matrix | None = None, focus: str = "") -> str:
    progress = _progress()
    shop, settings = visit().shop, services().store.shops.settings(visit().shop.id)
    is_saved = bool(form and form.edited and form.edited.is_saved)
    current = form if form and not is_saved else Form(values=_values(settings), version=seen_version())
    requested = request.args.get("step", "")
    step = requested if requested in STEPS else progress.step
    if form and not is_saved:
        step = request.path.rstrip("/").rpartition("/")[2]
    store, zone = services().store, settings.zone(shop)
    warnings = trouble_texts.notices(store, visit().platform, shop.id, now=services().now(), zone=zone)
    return render_template(
        "pages/setup/show.html", warnings=warnings, shop=shop, progress=progress, step=step, steps=STEPS, form=current,
        account=settings.account, **_of_step(step, settings, current, None if is_saved else matrix, focus),
    )  # fmt: skip


def _of_step(step: str, settings: ShopSettings, form: Form, matrix: Matrix | None, focus: str) -> dict[str, Any]:
    """What only this step shows."""
    if step == "connect":
        way = (
            connecting.Way(form.values["way"])
            if form.values.get("way") in list(connecting.Way)
            else connecting.way_of(settings)
        )
        return {"way": way, "known": event_sample(connecting.KIND), "route": settings.table.routes.get(connecting.KIND)}
    if step == "events":
        return _events_step(settings, form)
    if step == "languages":
        return _languages_step(settings, form, matrix, focus)
    if step == "test":
        kinds = testing.kinds_on(settings)
        return {"tests": testing.rows(settings, _language(settings)), "kinds": event_texts.titles(kinds)}
    if step == "done":
        is_missing = request.args.get("arrived") == "no"
        return {"is_missing": is_missing, "inactive": checklist.inactive_flows(settings) if is_missing else None}
    return {}


def _events_step(settings: ShopSettings, form: Form) -> dict[str, Any]:
    typed = form.values if form.is_unsaved else {}
    ticked = request.form.getlist("kinds") if form.is_unsaved else None
    name, hint = choosing.shared_address(settings)
    parts = {
        part: choosing.groups([kind for kind in visit().kinds if KINDS[kind].is_recommended is wanted], settings, typed, ticked)
        for part, wanted in (("groups", True), ("more", False))
    }
    more = [row for group in parts["more"] for row in group.rows]
    is_open = any(row.is_on or choosing.field_of(row.kind) in form.errors for row in more)
    addresses = typed.get("addresses", choosing.addresses_of(settings))
    return {**parts, "shows_more": is_open, "addresses": addresses, "shared": typed.get(choosing.SHARED, name), "hint": hint}


def _languages_step(settings: ShopSettings, form: Form, matrix: Matrix | None, focus: str) -> dict[str, Any]:
    own = OwnLanguages() if matrix else own_languages(settings)
    rows = matrix or flows.offered(settings, [*own.locales, _language(settings)])
    view = flows.view(rows, settings, form.errors)
    return {
        "view": view,
        "is_untold": own.is_untold,
        "focus": focus,
        "is_unsaved": form.is_unsaved or bool(focus),
        "asks": asking(settings.table),
        "own": flows.own_events(settings),
        "holds": flows.holds(settings),
        "no_match": settings.table.no_match,
        "is_first": not _stored("no_match"),
    }


def _values(settings: ShopSettings) -> dict[str, str]:
    kind = next((kind.value for kind, route in settings.table.routes.items() if route.enabled), EventKind.ORDER_PAID.value)
    return {"event_url": "", "client_id": settings.account.client_id, "kind": kind, "locale": _language(settings)}


def _language(settings: ShopSettings) -> str:
    """What the store most likely writes in: as it says, else the first flow's, else the language of its admin."""
    first = next((flow.locale for flow in settings.table.flows), "")
    spoken = interface.locale()
    return settings.store.default_locale or visit().shop.locale or first or (spoken if spoken in interface.LOCALES else "")
