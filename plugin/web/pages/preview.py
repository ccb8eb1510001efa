"""Preview and test: what would be sent for a made-up or a past event, and sending one to the merchant's own address."""

import time
from dataclasses import replace

from flask import Blueprint, render_template, request

from plugin.domain.audit import Deed
from plugin.domain.delivery import Hold, Outcome, Skip, Verdict
from plugin.domain.errors import GiveUp, Misconfigured
from plugin.domain.event import BuyerLocale, LocaleOrigin, StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.locale import parse
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.wording import Sentence
from plugin.upkeep.send_test import send_test
from plugin.web import event_texts, sampling
from plugin.web.auditing import noted
from plugin.web.forms.email_mistakes import email_mistake
from plugin.web.i18n import gettext as _
from plugin.web.reasons import translated
from plugin.web.services import services
from plugin.web.visit import visit
from plugin.web.wire_preview import wire_preview

blueprint = Blueprint("preview", __name__, url_prefix="/preview")


@blueprint.get("", strict_slashes=False)
def show() -> str:
    settings, shop = visit().settings, visit().shop
    routes = settings.table.routes
    kinds = event_texts.titles(visit().kinds)
    first = next((kind.value for kind, route in routes.items() if route.enabled), EventKind.ORDER_PAID.value)
    return render_template(
        "pages/preview/show.html", kinds=kinds, kind=request.args.get("kind", first), past=sampling.past(),
        zone=visit().zone.key, language=settings.store.default_locale or shop.locale,
    )  # fmt: skip


@blueprint.post("/result")
def result() -> tuple[str, int]:
    """The bytes and the flow, for what is chosen."""
    event, errors = _event()
    if event is None:
        return render_template("components/wrong_fields.html", errors=errors), 422
    return render_template("components/sample.html", sample=sampling.sample(event, visit().settings)), 200


@blueprint.post("/test")
def test() -> tuple[str, int]:
    """Send one event to the address that was typed, the real way; it is stored nowhere."""
    event, errors = _event(email=request.form.get("email", "").strip())
    if event is None:
        return render_template("components/wrong_fields.html", errors=errors), 422
    ours, shop = services(), visit().shop
    noted(Deed.TEST_SENT, kind=event.kind.value)
    began = time.monotonic()
    try:
        answer = send_test(
            event, shop, visit().settings, write_bodies=ours.write_bodies, short_link=ours.short_link, post=ours.post
        )
    except GiveUp as error:
        answer = Skip(code=ReasonCode.GIVEN_UP, reason=Sentence(str(error)))
    took_ms = round((time.monotonic() - began) * 1000)
    if isinstance(answer, Skip | Hold):
        return render_template("pages/preview/_tested.html", outcome=None, refused=answer), 200
    choice, body, outcome = answer
    _remember(outcome)
    return render_template(
        "pages/preview/_tested.html", outcome=outcome, choice=choice, took_ms=took_ms,
        body=wire_preview(choice.route.send, body),
    ), 200  # fmt: skip


def _remember(outcome: Outcome) -> None:
    if outcome.verdict is Verdict.DELIVERED:
        services().store.guides.tested(visit().shop.id, now=services().now())


def _event(email: str | None = None) -> tuple[StoreEvent | None, dict[str, str]]:
    """The event that was chosen, or what is wrong, by field."""
    kind_name, locale, past = (request.form.get(name, "").strip() for name in ("kind", "locale", "past"))
    errors: dict[str, str] = {}
    if kind_name not in visit().kinds:
        errors["kind"] = _("“%(found)s” is not an event we know. Choose one from the list.", found=kind_name[:40])
    if locale and not parse(locale):
        errors["locale"] = _("“%(found)s” is not a language we know. Enter one such as en, pl or pt-BR.", found=locale[:40])
    if email is not None and (problem := email_mistake(email)):
        errors["email"] = problem
    if errors:
        return None, errors
    if past and email is None:
        return _past(past, locale)
    try:
        return sampling.made_up(EventKind(kind_name), locale=locale, email=email or sampling.EXAMPLE_EMAIL), {}
    except Misconfigured as error:
        return None, {"email": translated(str(error))}


def _past(number: str, locale: str) -> tuple[StoreEvent | None, dict[str, str]]:
    found = sampling.past_event(number)
    if found is None:
        return None, {"past": _("This event is no longer among the newest. Choose another one.")}
    if not locale:
        return found, {}
    return replace(found, locale=BuyerLocale(raw=locale, origin=LocaleOrigin.ORDER)), {}
