"""Plays many lives on one stage, webhook by webhook, while the clock goes on."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from plugin.config import Settings
from plugin.platforms import find_testkit
from plugin.ports import DeliveryFilter
from plugin.storage import SqlStore
from tests.support.cases.playing import Stage, staged
from tests.support.cases.stories import Story
from tests.support.orders.judging import Row, faults
from tests.support.orders.life import Life
from tests.support.orders.reckoning import Rules, reckoned
from tests.support.orders.telling import Telling
from tests.support.working import drain

SHORTEST_STEP, LONGEST_STEP = 0.2, 2.0  #: seconds of the clock between two looks of the worker
MOST = 1_000_000  #: rows of a shop
SETTLED_SECONDS = 40.0  #: by then all that waits has left


@dataclass
class Played:
    """What came of many lives."""

    lives: Mapping[int, Life]
    told: Mapping[int, list[Telling]]
    letters: dict[int, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    rows: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def faults(self, rules: Rules, began: datetime) -> Iterator[str]:
        for number, life in self.lives.items():
            told = self.told[number]
            placed = began + timedelta(seconds=life.starts)
            expected = reckoned(life, told, rules)
            wrong = list(faults(life, expected, self.letters[number], self.rows[number], placed=placed))
            if wrong:
                yield "\n".join([f"order {number}:", *(f"  {fault}" for fault in wrong), *_story(life, told)])

    def counts(self) -> str:
        rows = [row for rows in self.rows.values() for row in rows]
        skipped = Counter(row.reason for row in rows if row.state == "skipped")
        webhooks = sum(len(one.arrives) for told in self.told.values() for one in told)
        letters = Counter(row.kind for row in rows if row.state == "delivered")
        return (
            f"{len(self.lives)} lives, {webhooks} webhooks, {letters.total()} letters "
            f"({_listed(letters)}), {skipped.total()} skipped ({_listed(skipped)})"
        )


def play(stage: Stage, lives: Sequence[Life], tellings: Sequence[Telling], platform: str, began: datetime) -> Played:
    """Tell all of it in the order in which it arrives."""
    told: dict[int, list[Telling]] = defaultdict(list)
    for one in tellings:
        told[one.life.number].append(one)
    bodies = {id(one): json.dumps(one.body).encode() for one in tellings}
    arrivals = sorted(
        ((one.life.starts + seconds, place, one) for place, one in enumerate(tellings) for seconds in one.arrives),
        key=lambda arrival: arrival[:2],
    )
    for seconds, _, one in arrivals:
        _pass_until(stage, began + timedelta(seconds=seconds))
        _post(stage, platform, one, bodies[id(one)])
        drain(stage.worker)
    _pass_until(stage, stage.clock() + timedelta(seconds=SETTLED_SECONDS))
    played = Played(lives={life.number: life for life in lives}, told=told)
    _read(stage, played)
    return played


@contextmanager
def shop(store: SqlStore, settings: Settings, platform: str, began: datetime, answers: Mapping[str, Any]) -> Iterator[Stage]:
    """A stage with two shops, of which B tells sales of long ago, too."""
    told = {"steps": [], "store_answers": answers, "shops": {"B": {"store": {"old_orders": True}}}}
    story = Story(name="generated orders", platform=platform, told=told, expected=[])
    with staged(story, store, settings, began=began) as stage:
        yield stage


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
    yield f"  {life.origin}, {life.currency}, shipping {life.shipping}, {life.buyer}"
    yield from (f"  {line}" for line in life.lines)
    yield from (f"  {one}" for one in life.happenings)
    for one in sorted(told, key=lambda one: one.first):
        yield f"  {one.topic} of {one.about.seconds:.1f} built {one.built:.1f}, came {[round(each, 1) for each in one.arrives]}"


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
