"""The fourth step: a made-up event of each kind in each language, to the merchant's own address."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from plugin.domain.audit import Deed
from plugin.domain.delivery import Hold, Skip, Verdict
from plugin.domain.errors import GiveUp, Misconfigured
from plugin.domain.kinds import EventKind
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.settings import ShopSettings
from plugin.domain.wording import Sentence
from plugin.upkeep.send_test import send_test
from plugin.web import event_texts, sampling
from plugin.web.auditing import noted
from plugin.web.flow_names import flow_names
from plugin.web.forms.email_mistakes import email_mistake
from plugin.web.language_names import language_name
from plugin.web.reasons import translated
from plugin.web.services import services
from plugin.web.visit import visit

MOST_SECONDS: Final = 20.0  #: for one request; what is left is tested with a press of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of one test event."""

    title: str  #: of its kind
    flow: str  #: the number and name of the flow it named; "" for none
    is_good: bool
    reason: Sentence
    fix: Sentence
    answer: str = ""  #: what SendPulse said, word for word


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageRow:
    """One language and what was tested in it."""

    locale: str
    name: str
    results: Sequence[Answer] | None = None  #: None before it was tested


def rows(settings: ShopSettings, default: str) -> list[LanguageRow]:
    """The languages that have flows, else the store's own."""
    locales = dict.fromkeys(flow.locale for flow in settings.table.flows) or {default: None}
    return [LanguageRow(locale=locale, name=language_name(locale)) for locale in locales]


def kinds_on(settings: ShopSettings) -> list[EventKind]:
    return [kind for kind in EventKind if kind in settings.table.routes and settings.table.routes[kind].enabled]


def mistake(email: str) -> str:
    """What is wrong with the address; "" for nothing."""
    if wrong := email_mistake(email):
        return wrong
    try:
        sampling.made_up(EventKind.ORDER_PAID, locale="", email=email)
    except Misconfigured as error:
        return translated(str(error))
    return ""


def tested(wanted: Iterable[LanguageRow], kinds: Sequence[EventKind], *, email: str) -> list[LanguageRow]:
    """These rows, each with what SendPulse answered; in one request as much as there is time for."""
    began = time.monotonic()
    found: list[LanguageRow] = []
    for row in wanted:
        results: list[Answer] = []
        for kind in kinds if time.monotonic() - began < MOST_SECONDS else ():
            if results or found:
                time.sleep(1 / visit().settings.account.rate_per_second)
            results.append(_tested(kind, row.locale, email))
        found.append(LanguageRow(locale=row.locale, name=row.name, results=results or None))
    return found


def _tested(kind: EventKind, locale: str, email: str) -> Answer:
    ours, shop, settings, title = services(), visit().shop, visit().settings, event_texts.title(kind)
    noted(Deed.TEST_SENT, kind=kind.value)
    event = sampling.made_up(kind, locale=locale, email=email)
    try:
        answer = send_test(event, shop, settings, write_bodies=ours.write_bodies, short_link=ours.short_link, post=ours.post)
    except GiveUp as error:
        answer = Skip(code=ReasonCode.GIVEN_UP, reason=Sentence(str(error)))
    if isinstance(answer, Skip | Hold):
        return Answer(title=title, flow="", is_good=False, reason=answer.reason, fix=answer.fix)
    choice, _body, outcome = answer
    is_good = outcome.verdict is Verdict.DELIVERED
    if is_good:
        ours.store.guides.tested(shop.id, now=ours.now())
    number = choice.automation_id.number if choice.automation_id else 0
    flow = f"{flow_names(settings).get(number, '')} ({number})".strip() if number else ""
    return Answer(
        title=title, flow=flow, is_good=is_good, reason=outcome.reason, fix=outcome.fix,
        answer="" if is_good else outcome.answer,
    )  # fmt: skip
