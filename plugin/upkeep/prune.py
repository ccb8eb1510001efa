"""What is old enough to go, and the slow walk that clears it away while traffic runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from plugin.domain import audit
from plugin.domain.reason_codes import ReasonCode
from plugin.metrics import REASONS
from plugin.ports import Retention, RetentionCandidate

log = structlog.get_logger()

# The key of a webhook or event must be there as long as a store may send the same again. Shopify repeats for 4 hours
# (https://shopify.dev/docs/apps/build/webhooks/troubleshooting-webhooks); Saleor keeps failed payloads 14 days (its
# EVENT_PAYLOAD_DELETE_PERIOD), and until a periodic task of its has cleared them somebody may send them again by hand.
REDELIVERY = timedelta(days=16)  #: those 14, and two for that task and for clocks that differ
WEBHOOK_BODIES = timedelta(days=7)
PURCHASES = timedelta(days=90)
CART_MARKS = timedelta(days=30)
PRODUCTS = timedelta(days=30)
REQUESTS = timedelta(days=60)  #: twice the time a store has to answer a customer who asks for their data
CONSENTS = timedelta(days=400)  #: since the store told it last; after that it is asked again
LINKS = timedelta(days=91)  #: 90, and one because their use is noted to the day
TOKENS = timedelta(days=1)  #: after their end
EXPIRED = timedelta(days=7)  #: for as long the log says of what waited in vain that it was closed

AGAIN = timedelta(days=1)  #: between two walks from the beginning, for what still waited the last time
WINDOW = 500  #: rows looked at in one query
WINDOWS = 20  #: and in one step that finds nothing to do
BATCH = 50  #: webhooks or events changed in one transaction: some milliseconds of SQLite's one writer
SHOPS = 100  #: looked at in one step that finds nothing to do

BUSY_PAUSE, IDLE_PAUSE = timedelta(milliseconds=100), timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What of a table may go, and when."""

    age: timedelta
    keeps_key: bool  #: only the content goes

    def covers(self, kept: RetentionCandidate, now: datetime) -> bool:
        is_shown = kept.expired_at is not None and now - kept.expired_at < EXPIRED and not self.keeps_key
        return not kept.waits and not is_shown and self.is_old(kept, now) and (kept.has_content or not self.keeps_key)

    def is_old(self, kept: RetentionCandidate, now: datetime) -> bool:
        return now - kept.since >= self.age


EMPTY_WEBHOOKS = Rule(age=WEBHOOK_BODIES, keeps_key=True)
DELETE_WEBHOOKS = Rule(age=REDELIVERY, keeps_key=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRule(Rule):
    """How long anything may wait at all."""

    keeps_key: bool = True

    def covers(self, kept: RetentionCandidate, now: datetime) -> bool:
        return kept.waits and self.is_old(kept, now)


def event_rules(retention: timedelta) -> tuple[Rule, Rule]:
    """When events are emptied and when they are deleted, if they are to be kept for this time."""
    return Rule(age=retention, keeps_key=True), Rule(age=max(retention, REDELIVERY), keeps_key=False)


def pause_after(rows: int) -> timedelta:
    """How long to leave the database to the traffic after a step that changed so many rows."""
    return BUSY_PAUSE if rows else IDLE_PAUSE


class Pruner:
    """Clears away, one small step at a time.

    What was done shows in the rows themselves: where a walk stands is only remembered to save looking twice, so that
    it may be killed at any time, and several processes may each run one.
    """

    def __init__(self, retention: Retention, *, days: int, uninstalled_days: int) -> None:
        emptied, deleted = event_rules(timedelta(days=days))
        self._chores: list[_Task] = [
            _Walk("webhooks emptied", EMPTY_WEBHOOKS, retention.webhooks, lambda ids, _: retention.empty_webhooks(ids)),
            _Walk("webhooks", DELETE_WEBHOOKS, retention.webhooks, lambda ids, _: retention.delete_webhooks(ids)),
            _Walk(
                "events expired", WaitingRule(age=emptied.age), retention.events,
                lambda ids, now: _expire(retention, ids, now),
            ),
            _Walk("events", deleted, retention.events, lambda ids, _: retention.delete_events(ids)),
            _PerShopTask(retention),
            _Departed(retention, timedelta(days=uninstalled_days)),
            _Once("replaced secrets", retention.drop_replaced_secrets),
            _Once("people noted", retention.note_people),
        ]  # fmt: skip
        if emptied.age < deleted.age:
            self._chores.append(
                _Walk("events emptied", emptied, retention.events, lambda ids, now: retention.empty_events(ids, now=now))
            )

    def step(self, now: datetime) -> int:
        """Do the next small thing; how many rows it changed, 0 when there is nothing to do now."""
        for _ in self._chores:
            chore = self._chores.pop(0)
            self._chores.append(chore)  # all get their turn, also while one always has something to do
            if rows := chore.step(now):
                log.debug("cleared away", what=chore.name, rows=rows)
                return rows
        return 0


def _expire(retention: Retention, ids: Sequence[int], now: datetime) -> int:
    if rows := retention.expire_events(ids, now=now):
        log.warning("expired", events=rows)
        REASONS.labels(ReasonCode.EXPIRED.value).inc(rows)
    return rows


class _Task(Protocol):
    name: str

    def step(self, now: datetime) -> int: ...


class _Look(Protocol):
    def __call__(self, *, after_id: int, limit: int) -> Sequence[RetentionCandidate]: ...


class _Walk:
    """Along a table's ids, which follow time, from the oldest row to the first that is too young."""

    def __init__(self, name: str, rule: Rule, look: _Look, act: Callable[[Sequence[int], datetime], int]) -> None:
        self.name, self._rule, self._look, self._act = name, rule, look, act
        self._position, self._window = 0, WINDOW
        self._began: datetime | None = None

    def step(self, now: datetime) -> int:
        self._began = self._began or now
        for _ in range(WINDOWS):
            old = [kept for kept in self._look(after_id=self._position, limit=self._window) if self._rule.is_old(kept, now)]
            if not old:
                self._arrive(now)
                return 0
            ids = [kept.id for kept in old if self._rule.covers(kept, now)][:BATCH]
            if ids and (rows := self._act(ids, now)):
                self._window = 2 * BATCH  # where there is work, there is more: no need to look far
                return rows
            self._window = WINDOW
            self._position = ids[-1] if ids else old[-1].id
        return 0

    def _arrive(self, now: datetime) -> None:
        if self._began and now - self._began >= AGAIN:
            self._position, self._began = 0, now


class _PerShopTask:
    """From shop to shop once a day; then what belongs to no shop."""

    name = "small things"

    def __init__(self, retention: Retention) -> None:
        self._retention = retention
        self._rules = (
            (retention.delete_products, PRODUCTS),
            (retention.delete_purchases, PURCHASES),
            (retention.delete_cart_marks, CART_MARKS),
            (retention.delete_consents, CONSENTS),
            (retention.delete_data_requests, REQUESTS),
            (retention.delete_erasures, REQUESTS),
            (retention.delete_audit, audit.KEPT),
            (retention.delete_links, LINKS),
            (retention.delete_product_names, LINKS),
            (retention.delete_hours, audit.KEPT),
        )
        self._position = 0
        self._next_at: datetime | None = None

    def step(self, now: datetime) -> int:
        if self._next_at and now < self._next_at:
            return 0
        shop_ids = self._retention.shop_ids(after_id=self._position, limit=SHOPS)
        for shop_id in shop_ids:
            if rows := sum(delete(shop_id, before=now - age) for delete, age in self._rules):
                return rows
            self._position = shop_id
        if len(shop_ids) == SHOPS:
            return 0
        if rows := self._retention.delete_tokens(before=now - TOKENS):
            return rows
        self._position, self._next_at = 0, now + AGAIN
        return 0


class _Departed:
    """Shops that uninstalled the app so long ago that nobody may expect to find them again."""

    name = "shops that left"

    def __init__(self, retention: Retention, age: timedelta) -> None:
        self._retention, self._age = retention, age

    def step(self, now: datetime) -> int:
        return self._retention.delete_departed(before=now - self._age)


class _Once:
    """Once over what was stored before something was heeded, and over what a process adds that does not heed it yet."""

    def __init__(self, name: str, act: Callable[[], int]) -> None:
        self.name, self._act = name, act

    def step(self, now: datetime) -> int:  # noqa: ARG002 it is never too early
        return self._act()
