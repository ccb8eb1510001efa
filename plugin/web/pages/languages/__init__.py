"""Languages: which flow buyers of each language get, and what happens to those without one."""

from dataclasses import dataclass, replace
from functools import partial

from flask import Blueprint, render_template, request

from plugin.domain.delivery import Outcome
from plugin.domain.locale import parse
from plugin.domain.settings import ShopSettings
from plugin.domain.settings.editing import with_languages
from plugin.upkeep.edit import LOOKED_BACK
from plugin.upkeep.unmapped import seen_locales, unmapped
from plugin.web import event_texts
from plugin.web.forms.languages import Row, form_from, stored_rows, typed_rows, with_row_numbers
from plugin.web.forms.rules import SENT, is_rearranged, read_rules, rearranged, stored_rules, typed_rules
from plugin.web.forms.settings import Form, save, seen_version, submitted, version_in
from plugin.web.i18n import gettext as _
from plugin.web.no_match_texts import policies
from plugin.web.pages.languages import presenter, rules
from plugin.web.services import services
from plugin.web.trouble_texts import Notice, words_not_allowed
from plugin.web.visit import visit

blueprint = Blueprint("languages", __name__, url_prefix="/languages")

BLANK: Row = {"locale": "", "flow": "", "name": "", "event": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the page shows, stored or typed."""

    form: Form
    flows: list[Row]
    rules: list[Row]
    focus: str = ""  #: the id of the field or button where the merchant goes on


@blueprint.get("", strict_slashes=False)
def show() -> str:
    """The table; `?map=` begins a row for one that was seen."""
    stored = _stored()
    wanted = request.args.get("map", "")
    focus = f"flow-{len(stored.flows)}" if wanted else ""
    return _page(replace(stored, flows=[*stored.flows, {**BLANK, "locale": wanted}], focus=focus))


@blueprint.post("", strict_slashes=False)
def change() -> tuple[str, int] | str:
    typed = submitted()
    form = Form(values=typed, version=version_in(typed))
    if "add" in typed:
        flows = typed_rows(typed)
        return _page(
            Shown(form=form, flows=[*flows, BLANK], rules=typed_rules(typed), focus=f"flow-{len(flows)}"), is_unsaved=True
        )
    if is_rearranged(typed):
        moved, focus = rearranged(typed)
        return _page(Shown(form=form, flows=typed_rows(typed), rules=moved, focus=focus), is_unsaved=True)
    form = _saved(typed)
    if form.edited and form.edited.is_saved:
        stored = _stored()
        form = replace(stored.form, edited=form.edited, notes=form.notes)
        return _page(replace(stored, form=form, flows=[*stored.flows, BLANK])), 200
    return _page(Shown(form=form, flows=typed_rows(typed), rules=typed_rules(typed))), form.status


def _saved(typed: dict[str, str]) -> Form:
    draft = form_from(typed)
    read_rules(draft, typed)
    change = partial(with_languages, flows=draft.flows, no_match=draft.no_match, rules=draft.rules if SENT in typed else None)
    also = (("no_match",), ("rules",))
    form = save(("flows",), change, draft.errors, draft.notes, names=draft.names, also=also)
    places = [name for path, name in draft.names.items() if path.startswith("$.flows[") and path.endswith(".locale")]
    return replace(form, errors=with_row_numbers(form.errors, places))


@blueprint.get("/flows")
def flows() -> str:
    """The account's flows, to pick from."""
    account = visit().settings.account
    ask = services().account
    if ask is None or not (account.api_key or account.client_secret):
        return render_template("pages/languages/_flows.html", flows=(), trouble=None)
    found = ask.flows(account)
    if isinstance(found, Outcome):
        return render_template("pages/languages/_flows.html", flows=(), trouble=found)
    return render_template("pages/languages/_flows.html", flows=found, trouble=None)


def _stored() -> Shown:
    table = services().store.shops.settings(visit().shop.id).table
    no_match = table.no_match
    values = {"policy": no_match.policy.value, "default_flow": str(no_match.automation_id or "")}
    return Shown(form=Form(values=values, version=seen_version()), flows=stored_rows(table), rules=stored_rules(table))


def _warnings(settings: ShopSettings) -> list[Notice]:
    """What keeps letters in several languages from naming products in each."""
    languages = {parse(flow.locale) for flow in settings.table.flows}
    permission = visit().platform.lacks(None, services().store.shops.access(visit().shop.id))
    return [words_not_allowed(permission)] if permission and len(languages) > 1 else []


def _page(shown: Shown, *, is_unsaved: bool = False) -> str:
    ours, shop, form = services(), visit().shop, shown.form
    settings = ours.store.shops.settings(shop.id)
    seen = seen_locales(ours.store, shop.id, since=ours.now() - LOOKED_BACK)
    kinds = [("", _("Every event")), *event_texts.titles(visit().kinds)]
    looked = rules.Looked.at_newest(now=ours.now()) if shown.rules else rules.Looked(events=(), is_all=True)
    choices = rules.choices(settings, shown.rules, event_texts.titles(visit().kinds), looked)
    return render_template(
        "pages/languages/show.html", form=form, rows=shown.flows, focus=shown.focus,
        is_unsaved=is_unsaved or form.is_unsaved, kinds=kinds, unmapped=unmapped(settings.table, seen), policies=policies(),
        fallback=presenter.fallback(settings), choices=choices,
        rules=rules.views(shown.rules, form.errors, choices, looked, focus=shown.focus),
        warnings=_warnings(settings), knows_account=bool(settings.account.client_secret or settings.account.api_key),
    )  # fmt: skip
