"""Languages: which flow buyers of each language get, and what happens to those without one."""

from dataclasses import replace
from functools import partial

from flask import Blueprint, render_template, request

from plugin.domain.delivery import Outcome
from plugin.domain.settings.editing import with_languages
from plugin.upkeep.edit import LOOKED_BACK
from plugin.upkeep.unmapped import seen_locales, unmapped
from plugin.web import event_texts
from plugin.web.forms.languages import Row, form_from, stored_rows, typed_rows, with_row_numbers
from plugin.web.forms.settings import Form, save, seen_version, submitted, version_in
from plugin.web.i18n import gettext as _
from plugin.web.no_match_texts import policies
from plugin.web.pages.languages import presenter
from plugin.web.services import services
from plugin.web.visit import visit

blueprint = Blueprint("languages", __name__, url_prefix="/languages")

BLANK: Row = {"locale": "", "flow": "", "name": "", "event": ""}


@blueprint.get("", strict_slashes=False)
def show() -> str:
    """The table; `?map=` begins a row for one that was seen."""
    form, rows = _stored()
    wanted = request.args.get("map", "")
    return _page(form, [*rows, {**BLANK, "locale": wanted}], focus=len(rows) if wanted else None)


@blueprint.post("", strict_slashes=False)
def change() -> tuple[str, int] | str:
    typed = submitted()
    if "add" in typed:
        rows = typed_rows(typed)
        form = Form(values=typed, version=version_in(typed))
        return _page(form, [*rows, BLANK], focus=len(rows), is_unsaved=True)
    draft = form_from(typed)
    change = partial(with_languages, flows=draft.flows, no_match=draft.no_match)
    form = save(("flows",), change, draft.errors, draft.notes, names=draft.names, also=(("no_match",),))
    places = [name for path, name in draft.names.items() if path.endswith(".locale")]
    form = replace(form, errors=with_row_numbers(form.errors, places))
    if form.edited and form.edited.is_saved:
        stored, rows = _stored()
        return _page(replace(stored, edited=form.edited, notes=form.notes), [*rows, BLANK]), 200
    return _page(form, typed_rows(typed)), form.status


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


def _stored() -> tuple[Form, list[Row]]:
    table = services().store.shops.settings(visit().shop.id).table
    no_match = table.no_match
    values = {"policy": no_match.policy.value, "default_flow": str(no_match.automation_id or "")}
    return Form(values=values, version=seen_version()), stored_rows(table)


def _page(form: Form, rows: list[Row], *, focus: int | None = None, is_unsaved: bool = False) -> str:
    ours, shop = services(), visit().shop
    settings = ours.store.shops.settings(shop.id)
    seen = seen_locales(ours.store, shop.id, since=services().now() - LOOKED_BACK)
    kinds = [("", _("Every event")), *event_texts.titles(visit().kinds)]
    return render_template(
        "pages/languages/show.html", form=form, rows=rows, focus=focus, is_unsaved=is_unsaved or form.is_unsaved,
        kinds=kinds, unmapped=unmapped(settings.table, seen), policies=policies(),
        fallback=presenter.fallback(settings), rules=presenter.rules(settings),
        knows_account=bool(settings.account.client_secret or settings.account.api_key),
    )  # fmt: skip
