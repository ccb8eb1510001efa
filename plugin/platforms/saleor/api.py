"""Asking a shop's Saleor: who am I with this token, which keys do you sign with, and what `sync` has to change."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from plugin.domain.errors import GiveUp, TryAgain, Unreadable
from plugin.domain.payload import Payload, read_json

from .addresses import clean, origin
from .signature import usable_keys

TIME_LIMIT = (5, 10)  #: seconds to connect, and between two parts of an answer
LONGEST_ANSWER_SECONDS = 15  #: from the question to the end of the body, however slowly it drips; Saleor waits 18 for us
MOST_BYTES = 64 * 1024
MOST_KEYS = 8  #: a Saleor publishes one; a rotation by hand might show two

_KEYS_PATH = "/.well-known/jwks.json"
# Whoever installs behind a proxy must read which of the two addresses it keeps from us.
_KEYS, _API = f"key set ({_KEYS_PATH})", "API"

# Every field here is in 3.21 and in 3.23.
_WHO_AM_I = "query WhoAmI { app { id identifier } shop { name version } }"


class AddressCheck(Protocol):
    """Says whether an address may be called, as `AddressPolicy` does."""

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
            raise GiveUp("The shop does not know this token.")
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
    ) -> Payload:
        """The data of the shop's answer to this app; raises `GiveUp`, `TryAgain` or `Misconfigured`."""
        address = clean(address)
        question = {"query": query, "variables": variables} if variables else {"query": query}
        status, body = self._ask("POST", address, address, of=_API, token=token, question=question, most_bytes=most_bytes)
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise GiveUp("The shop does not know this token.")
        if status != HTTPStatus.OK:
            raise TryAgain(f"The shop's {_API} answered {status}.")
        return _json(body, _API).object("data")

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
    ) -> tuple[int, bytes]:
        ip, end = self._door.admit(address), time.monotonic() + self._longest_answer_seconds
        # identity: a small compressed answer could unpack to a large one.
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            with (
                session(url, ip) as http,
                http.request(
                    method, url, headers=headers, json=question, timeout=TIME_LIMIT, allow_redirects=False, stream=True
                ) as response,
            ):
                return response.status_code, _bounded_body(response, end, most_bytes)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise TryAgain(f"The shop's {of} did not answer ({type(error).__name__}).") from error


def session(url: str, ip: str | None) -> requests.Session:
    """A session of its own that connects to `ip`, whatever the name resolves to a moment later."""
    http = requests.Session()
    http.trust_env = False  # neither a proxy nor a .netrc of this machine is the shop's business
    if ip:
        parts = urlsplit(url)
        http.mount(f"{parts.scheme}://", _Pinned(parts.hostname or "", ip))
        http.headers["Host"] = parts.netloc
    return http


class _Pinned(HTTPAdapter):
    """Closes the gap between checking a name's IP address and connecting to it (DNS rebinding)."""

    def __init__(self, host: str, ip: str) -> None:
        self._host, self._ip = host, ip
        super().__init__()

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        host_params: Any
        pool_kwargs: Any
        host_params, pool_kwargs = super().build_connection_pool_key_attributes(request, verify, cert)
        host_params["host"] = self._ip
        if host_params["scheme"] == "https":
            pool_kwargs.update(server_hostname=self._host, assert_hostname=self._host)
        return host_params, pool_kwargs


def _bounded_body(response: requests.Response, end: float, most_bytes: int) -> bytes:
    body = b""
    while part := response.raw.read1(MOST_BYTES):
        body += part
        if len(body) > most_bytes or time.monotonic() > end:
            raise ValueError("too long")
    return body


def _json(body: bytes, of: str) -> Payload:
    try:
        return read_json(body, "answer")
    except Unreadable as error:
        raise TryAgain(f"In place of the shop's {of} stands something else: the answer is no JSON object.") from error
