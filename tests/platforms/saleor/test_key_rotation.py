"""A shop changes its key while fifty deliveries come at once: none is refused, all are taken in the end.

Two web processes share a database. Saleor's own schedule is played: what is answered 503 comes again, what is answered 401 is
lost. Time is moved, nobody waits for it.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count

import pytest
from flask import Flask

from plugin.config import Settings
from plugin.domain.shop import Shop
from plugin.domain.states import WebhookState
from plugin.platforms.saleor.testing import TESTKIT
from plugin.ports import RawWebhook
from plugin.storage import SqlStore
from tests.support.builders import NOON
from tests.support.fake_platform import FakeClock
from tests.support.platforms.saleor.fakes import Answer, PretendSaleor
from tests.support.platforms.saleor.fixtures import a_body, a_third_key, another_key, detached, key_set
from tests.support.platforms.saleor.web import a_web_process, sent

DELIVERIES = 50
RETRIES = (10, 20, 40, 80, 160)  #: seconds after the try before, as Saleor makes them
KEYS = "/.well-known/jwks.json"
OLD, NEW = json.dumps(TESTKIT.jwks()).encode(), json.dumps(key_set(another_key())).encode()


@dataclass
class Rotation:
    """A shop, two processes that take its deliveries, and what they have answered."""

    saleor: PretendSaleor
    shop: Shop
    apps: Sequence[Flask]
    clock: FakeClock
    answered: list[list[int]] = field(default_factory=list)  #: the statuses of each round
    junk_answered: Counter[int] = field(default_factory=Counter)
    numbers: Iterator[int] = field(default_factory=count)

    def send(self, webhook: RawWebhook) -> int:
        app = self.apps[next(self.numbers) % len(self.apps)]
        return sent(app, webhook)[0]

    def deliveries(self) -> list[RawWebhook]:
        """Genuine ones, signed with the new key."""
        orders = [a_body(order={"id": f"T3JkZXI6{number:04}"}) for number in range(DELIVERIES)]
        return [self.signed(body, detached(body, another_key())) for body in orders]

    def junk(self) -> RawWebhook:
        return self.signed(a_body(), detached(a_body(), a_third_key(), kid=f"made-up-{next(self.numbers)}"))

    def signed(self, body: bytes, signature: str) -> RawWebhook:
        webhook = TESTKIT.webhook("order_created", body, self.shop)
        headers = {**webhook.headers, "saleor-signature": signature, "x-saleor-signature": signature}
        return RawWebhook(headers=headers, body=body)

    def round(self, genuine: Sequence[RawWebhook], *, junk: int) -> list[RawWebhook]:
        """All at the same moment; those that Saleor will send again."""
        with ThreadPoolExecutor(len(genuine) + junk) as threads:
            strangers = [threads.submit(self.send, self.junk()) for _ in range(junk)]
            statuses = list(threads.map(self.send, genuine))
        self.junk_answered.update(stranger.result() for stranger in strangers)
        self.answered.append(statuses)
        return [each for each, status in zip(genuine, statuses, strict=True) if status >= 500]

    def pass_by(self, seconds: int, *, junk: int) -> None:
        """The time until the next retry, in which strangers go on."""
        for _ in range(seconds):
            self.clock.move(seconds=1)
            self.junk_answered.update(self.send(self.junk()) for _ in range(min(junk, 1)))


@pytest.fixture
def rotation(store: SqlStore, settings: Settings) -> Iterator[Rotation]:
    clock = FakeClock()
    with PretendSaleor() as saleor:
        shop, access = TESTKIT.installation(saleor.address)
        installed = store.shops.install(shop, {**access, "jwks_at": NOON.isoformat()}, now=NOON)
        apps = [a_web_process(store, settings, clock) for _ in range(2)]
        saleor.answers[KEYS] = Answer(OLD)
        yield Rotation(saleor, installed, apps, clock)


SLOW = Answer(NEW, drip_seconds=0.2 / len(NEW))


@pytest.mark.parametrize("junk", [0, 20], ids=["quiet", "under junk"])
@pytest.mark.parametrize(
    "published",
    [[Answer(NEW)], [SLOW], [Answer(b"", status=502), Answer(b"", status=502), Answer(NEW)], [Answer(b"<html>"), SLOW]],
    ids=["at once", "slow", "dead for two tries", "a page, then slow"],
)
def test_no_delivery_is_lost_when_the_key_changes(
    rotation: Rotation, store: SqlStore, published: list[Answer], junk: int, request: pytest.FixtureRequest
) -> None:
    if junk:
        rotation.send(rotation.junk())  # so that the shop was asked just before the change
    waiting = rotation.deliveries()

    for pause in (*RETRIES, 0):
        rotation.saleor.answers[KEYS] = published[min(len(rotation.answered), len(published) - 1)]
        waiting = rotation.round(waiting, junk=junk)
        if not waiting:
            break
        rotation.pass_by(pause, junk=junk)

    tell(rotation, request.node.callspec.id)
    assert not {status for statuses in rotation.answered for status in statuses} - {200, 503}
    assert waiting == []
    assert store.backlog().webhooks == {WebhookState.WAITING: DELIVERIES}
    assert set(rotation.junk_answered) <= {401, 503}
    assert len(rotation.saleor.asked) <= 2 + len(rotation.apps) * (1 + (rotation.clock.at - NOON).total_seconds() / 5)


def tell(rotation: Rotation, name: str) -> None:
    refused = sum(statuses.count(401) for statuses in rotation.answered)
    tries = "; ".join(in_words(statuses) for statuses in rotation.answered)
    asked, seconds = len(rotation.saleor.asked), (rotation.clock.at - NOON).seconds
    print(
        f"\n{name}: {refused} of {DELIVERIES} answered 401 | tries: {tries} | "
        f"junk: {in_words(rotation.junk_answered.elements()) or 'none'} | key set asked for {asked} times in {seconds} s"
    )


def in_words(statuses: Iterable[int]) -> str:
    return ", ".join(f"{number} x {status}" for status, number in sorted(Counter(statuses).items()))
