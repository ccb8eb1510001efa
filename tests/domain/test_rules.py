"""A rule of the merchant's gives a flow to every event it fits, or a language to those whose buyer named none."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin.domain.event import BuyerLocale, LocaleOrigin, StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.matching import Choice, choose, decided_by, with_rules_locale
from plugin.domain.reason_codes import FlowMatch
from plugin.domain.routing import Flow, Route, RouteTable, Rule
from plugin.domain.secret import AutomationId, EventUrl
from tests.support.builders import EVENT_URL, a_basket, an_event

KINDS = (EventKind.ORDER_PAID, EventKind.CART_ABANDONED)
FLOWS = tuple(Flow(locale=locale, automation_id=AutomationId(n)) for n, locale in enumerate(("en", "pl", "pt-BR"), start=1))
POLISH = Rule(locale="pl", country="PL")
IN_POLAND = a_basket(channel="web", country="PL")
NOBODY_SAID = BuyerLocale()
SHOPS = BuyerLocale(raw="en", origin=LocaleOrigin.SHOP)


def a_table(*rules: Rule) -> RouteTable:
    routes = {kind: Route(kind=kind, event_url=EventUrl(EVENT_URL)) for kind in KINDS}
    return RouteTable(routes=routes, flows=FLOWS, rules=rules)


def an_order(locale: BuyerLocale = NOBODY_SAID, **changed: object) -> StoreEvent:
    return replace(an_event(basket=IN_POLAND), locale=locale, **changed)  # type: ignore[arg-type]


def chosen(event: StoreEvent, *rules: Rule) -> Choice:
    answer = choose(a_table(*rules), event, default_locale="en")
    assert isinstance(answer, Choice)
    return answer


@pytest.mark.parametrize("found", [NOBODY_SAID, SHOPS, BuyerLocale(raw="??", origin=LocaleOrigin.ORDER)], ids=str)
def test_an_order_whose_buyer_named_no_language_has_the_rules(found: BuyerLocale) -> None:
    event = with_rules_locale((POLISH,), an_order(found))

    assert event.locale == BuyerLocale(raw="pl", origin=LocaleOrigin.COUNTRY, instead_of=found)
    assert chosen(event, POLISH).automation_id == AutomationId(2)


@pytest.mark.parametrize("origin", [LocaleOrigin.ORDER, LocaleOrigin.CHECKOUT, LocaleOrigin.CUSTOMER])
def test_a_language_that_the_buyer_named_stays(origin: LocaleOrigin) -> None:
    event = an_order(BuyerLocale(raw="pt-BR", origin=origin))

    assert with_rules_locale((POLISH,), event) is event
    assert chosen(event, POLISH).rule.endswith('→ your flow "pt-BR"')


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (POLISH, "language pl by your rule for country Poland (PL)"),
        (replace(POLISH, country="ZZ"), "language pl by your rule for country ZZ"),
        (replace(POLISH, channel="web"), "language pl by your rule for channel web, country Poland (PL)"),
        (Rule(locale="pl", event=KINDS[0]), "language pl by your rule for event order_paid"),
    ],
    ids=str,
)
def test_the_reason_says_which_rule_gave_the_language(rule: Rule, said: str) -> None:
    event = an_order(basket=a_basket(channel="web", country=rule.country))

    assert chosen(event, rule).rule == f'{said} → your flow "pl"'


def test_the_reason_says_what_could_not_be_read() -> None:
    event = with_rules_locale((POLISH,), an_order(BuyerLocale(raw="klingon", origin=LocaleOrigin.ORDER)))

    said = 'language klingon not recognized, so pl by your rule for country Poland (PL) → your flow "pl"'
    assert chosen(event, POLISH).rule == said


def test_a_rule_for_a_flow_decides_whatever_the_language_is() -> None:
    flow = Rule(automation_id=AutomationId(9), channel="web")
    event = with_rules_locale((POLISH, flow), an_order())

    assert chosen(event, POLISH, flow).automation_id == AutomationId(9)
    assert event.locale.raw == "pl"


def test_a_rule_that_is_gone_takes_its_language_with_it() -> None:
    ruled = with_rules_locale((POLISH,), an_order(SHOPS))

    assert with_rules_locale((), ruled) == an_order(SHOPS)
    assert chosen(ruled).rule == 'your store\'s default language en → your flow "en"'


def test_a_rule_that_fits_still_changes_nothing() -> None:
    ruled = with_rules_locale((POLISH,), an_order(SHOPS))

    assert with_rules_locale((POLISH,), ruled) is ruled


def test_an_event_counts_for_the_rule_that_gives_its_flow_and_for_the_one_that_gives_its_language() -> None:
    flow, late = Rule(automation_id=AutomationId(9), channel="web"), Rule(automation_id=AutomationId(8), country="PL")
    events = [an_order(), an_order(BuyerLocale(raw="en", origin=LocaleOrigin.ORDER)), an_order(basket=None)]

    assert decided_by((flow, POLISH, late), events) == [2, 1, 0]


# ------------------------------------------------------------------ a model that knows the rules and not the app

ASKED = st.fixed_dictionaries(
    {"channel": st.sampled_from(["", "web", "pos"]), "country": st.sampled_from(["", "PL", "BR"])},
    optional={"event": st.sampled_from(KINDS)},
)
GIVEN = st.fixed_dictionaries({"automation_id": st.integers(11, 13)}) | st.fixed_dictionaries(
    {"locale": st.sampled_from(["pl", "pt-BR", "en"])}
)
RULES = st.lists(st.tuples(ASKED, GIVEN), max_size=5)
PLACES = st.tuples(st.sampled_from(["web", "pos", "b2b"]), st.sampled_from(["PL", "BR", "DE", ""]), st.sampled_from(KINDS))
FOUND = st.tuples(st.sampled_from(["pl", "pt-BR", "en", "", "?"]), st.sampled_from(LocaleOrigin))
BY_FLOW = {"en": 1, "pl": 2, "pt-BR": 3}


def reckoned(
    rules: list[tuple[dict[str, object], dict[str, object]]], place: dict[str, object], raw: str, origin: str
) -> object:
    """The flow and the language such an event has: flows of rules first, then the buyer, then rules, then the shop."""
    fitting = [gives for asks, gives in rules if all(place[name] == value for name, value in asks.items() if value)]
    flows = [gives["automation_id"] for gives in fitting if "automation_id" in gives]
    locales = [gives["locale"] for gives in fitting if "locale" in gives]
    is_named = raw in BY_FLOW and origin in ("order", "checkout", "customer")
    locale = raw if is_named or not locales else locales[0]
    return (flows[0] if flows else BY_FLOW[str(locale) if locale in BY_FLOW else "en"]), locale


@settings(deadline=None, max_examples=300)
@given(rules=RULES, place=PLACES, found=FOUND)
def test_every_event_gets_what_the_model_says(
    rules: list[tuple[dict[str, object], dict[str, object]]],
    place: tuple[str, str, EventKind],
    found: tuple[str, LocaleOrigin],
) -> None:
    channel, country, kind = place
    written = tuple(
        Rule(**(asks | gives | ({"automation_id": AutomationId(gives["automation_id"])} if "automation_id" in gives else {})))  # type: ignore[arg-type]
        for asks, gives in rules
    )
    event = an_event(kind=kind, basket=a_basket(channel=channel, country=country))
    event = with_rules_locale(written, replace(event, locale=BuyerLocale(raw=found[0], origin=found[1])))

    choice = chosen(event, *written)

    wanted = reckoned(rules, {"channel": channel, "country": country, "event": kind}, *found)
    assert (choice.automation_id and choice.automation_id.number, event.locale.raw) == wanted
    assert (choice.match is FlowMatch.RULE) == (wanted[0] in (11, 12, 13))
