"""The two addresses a Saleor calls when the app is installed: the manifest, and where it leaves its token.

Neither ever redirects: Saleor does not follow a redirect, and counts one as success although the
token was never received.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from plugin.address_limits import AddressLimit, source_of
from plugin.config import Settings
from plugin.domain.errors import GiveUp, Misconfigured, PluginError, StorageDown, TryAgain, Unreadable
from plugin.domain.payload import read_json
from plugin.domain.shop import Shop
from plugin.metrics import LIMITED
from plugin.ports import Shops

from .addresses import AddressPolicy, Excluded, clean
from .api import Api, AppIdentity
from .config import NAME
from .manifest import app_identifier, manifest
from .places import Places
from .questions import PLACE, Room
from .signature import readable_keys

log = structlog.get_logger()

MOST_BYTES = 16 * 1024  #: of a registration; a real one has 48
MOST_AT_ONCE = 64  #: tries that are being confirmed in one process; who asks from one address may have half of them
OF_KNOWN = 256  #: the same of stores that were here before, one of each; beyond, they take part in those
_TOKEN = re.compile(r"[\x21-\x7e]{1,512}", re.ASCII)  # what may stand in a header; Saleor's have 30 letters and digits

# Without it, a worker of Saleor's announces http://localhost:8000/graphql/.
_ANNOUNCED = "(A Saleor announces the address in its own PUBLIC_URL.)"
# One text, whatever was found: anybody may announce any address, and must not learn here what answers at it.
_NOT_CONFIRMED = (
    "The shop did not confirm this installation. Its API and its key set (/.well-known/jwks.json) must be reachable from the "
    "internet, also through a proxy; then install the app again. The operator's log says more."
)


class Refused(Exception):
    """A registration that cannot be taken; Saleor shows the message to whoever installs, up to 255 characters."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def pages(settings: Settings, gate: AddressPolicy, shops: Shops, now: Callable[[], datetime]) -> Blueprint:
    """The blueprint of both addresses, each with and without a slash at its end."""
    blueprint = Blueprint(f"{NAME}_install", __name__)
    turns = _Turns(settings.registrations_per_hour)
    known, strangers = Api(gate), gate.for_strangers()

    def show_manifest() -> Response:
        return jsonify(manifest(settings))

    def register() -> tuple[Response, int]:
        try:
            address, token = _announced(known)
            source, was_here = source_of(request.remote_addr), _was_here(shops, address)
            with turns.one(source, address, was_here=was_here, now=now()):
                _register(known if was_here else Api(strangers.asked_from(source)), shops, address, token, now=now())
        except Refused as refused:
            log.info("registration_refused", platform=NAME, code=refused.code)
            error = {"code": refused.code, "message": refused.message}
            return jsonify({"success": False, "error": error}), refused.status
        return jsonify({"success": True}), 200

    # Lenient about slashes, so that no spelling of an address is answered with a redirect.
    lenient: Mapping[str, Any] = {"strict_slashes": False, "merge_slashes": False}
    blueprint.add_url_rule(f"/{NAME}/manifest.json", view_func=show_manifest, methods=["GET"], **lenient)
    blueprint.add_url_rule(f"/{NAME}/register", view_func=register, methods=["POST"], **lenient)
    return blueprint


class _Turns:
    """Who may try now: each try makes us ask two addresses of the caller's choice, and holds a connection until they answer."""

    def __init__(self, per_hour: int) -> None:
        self._limit = AddressLimit(most=per_hour, within=timedelta(hours=1))
        self._room, self._of_known = Room(MOST_AT_ONCE * PLACE), Places(OF_KNOWN, of_one=1)

    @contextmanager
    def one(self, source: str, address: str, *, was_here: bool, now: datetime) -> Iterator[None]:
        """One try of this source for a store, which has a place of its own if it was here before; raises `Refused`."""
        with ExitStack() as places:
            is_in = was_here and places.enter_context(self._of_known.place(address))
            if not is_in and not places.enter_context(self._room.place(source, 0)):
                LIMITED.labels("registration").inc()
                raise Refused(503, "BUSY", "Too many installations are being confirmed just now. Please try again in a minute.")
            self._count(source, f"{source} {address}", was_here=was_here, now=now)
            yield

    def _count(self, source: str, pair: str, *, was_here: bool, now: datetime) -> None:
        """Stores share addresses: what others have tried from one keeps only those out that never were here."""
        is_full = self._limit.wait(source, now) and not was_here
        if is_full or self._limit.wait(pair, now):
            LIMITED.labels("registration").inc()
            raise Refused(429, "TOO_MANY", "Too many installations were tried from this address. Please try again in a while.")
        self._limit.count(source, now)
        self._limit.count(pair, now)


def _register(api: Api, shops: Shops, address: str, token: str, *, now: datetime) -> None:
    """Take the token, once the shop itself has confirmed whose it is."""
    introduction, keys = _asked(api, address, token)
    access = {
        "token": token,
        "app_id": introduction.app_id,
        "api_url": address,
        "jwks": keys,
        "jwks_at": now.isoformat(),
        "version": introduction.version,
    }
    shop = Shop(id=0, platform=NAME, address=address, name=introduction.shop_name)
    try:
        stored = shops.install(shop, access, address=request.remote_addr or "", now=now)
    except StorageDown as error:
        raise _storage_down() from error
    log.info("installed", platform=NAME, shop=stored.id)


def _was_here(shops: Shops, address: str) -> bool:
    """Whether this store has installed the app before."""
    try:
        return shops.find(NAME, address) is not None
    except Misconfigured:
        return True  # no key of ours opens its access any more: installing again brings a new one
    except StorageDown as error:
        raise _storage_down() from error


def _announced(api: Api) -> tuple[str, str]:
    """The API address and the token of the request, neither believed yet; nobody was asked."""
    header = request.headers.get("Saleor-Api-Url") or request.headers.get("X-Saleor-Api-Url")
    if not header:
        raise Refused(400, "MISSING_API_URL", "The header Saleor-Api-Url is missing; only a Saleor calls this address.")
    token = _token()
    if not _TOKEN.fullmatch(token):
        raise Refused(400, "MISSING_TOKEN", "The body has no auth_token; only a Saleor calls this address.")
    try:
        address = clean(header)
        api.exclude(address)
        return address, token
    except Misconfigured as error:
        raise _excluded(error) from error


def _token() -> str:
    request.max_content_length = MOST_BYTES
    try:
        return read_json(request.get_data(cache=False), "body").text("auth_token")
    except RequestEntityTooLarge as error:
        raise Refused(413, "TOO_LARGE", "The body is too large for a registration.") from error
    except Unreadable:
        return ""


def _asked(api: Api, address: str, token: str) -> tuple[AppIdentity, dict[str, Any]]:
    """What the shop says of this token, and the keys it signs with."""
    try:
        introduction = api.introduction(address, token)
        if introduction.identifier != app_identifier():
            # Else any other app of that shop could put its own token in place of ours.
            raise GiveUp("The token belongs to another app.")
        keys = api.key_set(address)
        if not readable_keys(keys):
            raise TryAgain("The shop's key set (/.well-known/jwks.json) has no key to sign with.")
    except Excluded as error:
        raise _excluded(error) from error
    except PluginError as error:
        log.info("not_confirmed", platform=NAME, address=address, reason=str(error))
        raise Refused(502, "NOT_CONFIRMED", _NOT_CONFIRMED) from error
    return introduction, keys


def _excluded(error: Misconfigured) -> Refused:
    return Refused(403, "URL_NOT_ALLOWED", f"{error} {_ANNOUNCED}")


def _storage_down() -> Refused:
    return Refused(503, "STORAGE_DOWN", "This app cannot store the installation now. Please try again.")
