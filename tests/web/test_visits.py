"""Who gets a page's document, and who its content."""

import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from plugin.config import Publisher, Settings
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


def test_every_page_leads_to_help_and_to_the_privacy_policy_where_the_operator_named_them(
    store: Store, settings: Settings
) -> None:
    publisher = Publisher(support_url="https://a.example/help", privacy_url="https://a.example/privacy")
    services = Services(
        settings=replace(settings, publisher=publisher), store=store, platforms={"fake": FakePlatform()}, post=FakeSendPulse(),
        write_bodies=bodies, short_link=short_links(store, settings),
    )  # fmt: skip
    said, unsaid = create_app(services).test_client(), create_app(replace(services, settings=settings)).test_client()

    links = re.findall(r'<a href="(https://a[^"]+)" target="_blank" rel="noopener noreferrer">([^<]+)<', said.get("/fake").text)
    assert links == [
        ("https://a.example/help", "Help and support"), ("https://a.example/privacy", "Privacy policy"),
    ]  # fmt: skip
    assert "<footer" not in unsaid.get("/fake").text


def test_the_content_is_for_who_has_a_token(client: FlaskClient) -> None:
    answer = client.get("/fake", headers={"Authorization": "Bearer staff-of demo"})

    assert "Demo" in answer.text


def test_a_wrong_token_is_refused_in_the_hosts_way(client: FlaskClient) -> None:
    answer = client.get("/fake", headers={"Authorization": "Bearer staff-of nobody"})

    assert (answer.status_code, answer.headers["X-Try-Again"]) == (401, "1")
