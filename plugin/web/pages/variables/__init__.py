"""Variables: the merchant's own, each always the same or a field of the store's webhooks that is clicked in a tree."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, abort, render_template, request

from plugin.domain.audit import Deed
from plugin.domain.kinds import EventKind
from plugin.domain.own import MOST, OwnType, OwnVariable
from plugin.domain.settings.editing import EMPTY, Document, with_variable
from plugin.sendpulse.own import typed
from plugin.web import event_texts
from plugin.web.auditing import noted
from plugin.web.forms.settings import Form, save, seen_version, submitted
from plugin.web.i18n import gettext as _
from plugin.web.pages.variables import webhooks
from plugin.web.pages.variables.form import form_from, places, proposed_name, proposed_type, stored_values
from plugin.web.pages.variables.tree import Field, tree_of
from plugin.web.services import services
from plugin.web.visit import visit

blueprint = Blueprint("variables", __name__, url_prefix="/settings/variables")


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What a variable would say of the webhook that is shown."""

    text: str = ""  #: as it would leave; "" where that is masked
    said: str = ""  #: in words, where it is masked or left out
    is_left_out: bool = False


@blueprint.get("", strict_slashes=False)
def show() -> str:
    return _list()


@blueprint.get("/edit")
def edit() -> str:
    """The variable of this name, or a new one."""
    variable = _stored().get(request.args.get("name", ""))
    return _page(Form(values=stored_values(variable), version=seen_version()))


@blueprint.post("/edit")
def change() -> tuple[str, int]:
    values = submitted()
    was = values.get("was", "")
    if "delete" in values:
        return _saved(save(("variables",), partial(with_variable, was=was, variable=None), {}))
    draft = form_from(values, _stored().keys() - {was})
    saving = partial(with_variable, was=was, variable=draft.variable)
    return _saved(save(("variables",), saving, draft.errors, names=places(_document(), was)))


@blueprint.post("/fields")
def fields() -> str:
    """The fields with the one that was clicked in the tree, and a name and a type for it."""
    values = submitted()
    webhook = webhooks.shown(_kind(values))
    path = values.pop("take", "")
    taken = tree_of(webhook.body).field(path)
    if taken is None:
        return _fields(Form(values=values, version=0), _value(values))
    told = {"source": "path", "path": path, "type": proposed_type(webhook.text_at(path) or "")}
    if values.get("name", "").strip() in ("", values.get("proposed")):  # else somebody chose it
        told["name"] = told["proposed"] = proposed_name(taken.names)
    values = values | told
    return _fields(Form(values=values, version=0), _value(values))


@blueprint.post("/value")
def value() -> str:
    """What the fields as they are typed would say."""
    return render_template("pages/variables/_value.html", value=_value(submitted()))


@blueprint.post("/webhook")
def webhook() -> str:
    """The webhook's fields to choose from; a real one is looked at under the eyes of the shop's audit."""
    kind = _kind(submitted())
    found = webhooks.shown(kind)
    if not found.is_sample:
        noted(Deed.WEBHOOK_VIEWED, kind=kind.value)
    return render_template("pages/variables/_webhook.html", tree=tree_of(found.body), is_sample=found.is_sample)


def _value(values: Mapping[str, str]) -> Value:
    if values.get("type") not in list(OwnType):
        return Value()
    type = OwnType(values["type"])
    if values.get("source") == "value":
        return _typed(values.get("value", "").strip(), type, None)
    path = values.get("path", "")
    if not path:
        return Value()
    kind = _kind(values)
    found = webhooks.shown(kind)
    field = tree_of(found.body).field(path)
    if field is None and not found.is_sample:  # a test in a path can ask what any field says
        noted(Deed.WEBHOOK_VIEWED, kind=kind.value)
    text = found.text_at(path)
    if text is None:
        return Value(said=_("This event has no such field, so the variable would be left out."), is_left_out=True)
    return _typed(text, type, field or Field(label="", is_masked=True, length=len(text)))


def _typed(text: str, type: OwnType, at: Field | None) -> Value:
    """What such a text comes to; a field of which it is not known that it names nobody stays masked."""
    sent = typed(text, type, visit().zone)
    if sent in ("", None):
        unfit = {
            OwnType.TEXT: _("This has no text, so the variable would be left out."),
            OwnType.NUMBER: _("This is not a number, so the variable would be left out."),
            OwnType.DATE: _("This is not a date, so the variable would be left out."),
        }
        return Value(said=unfit[type], is_left_out=True)
    if at is not None and at.is_masked:
        return Value(said=_("Hidden because it may be personal (characters: %(number)s).", number=len(str(sent))))
    return Value(text=str(sent))


def _saved(form: Form) -> tuple[str, int]:
    if form.edited and form.edited.is_saved:
        return _list(form), 200
    return _page(form), form.status


def _list(form: Form | None = None) -> str:
    variables = list(_stored().values())
    return render_template(
        "pages/variables/index.html", page="variables", variables=variables, form=form or Form(values={}, version=0),
        event_title=event_texts.title, types=_types(), most=MOST,
        nowhere={one.name for one in variables if webhooks.is_nowhere(one)},
    )  # fmt: skip


def _page(form: Form) -> str:
    kind = _kind(form.values)
    return render_template(
        "pages/variables/edit.html", form=form, kinds=event_texts.titles(visit().kinds), shown_kind=kind.value,
        types=list(_types().items()), value=_value(form.values),
    )  # fmt: skip


def _fields(form: Form, value: Value) -> str:
    return render_template(
        "pages/variables/_fields.html", form=form, kinds=event_texts.titles(visit().kinds), value=value,
        types=list(_types().items()),
    )  # fmt: skip


def _types() -> dict[str, str]:
    return {OwnType.TEXT.value: _("Text"), OwnType.NUMBER.value: _("Number"), OwnType.DATE.value: _("Date")}


def _kind(values: Mapping[str, str]) -> EventKind:
    """The kind whose webhook is shown: as chosen, else the first this variable is for, else the first that leaves."""
    chosen = values.get("shown", "")
    if chosen and chosen not in visit().kinds:
        abort(404)
    ticked = [kind for kind in visit().kinds if values.get("each") == "some" and values.get(f"kind-{kind.value}") == "on"]
    sent = [kind for kind, route in visit().settings.table.routes.items() if route.enabled and kind in visit().kinds]
    return EventKind(chosen) if chosen else next(iter((*ticked, *sent, *visit().kinds)))


def _stored() -> dict[str, OwnVariable]:
    """As they are now: this request may have saved others."""
    return {one.name: one for one in services().store.shops.settings(visit().shop.id).variables}


def _document() -> Document:
    newest = services().store.shops.settings_version(visit().shop.id)
    return newest.document if newest else EMPTY
