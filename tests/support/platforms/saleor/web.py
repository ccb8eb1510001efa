"""A web process that takes a Saleor's deliveries."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask

from plugin.config import Settings
from plugin.platforms import discover
from plugin.platforms.saleor.testing import TESTKIT
from plugin.ports import RawWebhook
from plugin.sendpulse.body import bodies
from plugin.storage import SqlStore
from plugin.web import create_app
from plugin.wiring import Services, short_links
from tests.support.fake_platform import FakeSendPulse


def a_web_process(store: SqlStore, settings: Settings, now: Callable[[], datetime]) -> Flask:
    return create_app(
        Services(
            settings=settings,
            store=store,
            platforms={"saleor": discover()["saleor"].open(settings, TESTKIT.environ, now=now)},
            post=FakeSendPulse(),
            write_bodies=bodies,
            short_link=short_links(store, settings),
            now=now,
        )
    )


def sent(app: Flask, webhook: RawWebhook) -> tuple[int, str]:
    """How a delivery is answered."""
    answer = app.test_client().post("/webhooks/saleor", data=webhook.body, headers=dict(webhook.headers))
    return answer.status_code, answer.text
