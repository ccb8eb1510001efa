"""The gunicorn worker with the door in front: it differs from gevent's own in how a request comes in."""

import errno
import io
from functools import partial
from typing import Any, Final

import gevent
from gevent.server import StreamServer
from greenlet import GreenletExit
from gunicorn import util
from gunicorn.http.errors import NoMoreData, ParseException
from gunicorn.http.parser import RequestParser
from gunicorn.workers.ggevent import GeventWorker

from plugin.config import Settings
from plugin.door.addresses import address
from plugin.door.arriving import Arriving
from plugin.door.connection import Connection, Outgoing
from plugin.door.doorkeeper import Doorkeeper, unreadable
from plugin.door.machine import give_large_memory_back, look_up_many_names, raise_file_limit
from plugin.door.refusals import Refusal, Refused

_NO_MORE_FILES: Final = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_BREATH_SECONDS: Final = 0.05  #: until the next try to accept


class DoorServer(StreamServer):  # type: ignore[misc]
    """Accepts connections, also when the machine has no file left for one."""

    def __init__(self, listener: Any, keeper: Doorkeeper, **more: Any) -> None:
        super().__init__(listener, **more)
        self._keeper = keeper

    def do_read(self) -> Any:
        try:
            return super().do_read()
        except OSError as error:
            if error.errno not in _NO_MORE_FILES:
                raise
        self._keeper.spare_a_file()
        self.stop_accepting()
        self._timer = self.loop.timer(_BREATH_SECONDS)
        self._timer.start(self._start_accepting_if_started)
        return None

    def close(self) -> None:
        super().close()
        self._keeper.close()


class DoorWorker(GeventWorker):  # type: ignore[misc]
    """Serves only requests that have arrived whole."""

    def init_process(self) -> None:
        give_large_memory_back()
        look_up_many_names()
        self.keeper = Doorkeeper(Settings.from_environ(), files=raise_file_limit())
        super().init_process()

    def server_class(self, listener: Any, *, spawn: Any, **_for_others: Any) -> DoorServer:
        """What gunicorn makes for each address it listens at."""
        server = DoorServer(listener, self.keeper, handle=partial(self.handle, listener), spawn=spawn)
        if self.cfg.workers > 1:
            server.max_accept = 1
        return server

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        try:
            refusal = self._visited(listener, client, addr)
            if refusal:
                self.keeper.turn_away(client, refusal)
        finally:
            util.close(client)

    def _visited(self, listener: Any, client: Any, addr: Any) -> Refusal | None:
        """Serve a connection to its end; why it is refused, if it is. Nothing of what it sent is held any more then."""
        connection = None
        try:
            peer = address(addr[0])
            assert peer is not None
            connection = self.keeper.admit(client, peer)
            self._serve(listener.getsockname(), connection, addr)
        except Refused as refused:
            return refused.refusal
        except ParseException as error:
            return unreadable(error)
        except (StopIteration, NoMoreData, ConnectionError, GreenletExit):
            pass  # it is over, from either side
        except Exception as error:  # noqa: BLE001 as gunicorn does: it is logged, and the others are served
            self.handle_error(None, client, addr, error)
        finally:
            if connection:
                connection.has_gone()
        return None

    def _serve(self, listener_name: Any, connection: Connection, addr: Any) -> None:
        """Answer one request after the other, until there is none."""
        parser = RequestParser(self.cfg, connection.socket, addr)
        parser.unreader = Arriving(connection)
        outgoing, is_first = Outgoing(connection), True
        while request := self.keeper.next_request(connection, parser, is_first=is_first):
            body = request.body
            self.handle_request(listener_name, request, outgoing, (str(request.remote_addr), addr[1]))
            body.close()  # whoever still knows it, an exception that waits to be collected say, keeps none of its bytes
            request.body = io.BytesIO()
            gevent.sleep(0)  # whoever asks faster than we answer must not keep everybody else waiting
            is_first = False
