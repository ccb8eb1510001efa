"""Lets requests in one by one, whole and in time, and turns away the others."""

import io
import socket
import time
from typing import Any, Final

import gevent
import structlog
from gunicorn.http.errors import (
    ExpectationFailed,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)

from plugin.config import Settings
from plugin.door.addresses import Address, address, client_behind, counted_as, is_among
from plugin.door.arriving import Arriving, whole_body
from plugin.door.budgets import Budgets
from plugin.door.connection import Connection
from plugin.door.refusals import FILES, IDLE, LATE, Refusal, Refused, Tally, malformed
from plugin.door.sizes import Limits
from plugin.sockets import has_something_to_read

LINGERING: Final = 256  #: connections at once whose senders may finish speaking, so that they hear the answer
LINGER_SECONDS: Final = 2.0
_DISCARDED: Final = 16 * 1024  #: bytes at once
_STATUSES: Final = (
    (LimitRequestLine, "414 URI Too Long"),
    (LimitRequestHeaders, "431 Request Header Fields Too Large"),
    (ExpectationFailed, "417 Expectation Failed"),
    (UnsupportedTransferCoding, "501 Not Implemented"),
)

log = structlog.get_logger()


class Doorkeeper:
    """The door of one process."""

    def __init__(self, settings: Settings, *, files: int) -> None:
        self.budgets = Budgets(Limits.of(settings, files=files))
        self.tally = Tally()
        self._seconds = settings.request_seconds
        self._trusted = settings.trusted_proxies
        self._is_closed = False
        self._lingering = 0
        self._knows_of_proxy = False

    def admit(self, client: Any, peer: Address) -> Connection:
        """A place for this connection; raises `Refused`."""
        return Connection(client, self.budgets, counted_as(peer), has_share=not is_among(peer, self._trusted))

    def next_request(self, connection: Connection, parser: Any, *, is_first: bool) -> Any:
        """The next request of a connection, whole, or None when its peer has closed it.

        Raises `Refused`, and what gunicorn's parser raises.
        """
        arriving: Arriving = parser.unreader
        if not self.budgets.wait(connection.guest) or (self._is_closed and not is_first):
            return None
        connection.socket.settimeout(None)
        arriving.begin_head()
        seconds: float = self._seconds
        if not arriving.has_more():
            first = self._first_of(arriving, connection, seconds)
            if not first:
                return None
            arriving.unread(first)
            if is_first:  # all its time together, or whoever comes and says nothing would stay for twice as long
                seconds = max(0.0, connection.came_at + seconds - time.monotonic())
        with gevent.Timeout(seconds, Refused(LATE)):
            request = next(parser)
            request.remote_addr = self._client(connection, request)
            request.body = io.BytesIO(whole_body(request, arriving))
        self.budgets.serve(connection.guest)
        return request

    def _first_of(self, arriving: Arriving, connection: Connection, seconds: float) -> bytes:
        """The first bytes of a request; raises `Refused`.

        That is without a word as long as nothing has come: a browser opens connections it may need later, and would take what
        it finds on one of them for the answer to the request it sends there.
        """
        try:
            with gevent.Timeout(seconds, Refused(IDLE)):
                return arriving.chunk()
        except Refused as refused:
            if arriving.came or has_something_to_read(connection.socket.fileno()):
                raise
            raise Refused(refused.refusal.unsaid()) from None

    def turn_away(self, client: Any, refusal: Refusal) -> None:
        """Answer, if it is one of the refusals that are, and let the sender finish so that it hears the answer."""
        if refusal != IDLE:
            self.tally.count(refusal)
        if not refusal.status:
            return
        try:
            client.settimeout(LINGER_SECONDS)
            client.sendall(refusal.answer())
            client.shutdown(socket.SHUT_WR)
            self._linger(client)
        except OSError:
            return

    def spare_a_file(self) -> None:
        """The machine has no file left for the next connection."""
        try:
            self.budgets.spare(FILES)
        except Refused as refused:
            self.tally.count(refused.refusal)

    def close(self) -> None:
        """What is asked is still answered; a connection that asks for nothing is waited for no longer."""
        self._is_closed = True
        for guest in self.budgets.idle():
            guest.turn_out(IDLE)

    def _client(self, connection: Connection, request: Any) -> Address:
        """Whose request it is; those of a trusted proxy take part in the share of whoever it asks for."""
        forwarded = [value for name, value in request.headers if name == "X-FORWARDED-FOR"]
        peer = address(request.peer_addr[0])
        assert peer is not None
        if not forwarded:
            return peer
        if not is_among(peer, self._trusted):
            self._tell_of_proxy(peer)
            return peer
        client = client_behind(peer, forwarded, self._trusted)
        if not is_among(client, self._trusted):
            self.budgets.move(connection.guest, counted_as(client))
        return client

    def _tell_of_proxy(self, peer: Address) -> None:
        """Said once: as it is, everybody behind that proxy shares what one address may have."""
        if peer.is_private and not self._knows_of_proxy:
            self._knows_of_proxy = True
            log.warning("a proxy that TRUSTED_PROXIES does not name", proxy=str(peer))

    def _linger(self, client: Any) -> None:
        """A connection that is closed while its peer still sends is reset, and the peer may never read what it was told."""
        if self._lingering >= LINGERING:
            return
        self._lingering += 1
        try:
            with gevent.Timeout(LINGER_SECONDS, False):
                while client.recv(_DISCARDED):
                    gevent.sleep(0)
        finally:
            self._lingering -= 1


def unreadable(error: ParseException) -> Refusal:
    """What is answered to a request that gunicorn cannot read."""
    return malformed(next((status for kind, status in _STATUSES if isinstance(error, kind)), "400 Bad Request"))
