"""What the web application answers, and that nothing makes it answer 500."""

from collections.abc import Mapping, MutableMapping
from dataclasses import replace
from typing import Any, cast

import pytest
from flask.testing import FlaskClient

from plugin.config import Settings
from plugin.domain.errors import BadSignature, NotInstalled, StorageDown, TryAgain
from plugin.domain.shop import Shop
from plugin.domain.states import WebhookState
from plugin.door.sizes import LARGEST_WEBHOOK
from plugin.ports import RawWebhook, Shops, Store, VerifiedWebhook
from plugin.sendpulse.body import bodies
from plugin.web import create_app
from plugin.wiring import Services, short_links
from tests.conftest import database_url as database_url
from tests.support.builders import NOON
from tests.support.fake_platform import FakePlatform, FakeSendPulse


class Refusing(FakePlatform):
    """Raises what it is told when a webhook is verified."""

    error: Exception | None = None

    def verify(self, webhook: RawWebhook, shops: Shops) -> VerifiedWebhook:
        if self.error:
            raise self.error
        return super().verify(webhook, shops)


@pytest.fixture
def platform() -> Refusing:
    return Refusing()


@pytest.fixture
def services(store: Store, settings: Settings, platform: Refusing) -> Services:
    store.shops.install(Shop(id=0, platform="fake", address="demo"), {}, now=NOON)
    return Services(
        settings=settings, store=store, platforms={"fake": platform}, post=FakeSendPulse(), write_bodies=bodies,
        short_link=short_links(store, settings),
    )  # fmt: skip


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


HEADERS = {"shop": "demo", "topic": "t", "key": "k1"}


def test_a_stored_webhook_is_answered_200(client: FlaskClient, store: Store) -> None:
    assert client.post("/webhooks/fake", data=b"{}", headers=HEADERS).status_code == 200

    assert store.backlog().webhooks[WebhookState.WAITING] == 1


def test_the_same_webhook_again_is_answered_200_too(client: FlaskClient, store: Store) -> None:
    for _ in range(2):
        assert client.post("/webhooks/fake", data=b"{}", headers=HEADERS).status_code == 200

    assert store.backlog().webhooks[WebhookState.WAITING] == 1


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BadSignature("wrong"), 401),
        (NotInstalled("unknown", answer=200), 200),
        (NotInstalled("unknown", answer=401), 401),
        (StorageDown("away"), 503),
        (TryAgain("no key set"), 503),
        (RuntimeError("a bug of ours"), 503),
    ],
    ids=["bad signature", "unknown to one", "unknown to another", "storage down", "later", "bug"],
)
def test_each_error_has_its_answer_and_stores_nothing(
    client: FlaskClient, platform: Refusing, store: Store, error: Exception, status: int
) -> None:
    platform.error = error

    answer = client.post("/webhooks/fake", data=b"{}", headers=HEADERS)

    assert answer.status_code == status
    assert str(error) not in answer.text
    assert store.backlog().webhooks == {}


def test_a_store_nobody_knows_reads_what_to_do(client: FlaskClient, platform: Refusing) -> None:
    platform.error = NotInstalled("unknown", answer=401, advice="Install the app again.")

    answer = client.post("/webhooks/fake", data=b"{}", headers=HEADERS)

    assert (answer.status_code, answer.text) == (401, "Not installed here. Install the app again.")


@pytest.mark.parametrize("error", [StorageDown("away"), TryAgain("no key set")], ids=["storage down", "later"])
def test_an_error_that_asks_to_come_again_says_when(client: FlaskClient, platform: Refusing, error: Exception) -> None:
    platform.error = error

    assert client.post("/webhooks/fake", data=b"{}", headers=HEADERS).headers["Retry-After"] == "10"


def test_a_stranger_s_key_is_no_error_of_ours(
    client: FlaskClient, platform: Refusing, logged: list[MutableMapping[str, Any]]
) -> None:
    platform.error = TryAgain("no key set")

    client.post("/webhooks/fake", data=b"{}", headers=HEADERS)

    assert [(row["event"], row["log_level"]) for row in logged] == [("not known yet", "info")]


def test_an_unknown_platform_is_not_found(client: FlaskClient) -> None:
    assert client.post("/webhooks/nobody", data=b"{}").status_code == 404


def test_a_body_past_the_limit_is_refused(client: FlaskClient) -> None:
    assert client.post("/webhooks/fake", data=b"x" * (LARGEST_WEBHOOK + 1), headers=HEADERS).status_code == 413


@pytest.mark.parametrize("path", ["/", "/fake"])
def test_a_page_is_shown(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 200
    assert "SendPulse events" in answer.text
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path",
    ["/nobody", "/nobody/app", "/go/x", "/go/" + "x" * 5000, "/%00", "/go/%F0%9F", "/webhooks/fake", "/static/../config.py"],
)
def test_strange_addresses_are_answered_below_500(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code in (404, 405)


def test_health_is_told(client: FlaskClient) -> None:
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").status_code == 200


def test_it_is_not_ready_without_its_database(services: Services) -> None:
    class Away:
        def check(self) -> None:
            raise StorageDown("The database does not answer.")

    client = create_app(replace(services, store=cast(Any, _But(services.store, Away())))).test_client()

    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").status_code == 503


class _But:
    """A store of which one method is another's."""

    def __init__(self, store: Store, other: Any) -> None:
        self._store, self._other = store, other

    def __getattr__(self, name: str) -> Any:
        return getattr(self._other if hasattr(self._other, name) else self._store, name)


def test_metrics_count_what_came_and_what_stands(client: FlaskClient, store: Store) -> None:
    client.post("/webhooks/fake", data=b"{}", headers=HEADERS)
    store.statistics.count_standing(now=NOON)

    text = client.get("/metrics").text

    assert _value(text, 'plugin_webhooks_total{platform="fake",result="stored"}') >= 1
    assert _value(text, 'plugin_standing{state="waiting",what="webhooks"}') == 1


def test_a_refused_webhook_is_counted(client: FlaskClient, platform: Refusing) -> None:
    platform.error = BadSignature("wrong")
    name = 'plugin_webhooks_total{platform="fake",result="bad_signature"}'
    before = _value(client.get("/metrics").text, name)

    client.post("/webhooks/fake", data=b"{}", headers=HEADERS)

    assert _value(client.get("/metrics").text, name) == before + 1


def _value(metrics: str, name: str) -> float:
    found: Mapping[str, str] = dict(line.rsplit(" ", 1) for line in metrics.splitlines() if not line.startswith("#"))
    return float(found.get(name, "0"))
