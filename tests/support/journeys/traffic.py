"""Lets something happen in the pretend stores, as the sandbox page's own buttons do."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import requests

from plugin.sandbox.buyers import buyer_of
from tests.support.journeys.running import until
from tests.support.journeys.sandbox import RunningSandbox
from tests.support.journeys.tour import received_for

PRODUCTS: Final = ("moss-teapot", "wool-socks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One thing a buyer did, once the app has done what it does about it."""

    email: str
    order_number: str  #: as SendPulse got it; "" when nothing was sent
    state: str


def fires(
    sandbox: RunningSandbox, host: str, *, buyer: str, event: str = "order_paid", products: Sequence[str] = PRODUCTS
) -> Happened:
    """Let it happen, and wait until nothing more comes of it."""
    wish = {"store": host, "event": event, "buyer": buyer, "products": list(products)}
    number = _posted(sandbox, "fire", wish)["id"]
    trace = until(lambda: _settled(sandbox, number), f"{event} of {buyer} is settled")
    sample = buyer_of(buyer)
    email = sample.email if sample else ""
    state = trace["steps"][-1]["state"]
    got = received_for(sandbox, email) if email and state == "delivered" else []
    return Happened(email=email, order_number=got[-1]["variables"]["order_number"] if got else "", state=state)


@contextmanager
def trouble(sandbox: RunningSandbox, word: str) -> Iterator[None]:
    """SendPulse is not well meanwhile."""
    _posted(sandbox, "trouble", {"trouble": word})
    try:
        yield
    finally:
        _posted(sandbox, "trouble", {"trouble": "works"})


def every_state(sandbox: RunningSandbox, host: str) -> None:
    """Something in the log that was delivered, something that was skipped, and something that failed."""
    fires(sandbox, host, buyer="zofia")
    fires(sandbox, host, buyer="guest")
    with trouble(sandbox, "refuses"):
        fires(sandbox, host, buyer="juergen")


def _settled(sandbox: RunningSandbox, number: int) -> Any:
    told = requests.get(f"{sandbox.places.page}/state", timeout=5).json()
    return next((trace for trace in told["traces"] if trace["id"] == number and trace["is_settled"]), None)


def _posted(sandbox: RunningSandbox, path: str, body: object) -> Any:
    answer = requests.post(f"{sandbox.places.page}/{path}", json=body, timeout=10)
    answer.raise_for_status()
    return answer.json()
