"""Choosing the route and the flow of an event, and saying why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from plugin.domain.contact import Consent
from plugin.domain.delivery import Hold, Skip
from plugin.domain.event import BuyerLocale, EventKind, LocaleOrigin, StoreEvent
from plugin.domain.locale import How, best, parse
from plugin.domain.routing import Audience, Flow, NoMatch, NoMatchPolicy, Route, RouteTable, Rule
from plugin.domain.secret import AutomationId

LONGEST_QUOTE: Final = 40  #: characters of a store's own text in a message
NO_FLOW_FITS: Final = "no flow fits"  #: in every rule by which something left although no flow's language fitted
NO_FLOW: Final = "No flow"  #: begins every reason why it did not leave


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Where an event goes, and why."""

    route: Route
    automation_id: AutomationId | None  #: None lets SendPulse start every flow of the event
    rule: str  #: plain words for the log
    matched: str = ""  #: the locale of the merchant's flow; "" when no flow's language decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What a buyer with this locale would get, to show before it happens."""

    locale: str  #: as asked
    event: EventKind | None  #: the kind with flows of its own; None: every other kind
    flow: Flow | None  #: None: the no-match rule decides
    how: How | None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The locale that decides, and what it is called in messages."""

    tag: str  #: "" when nobody named one
    words: str


def choose(table: RouteTable, event: StoreEvent, *, default_locale: str) -> Choice | Skip | Hold:
    """The flow for this event: rules first, then language, then the merchant's choice for locales without a flow.

    `default_locale` is the shop's own; it stands in when the event brings none that can be read.
    """
    route = table.routes.get(event.kind)
    if not route:
        return _skip(event, f"No route for {event.kind}.", f"Add one for {event.kind} on the mapping page.")
    if refusal := _refusal(route, event):
        return refusal
    if rule := next((rule for rule in table.rules if _fits(rule, event)), None):
        return Choice(route=route, automation_id=rule.automation_id, rule=_words_of_rule(rule))
    wanted = _wanted(event.locale, default_locale)
    if found := _flow_for(table.flows, event.kind, wanted.tag):
        return _by_language(route, *found, wanted)
    return _without_match(table, route, event, wanted)


def guesses(table: RouteTable, locales: Sequence[str]) -> list[Guess]:
    """For each locale the flow it would get and how sure that is, once more for every kind with flows of its own."""
    own = dict.fromkeys(flow.event for flow in table.flows if flow.event)
    return [_guess(table, locale, kind) for locale in locales for kind in (None, *own)]


def _guess(table: RouteTable, locale: str, kind: EventKind | None) -> Guess:
    flow, how = _flow_for(table.flows, kind, locale) or (None, None)
    return Guess(locale=locale, event=kind, flow=flow, how=how)


# ------------------------------------------------------------------ whether it is sent at all


def _refusal(route: Route, event: StoreEvent) -> Skip | None:
    if not route.enabled:
        return _skip(event, f"{event.kind} is switched off.", f"Switch {event.kind} on on the mapping page.")
    if not event.contact:
        reason = "The store sent neither an e-mail address nor a phone number that can be used."
        return _skip(event, reason, "Ask for one of them at checkout; SendPulse cannot recognise anybody without.")
    if route.audience is Audience.SUBSCRIBERS and event.contact.consent is not Consent.SUBSCRIBED:
        return _skip(event, f"No consent: {_CONSENT[event.contact.consent]}.", _CONSENT_FIX.format(kind=event.kind))
    return None


_CONSENT: Final = {
    Consent.NOT_SUBSCRIBED: "the buyer did not agree to marketing",
    Consent.UNKNOWN: "the store did not say whether the buyer agreed to marketing",
}
_CONSENT_FIX: Final = (
    "{kind} is set to leave for subscribers only. "
    "If it is not marketing (a receipt is not), set its audience to everyone on the mapping page."
)


def _skip(event: StoreEvent, reason: str, fix: str) -> Skip:
    return Skip(reason=reason, fix=fix, kind=event.kind)


# ------------------------------------------------------------------ the merchant's rules


def _fits(rule: Rule, event: StoreEvent) -> bool:
    """Whether all that the rule names is true of the event."""
    channel, country = (event.basket.channel, event.basket.country) if event.basket else ("", "")
    return (
        (not rule.channel or rule.channel.casefold() == channel.casefold())
        and (not rule.country or rule.country.casefold() == country.casefold())
        and (not rule.event or rule.event is event.kind)
    )


def _words_of_rule(rule: Rule) -> str:
    named = (("channel", rule.channel), ("country", rule.country), ("event", rule.event or ""))
    terms = ", ".join(f"{what} {value}" for what, value in named if value)
    return f"{terms or 'every event'} → your rule{_bracketed(rule.name)}"


# ------------------------------------------------------------------ language


def _wanted(found: BuyerLocale, default_locale: str) -> _Wanted:
    tag, default = parse(found.raw), parse(default_locale)
    if tag:
        return _Wanted(tag, f"{_OWNERS[found.origin]} {_quote(found.raw)}")
    problem = f"locale {_quote(found.raw)} cannot be read" if found.raw.strip() else "the store named no locale"
    if default:
        return _Wanted(default, f"{problem}, so the shop's default {_quote(default_locale)}")
    return _Wanted("", f"{problem}, and the shop has no default locale")


_OWNERS: Final = {
    LocaleOrigin.ORDER: "buyer's locale",
    LocaleOrigin.CHECKOUT: "buyer's locale",
    LocaleOrigin.CUSTOMER: "customer's locale",
    LocaleOrigin.COUNTRY: "country's locale",
    LocaleOrigin.SHOP: "shop's default locale",
    LocaleOrigin.NONE: "locale",
}


def _flow_for(flows: Sequence[Flow], kind: EventKind | None, locale: str) -> tuple[Flow, How] | None:
    """The flow in this language: of the kind's own ones first, then of those for every kind."""
    for event in dict.fromkeys((kind, None)):
        choosable = {flow.locale: flow for flow in reversed(flows) if flow.event is event}
        if match := best(locale, tuple(reversed(choosable))):
            return choosable[match.offered], match.how
    return None


def _by_language(route: Route, flow: Flow, how: How, wanted: _Wanted) -> Choice:
    nearest = ", the nearest of the same language" if how is How.DISTANCE else ""
    words = f'{wanted.words} → your flow "{flow.locale}"{_bracketed(flow.name)}{nearest}'
    return Choice(route=route, automation_id=flow.automation_id, rule=words, matched=flow.locale)


# ------------------------------------------------------------------ no flow in this language


def _without_match(table: RouteTable, route: Route, event: StoreEvent, wanted: _Wanted) -> Choice | Skip | Hold:
    choice = table.no_match
    if not table.flows and not table.rules and choice == NoMatch():
        words = "no flows are set: SendPulse starts every flow of the event"
        return Choice(route=route, automation_id=None, rule=words)
    missing = f"{NO_FLOW} fits {wanted.tag}" if wanted.tag else f"{NO_FLOW} can be chosen: {wanted.words}"
    remedy = f"Add a flow for {wanted.tag}" if wanted.tag else "Set the shop's default locale"
    fix = f"{remedy}, or change what happens when no flow fits, on the mapping page"
    match choice.policy:
        case NoMatchPolicy.HOLD:
            return Hold(reason=f"{missing}; your settings hold such events.", fix=f"{fix}; then send the held ones again.")
        case NoMatchPolicy.SKIP:
            return _skip(event, f"{missing}; your settings skip such events.", f"{fix}.")
        case NoMatchPolicy.DEFAULT_FLOW:
            words = f"{wanted.words}: {NO_FLOW_FITS} → your default flow{_bracketed(_name_of(choice.automation_id, table))}"
            return Choice(route=route, automation_id=choice.automation_id, rule=words)
    words = f"{wanted.words}: {NO_FLOW_FITS} → sent without a flow, so SendPulse starts every flow of the event"
    return Choice(route=route, automation_id=None, rule=words)


def _name_of(automation_id: AutomationId | None, table: RouteTable) -> str:
    return next((flow.name for flow in table.flows if flow.automation_id == automation_id), "")


def _bracketed(name: str) -> str:
    return f" ({name})" if name else ""


def _quote(text: str) -> str:
    """A store's own text, short enough for a message."""
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"
