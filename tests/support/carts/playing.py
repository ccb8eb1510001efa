"""Plays histories of carts in the real app, many shops at once, by a clock that jumps to the next interesting moment."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import update

from plugin.domain.carts import CartState
from plugin.domain.errors import TryAgain
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.shop import Shop
from plugin.platforms import discover, find_testkit
from plugin.ports import DeliveryFilter, LookupContext, Platform, VerifiedWebhook
from plugin.sendpulse.body import bodies
from plugin.storage import SqlStore
from plugin.storage.db import cart_tables
from plugin.upkeep.install import import_settings
from plugin.wiring import Services
from plugin.worker import Worker
from tests.support.carts.bodies import body
from tests.support.carts.history import SWITCHED_AFTER, SWITCHES, TICK, History, Outage, Telling, What
from tests.support.carts.model import AFTER_AWAY, AGAIN, ASKED_FOR, LATE, Letter, Model, reckoned
from tests.support.carts.shifts import Shift, shifts
from tests.support.carts.telling import told, truth
from tests.support.databases import settings_for
from tests.support.fake_platform import FakeClock, FakeSendPulse
from tests.support.working import prepare, work_once

MOST = 10_000  #: rows of a shop
ROUNDS = range(50)  #: of expiring and planning: each waits for the other's work
EVENT_URL = "https://events.sendpulse.com/events/id/0123456789abcdef0123456789abcdef/"  #: an account of its own follows


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A reminder that was not sent, as the log has it."""

    basket: int
    code: str


@dataclass
class Played:
    """One history, what was to come of it, and what came."""

    history: History
    shop: Shop
    tellings: list[Telling]
    models: Sequence[Model]  #: any of them may be right
    letters: list[Letter] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


class TruthfulStore:
    """A real platform whose stores tell the truth about their carts, without being asked over a wire."""

    def __init__(self, platform: Platform, ask: Callable[[Shop, StoreEvent], CartState]) -> None:
        self._platform, self._ask = platform, ask

    def __getattr__(self, name: str) -> Any:
        return getattr(self._platform, name)

    def complete(self, event: StoreEvent, place: LookupContext) -> StoreEvent:
        return event

    def look_at_carts(self, carts: Sequence[StoreEvent], place: LookupContext) -> Sequence[CartState]:
        return [self._ask(place.shop, cart) for cart in carts]


class Player:
    """One app over one database, which plays one lot of histories after another."""

    def __init__(self, store: SqlStore, database_url: str, began: datetime) -> None:
        self._store, self._clock, self._post_box = store, FakeClock(began), FakeSendPulse()
        settings = settings_for(database_url)
        platforms = {
            name: TruthfulStore(discover()[name].open(settings, find_testkit(name).environ, now=self._clock), self._answer)
            for name in ("shopify", "saleor")
        }
        self._services = Services(
            settings=settings, store=store, platforms=platforms, post=self._post_box, write_bodies=bodies,
            short_link=lambda _, address, names: address, now=self._clock,
        )  # fmt: skip
        self._histories: dict[int, History] = {}
        self._began = began
        self._lots = 0
        store.timers.beat(now=began)

    def play(self, histories: Sequence[History]) -> list[Played]:
        """Play these at once: they share the moments at which workers are away."""
        self._began = self._clock.at + timedelta(days=2)
        self._lots += 1
        self._post_box.posted.clear()
        tellings = [told(history) for history in histories]
        last = max([TICK, *(second for one in tellings for telling in one for second in telling.arrives)])
        moments = sorted({moment for pair in zip(histories, tellings, strict=True) for moment in _moments(*pair)})
        moments += [max([last, *moments]) + later for later in (1, LATE, AFTER_AWAY, ASKED_FOR + 1, 2 * ASKED_FOR)]
        turns = list(shifts(histories[0].outages, moments))
        played = [
            Played(history=one, shop=self._shop(one, place), tellings=of_one, models=_models(one, of_one, turns))
            for place, (one, of_one) in enumerate(zip(histories, tellings, strict=True))
        ]
        _Lot(self, played).play(turns)
        for one in played:
            self._read(one)
        return played

    # ------------------------------------------------------------------ the store

    def _shop(self, history: History, place: int) -> Shop:
        name = f"lot-{self._lots}-{place}"
        address = f"{name}.myshopify.com" if history.platform == "shopify" else f"https://{name}.example/graphql/"
        made, access = find_testkit(history.platform).installation(address)
        shop = self._store.shops.install(made, dict(access), now=self._began)
        self._histories[shop.id] = history
        self.switch(shop, history, is_on=True)
        return shop

    def switch(self, shop: Shop, history: History, *, is_on: bool) -> None:
        route = {
            "enabled": is_on, "send": "json", "event_url": f"{EVENT_URL}{shop.id}", "shape": "order", "audience": "everyone",
            "wait_minutes": history.wait // 60, "window_hours": history.window_hours, "oldest_hours": history.oldest_hours,
        }  # fmt: skip
        document = {
            "version": 1, "events": {"cart_abandoned": route}, "flows": [{"locale": "en", "automation_id": 101}],
            "no_match": {"policy": "default_flow", "automation_id": 101}, "store": {"timezone": "Europe/Warsaw"},
        }  # fmt: skip
        import_settings(self._store, shop.id, document, who="history", now=self._clock())

    def _answer(self, shop: Shop, cart: StoreEvent) -> CartState:
        history = self._histories[shop.id]
        if not history.store_answers:
            raise TryAgain("No answer.")
        return CartState(truth(history, _basket(cart), self.now()))

    # ------------------------------------------------------------------ the app

    def now(self) -> int:
        return int((self._clock() - self._began).total_seconds())

    def pass_until(self, now: int) -> None:
        self._clock.at = self._began + timedelta(seconds=now)

    def receive(self, played: Played, place: int, second: int) -> None:
        """Take one webhook in as the door does, once its signature is believed."""
        telling = played.tellings[place]
        content = body(played.history.platform, telling, self._began, played.shop.id)
        # Sent again it has the same key; told again it has another.
        key = sha256(f"{place}-{'' if telling.has_one_key else second}".encode()).hexdigest()
        happened = self._began + timedelta(seconds=telling.at)
        webhook = VerifiedWebhook(shop=played.shop, topic=telling.topic, key=key, body=content, triggered_at=happened)
        self._store.inbox.receive(webhook, now=self._clock())

    def keep_pace(self) -> None:
        """An account takes one event after the other, a few in a second."""
        ready_in = self._store.deliveries.ready_in(now=self._clock())
        if ready_in and ready_in < timedelta(seconds=1):
            self._clock.at += ready_in

    def alive_until(self, second: int) -> None:
        """Workers said all the while that they were alive, of which only the last word is kept."""
        last = update(cart_tables.worker_beats).values(at=self._began + timedelta(seconds=second))
        with self._store.database.write() as connection:
            connection.execute(last)

    def come_back(self, outage: Outage) -> Worker:
        self.alive_until(outage.span[0])
        self._store.timers.beat(now=self._clock())
        return self.new_worker()

    def new_worker(self) -> Worker:
        return Worker(self._services, now=self._clock, sleep=self._clock.sleep)

    # ------------------------------------------------------------------ what came

    def _read(self, played: Played) -> None:
        log = self._store.log.list(DeliveryFilter(shop_id=played.shop.id, kind=EventKind.CART_ABANDONED, limit=MOST))
        events = self._store.events.past(played.shop.id, EventKind.CART_ABANDONED, limit=MOST) if log else ()
        baskets = {past.id: _basket(past.event) for past in events}
        for row in log:
            basket = baskets[row.event_id]
            if row.state.value == "delivered":
                at = int((row.attempts[-1].started_at - self._began).total_seconds())
                played.letters.append(Letter(basket=basket, at=at, is_partial=bool(row.partial)))
            else:
                code = row.reason_code if row.state.value == "skipped" else f"{row.state.value} {row.reason_code}"
                played.rows.append(Row(basket=basket, code=code))


class _Lot:
    """Some histories on their way through the moments."""

    def __init__(self, player: Player, played: Sequence[Played]) -> None:
        self._player, self._played = player, played
        self._arrivals: Mapping[int, list[tuple[Played, int]]] = defaultdict(list)
        self._switches: Mapping[int, list[tuple[Played, bool]]] = defaultdict(list)
        for one in played:
            for place, telling in enumerate(one.tellings):
                for second in sorted(telling.arrives):
                    self._arrivals[second].append((one, place))
            for step in one.history.steps:
                if step.what in SWITCHES:
                    self._switches[step.at * TICK + SWITCHED_AFTER].append((one, step.what is What.ON))
        self._worker = player.new_worker()
        player.alive_until(0)
        self._has_unread = False

    def play(self, turns: Sequence[Shift]) -> None:
        for shift in turns:
            self._player.pass_until(shift.now)
            for one, place in self._arrivals.get(shift.now, ()):
                self._player.receive(one, place, shift.now)
                self._has_unread = True
            for one, is_on in self._switches.get(shift.now, ()):
                self._player.switch(one.shop, one.history, is_on=is_on)
            if shift.back_from:
                self._worker = self._player.come_back(shift.back_from)
            if shift.rings:
                self._work(reads=shift.reads, plans=shift.now in self._switches or shift.back_from is not None)

    def _work(self, *, reads: bool, plans: bool) -> None:
        """What is due rings first, so that nothing but the app's own rules keeps it from ringing before what is unread."""
        if plans:
            self._send()
        self._ring()
        if reads and self._has_unread:
            prepare(self._worker)
            self._has_unread = False
            self._send()
            self._ring()

    def _ring(self) -> None:
        for _ in ROUNDS:
            if not work_once(self._worker.expiring):
                return
            self._send()
        raise AssertionError("what rings comes due again and again")

    def _send(self) -> None:
        while work_once(self._worker.planning) or work_once(self._worker.delivering):
            self._player.keep_pace()


def _basket(event: StoreEvent) -> int:
    """Which basket of its history this is, by the names it has."""
    found = re.search(r"-(?:checkout:|cart:|0000000)(\d+)", " ".join(event.basket.keys if event.basket else ()))
    assert found, event.key
    return int(found[1])


def _models(history: History, tellings: Sequence[Telling], turns: Sequence[Shift]) -> Sequence[Model]:
    return [
        reckoned(history, tellings, turns, forgets=forgets, as_it_happened=as_it_happened)
        for forgets in (False, True)
        for as_it_happened in (False, True)
    ]


def _moments(history: History, tellings: Sequence[Telling]) -> set[int]:
    """When anything may happen in it: something arrives, comes due, is switched, or workers leave and come back."""
    edges = {edge for outage in history.outages for edge in outage.span}
    arrivals = {second for telling in tellings for second in telling.arrives}
    dues = {telling.at + history.wait for telling in tellings if not telling.is_bought}
    dues |= {second + LATE for second in arrivals | edges}
    dues |= {outage.span[1] + AFTER_AWAY for outage in history.outages}
    # Twice: an account that takes one event after the other may have been asked about a moment later.
    dues |= set() if history.store_answers else {due + ASKED_FOR + later for due in dues | edges for later in (0, 5)}
    switched = {step.at * TICK + SWITCHED_AFTER for step in history.steps if step.what in SWITCHES}
    dues = {due + 1 for due in dues}  # a platform may tell two things with a microsecond between
    rings = edges | arrivals | dues
    return rings | switched | {moment + AGAIN + 1 for moment in rings}
