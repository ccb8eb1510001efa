"""Who gets a page's document, and who its content."""

import pytest
from flask.testing import FlaskClient

from plugin.config import Settings
from plugin.domain.shop import Shop
from plugin.ports import Store
from plugin.sendpulse.body import bodies
from plugin.web import create_app
from plugin.wiring import Services, short_links
from tests.support.builders import NOON
from tests.support.fake_platform import FakePlatform, FakeSendPulse


@pytest.fixture
def client(store: Store, settings: Settings) -> FlaskClient:
    store.shops.install(Shop(id=0, platform="fake", address="demo", name="Demo"), {}, now=NOON)
    services = Services(
        settings=settings, store=store, platforms={"fake": FakePlatform()}, post=FakeSendPulse(), write_bodies=bodies,
        short_link=short_links(store, settings),
    )  # fmt: skip
    return create_app(services).test_client()


def test_the_document_says_nothing_of_a_shop(client: FlaskClient) -> None:
    answer = client.get("/fake")

    assert answer.status_code == 200
    assert "Demo" not in answer.text
    assert "frame-ancestors https://admin.example" in answer.headers["Content-Security-Policy"]


def test_the_content_is_for_who_has_a_token(client: FlaskClient) -> None:
    answer = client.get("/fake", headers={"Authorization": "Bearer staff-of demo"})

    assert "Demo" in answer.text


def test_a_wrong_token_is_refused_in_the_hosts_way(client: FlaskClient) -> None:
    answer = client.get("/fake", headers={"Authorization": "Bearer staff-of nobody"})

    assert (answer.status_code, answer.headers["X-Try-Again"]) == (401, "1")
