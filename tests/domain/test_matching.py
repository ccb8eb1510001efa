"""Each event goes where the merchant said, or the merchant reads why it did not."""

from dataclasses import replace
from typing import Any

import pytest

from plugin.domain.contact import Consent
from plugin.domain.delivery import Hold, Skip
from plugin.domain.event import BuyerLocale, LocaleOrigin, StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.locale import How
from plugin.domain.matching import Choice, choose, guesses
from plugin.domain.reason_codes import FlowMatch
from plugin.domain.routing import Audience, Flow, NoMatch, NoMatchPolicy, Route, RouteTable, Rule
from plugin.domain.secret import AutomationId, EventUrl
from tests.support.builders import EVENT_URL, a_basket, a_contact, an_event

PAID = EventKind.ORDER_PAID
ABANDONED = EventKind.CART_ABANDONED


def a_flow(locale: str, number: int, **changed: Any) -> Flow:
    return Flow(locale=locale, automation_id=AutomationId(number), **changed)


ENGLISH = a_flow("en", 101, name="English")
POLISH = a_flow("pl", 102, name="Polski")
POLISH_CARTS = a_flow("pl", 202, name="Polski, carts", event=ABANDONED)


def a_table(*flows: Flow, route: Route | None = None, **changed: Any) -> RouteTable:
    routes = {kind: Route(kind=kind, event_url=EventUrl(EVENT_URL)) for kind in (PAID, ABANDONED)}
    if route:
        routes[route.kind] = route
    return RouteTable(routes=routes, flows=flows, **changed)


def chosen(table: RouteTable, event: StoreEvent, default_locale: str = "en") -> Choice:
    answer = choose(table, event, default_locale=default_locale)
    assert isinstance(answer, Choice)
    return answer


def skipped(table: RouteTable, event: StoreEvent) -> Skip:
    answer = choose(table, event, default_locale="en")
    assert isinstance(answer, Skip)
    assert answer.kind is event.kind
    return answer


# ------------------------------------------------------------------ whether it is sent at all


def test_an_event_without_a_route_is_skipped_and_the_fix_says_where_to_add_one() -> None:
    skip = skipped(RouteTable(routes={}), an_event())

    assert skip.reason == "order_paid is not set up."
    assert skip.fix == "Set up order_paid on the Events page."


def test_a_switched_off_event_is_skipped() -> None:
    assert skipped(a_table(route=Route(kind=PAID, enabled=False)), an_event()).reason == "order_paid is switched off."


def test_an_event_about_nobody_is_skipped() -> None:
    assert "no usable email address or phone number" in skipped(a_table(), an_event(contact=None)).reason


@pytest.mark.parametrize(
    ("consent", "words"), [(Consent.NOT_SUBSCRIBED, "did not agree"), (Consent.UNKNOWN, "did not say")], ids=str
)
def test_an_event_for_subscribers_is_skipped_without_consent(consent: Consent, words: str) -> None:
    table = a_table(route=Route(kind=PAID, audience=Audience.SUBSCRIBERS))

    skip = skipped(table, an_event(contact=a_contact(consent=consent)))

    assert skip.reason.startswith("No consent") and words in skip.reason
    assert "choose “Everyone” on the Events page" in skip.fix


def test_an_event_for_subscribers_leaves_with_consent() -> None:
    table = a_table(POLISH, route=Route(kind=PAID, audience=Audience.SUBSCRIBERS))

    assert chosen(table, an_event()).automation_id == AutomationId(102)


def test_an_event_for_everyone_leaves_without_consent() -> None:
    assert chosen(a_table(POLISH), an_event(contact=a_contact(consent=Consent.NOT_SUBSCRIBED))).automation_id


# ------------------------------------------------------------------ rules

RULE = Rule(automation_id=AutomationId(900), channel="Retail-PL", country="pl", event=PAID, name="Shops in Poland")
IN_POLAND = a_basket(channel="retail-pl", country="PL")


def test_a_rule_comes_before_language_whatever_its_case() -> None:
    choice = chosen(a_table(ENGLISH, rules=(RULE,)), an_event(locale="en", basket=IN_POLAND))

    assert choice.automation_id == AutomationId(900)
    assert choice.rule == "channel Retail-PL, country Poland (PL), event order_paid → your rule (Shops in Poland)"
    assert choice.match is FlowMatch.RULE


@pytest.mark.parametrize(
    "event",
    [
        an_event(locale="en", basket=a_basket(channel="web", country="PL")),
        an_event(locale="en", basket=a_basket(channel="retail-pl", country="DE")),
        an_event(locale="en", kind=ABANDONED, basket=IN_POLAND),
        an_event(locale="en", basket=None),
    ],
    ids=["other channel", "other country", "other event", "no basket"],
)
def test_all_that_a_rule_names_must_fit(event: StoreEvent) -> None:
    assert chosen(a_table(ENGLISH, rules=(RULE,)), event).automation_id == AutomationId(101)


def test_the_first_rule_that_fits_wins() -> None:
    rules = (
        Rule(automation_id=AutomationId(1), country="DE"),
        Rule(automation_id=AutomationId(2), country="PL"),
        Rule(automation_id=AutomationId(3), event=PAID),
    )

    assert chosen(a_table(rules=rules), an_event(basket=IN_POLAND)).automation_id == AutomationId(2)


def test_a_rule_that_names_nothing_fits_every_event() -> None:
    rule = Rule(automation_id=AutomationId(7))

    assert chosen(a_table(ENGLISH, rules=(rule,)), an_event(basket=None)).rule == "every event → your rule"


# ------------------------------------------------------------------ language


def test_a_buyer_gets_the_flow_in_the_own_language_with_the_reason() -> None:
    choice = chosen(a_table(ENGLISH, POLISH), an_event(locale="pl-PL"))

    assert choice.route.kind is PAID
    assert choice.automation_id == AutomationId(102)
    assert choice.rule == 'buyer\'s language pl-PL → your flow "pl" (Polski)'
    assert choice.match is FlowMatch.WIDER


def test_a_locale_read_in_part_is_shown_as_it_was_written() -> None:
    choice = chosen(a_table(ENGLISH, POLISH), an_event(locale="pl_PL.UTF-8@euro"))

    assert choice.rule == 'buyer\'s language pl_PL.UTF-8@euro → your flow "pl" (Polski)'


def test_another_script_is_never_replaced_by_the_shops_language() -> None:
    table = a_table(ENGLISH, a_flow("sr-Cyrl", 1), no_match=NoMatch(policy=NoMatchPolicy.HOLD))

    answer = choose(table, an_event(locale="sr_RS@latin"), default_locale="en")

    assert isinstance(answer, Hold)
    assert answer.reason == "No flow fits sr-Latn-RS, so the event is held, as you set."


def test_a_guess_is_called_one() -> None:
    choice = chosen(a_table(a_flow("pt_BR", 5)), an_event(locale="pt-PT"))

    assert choice.rule == 'buyer\'s language pt-PT → your flow "pt_BR", the nearest of the same language'


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        (LocaleOrigin.ORDER, "buyer's language pl →"),
        (LocaleOrigin.CHECKOUT, "buyer's language pl →"),
        (LocaleOrigin.CUSTOMER, "customer's language pl →"),
        (LocaleOrigin.COUNTRY, "language pl →"),
        (LocaleOrigin.SHOP, "your store's default language pl →"),
        (LocaleOrigin.NONE, "language pl →"),
    ],
    ids=str,
)
def test_the_reason_says_whose_locale_it_was(origin: LocaleOrigin, words: str) -> None:
    event = replace(an_event(), locale=BuyerLocale(raw="pl", origin=origin))

    assert chosen(a_table(POLISH), event).rule.startswith(words)


def test_a_kinds_own_flow_comes_before_the_one_for_every_kind() -> None:
    table = a_table(ENGLISH, POLISH, POLISH_CARTS)

    assert chosen(table, an_event(kind=ABANDONED)).automation_id == AutomationId(202)
    assert chosen(table, an_event(kind=PAID)).automation_id == AutomationId(102)


def test_a_kind_without_an_own_flow_in_the_language_uses_the_one_for_every_kind() -> None:
    assert chosen(a_table(ENGLISH, POLISH_CARTS), an_event(locale="en-GB", kind=ABANDONED)).automation_id == AutomationId(101)


def test_another_kinds_flow_is_never_used() -> None:
    assert chosen(a_table(POLISH_CARTS), an_event(kind=PAID)).automation_id is None


def test_of_two_flows_in_one_language_the_first_is_used() -> None:
    assert chosen(a_table(a_flow("pl", 1), a_flow("pl", 2)), an_event()).automation_id == AutomationId(1)
    assert chosen(a_table(a_flow("es-MX", 1), a_flow("es-AR", 2)), an_event(locale="es-CL")).automation_id == AutomationId(1)


def test_a_ukrainian_buyer_never_gets_the_russian_flow() -> None:
    assert chosen(a_table(a_flow("ru", 1)), an_event(locale="uk-UA")).automation_id is None


def test_without_a_locale_the_shops_default_decides_and_the_reason_says_so() -> None:
    choice = chosen(a_table(ENGLISH, POLISH), an_event(locale=""), default_locale="pl")

    assert choice.automation_id == AutomationId(102)
    assert choice.rule == 'no language given, so your store\'s default pl → your flow "pl" (Polski)'


def test_an_unreadable_locale_counts_as_none_and_is_shown_short() -> None:
    choice = chosen(a_table(ENGLISH), an_event(locale="klingon\n" + "x" * 100))

    assert choice.automation_id == AutomationId(101)
    assert choice.rule.startswith("language klingon xxx")
    assert "x… not recognized, so your store's default en → " in choice.rule
    assert choice.rule.count("x") == 40 - len("klingon ")


# ------------------------------------------------------------------ no flow in this language


def test_without_any_flows_sendpulse_starts_every_flow_of_the_event() -> None:
    choice = chosen(a_table(), an_event())

    assert choice.automation_id is None
    assert choice.rule == "no flows are set: SendPulse starts every flow of the event"


def test_an_explicit_policy_is_obeyed_even_without_flows() -> None:
    answer = choose(a_table(no_match=NoMatch(policy=NoMatchPolicy.HOLD)), an_event(), default_locale="en")

    assert isinstance(answer, Hold)


def test_the_default_flow_takes_what_fits_none() -> None:
    no_match = NoMatch(policy=NoMatchPolicy.DEFAULT_FLOW, automation_id=AutomationId(101))

    choice = chosen(a_table(ENGLISH, no_match=no_match), an_event(locale="pt-BR"))

    assert choice.automation_id == AutomationId(101)
    assert choice.rule == "buyer's language pt-BR: no flow fits → your default flow (English)"
    assert choice.match is FlowMatch.DEFAULT


def test_a_default_flow_need_not_be_one_of_the_languages() -> None:
    no_match = NoMatch(policy=NoMatchPolicy.DEFAULT_FLOW, automation_id=AutomationId(999))

    assert chosen(a_table(ENGLISH, no_match=no_match), an_event(locale="pt-BR")).rule.endswith("→ your default flow")


def test_without_a_flow_the_event_leaves_for_every_flow_of_it() -> None:
    choice = chosen(a_table(ENGLISH), an_event(locale="pt-BR"))

    assert choice.automation_id is None
    assert "buyer's language pt-BR: no flow fits → sent without a flow" in choice.rule


def test_a_held_event_says_which_flow_is_missing() -> None:
    table = a_table(ENGLISH, no_match=NoMatch(policy=NoMatchPolicy.HOLD))

    answer = choose(table, an_event(locale="pt_BR"), default_locale="en")

    assert isinstance(answer, Hold)
    assert answer.reason == "No flow fits pt-BR, so the event is held, as you set."
    assert answer.fix.startswith("Add a flow for pt-BR")
    assert answer.fix.endswith("Then send the held events again from the Event log.")


def test_a_merchant_can_skip_languages_without_a_flow() -> None:
    skip = skipped(a_table(ENGLISH, no_match=NoMatch(policy=NoMatchPolicy.SKIP)), an_event(locale="pt-BR"))

    assert skip.reason == "No flow fits pt-BR, so the event is skipped, as you set."
    assert skip.fix.startswith("Add a flow for pt-BR")


@pytest.mark.parametrize("default_locale", ["", "klingon"])
def test_without_any_locale_at_all_the_merchant_is_asked_for_a_default(default_locale: str) -> None:
    table = a_table(ENGLISH, no_match=NoMatch(policy=NoMatchPolicy.HOLD))

    answer = choose(table, an_event(locale=""), default_locale=default_locale)

    assert isinstance(answer, Hold)
    assert answer.reason.startswith("No flow can be chosen (no language given, and your store has no default language)")
    assert answer.fix.startswith("Set the default language on the Settings page")


# ------------------------------------------------------------------ guesses, shown before their first use


def test_every_guess_can_be_shown_before_its_first_use() -> None:
    table = a_table(ENGLISH, a_flow("pt-BR", 103), POLISH_CARTS)

    found = guesses(table, ["en", "pl_PL", "pt-PT", "de", "???"])

    shown = [(guess.locale, guess.event, guess.flow and guess.flow.automation_id.number, guess.how) for guess in found]
    assert shown == [
        ("en", None, 101, How.EXACT),
        ("en", ABANDONED, 101, How.EXACT),
        ("pl_PL", None, None, None),
        ("pl_PL", ABANDONED, 202, How.TRUNCATION),
        ("pt-PT", None, 103, How.DISTANCE),
        ("pt-PT", ABANDONED, 103, How.DISTANCE),
        ("de", None, None, None),
        ("de", ABANDONED, None, None),
        ("???", None, None, None),
        ("???", ABANDONED, None, None),
    ]
