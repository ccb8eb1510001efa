"""Brings webhooks to the app the way a store does, tries again as that store would, and writes down what happened."""

import itertools
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock, Timer
from typing import Final

import requests

from plugin import clock
from plugin.ports import RawWebhook

REMEMBERED: Final = 200  #: fired webhooks kept for the page
LOST: Final = "The store has lost this webhook: it happened there, and the app is never told."

Wait = Callable[[float, Callable[[], None]], None]
"""Calls a function so many seconds later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How one kind of store delivers."""

    connect_seconds: float
    answer_seconds: float
    waits: Sequence[float]  #: seconds before each further try
    repeats: Callable[[int | None], bool]  #: whether this status is tried again; None: no answer came


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One POST of a webhook."""

    status: int | None  #: None: no answer came
    took_ms: int
    note: str = ""  #: why there was no answer


@dataclass(slots=True, kw_only=True)
class Fired:
    """One webhook on its way to the app."""

    id: int
    store: str  #: the platform's name
    shop: str  #: the shop's address
    event: str  #: our word for what happened
    topic: str  #: the store's word
    buyer: str
    locale: str
    subject: str  #: id of the order, checkout or customer, as the app will know it
    is_cart: bool = False  #: it may become an abandoned cart later
    request: RawWebhook
    url: str
    fired_at: datetime
    is_repeat: bool = False  #: the same webhook sent again
    tries: list[Try] = field(default_factory=list)
    note: str = ""  #: why it was not sent at all

    def repeated(self, number: int, at: datetime) -> "Fired":
        """The same webhook, to be sent once more."""
        return replace(self, id=number, fired_at=at, is_repeat=True, tries=[])

    @property
    def status(self) -> int | None:
        return self.tries[-1].status if self.tries else None


class Courier:
    """Sends webhooks and keeps the newest in mind."""

    def __init__(self, *, now: Callable[[], datetime] = clock.now, wait: Wait | None = None) -> None:
        self._now = now
        self._wait = wait or self._wait_in_a_thread
        self._numbers = itertools.count(1)
        self._fired: list[Fired] = []
        self._timers: set[Timer] = set()
        self._lost: dict[str, frozenset[str]] = {}
        self._lock = Lock()
        self._session = requests.Session()
        self._session.trust_env = False

    def fired(self) -> list[Fired]:
        """The newest first."""
        with self._lock:
            return list(reversed(self._fired))

    def find(self, number: int) -> Fired | None:
        with self._lock:
            return next((fired for fired in self._fired if fired.id == number), None)

    def next_id(self) -> int:
        return next(self._numbers)

    def keep(self, fired: Fired) -> None:
        """Remember a webhook that is not sent, with its reason in `note`."""
        with self._lock:
            self._fired = [*self._fired, fired][-REMEMBERED:]

    def lose(self, store: str, events: Collection[str]) -> None:
        """Never send this store's webhooks of these events from now on, by our words or the store's; none ends it."""
        with self._lock:
            self._lost[store] = frozenset(events)

    def send(self, fired: Fired, manners: RetryPolicy) -> Fired:
        """Send it now; further tries follow by themselves. One that is lost is kept with its reason."""
        with self._lock:
            is_lost = not self._lost.get(fired.store, frozenset()).isdisjoint((fired.event, fired.topic))
        if is_lost:
            fired.note = LOST
            self.keep(fired)
            return fired
        self.keep(fired)
        self._try(fired, manners)
        return fired

    def close(self) -> None:
        """Let no further try happen."""
        with self._lock:
            timers, self._timers = self._timers, set()
        for timer in timers:
            timer.cancel()
        self._session.close()

    def _try(self, fired: Fired, manners: RetryPolicy) -> None:
        made = self._post(fired.url, fired.request, manners)
        with self._lock:
            fired.tries.append(made)
            count = len(fired.tries)
        if manners.repeats(made.status) and count <= len(manners.waits):
            self._wait(manners.waits[count - 1], lambda: self._try(fired, manners))

    def _post(self, url: str, request: RawWebhook, manners: RetryPolicy) -> Try:
        started = time.monotonic()
        headers: Mapping[str, str] = {k: v for k, v in request.headers.items() if k.lower() not in ("host", "content-length")}
        try:
            with self._session.post(
                url,
                data=request.body,
                headers=headers,
                timeout=(manners.connect_seconds, manners.answer_seconds),
                allow_redirects=False,
            ) as response:
                return Try(status=response.status_code, took_ms=_ms_since(started))
        except requests.RequestException as error:
            return Try(status=None, took_ms=_ms_since(started), note=type(error).__name__)

    def _wait_in_a_thread(self, seconds: float, then: Callable[[], None]) -> None:
        def run() -> None:
            with self._lock:
                self._timers.discard(timer)
            then()

        timer = Timer(seconds, run)
        timer.daemon = True
        with self._lock:
            self._timers.add(timer)
        timer.start()


def _ms_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
