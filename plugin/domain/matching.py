"""Choosing the route and the flow of an event, and saying why."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from plugin.domain import reasons
from plugin.domain.contact import Consent
from plugin.domain.delivery import Hold, Skip
from plugin.domain.event import BuyerLocale, LocaleOrigin, StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.locale import How, best, parse
from plugin.domain.reason_codes import FlowMatch
from plugin.domain.routing import Audience, Flow, NoMatch, NoMatchPolicy, Route, RouteTable, Rule
from plugin.domain.secret import AutomationId
from plugin.domain.wording import Sentence
from plugin.turns import giving_way

_MATCHES: Final = {How.EXACT: FlowMatch.EXACT, How.TRUNCATION: FlowMatch.WIDER, How.DISTANCE: FlowMatch.NEAREST}
LONGEST_QUOTE: Final = 40  #: characters of a store's own text in a message


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Where an event goes, and why."""

    route: Route
    automation_id: AutomationId | None  #: None lets SendPulse start every flow of the event
    match: FlowMatch  #: how the flow was chosen
    rule: Sentence  #: the same in plain words for the log


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
    words: Sentence


def choose(table: RouteTable, event: StoreEvent, *, default_locale: str) -> Choice | Skip | Hold:
    """The flow for this event: rules first, then language, then the merchant's choice for locales without a flow.

    `default_locale` is the shop's own; it stands in when neither the event nor a rule brings one that can be read.
    """
    route = table.routes.get(event.kind)
    if not route:
        return reasons.no_route(event.kind)
    if refusal := _refusal(route, event):
        return refusal
    if rule := flow_rule(table.rules, event):
        return Choice(route=route, automation_id=rule.automation_id, match=FlowMatch.RULE, rule=reasons.of_rule(rule))
    wanted = _wanted(table, event, default_locale)
    if found := _flow_for(table.flows, event.kind, wanted.tag):
        return _by_language(route, *found, wanted)
    return _without_match(table, route, event, wanted)


def guesses(table: RouteTable, locales: Sequence[str]) -> list[Guess]:
    """For each locale the flow it would get and how sure that is, once more for every kind with flows of its own."""
    own = dict.fromkeys(flow.event for flow in table.flows if flow.event)
    return [_guess(table, locale, kind) for locale in giving_way(locales) for kind in (None, *own)]


def _guess(table: RouteTable, locale: str, kind: EventKind | None) -> Guess:
    flow, how = _flow_for(table.flows, kind, locale) or (None, None)
    return Guess(locale=locale, event=kind, flow=flow, how=how)


# ------------------------------------------------------------------ whether it is sent at all


def _refusal(route: Route, event: StoreEvent) -> Skip | None:
    if not route.enabled:
        return reasons.switched_off(event.kind)
    if not event.contact:
        return reasons.no_address(event.kind)
    if route.audience is Audience.SUBSCRIBERS and event.contact.consent is not Consent.SUBSCRIBED:
        return reasons.no_consent(event.kind, event.contact.consent)
    return None


# ------------------------------------------------------------------ the merchant's rules


def flow_rule(rules: Sequence[Rule], event: StoreEvent) -> Rule | None:
    """The rule that gives this event its flow, whatever its language."""
    return next((rule for rule in rules if rule.automation_id and _fits(rule, event)), None)


def locale_rule(rules: Sequence[Rule], event: StoreEvent) -> Rule | None:
    """The rule that gives this event its language; None where its buyer named one."""
    if _found(event.locale).is_buyers:
        return None
    return next((rule for rule in rules if rule.locale and _fits(rule, event)), None)


def with_rules_locale(rules: Sequence[Rule], event: StoreEvent) -> StoreEvent:
    """The event in the language a rule gives it; one that no rule fits any more is as it was found."""
    found, rule = _found(event.locale), locale_rule(rules, event)
    ruled = BuyerLocale(raw=rule.locale, origin=LocaleOrigin.COUNTRY, instead_of=found) if rule else found
    return event if ruled == event.locale else replace(event, locale=ruled)


def decided_by(rules: Sequence[Rule], events: Sequence[StoreEvent]) -> list[int]:
    """For each rule, how many of these events it gives their flow or their language."""
    found: Counter[int] = Counter()
    for event in giving_way(events):
        found.update(id(rule) for rule in (flow_rule(rules, event), locale_rule(rules, event)) if rule)
    return [found[id(rule)] for rule in rules]


def _found(locale: BuyerLocale) -> BuyerLocale:
    """What the store said."""
    return locale.instead_of or locale


def _fits(rule: Rule, event: StoreEvent) -> bool:
    """Whether all that the rule names is true of the event."""
    channel, country = (event.basket.channel, event.basket.country) if event.basket else ("", "")
    return (
        (not rule.channel or rule.channel.casefold() == channel.casefold())
        and (not rule.country or rule.country.casefold() == country.casefold())
        and (not rule.event or rule.event is event.kind)
    )


# ------------------------------------------------------------------ language


def _wanted(table: RouteTable, event: StoreEvent, default_locale: str) -> _Wanted:
    found, rule = _found(event.locale), locale_rule(table.rules, event)
    tag, default, said = parse(found.raw), parse(default_locale), _quote(found.raw)
    if rule:
        return _Wanted(parse(rule.locale) or "", reasons.rules_locale(rule, said if not tag else ""))
    if tag:
        return _Wanted(tag, reasons.buyers_locale(found.origin, said))
    if default:
        return _Wanted(default, reasons.shops_default(said, _quote(default_locale)))
    return _Wanted("", reasons.no_locale(said))


def _flow_for(flows: Sequence[Flow], kind: EventKind | None, locale: str) -> tuple[Flow, How] | None:
    """The flow in this language: of the kind's own ones first, then of those for every kind."""
    for event in dict.fromkeys((kind, None)):
        choosable = {flow.locale: flow for flow in reversed(flows) if flow.event is event}
        if match := best(locale, tuple(reversed(choosable))):
            return choosable[match.offered], match.how
    return None


def _by_language(route: Route, flow: Flow, how: How, wanted: _Wanted) -> Choice:
    words = reasons.of_flow(flow, wanted.words, is_nearest=how is How.DISTANCE)
    return Choice(route=route, automation_id=flow.automation_id, match=_MATCHES[how], rule=words)


# ------------------------------------------------------------------ no flow in this language


def _without_match(table: RouteTable, route: Route, event: StoreEvent, wanted: _Wanted) -> Choice | Skip | Hold:
    choice = table.no_match
    if not table.flows and not table.rules and choice == NoMatch():
        return Choice(route=route, automation_id=None, match=FlowMatch.NO_FLOWS, rule=reasons.NO_FLOWS)
    match choice.policy:
        case NoMatchPolicy.HOLD:
            return reasons.held(wanted.tag, wanted.words)
        case NoMatchPolicy.SKIP:
            return reasons.skipped(wanted.tag, wanted.words, event.kind)
        case NoMatchPolicy.DEFAULT_FLOW:
            words = reasons.of_default_flow(wanted.words, _name_of(choice.automation_id, table))
            return Choice(route=route, automation_id=choice.automation_id, match=FlowMatch.DEFAULT, rule=words)
    return Choice(route=route, automation_id=None, match=FlowMatch.NONE, rule=reasons.without_flow(wanted.words))


def _name_of(automation_id: AutomationId | None, table: RouteTable) -> str:
    return next((flow.name for flow in table.flows if flow.automation_id == automation_id), "")


def _quote(text: str) -> str:
    """A store's own text, short enough for a message."""
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"
