"""The stores' Admin API, which answers all that a day's events ask for, as a process of its own.

Plainer than the pretend Shopify of the sandbox, so that what is measured beside it is the app.
`python -m bench.day.store_api SECONDS` prints its port, takes so long for each answer, and serves until its input ends.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from bench.day import bodies
from bench.day.shops import HOME, page
from tests.support.processes import CHECKOUT

ANSWER_SECONDS: Final = 0.05  #: about what a store's API takes
_NAME = re.compile(r"\b(?:query|mutation) (\w+)")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@contextmanager
def running_store_api(seconds: float = ANSWER_SECONDS) -> Iterator[str]:
    """Its address, for SHOPIFY_ADMIN_URL; it ends with us, in an error if it was asked what it does not know."""
    command = [sys.executable, "-m", "bench.day.store_api", str(seconds)]
    process = subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()
    if process.returncode:
        raise AssertionError("The store's API was asked what it does not know: figures beside it mean nothing.")


# ------------------------------------------------------------------ the server's side


def answer_to(question: Mapping[str, Any]) -> dict[str, Any]:
    """The data of an answer to one of the app's queries; raises `KeyError` for one it does not know."""
    found = _NAME.search(question["query"])
    asked = question["variables"]
    match found.group(1) if found else "":
        case "ProductsForEvent":
            return {"nodes": [_variant(gid) for gid in asked["ids"]]}
        case "CustomersForEvent":
            return {"nodes": [{"id": gid} | _customer(_number(gid)) for gid in asked["ids"]]}
        case "OrderForEvent":
            return {"order": _order(_number(asked["id"]))}
        case "StorefrontForEvent":
            return {"shop": {"primaryDomain": {"url": HOME, "localization": {"defaultLocale": "pl", "alternateLocales": []}}}}
        case name:
            raise KeyError(name)


def _number(gid: str) -> int:
    return int(gid.rpartition("/")[2])


def _variant(gid: str) -> dict[str, Any]:
    known = page(_number(gid) - bodies.VARIANT)
    told = {"title": known["name"], "handle": known["slug"], "status": "ACTIVE", "onlineStoreUrl": known["link"]}
    picture = {"featuredMedia": {"preview": {"image": {"url": known["image"]}}}}
    return {"__typename": "ProductVariant", "id": gid, "media": {"nodes": []}, "product": told | picture}


def _order(number: int) -> dict[str, Any]:
    visit = number - bodies.ORDER
    customer = _customer(bodies.CUSTOMER + visit) | {"id": str(bodies.CUSTOMER + visit), "first_name": "Zofia"}
    money = {"presentment_money": {"amount": "99.90", "currency_code": bodies.CURRENCY}}
    return {
        "name": f"#{visit}", "email": bodies.email(visit), "created_at": "2026-11-01T10:00:00Z",
        "processed_at": "2026-11-01T10:00:00Z", "customer_locale": "pl-PL", "buyer_accepts_marketing": True, "test": False,
        "source_name": "web", "checkout_token": f"c0ffee{visit:026x}", "status_url": "", "total_price_set": money,
        "current_total_price_set": money, "customer": customer, "lines": {"nodes": []},
    }  # fmt: skip


def _customer(number: int) -> dict[str, Any]:
    consent = {"state": "SUBSCRIBED", "consent_updated_at": "2026-11-01T10:00:00Z"}
    text = {"text": bodies.email(number - bodies.CUSTOMER)}
    bought = {"orders_count": "3", "total_spent": {"amount": "299.70", "currency_code": bodies.CURRENCY}, "tags": ["vip"]}
    known = {"locale": "pl-PL", "email_address": text, "email_marketing_consent": consent, "phone_number": None}
    return known | bought


class _Connection(asyncio.Protocol):
    unknown = 0  #: questions, of all connections

    def __init__(self, seconds: float) -> None:
        self._seconds, self._read = seconds, b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 the shape of a protocol
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, ended, rest = self._read.partition(b"\r\n\r\n")
        found = _LENGTH.search(head)
        if ended and found and len(rest) >= int(found.group(1)):
            self._read = b""
            try:
                answer = answer_to(json.loads(rest))
            except KeyError as error:
                print("unknown to the store's API:", error, file=sys.stderr, flush=True)
                _Connection.unknown += 1
                answer = {}
            asyncio.get_running_loop().call_later(self._seconds, self._say, answer)

    def _say(self, data: Mapping[str, Any]) -> None:
        body = json.dumps({"data": data}).encode()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        if self._transport:
            self._transport.write(head + body)


async def _serve(seconds: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(seconds), "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    # Connections may be open still: nobody waits for them.
    os._exit(1 if _Connection.unknown else 0)


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1])))
