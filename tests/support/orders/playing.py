"""Plays many lives on one stage, webhook by webhook, while the clock goes on."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from plugin.config import Settings
from plugin.platforms import find_testkit
from plugin.ports import DeliveryFilter
from plugin.storage import SqlStore, open_store
from tests.support.cases.playing import Stage, staged
from tests.support.cases.stories import Story
from tests.support.databases import settings_for
from tests.support.orders.judging import Row, faults
from tests.support.orders.life import Life
from tests.support.orders.making import Habits
from tests.support.orders.reckoning import Rules, reckoned
from tests.support.orders.shopify_orders import Answers
from tests.support.orders.telling import Telling
from tests.support.working import drain

SHORTEST_STEP, LONGEST_STEP = 0.2, 2.0  #: seconds of the clock between two looks of the worker
MOST = 1_000_000  #: rows of a shop
SETTLED_SECONDS = 40.0  #: by then all that waits has left


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """One platform's shops: what can happen in them, what they tell of it, and what must come of that."""

    platform: str
    habits: Habits
    rules: Rules
    tellings: Callable[[Life, datetime, Random], list[Telling]]
    answers: Callable[[Sequence[Life], datetime], Answers] | None = None  #: of the store's API

    def told(self, life: Life, seed: int, began: datetime) -> list[Telling]:
        return self.tellings(life, began, Random(f"{seed}:{life.number}:told"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An order of which something else left than was reckoned."""

    told: Sequence[Telling]
    wrong: Sequence[str]

    def __str__(self) -> str:
        life = self.told[0].life
        lines = [f"ORDER={life.number}", *self.wrong, *_story(life, self.told)]
        return "\n  ".join(lines)


@dataclass
class Played:
    """What came of many lives."""

    told: Mapping[int, list[Telling]]
    letters: dict[int, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    rows: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def faults(self, rules: Rules, began: datetime) -> list[Fault]:
        found = []
        for number, told in self.told.items():
            life = told[0].life
            placed = began + timedelta(seconds=life.starts)
            wrong = list(faults(life, reckoned(life, told, rules), self.letters[number], self.rows[number], placed=placed))
            found += [Fault(told=told, wrong=wrong)] if wrong else []
        return found

    def counts(self) -> str:
        rows = [row for rows in self.rows.values() for row in rows]
        skipped = Counter(row.reason for row in rows if row.state == "skipped")
        webhooks = sum(len(one.arrives) for told in self.told.values() for one in told)
        letters = Counter(row.kind for row in rows if row.state == "delivered")
        return (
            f"{len(self.told)} lives, {webhooks} webhooks, {letters.total()} letters ({_listed(letters)}), "
            f"{skipped.total()} skipped ({_listed(skipped)})"
        )


def play(company: Company, tellings: Sequence[Telling], database_url: str, began: datetime) -> Played:
    """Tell all of it to a new app, in the order in which it arrives."""
    told: dict[int, list[Telling]] = defaultdict(list)
    for one in tellings:
        told[one.life.number].append(one)
    played = Played(told=told)
    # In the sandbox another address than Shopify's own may answer for its Admin API.
    settings = settings_for(database_url, PLUGIN_SANDBOX="1")
    with closing(open_store(settings)) as store, _staged(company, told.values(), store, settings, began) as stage:
        _tell(stage, company.platform, tellings, began)
        _read(stage, played)
    return played


@contextmanager
def _staged(
    company: Company, told: Iterable[Sequence[Telling]], store: SqlStore, settings: Settings, began: datetime
) -> Iterator[Stage]:
    """A stage with two shops, of which B tells sales of long ago, too."""
    answers = company.answers([group[0].life for group in told], began) if company.answers else None
    steps: dict[str, Any] = {"steps": [], "store_answers": answers or {}, "shops": {"B": {"store": {"old_orders": True}}}}
    story = Story(name="generated orders", platform=company.platform, told=steps, expected=[])
    with staged(story, store, settings, began=began) as stage:
        if answers:
            answers.now = stage.clock
        yield stage


def _tell(stage: Stage, platform: str, tellings: Sequence[Telling], began: datetime) -> None:
    bodies = {id(one): json.dumps(one.body).encode() for one in tellings}
    arrivals = [(one.life.starts + seconds, place) for place, one in enumerate(tellings) for seconds in one.arrives]
    for seconds, place in sorted(arrivals):
        _pass_until(stage, began + timedelta(seconds=seconds))
        _post(stage, platform, tellings[place], bodies[id(tellings[place])])
        drain(stage.worker)
    _pass_until(stage, stage.clock() + timedelta(seconds=SETTLED_SECONDS))


def _pass_until(stage: Stage, until: datetime) -> None:
    """Let the worker look now and then; once nothing can wait any more, time jumps."""
    settled = min(until, stage.clock() + timedelta(seconds=SETTLED_SECONDS))
    step = SHORTEST_STEP
    while stage.clock() < settled:
        stage.clock.at = min(settled, stage.clock() + timedelta(seconds=step))
        step = SHORTEST_STEP if drain(stage.worker) else min(step * 2, LONGEST_STEP)
    stage.clock.at = until


def _post(stage: Stage, platform: str, one: Telling, body: bytes) -> None:
    headers = dict(find_testkit(platform).webhook(one.topic, body, stage.shops[one.life.shop], key=one.key or None).headers)
    answer = stage.client.post(f"/webhooks/{platform}", data=body, headers=headers)
    assert answer.status_code == 200, answer.text


def _read(stage: Stage, played: Played) -> None:
    for claimed in stage.post_box.posted:
        body = json.loads(claimed.body)
        played.letters[_number(body["order_id"])].append(body)
    for each in stage.shops.values():
        _read_log(stage, each.id, played)


def _read_log(stage: Stage, shop_id: int, played: Played) -> None:
    objects = {past.id: past.event.object_id for past in stage.store.events.past(shop_id, limit=MOST)}
    for row in stage.store.log.list(DeliveryFilter(shop_id=shop_id, limit=MOST)):
        said = Row(kind=row.kind.value, state=row.state.value, reason=row.reason_code)
        played.rows[_number(objects[row.event_id])].append(said)


def _number(order_id: str) -> int:
    return int(order_id[-9:])


def _story(life: Life, told: Sequence[Telling]) -> Iterator[str]:
    yield f"{life.origin} in shop {life.shop}, {life.currency}, shipping {life.shipping}, {life.buyer}"
    yield from map(str, life.lines)
    yield from map(str, life.happenings)
    for one in sorted(told, key=lambda one: one.first):
        came = ", ".join(f"{each:.1f}" for each in one.arrives)
        yield f"{one.topic} of {one.about.seconds:.1f} built {one.built:.1f}, came {came}"


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
