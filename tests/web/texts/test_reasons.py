"""Every reason, remedy and rule is told in the merchant's language; what is not ours stays as it is stored."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir, extract_from_file
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from plugin.domain.contact import Consent
from plugin.domain.event import BuyerLocale, LocaleOrigin, StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.matching import Choice, choose
from plugin.domain.reasons import NO_LETTER, OTHER_SHOP, no_address, no_letter
from plugin.domain.routing import Audience, Flow, NoMatch, NoMatchPolicy, Route, RouteTable, Rule
from plugin.domain.secret import AutomationId, EventUrl
from plugin.domain.wording import FOUND, KIND, WHY, worded
from plugin.sendpulse import outcomes
from plugin.web import i18n
from plugin.web.event_texts import title
from plugin.web.i18n import ENGLISH, LOCALES, PSEUDO
from plugin.web.navigation import PAGES
from plugin.web.reasons import MAX_LENGTH, Pattern, translated, translated_markup
from tests.support.builders import EVENT_URL, a_basket, a_contact, an_event
from tests.web.texts.test_languages import unmarked

PLUGIN = Path(__file__).parents[3] / "plugin"
KEYWORDS: dict[str, Any] = {"worded": None}
PATTERNS = sorted({str(found[2]) for found in extract_from_dir(PLUGIN, [("**.py", "python")], keywords=KEYWORDS)})
LITERALS = {re.sub(r"^\W+|\W+$", "", literal) for pattern in PATTERNS for literal in Pattern.of(pattern, "").literals}
ENGLISH_WORDS = re.compile(rf"\b({'|'.join(re.escape(literal) for literal in LITERALS if len(literal) > 3)})\b")
TRANSLATED = tuple(locale for locale in LOCALES if locale != ENGLISH)
A_PAGE = re.compile(r"\bthe (\w+) page\b(?!'s)")
A_WHY = worded("buyer's language %(locale)s", locale="pt-BR")
A_FIND = worded('"%(text)s"', text="x; y")
SENTENCES = {WHY: A_WHY, FOUND: A_FIND}
VALUES: dict[str, str] = {KIND: "order_paid", **SENTENCES}

PAID = EventKind.ORDER_PAID
NUMBER = AutomationId(7)


@contextmanager
def read_in(language: str) -> Iterator[None]:
    """A page in this language."""
    with Flask(__name__).test_request_context():
        i18n.set_locale(language)
        yield


def filled(pattern: str) -> dict[str, str]:
    return {name: VALUES.get(name, f"a {name}") for name in Pattern.of(pattern, "").names}


# ------------------------------------------------------------------ everything the code can say


def everything_matching_says() -> set[str]:
    """Each answer of `choose` to each combination of what it looks at."""
    said: set[str] = set()
    for table, event, default in product(tables(), events(), ("en", "")):
        answer = choose(table, event, default_locale=default)
        said |= {answer.rule} if isinstance(answer, Choice) else {answer.reason, answer.fix}
    return said - {""}


def tables() -> Iterator[RouteTable]:
    route = Route(kind=PAID, event_url=EventUrl(EVENT_URL))
    subscribers = Route(kind=PAID, event_url=EventUrl(EVENT_URL), audience=Audience.SUBSCRIBERS)
    yield RouteTable(routes={})
    yield RouteTable(routes={PAID: Route(kind=PAID, enabled=False)})
    yield RouteTable(routes={PAID: subscribers})
    yield RouteTable(routes={PAID: route})
    for policy, name in product(NoMatchPolicy, ("", "Português")):
        number = NUMBER if policy is NoMatchPolicy.DEFAULT_FLOW else None
        flow = Flow(locale="pt-BR", automation_id=NUMBER, name=name)
        for flows in ((flow, Flow(locale="en-GB", automation_id=NUMBER)), (replace(flow, locale="en-GB"),)):
            yield RouteTable(routes={PAID: route}, flows=flows, no_match=NoMatch(policy=policy, automation_id=number))
    for channel, country, kind, name in product(("", "web"), ("", "PL"), (None, PAID), ("", "Mine")):
        rule = Rule(automation_id=NUMBER, channel=channel, country=country, event=kind, name=name)
        yield RouteTable(routes={PAID: route}, rules=(rule,))
        yield RouteTable(routes={PAID: route}, rules=(replace(rule, automation_id=None, locale="fr"),))


def events() -> Iterator[StoreEvent]:
    basket = a_basket(channel="web", country="PL")
    yield an_event(contact=None)
    yield from (an_event(contact=a_contact(consent=consent)) for consent in Consent)
    for raw, origin in product(("pt-BR", "pt-PT", "fi", "", "~?", "en"), LocaleOrigin):
        yield replace(an_event(basket=basket), locale=BuyerLocale(raw=raw, origin=origin))


def everything_answers_mean() -> set[str]:
    """What SendPulse's answers mean."""
    tables = (outcomes.BY_CODE, outcomes.BY_STATUS, outcomes.BY_FAMILY, outcomes.BY_FAILURE)
    meanings = [meaning for table in tables for meaning in table.values()]
    meanings += [each for each in vars(outcomes).values() if isinstance(each, outcomes.Meaning)]
    return {text for meaning in meanings for text in (meaning.reason, meaning.fix)}


def everything_no_letter_says() -> set[str]:
    """What is said of what nobody is to be written to about, and of what has nobody to be written to."""
    skips = [no_letter(code, EventKind.ORDER_CREATED) for code in NO_LETTER] + [no_address(kind) for kind in EventKind]
    return {OTHER_SHOP, *(text for skip in skips for text in (skip.reason, skip.fix))}


SAID = sorted((everything_matching_says() | everything_answers_mean() | everything_no_letter_says()) - {""})


@pytest.mark.parametrize("language", [*TRANSLATED, PSEUDO])
def test_nothing_that_is_said_stays_english(language: str) -> None:
    with read_in(language):
        kept = [(text, translated(text)) for text in SAID if ENGLISH_WORDS.search(translated(text))]

    assert kept == []


def test_nothing_that_is_said_is_told_outside_a_catalogue() -> None:
    with read_in(PSEUDO):
        assert [text for text in SAID if unmarked(translated(text))] == []


def test_the_combinations_say_everything_that_matching_can_say() -> None:
    extracted = extract_from_file("python", PLUGIN / "domain" / "reasons.py", keywords=KEYWORDS)
    patterns = {str(found[1]) for found in extracted}

    assert len(patterns) > 40
    assert patterns - {pattern for text in SAID for pattern in made_from(text)} == set()


def made_from(text: str) -> Iterator[str]:
    """The surest pattern this text fits, and those of the reasons within it."""
    fitting = [Pattern.of(pattern, pattern) for pattern in PATTERNS]
    for pattern in sorted(fitting, key=lambda each: (SENTENCES.keys().isdisjoint(each.names), -each.size)):
        values = pattern.values(text)
        if values is not None:
            yield pattern.translation
            for name in SENTENCES.keys() & values.keys():
                yield from made_from(values[name])
            return


@pytest.mark.parametrize("language", TRANSLATED)
def test_each_sentence_is_told_by_its_own_translation(language: str) -> None:
    translations = dict(i18n.translations("reasons", language))

    with read_in(language):
        known = {KIND: title(PAID)} | {name: translated(said) for name, said in SENTENCES.items()}
        told = {pattern: translated(pattern % filled(pattern)) for pattern in PATTERNS}

    assert len(PATTERNS) > 300
    assert told == {pattern: translations[pattern] % (filled(pattern) | known) for pattern in PATTERNS}


@pytest.mark.parametrize("language", [ENGLISH, *TRANSLATED])
def test_a_page_is_called_what_the_menu_calls_it(language: str) -> None:
    english = {str(label()): label for _, label in PAGES}
    told = i18n.translations("reasons", language) if language != ENGLISH else [(each, each) for each in PATTERNS]
    named = [(english[name], translation) for pattern, translation in told for name in A_PAGE.findall(pattern)]

    with read_in(language):
        assert [translation for label, translation in named if label() not in translation] == []
    assert len(named) > 10


def test_english_is_as_it_is_stored_but_for_the_kinds_of_events() -> None:
    with read_in(ENGLISH):
        titles = {kind: title(kind) for kind in EventKind}
        told = [(text, translated(text)) for text in SAID if not any(kind in text for kind in titles)]
        assert [text for text, said in told if said != text] == []
        assert translated("order_paid is switched off.") == "Order paid is switched off."


# ------------------------------------------------------------------ what is not ours


@pytest.mark.parametrize(
    "text",
    [
        "",
        "What an older version said.",
        "order_painted is switched off.",
        'nobody knows why → your flow "pl"',
        "SendPulse gave no access token. It is raining.",
        " SendPulse accepted the event.",
        "SendPulse accepted the event.\n",
    ],
)
def test_what_no_pattern_fits_stays_whole(text: str) -> None:
    with read_in("de"):
        assert translated(text) == text


def test_a_page_says_which_reason_stayed_english() -> None:
    with read_in("de"):
        assert translated_markup("An old one.") == '<span lang="en" translate="no">An old one.</span>'
        assert translated_markup("SendPulse accepted the event.") == "SendPulse hat das Ereignis angenommen."


def test_values_are_put_in_as_text() -> None:
    with read_in("de"):
        assert translated_markup(
            'language <b>%(x)s not recognized, so your store\'s default en → your flow "en" (100% & more)'
        ) == (
            "Sprache &lt;b&gt;%(x)s nicht erkannt, daher die Standardsprache Ihres Shops en → Ihr Flow „en“ (100% &amp; more)"
        )


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(PATTERNS))
def test_nothing_a_buyer_writes_is_lost_or_an_error(one: str, other: str, pattern: str) -> None:
    names = Pattern.of(pattern, "").names
    values = dict.fromkeys(names, one) | ({names[-1]: other} if names else {}) | {KIND: "order_paid"}
    if WHY in names:
        values[WHY] = f"locale {one}"
    if FOUND in names:
        values[FOUND] = f'"{other}"' if other else "an empty text"

    with read_in("pl"):
        told = translated(pattern % values)

    assert all(values[name] in told for name in names if name not in VALUES)


@pytest.mark.parametrize(
    "piece", [": no flow fits → ", ' → your flow "', "SendPulse gave no access token. ", "channel a, country ", "%(why)s"]
)
def test_a_hostile_text_costs_no_more_than_its_length(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0
    values = Pattern.values

    def counted(pattern: Pattern, text: str) -> dict[str, str] | None:
        nonlocal looked
        looked += 1
        return values(pattern, text)

    monkeypatch.setattr(Pattern, "values", counted)
    text = (piece * MAX_LENGTH)[:MAX_LENGTH]

    with read_in("de"):
        translated(text)

    assert 0 < looked <= 3 * len(PATTERNS)


def test_what_is_longer_than_any_reason_is_not_looked_at() -> None:
    with read_in("de"):
        assert translated("SendPulse accepted the event." * MAX_LENGTH) == "SendPulse accepted the event." * MAX_LENGTH
