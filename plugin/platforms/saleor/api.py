"""Asking a shop's Saleor: who am I with this token, which keys do you sign with, and what `sync` has to change."""

import re
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Protocol

import requests
from urllib3 import Timeout
from urllib3.exceptions import HTTPError

from plugin.domain.errors import GiveUp, TryAgain, Unreadable
from plugin.domain.payload import Payload, read_json
from plugin.domain.wording import Sentence, worded

from .addresses import clean, origin
from .connections import session
from .signature import usable_keys

TIME_LIMIT = (5, 10)  #: seconds to connect, and between two parts of an answer
LONGEST_ANSWER_SECONDS = 15  #: from the question to the end of the body, however slowly it drips; Saleor waits 18 for us
MOST_BYTES = 64 * 1024
MOST_KEYS = 8  #: a Saleor publishes one; a rotation by hand might show two
MOST_CODES: Final = 5  #: of an answer's errors that are repeated
CODE: Final = re.compile(r"[A-Za-z_]{1,60}", re.ASCII)  #: of an error; its message may quote what was asked
DENIED: Final = "PermissionDenied"
REFUSALS: Final = frozenset(range(400, 500)) - {408, 425, 429}  #: what will be answered the same in a minute
UNDERSTOOD: Final = (HTTPStatus.OK, HTTPStatus.BAD_REQUEST)  #: Saleor answers 400 to a question it finds wrong

_KEYS_PATH = "/.well-known/jwks.json"
# Whoever installs behind a proxy must read which of the two addresses it keeps from us.
_KEYS, _API = f"key set ({_KEYS_PATH})", "API"

# Every field here is in 3.21 and in 3.23.
_WHO_AM_I = "query WhoAmI { app { id identifier } shop { name version } }"


class AddressCheck(Protocol):
    """Says whether an address may be called, as `AddressPolicy` does."""

    def exclude(self, address: str) -> None: ...

    def admit(self, address: str) -> str | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AppIdentity:
    """What a Saleor says of the app a token belongs to."""

    app_id: str
    identifier: str  #: the manifest's id
    shop_name: str
    version: str


class Api:
    """Calls a shop's Saleor: checked address, no redirects, no proxy, bounded time and size."""

    def __init__(self, door: AddressCheck, *, longest_answer_seconds: float = LONGEST_ANSWER_SECONDS) -> None:
        self._door, self._longest_answer_seconds = door, longest_answer_seconds

    def exclude(self, address: str) -> None:
        """Raises `Excluded` for an address that is refused as it is written; asks nobody."""
        self._door.exclude(address)

    def key_set(self, address: str) -> dict[str, Any]:
        """The public keys the shop signs with; raises `TryAgain` or `Misconfigured`."""
        address = clean(address)
        status, body = self._ask("GET", f"{origin(address)}{_KEYS_PATH}", address, of=_KEYS)
        if status != HTTPStatus.OK:
            raise TryAgain(f"The shop's {_KEYS} answered {status}.")
        published = [key.fields for key in _json(body, _KEYS).objects("keys")]
        return {"keys": usable_keys({"keys": published})[:MOST_KEYS]}

    def introduction(self, address: str, token: str) -> AppIdentity:
        """Who the token says we are; raises `GiveUp` when it is refused, `TryAgain` or `Misconfigured`."""
        data = self.answer(address, token, _WHO_AM_I)
        app, shop = data.object("app"), data.object("shop")
        if not app.text("id"):
            raise GiveUp("Your store does not know this token.")
        return AppIdentity(
            app_id=app.text("id"),
            identifier=app.text("identifier"),
            shop_name=shop.text("name"),
            version=shop.text("version"),
        )

    def answer(
        self,
        address: str,
        token: str,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *,
        most_bytes: int = MOST_BYTES,
        seconds: float | None = None,
    ) -> Payload:
        """The data of the shop's answer to this app; raises `GiveUp`, `TryAgain` or `Misconfigured`."""
        told = self._told(address, token, query, variables, most_bytes=most_bytes, understood=(HTTPStatus.OK,), seconds=seconds)
        return told.object("data")

    def whole_answer(
        self, address: str, token: str, query: str, variables: Mapping[str, Any], *, seconds: float, most_bytes: int
    ) -> Payload:
        """The data, all of it: raises `GiveUp` also where the shop refuses a part; and `TryAgain` or `Misconfigured`."""
        told = self._told(
            address, token, query, variables, most_bytes=most_bytes, understood=UNDERSTOOD, refusals=REFUSALS, seconds=seconds
        )
        if told.fields.get("errors"):
            raise GiveUp(_refusal(told))
        return told.object("data")

    def _told(
        self,
        address: str,
        token: str,
        query: str,
        variables: Mapping[str, Any] | None,
        *,
        most_bytes: int,
        understood: Collection[int],
        refusals: Collection[int] = (),
        seconds: float | None = None,
    ) -> Payload:
        """The body of an answer with a status that is understood; raises `GiveUp` for a refusal, `TryAgain` for any other."""
        address = clean(address)
        question = {"query": query, "variables": variables} if variables else {"query": query}
        status, body = self._ask(
            "POST", address, address, of=_API, token=token, question=question, most_bytes=most_bytes, seconds=seconds
        )
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise GiveUp(worded("Your store does not know this token."))
        if status in understood:
            return _json(body, _API)
        if status in refusals:
            raise GiveUp(worded("Your Saleor answered %(status)s.", status=status))
        raise TryAgain(f"The shop's {_API} answered {status}.")

    def _ask(
        self,
        method: str,
        url: str,
        address: str,
        *,
        of: str,
        token: str = "",
        question: Mapping[str, Any] | None = None,
        most_bytes: int = MOST_BYTES,
        seconds: float | None = None,
    ) -> tuple[int, bytes]:
        longest = min(seconds or self._longest_answer_seconds, self._longest_answer_seconds)
        end, ip = time.monotonic() + longest, self._door.admit(address)
        # identity: a small compressed answer could unpack to a large one.
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        limits: Any = _time_limit(longest)  # requests takes urllib3's own, which its types do not say
        try:
            with (
                session(url, ip, seconds=end - time.monotonic()) as http,
                http.request(
                    method, url, headers=headers, json=question, timeout=limits, allow_redirects=False, stream=True
                ) as response,
            ):
                return response.status_code, _bounded_body(response, end, most_bytes)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise TryAgain(f"The shop's {of} did not answer ({type(error).__name__}).") from error


def _time_limit(longest: float) -> Timeout:
    """Connecting and waiting for the answer's beginning, no longer together than all of it may take."""
    to_connect, between_parts = TIME_LIMIT
    return Timeout(connect=min(to_connect, longest), read=min(between_parts, longest), total=longest)


def _refusal(told: Payload) -> Sentence:
    words = (error.object("extensions").object("exception").text("code") for error in told.objects("errors"))
    codes = list(dict.fromkeys(word for word in words if CODE.fullmatch(word)))[:MOST_CODES]
    if DENIED in codes:  # Saleor says the same of a token it has forgotten
        return worded("Your Saleor no longer knows this app's access token, or the app lacks a permission.")
    return worded("Your Saleor refused the request (%(codes)s).", codes=", ".join(codes) or "?")


def _bounded_body(response: requests.Response, end: float, most_bytes: int) -> bytes:
    body = bytearray()  # a shop may send it byte by byte
    while part := response.raw.read1(MOST_BYTES):
        body += part
        if len(body) > most_bytes or time.monotonic() > end:
            raise ValueError("too long")
    if time.monotonic() > end:  # then this may be all there is because we hung up
        raise ValueError("too long")
    return bytes(body)


def _json(body: bytes, of: str) -> Payload:
    try:
        return read_json(body, "answer")
    except Unreadable as error:
        raise TryAgain(f"In place of the shop's {of} stands something else: the answer is no JSON object.") from error
