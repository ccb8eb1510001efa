"""A pretend SendPulse with a clock that only moves when told to."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from plugin.sandbox.sendpulse import PretendSendPulse, api_app, events_app
from tests.support.sendpulse.samples import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pretend(clock: Clock) -> PretendSendPulse:
    made = PretendSendPulse(clock=clock)
    made.account.limits.per_second = None
    return made


@pytest.fixture
def events(pretend: PretendSendPulse) -> FlaskClient:
    """The events host."""
    return events_app(pretend).test_client()


@pytest.fixture
def api(pretend: PretendSendPulse) -> FlaskClient:
    """The REST host."""
    return api_app(pretend).test_client()


@pytest.fixture
def signed_in(pretend: PretendSendPulse) -> dict[str, Any]:
    """Headers with the account's API key."""
    return {"Authorization": f"Bearer {next(iter(pretend.account.api_keys))}"}
