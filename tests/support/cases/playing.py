"""One installation of the app on a database, played by a case: real translators, real store, a clock that is moved."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

from flask.testing import FlaskClient

from plugin.config import Settings
from plugin.domain.kinds import EventKind
from plugin.domain.shop import Shop
from plugin.pipeline.hold import AFTER_LATE_ARRIVAL
from plugin.platforms import discover, find_testkit
from plugin.platforms.saleor import manifest
from plugin.ports import DeliveryFilter, LoggedDelivery, Store
from plugin.sendpulse.body import bodies
from plugin.storage import SqlStore
from plugin.upkeep.doctor import findings
from plugin.web import create_app
from plugin.wiring import Services, short_links
from plugin.worker import Worker
from tests.support.cases import judging, saleor_aliases, saleor_answers, shopify_answers
from tests.support.cases.stories import Story
from tests.support.fake_platform import FakeClock, FakeSendPulse
from tests.support.platforms.shopify import admin
from tests.support.working import drain

ADDRESSES = {
    "shopify": {"A": "demo.myshopify.com", "B": "other.myshopify.com"},
    "saleor": {"A": "https://demo.saleor.example/graphql/", "B": "https://demo.saleor.example:444/graphql/"},
}
LINKS = {
    "shopify": {"link": "https://store.example.com"},
    "saleor": {"link": "https://shop.example.com", "product_link": "https://shop.example.com/{locale}/products/{slug}"},
}
FLOWS = {"en": 101, "pl": 102, "de": 103, "sv": 104}
DEFAULT_FLOW = 999
WAIT_MINUTES = 10
AFTERWARDS_SECONDS = 60


@dataclass
class Stage:
    """The app, its shops, and what left."""

    story: Story
    store: Store
    services: Services
    client: FlaskClient
    clock: FakeClock
    post_box: FakeSendPulse
    worker: Worker
    shops: dict[str, Shop] = field(default_factory=dict)

    def play(self) -> None:
        """Send what the store sends, then let a minute pass: what is to come due in a case does so within it.

        A cart whose first webhook comes later than its whole wait rings some minutes after that.
        """
        for step in self.story.told["steps"]:
            self._step(step)
        self.pass_a_minute()
        self.clock.move(seconds=AFTER_LATE_ARRIVAL.total_seconds())
        for _ in range(6):
            self.clock.move(seconds=10)
            drain(self.worker)

    def pass_a_minute(self) -> None:
        for _ in range(AFTERWARDS_SECONDS):
            self.clock.move(seconds=1)
            drain(self.worker)

    def rows(self) -> list[LoggedDelivery]:
        """The first shop's log, once everything has left."""
        self.pass_a_minute()
        return self._log(self.shops["A"])

    def faults(self) -> list[str]:
        """What came out otherwise than the case says."""
        left = [(self._letter(claimed.shop.id), json.loads(claimed.body)) for claimed in self.post_box.posted]
        log = [(letter, row) for letter, shop in self.shops.items() for row in self._log(shop)]
        found = list(judging.faults(self.story.expected, left, log))
        if name := self.story.told.get("doctor"):
            said = "\n".join(findings(self.store, public_url="https://app.example", is_sandbox=False, now=self.clock()))
            found += [] if name in said else [f"doctor does not name {name}: {said}"]
        return found

    def _step(self, step: Mapping[str, Any]) -> None:
        if "wait" in step:
            self.clock.move(seconds=step["wait"])
        elif "together" in step:
            with ThreadPoolExecutor() as pool:
                list(pool.map(self.send, step["together"]))
        else:
            self.send(step)
        drain(self.worker)

    def send(self, step: Mapping[str, Any]) -> None:
        status, text = self.tell(step)
        assert status == step.get("status", 200), text
        assert re.search(step.get("answer", ""), text), text

    def tell(self, step: Mapping[str, Any], *, sign: Callable[[bytes], str] | None = None) -> tuple[int, str]:
        """Post one webhook, signed with another key where one is given; the answer's status and words."""
        shop, platform = self.shops[step.get("shop", "A")], self.story.platform
        is_asked = platform == "saleor" and step["topic"] in manifest.events()
        told = saleor_aliases.aliased(step["topic"], step["body"]) if is_asked else step["body"]
        body = json.dumps(told, ensure_ascii=platform == "saleor").encode()
        headers = dict(find_testkit(platform).webhook(step["topic"], body, shop).headers)
        if "api_url" in step:
            headers |= {"saleor-api-url": step["api_url"]}
        if sign:
            headers |= {name: sign(body) for name in headers if name.endswith("saleor-signature")}
        answer = self.client.post(f"/webhooks/{platform}", data=body, headers=headers)
        return answer.status_code, answer.text

    def _letter(self, shop_id: int) -> str:
        return next(letter for letter, shop in self.shops.items() if shop.id == shop_id)

    def _log(self, shop: Shop) -> list[LoggedDelivery]:
        return list(self.store.log.list(DeliveryFilter(shop_id=shop.id, limit=1000)))


@contextmanager
def staged(
    story: Story,
    store: SqlStore,
    settings: Settings,
    *,
    began: datetime,
    platform: str = "",
    address: str = "",
    environ: Mapping[str, str] | None = None,
) -> Iterator[Stage]:
    """The stage with the case's shops on it; `platform` and `address` are another's than the case is kept under."""
    story = replace(story, platform=platform or story.platform)
    clock, post_box = FakeClock(began), FakeSendPulse()
    with _pretend_admin(story.told.get("store_answers", {})) as admin_url, _pretend_saleor() as api_url:
        known = {**find_testkit(story.platform).environ, "SHOPIFY_ADMIN_URL": admin_url, **(environ or {})}
        folder = discover()[story.platform]
        services = Services(
            settings=settings, store=store, platforms={story.platform: folder.open(settings, known, now=clock)},
            post=post_box, write_bodies=bodies, short_link=short_links(store, settings), now=clock,
        )  # fmt: skip
        app = create_app(services)
        stage = Stage(
            story, store, services, app.test_client(), clock, post_box, Worker(services, now=clock, sleep=clock.sleep)
        )
        for letter, changed in story.shops.items():
            stage.shops[letter] = _installed(story, store, letter, changed, began, address, api_url)
        yield stage


def _installed(
    story: Story, store: SqlStore, letter: str, changed: Mapping[str, Any], now: datetime, address: str, api_url: str
) -> Shop:  # fmt: skip
    address = address or ADDRESSES[story.platform][letter]
    made, access = find_testkit(story.platform).installation(address)
    asked_at = {"api_url": api_url, "version": "3.23.28"} if story.platform == "saleor" else {}
    shop = store.shops.install(made, {**access, **asked_at}, now=now.astimezone(UTC))
    store.shops.write_settings(shop.id, _settings(story, letter, changed), who="case", now=now)
    return shop


def _settings(story: Story, letter: str, changed: Mapping[str, Any]) -> dict[str, Any]:
    kinds = story.told.get("events") or [kind.value for kind in EventKind]
    routes = {**story.told.get("routes", {}), **changed.get("routes", {})}
    number = int(letter, 36) * 100
    events = {
        kind: {"enabled": True, "send": "json", "event_url": _url(number + place), "shape": "order", "audience": "everyone"}
        | ({"wait_minutes": WAIT_MINUTES} if kind == "cart_abandoned" else {})
        | routes.get(kind, {})
        for place, kind in enumerate(kinds)
    }
    flows = [{"locale": locale, "automation_id": flow} for locale, flow in _flows(story).items()]
    store = {"timezone": "Europe/Warsaw", "default_locale": "sv", **LINKS[story.platform], **story.told.get("store", {})}
    return {
        "version": 1, "events": events, "flows": flows, "no_match": {"policy": "default_flow", "automation_id": DEFAULT_FLOW},
        "store": store | changed.get("store", {}), "account": {"rate_per_second": 8}, "share": story.told.get("share", []),
        "variables": story.told.get("variables", []),
    }  # fmt: skip


def _flows(story: Story) -> Mapping[str, int]:
    named = story.told.get("flows")
    return {locale: 100 + number for number, locale in enumerate(named, start=1)} if named else FLOWS


def _url(number: int) -> str:
    return f"https://events.sendpulse.com/events/id/{number:032x}/7043663"


@contextmanager
def _pretend_admin(nodes: Mapping[str, Any]) -> Iterator[str]:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        said = json.dumps(shopify_answers.answer(found.questions[-1], nodes)).encode()
        admin.says(200, said)(handler)

    with admin.running(reply) as found:
        yield found.url


@contextmanager
def _pretend_saleor() -> Iterator[str]:
    """Every checkout is still there, nobody has ordered, and no product has another name."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        admin.says(200, json.dumps(saleor_answers.answer(found.questions[-1])).encode())(handler)

    with admin.running(reply) as found:
        yield found.url.replace("{shop}", "graphql/")
