"""Asking a shop's Admin GraphQL API.

With urllib3, not shopifyapp: that one has no time limits, drops partial data and the cost of a throttled query,
waits inside the caller's thread and never tries 500 again (its defects 3, 4, 5 and 10 as seen in 1.0.2). Nor with
requests, whose own work for each question is twice that of all the rest: every order asks one.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from http.client import HTTPException
from pathlib import Path
from time import monotonic
from typing import Any, Final

import certifi
import msgspec
import urllib3
from urllib3.exceptions import HTTPError, ProtocolError

from plugin.domain.errors import TryAgain, Unreadable
from plugin.domain.payload import Payload, read_json
from plugin.domain.shop import Shop

from .address import shop_domain
from .config import API_VERSION

CONNECT_SECONDS: Final = 4.0
READ_SECONDS: Final = 10.0
ALL_SECONDS: Final = 14.0  #: for all questions about one event
MOST_BYTES: Final = 2_000_000
CODE: Final = re.compile(r"\w{1,60}", re.ASCII)  #: of an error; anything else is not repeated in a log
MOST_CODES: Final = 5
PIECE: Final = 65_536
POOL: Final = 32
HEADERS: Final = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "Content-Type": "application/json",
    "User-Agent": "sendpulse-plugin",
}

REOPEN: Final = "open the app once in the Shopify admin"

# https://shopify.dev/docs/api/usage/response-codes
REFUSALS: Final = {
    401: f"Shopify no longer accepts this app's access to the shop: {REOPEN}",
    402: "the shop is frozen until its owner pays Shopify",
    403: "Shopify does not allow this app to read that: check the app's scopes and its protected customer data access",
    404: "Shopify does not know this shop any more",
    423: "Shopify has locked the shop",
}
PASSING: Final = frozenset({408, 429, 430})  #: and every 5xx; 430 is Shopify's own for suspected attacks

NOT_UNDERSTOOD: Final = "Shopify did not understand a part of the search"

QUERIES: Final = {path.stem: path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("queries/*.graphql")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What Shopify says of a query's cost, in points.  https://shopify.dev/docs/api/usage/limits"""

    requested: float
    available: float  #: in the shop's bucket afterwards
    restore_rate: float  #: points a second

    def wait(self) -> timedelta | None:
        """How long until the bucket holds enough for this query."""
        return _wait((self.requested - self.available) / self.restore_rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What Shopify said: data, a refusal in plain words, or some of both."""

    data: Payload
    refusal: str = ""
    refused: frozenset[tuple[str, ...]] = frozenset()  #: the places in the data it is about; () stands for all of it
    cost: Cost | None = None
    is_unauthorized: bool = False  #: the token is dead, a newer one may do
    is_unknown_shop: bool = False  #: no shop has this address any more

    def refuses(self, *place: str) -> bool:
        """Whether what stands at this place in the data is not, or not wholly, what was asked for."""
        return any(path[: len(place)] == place[: len(path)] for path in self.refused)


Ask = Callable[[str, Mapping[str, Any]], Answer]
"""Asks one shop a query, by its name among `QUERIES` or by its text; raises `TryAgain`."""


class Admin:
    """The Admin API of every shop, over one pool of connections. Threads may share it."""

    def __init__(self, address: str, *, all_seconds: float = ALL_SECONDS) -> None:
        self._address, self._all_seconds = address, all_seconds
        self._pool = urllib3.PoolManager(num_pools=POOL, maxsize=POOL, retries=False, ca_certs=certifi.where())

    def of(self, shop: Shop, token: str, *, until: float | None = None) -> Ask:
        """How this shop is asked about one event, all questions together within the time; `until` is monotonic."""
        end = monotonic() + self._all_seconds if until is None else until

        def ask(query: str, variables: Mapping[str, Any]) -> Answer:
            return self._ask(shop, token, {"query": QUERIES.get(query, query), "variables": variables}, end)

        return ask

    def _ask(self, shop: Shop, token: str, question: Mapping[str, Any], until: float) -> Answer:
        if shop_domain(shop.address) != shop.address:
            return _refused("this is no address of a Shopify shop")
        if until - monotonic() < 1:
            raise TryAgain("Shopify answers too slowly.")
        try:
            status, headers, body = self._post(shop, token, question, until)
        except HTTPError as error:
            raise TryAgain(f"Shopify did not answer ({type(error).__name__}).") from error
        if status in PASSING or status >= 500:
            raise TryAgain(f"Shopify answered {status}.", after=_asked_wait(headers.get("Retry-After", "")))
        if status != 200:
            refused = _refused(REFUSALS.get(status, f"Shopify answered {status}"))
            return replace(refused, is_unauthorized=status == 401, is_unknown_shop=status == 404)
        return _understood(body)

    def _post(
        self, shop: Shop, token: str, question: Mapping[str, Any], until: float
    ) -> tuple[int, Mapping[str, str], bytes | None]:
        """Status, headers and body; no body when it is longer than `MOST_BYTES`."""
        left = until - monotonic()
        connect_seconds = min(CONNECT_SECONDS, left / 3)
        answer = self._pool.request(
            "POST",
            f"{self._address.replace('{shop}', shop.address)}/admin/api/{API_VERSION}/graphql.json",
            body=msgspec.json.encode(question),
            headers=HEADERS | {"X-Shopify-Access-Token": token},
            timeout=urllib3.Timeout(connect=connect_seconds, read=min(READ_SECONDS, left - connect_seconds)),
            redirect=False,
            preload_content=False,
        )
        with closing(answer):  # which keeps the connection if all was read
            return answer.status, answer.headers, _read(answer, until)


def _read(answer: urllib3.BaseHTTPResponse, until: float) -> bytes | None:
    """The body, piece by piece as it comes, so that neither its length nor its slowness is up to the sender."""
    body = bytearray()
    while piece := _piece(answer):
        body += piece
        if len(body) > MOST_BYTES:
            return None
        if monotonic() > until:
            raise ProtocolError("the answer came too slowly")
    return bytes(body)


def _piece(answer: urllib3.BaseHTTPResponse) -> bytes:
    try:
        return answer.read1(PIECE, decode_content=True)
    except (HTTPException, OSError) as error:
        raise ProtocolError("the answer broke off") from error


def _understood(body: bytes | None) -> Answer:
    if body is None:
        return _refused("Shopify's answer is too long")
    try:
        answer = read_json(body, "answer")
    except Unreadable as error:  # a page that says sorry, with status 200
        raise TryAgain("Shopify's answer is no JSON.") from error
    codes = [error.object("extensions").text("code") for error in answer.objects("errors")]
    cost = _cost(answer)
    if "THROTTLED" in codes:
        raise TryAgain("Shopify asks for a pause.", after=cost.wait() if cost else None)
    if "INTERNAL_SERVER_ERROR" in codes or "TIMEOUT" in codes:
        raise TryAgain("Shopify failed inside.")
    dropped = _dropped(answer)
    refusal = _reason(codes) if answer.fields.get("errors") else NOT_UNDERSTOOD if dropped else ""
    paths = [*(error.texts("path") for error in answer.objects("errors")), *dropped]
    places = frozenset(paths or [()] if refusal else [])
    return Answer(data=answer.object("data"), refusal=refusal, refused=places, cost=cost)


def _dropped(answer: Payload) -> list[tuple[str, ...]]:
    """Searches in which Shopify did not know a term: it says so in a warning, leaves the term out, and answers the rest."""
    searches = answer.object("extensions").objects("search")
    return [search.texts("path") for search in searches if search.fields.get("warnings")]


def _reason(codes: list[str]) -> str:
    """In words of ours: Shopify's own message may quote what was asked."""
    if "ACCESS_DENIED" in codes:
        return REFUSALS[403]
    known = sorted({code for code in codes if CODE.fullmatch(code)})[:MOST_CODES]
    return f"Shopify refused a part of the question ({', '.join(known) or 'no code'})"


def _cost(answer: Payload) -> Cost | None:
    """What the answer tells of it; None when it does not."""
    told = answer.object("extensions").object("cost")
    bucket = told.object("throttleStatus")
    asked, there, rate = told.decimal("requestedQueryCost"), bucket.decimal("currentlyAvailable"), bucket.decimal("restoreRate")
    if asked is None or there is None or not rate or rate < 0:
        return None
    return Cost(requested=float(asked), available=float(there), restore_rate=float(rate))


def _asked_wait(retry_after: str) -> timedelta | None:
    """Shopify writes seconds with a fraction (2.0)."""
    return _wait(float(Payload({"": retry_after}, "headers").decimal("") or 0)) if retry_after else None


def _wait(seconds: float) -> timedelta | None:
    return timedelta(seconds=min(seconds, 60.0)) if seconds > 0 else None


def _refused(why: str) -> Answer:
    return Answer(data=Payload({}, "answer.data"), refusal=why, refused=frozenset({()}))
