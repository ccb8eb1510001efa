"""The real client against the pretend SendPulse, over real HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from plugin.clock import now
from plugin.sandbox.sendpulse import EventDefinition, PretendSendPulse, api_app, events_app
from plugin.sandbox.serving import serve_in_thread
from plugin.sendpulse.client import SendPulse
from plugin.sendpulse.wire import Limits
from tests.support.sendpulse.samples import FakeTokens, some_settings

IMPATIENT = Limits(connect_seconds=0.5, silence_seconds=0.4, answer_seconds=0.7)


@dataclass(frozen=True)
class Place:
    """A client, the pretend SendPulse it talks to, and one event there."""

    client: SendPulse
    impatient: SendPulse  #: the same, for answers that do not come
    pretend: PretendSendPulse
    event: EventDefinition
    tokens: FakeTokens
    events_url: str
    api_url: str


@pytest.fixture
def place() -> Iterator[Place]:
    pretend, tokens = PretendSendPulse(), FakeTokens()
    event = pretend.add_event("order_paid")
    with serve_in_thread(events_app(pretend)) as events, serve_in_thread(api_app(pretend)) as api:
        settings = some_settings(events.url, api.url)
        client, impatient = SendPulse(settings, tokens, now), SendPulse(settings, tokens, now, limits=IMPATIENT)
        yield Place(client, impatient, pretend, event, tokens, events.url, api.url)
        client.close()
        impatient.close()
