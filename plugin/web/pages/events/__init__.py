"""Events: which kinds leave, where to, and what that looks like."""

from functools import partial

from flask import Blueprint, abort, render_template, request, url_for

from plugin.domain.kinds import KINDS, EventKind
from plugin.domain.locale import best as best_of
from plugin.domain.routing import NoMatchPolicy, Route
from plugin.domain.settings import ShopSettings
from plugin.domain.settings.editing import with_event
from plugin.upkeep.edit import draft
from plugin.upkeep.watch import lacks_cart_link
from plugin.web import event_texts, i18n, letters, matrix_views, sampling
from plugin.web.event_samples import event_sample
from plugin.web.flow_names import flow_names
from plugin.web.flow_recipes import recipe
from plugin.web.forms.matrix import is_wary
from plugin.web.forms.settings import Form, save, seen_version, submitted
from plugin.web.letters import LANGUAGES
from plugin.web.pages.events import flows
from plugin.web.pages.events.audience import audiences
from plugin.web.pages.events.carts import carts
from plugin.web.pages.events.form import form_from, stored_values
from plugin.web.services import services
from plugin.web.trouble_texts import Notice, no_cart_link, not_allowed
from plugin.web.visit import visit

blueprint = Blueprint("events", __name__, url_prefix="/events")


@blueprint.get("", strict_slashes=False)
def index() -> str:
    routes = visit().settings.table.routes
    return render_template("pages/events/index.html", kinds=visit().kinds, routes=routes, event_texts=event_texts)


@blueprint.get("/<kind_name>")
def show(kind_name: str) -> str:
    kind = _kind(kind_name)
    return _page(kind, Form(values=stored_values(_stored(kind), kind), version=seen_version()))


@blueprint.post("/<kind_name>")
def change(kind_name: str) -> tuple[str, int]:
    kind = _kind(kind_name)
    typed = form_from(kind, submitted(), _stored(kind))
    own = flows.read(submitted(), flows.asked(visit().settings.table, kind), kind)
    account = {f"$.account.{name}": "send" for name in ("api_key", "client_id", "client_secret")}
    change = partial(flows.with_own_flows, kind=kind, event=typed.event, rows=own.rows)
    also = (("flows",),) if own.rows else ()
    errors, notes = typed.errors | own.errors, typed.notes | own.notes
    form = save(("events", kind.value), change, errors, notes, names=account, also=also)
    if form.edited and form.edited.is_saved:
        stored = _settings().table.routes.get(kind)
        form = Form(values=stored_values(stored, kind), version=form.version, notes=form.notes, edited=form.edited)
        return _page(kind, form, stored), form.status
    return _page(kind, form), form.status


@blueprint.post("/<kind_name>/sample")
def sample(kind_name: str) -> str:
    """What would leave with the fields as they are typed now."""
    kind = _kind(kind_name)
    typed = form_from(kind, {**submitted(), "enabled": "on"}, _stored(kind))
    made = draft(services().store, visit().shop, partial(with_event, kind=kind, event=typed.event))
    event = sampling.past_event(submitted().get("past", ""), kind) or sampling.made_up(kind)
    return render_template("components/sample.html", sample=sampling.sample(event, made), title=False)


@blueprint.get("/<kind_name>/letter")
def letter(kind_name: str) -> str:
    """A letter to begin with, in the language that is asked for, else in the store's."""
    kind, settings = _kind(kind_name), visit().settings
    wanted = (request.args.get("language", ""), settings.store.default_locale, visit().shop.locale, i18n.locale())
    language = next(best.offered for locale in (*wanted, i18n.ENGLISH) if (best := best_of(locale, LANGUAGES)))
    return render_template(
        "pages/events/letter.html", kind=kind, event_texts=event_texts, letter=letters.letter(kind, language),
        recipe=recipe(kind), language=language, languages=[(each, i18n.own_name(each)) for each in LANGUAGES],
        preview=url_for("letter_previews.show", kind_name=kind.value, language=language),
        has_products=KINDS[kind].has_products, lacks=_lacking_link(kind),
    )  # fmt: skip


def _lacking_link(kind: EventKind) -> str:
    """The variable of the letter's button, where only the merchant can say its address, and did not."""
    name = letters.link_of(kind)
    is_said = name not in visit().platform.merchant_says or getattr(visit().settings.store, name)
    return "" if is_said else name


def _page(kind: EventKind, form: Form, stored: Route | None = None) -> str:
    is_reminder = KINDS[kind].is_computed
    return render_template(
        "pages/events/show.html", kind=kind, form=form, stored=stored or _stored(kind), event_texts=event_texts,
        past=sampling.past(kind), shown_with=submitted().get("past", ""), zone=visit().zone.key,
        audiences=audiences(kind), waits=is_reminder, has_products=KINDS[kind].has_products,
        known=event_sample(kind), carts=carts() if is_reminder else None,
        warnings=_warnings(kind), asked=flows.asked(_settings().table, kind), flow_choices=flows.choices(),
        unmatched=_unmatched(kind), known_flows=tuple(flow_names(_settings()).items()),
        knows_account=_settings().account.has_keys,
    )  # fmt: skip


def _warnings(kind: EventKind) -> list[Notice]:
    found = [no_cart_link()] if KINDS[kind].is_computed and lacks_cart_link(_settings(), visit().platform) else []
    permission = visit().platform.lacks(kind, services().store.shops.access(visit().shop.id))
    return [*found, not_allowed(permission)] if permission else found


def _unmatched(kind: EventKind) -> str:
    """The default flow that a cart or customer event starts in a language without one; "" where none would."""
    no_match = _settings().table.no_match
    is_default = is_wary(kind) and no_match.policy is NoMatchPolicy.DEFAULT_FLOW and no_match.automation_id
    return matrix_views.fallback(_settings()).flow if is_default else ""


def _settings() -> ShopSettings:
    """As they are now: this request may have saved others."""
    return services().store.shops.settings(visit().shop.id)


def _stored(kind: EventKind) -> Route | None:
    return visit().settings.table.routes.get(kind)


def _kind(name: str) -> EventKind:
    if name not in visit().kinds:
        abort(404)
    return EventKind(name)
