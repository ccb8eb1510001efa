"""Languages: which flow buyers of each language get, and what happens to those without one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from flask import Blueprint, render_template, request

from plugin.domain.delivery import Outcome
from plugin.domain.locale import parse
from plugin.domain.settings import ShopSettings
from plugin.domain.settings.editing import with_languages
from plugin.ports import SeenLocale
from plugin.upkeep.edit import LOOKED_BACK
from plugin.upkeep.unmapped import seen_locales, unmapped
from plugin.web import event_texts, matrix_views
from plugin.web.forms import matrix as matrix_form
from plugin.web.forms.account_flows import account_flows
from plugin.web.forms.languages import Row as RuleRow
from plugin.web.forms.languages import policy_from, with_row_numbers
from plugin.web.forms.matrix import Matrix, Row
from plugin.web.forms.rules import SENT, is_rearranged, read_rules, rearranged, stored_rules, typed_rules
from plugin.web.forms.settings import Form, save, seen_version, submitted, version_in
from plugin.web.no_match_texts import policies
from plugin.web.own_languages import own_languages
from plugin.web.pages.languages import rules
from plugin.web.services import services
from plugin.web.trouble_texts import Notice, words_not_allowed
from plugin.web.visit import visit

blueprint = Blueprint("languages", __name__, url_prefix="/languages")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the page shows, stored or typed."""

    form: Form
    matrix: Matrix
    rules: list[RuleRow]
    focus: str = ""  #: the id of the field or button where the merchant goes on
    is_untold: bool = False  #: the store did not say which languages it is in


@blueprint.get("", strict_slashes=False)
def show() -> str:
    """The matrix; `?map=` begins a row for one that was seen."""
    stored, wanted = _stored(), request.args.get("map", "")
    if not wanted:
        return _page(stored)
    rows = stored.matrix.rows
    place = next((number for number, row in enumerate(rows) if row.locale == wanted), len(rows) - 1)
    mapped = [*rows[:place], Row(locale=wanted, is_offered=True), *rows[place + (place < len(rows) - 1) :]]
    return _page(replace(stored, matrix=replace(stored.matrix, rows=mapped), focus=f"flow-{place}"))


@blueprint.post("", strict_slashes=False)
def change() -> tuple[str, int] | str:
    typed = submitted()
    form = Form(values=typed, version=version_in(typed), told=version_in(typed, "told"))
    shown = Shown(form=form, matrix=matrix_form.typed_matrix(typed), rules=typed_rules(typed))
    if matrix_form.is_rearranged(typed):
        moved, focus = matrix_form.rearranged(typed)
        return _page(replace(shown, matrix=moved, focus=focus), is_unsaved=True)
    if is_rearranged(typed):
        ordered, focus = rearranged(typed)
        return _page(replace(shown, rules=ordered, focus=focus), is_unsaved=True)
    form = _saved(typed, shown.matrix)
    if form.edited and form.edited.is_saved:
        stored, notes = _stored(), {**form.notes, **matrix_views.cleared(shown.matrix, _settings())}
        return _page(replace(stored, form=replace(stored.form, edited=form.edited, notes=notes))), 200
    return _page(replace(shown, form=form)), form.status


def _saved(typed: dict[str, str], flows: Matrix) -> Form:
    draft = policy_from(typed)
    matrix_form.read_matrix(draft, flows, matrix_form.asking(_settings().table))
    read_rules(draft, typed)
    change = partial(with_languages, flows=draft.flows, no_match=draft.no_match, rules=draft.rules if SENT in typed else None)
    also = (("no_match",), ("rules",))
    form = save(("flows",), change, draft.errors, draft.notes, names=draft.names, also=also)
    places = [name for path, name in draft.names.items() if path.startswith("$.flows[") and path.endswith(".locale")]
    return replace(form, errors=with_row_numbers(form.errors, places))


@blueprint.get("/flows")
def flows() -> str:
    """The account's flows, to pick from."""
    found = account_flows()
    if isinstance(found, Outcome):
        return render_template("pages/languages/_flows.html", flows=(), trouble=found)
    return render_template("pages/languages/_flows.html", flows=found or (), trouble=None)


def _settings() -> ShopSettings:
    """As they are now: this request may have saved others."""
    return services().store.shops.settings(visit().shop.id)


def _seen() -> Sequence[SeenLocale]:
    return seen_locales(services().store, visit().shop.id, since=services().now() - LOOKED_BACK)


def _stored() -> Shown:
    settings = _settings()
    no_match = settings.table.no_match
    values = {"policy": no_match.policy.value, "default_flow": str(no_match.automation_id or "")}
    own = own_languages(settings)
    offered = matrix_views.with_offered(matrix_form.stored_matrix(settings.table), settings, _seen(), own.locales)
    with_blank = replace(offered, rows=[*offered.rows, Row()])
    form = Form(values=values, version=seen_version())
    return Shown(form=form, matrix=with_blank, rules=stored_rules(settings.table), is_untold=own.is_untold)


def _warnings(settings: ShopSettings) -> list[Notice]:
    """What keeps letters in several languages from naming products in each."""
    languages = {parse(flow.locale) for flow in settings.table.flows}
    permission = visit().platform.lacks(None, services().store.shops.access(visit().shop.id))
    return [words_not_allowed(permission)] if permission and len(languages) > 1 else []


def _page(shown: Shown, *, is_unsaved: bool = False) -> str:
    ours, form, settings, seen = services(), shown.form, _settings(), _seen()
    looked = rules.Looked.at_newest(now=ours.now()) if shown.rules else rules.Looked(events=(), is_all=True)
    choices = rules.choices(settings, shown.rules, event_texts.titles(visit().kinds), looked)
    return render_template(
        "pages/languages/show.html", form=form, focus=shown.focus, is_unsaved=is_unsaved or form.is_unsaved,
        view=matrix_views.view(shown.matrix, settings, seen, form.errors, visit().kinds),
        asks=matrix_form.asking(settings.table), unmapped=unmapped(settings.table, seen), policies=policies(),
        fallback=matrix_views.fallback(settings), choices=choices,
        rules=rules.views(shown.rules, form.errors, choices, looked, focus=shown.focus),
        warnings=_warnings(settings), is_untold=shown.is_untold,
        knows_account=bool(settings.account.client_secret or settings.account.api_key),
    )  # fmt: skip
