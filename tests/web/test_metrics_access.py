"""Who may read the metrics: whoever brings the token, or without one, a program of this machine."""

from dataclasses import replace
from typing import Any

import pytest

from plugin.config import Settings
from plugin.ports import Store
from tests.support.web.merchant import a_merchant

TOKEN = "planted-metrics-token"


def asked(store: Store, settings: Settings, **more: Any) -> Any:
    return a_merchant(store, settings).client.get("/metrics", **more)


@pytest.fixture
def guarded(settings: Settings) -> Settings:
    return replace(settings, metrics_token=TOKEN)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_the_token_opens_them(store: Store, guarded: Settings, scheme: str) -> None:
    answer = asked(store, guarded, headers={"Authorization": f"{scheme} {TOKEN}"})

    assert answer.status_code == 200
    assert "plugin_webhooks_total" in answer.text


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer é"],
)
def test_nothing_else_does_where_there_is_one(store: Store, guarded: Settings, given: str) -> None:
    answer = asked(store, guarded, headers={"Authorization": given.encode().decode("latin-1")} if given else {})

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "plugin_" not in answer.text


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_without_one_this_machine_is_answered(store: Store, settings: Settings, address: str) -> None:
    assert asked(store, settings, environ_overrides={"REMOTE_ADDR": address}).status_code == 200


@pytest.mark.parametrize("address", ["10.0.0.7", "203.0.113.9", "::ffff:10.0.0.7", "2001:db8::1", ""])
def test_without_one_no_other_machine_is(store: Store, settings: Settings, address: str) -> None:
    answer = asked(store, settings, environ_overrides={"REMOTE_ADDR": address})

    assert answer.status_code == 403
    assert "METRICS_TOKEN" in answer.text


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_without_one_nobody_behind_a_proxy_on_this_machine_is(store: Store, settings: Settings, name: str) -> None:
    assert asked(store, settings, headers={name: "203.0.113.9"}).status_code == 403
