"""What needs the merchant: events that did not leave, by their reason, each with its one way out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from plugin.domain.delivery import State
from plugin.domain.kinds import EventKind
from plugin.domain.reason_codes import ReasonCode
from plugin.ports import Concern, Statistics
from plugin.web import event_texts
from plugin.web.concern_texts import SKIPPED, concern_text
from plugin.web.forms.delivery_filter import time_fields
from plugin.web.i18n import gettext as _
from plugin.web.i18n import ngettext, number
from plugin.web.moments import ago
from plugin.web.pages.overview.figures import start_of_hour
from plugin.web.visit import here, visit

LATELY: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One reason for which events did not leave."""

    state: State
    title: str
    count: str
    kinds: str  #: which events
    oldest: str
    hint: str
    fix: str  #: what the link to where it is fixed says; "" where there is none
    fix_address: str
    log_address: str
    again: str  #: what the link to sending them again says
    again_address: str


def attention(statistics: Statistics, shop_id: int, *, now: datetime, zone: ZoneInfo) -> list[Item]:
    """The reasons of the last week, the most frequent first."""
    since = start_of_hour(now - LATELY)
    found = statistics.concerns(shop_id, since=since, skipped=SKIPPED | _undecided())
    together: dict[tuple[State, ReasonCode | None, EventKind | None], list[Concern]] = {}
    for one in found:
        kind = one.kind if concern_text(one.code).is_of_kind else None
        together.setdefault((one.state, one.code, kind), []).append(one)
    groups = sorted(together.values(), key=lambda group: -_number(group))
    return [_item(group, time_fields(since, None, zone), now) for group in groups]


def _undecided() -> frozenset[ReasonCode]:
    """Where only the merchant can say what tells a buyer's consent, and did not: nobody counts as a subscriber."""
    is_said = "consent_key" not in visit().platform.merchant_says or visit().settings.store.consent_key
    return frozenset() if is_said else frozenset({ReasonCode.CONSENT_UNKNOWN})


def _number(group: Iterable[Concern]) -> int:
    return sum(one.number for one in group)


def _item(group: Sequence[Concern], times: Mapping[str, str], now: datetime) -> Item:
    state, code, text = group[0].state, group[0].code, concern_text(group[0].code)
    kinds = [one.kind for one in sorted(group, key=lambda one: -one.number)]
    asked = {"state": state.value, **({"reason": code.value} if code else {}), **times}
    asked |= {"event": kinds[0].value} if len(kinds) == 1 else {}
    count, is_all = _number(group), all(one.is_all for one in group)
    fixed = {"kind_name": kinds[0].value} if text.page == "events.show" else {}
    return Item(
        state=state, title=_(text.title), count=counted(count, is_all), kinds=", ".join(map(event_texts.title, kinds)),
        oldest=_("Oldest: %(ago)s", ago=ago(min(one.oldest_at for one in group), now)), hint=_(text.hint) if text.hint else "",
        fix=_(text.action) if text.action else "", fix_address=here(text.page, **fixed) if text.page else "",
        log_address=here("deliveries.index", **asked), again=_again(count, is_all),
        again_address=here("deliveries.ask", **asked),
    )  # fmt: skip


def counted(count: int, is_all: bool) -> str:
    if is_all:
        return ngettext("%(num)s event", "%(num)s events", count)
    return _("More than %(number)s events", number=number(count))


def _again(count: int, is_all: bool) -> str:
    return ngettext("Send %(num)s event again", "Send %(num)s events again", count) if is_all else _("Send again")
