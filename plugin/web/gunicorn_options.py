"""How gunicorn serves the web application."""

from typing import Final

from plugin.config import Settings, in_url
from plugin.door.sizes import CONNECTIONS

_TURNED_AWAY: Final = 1024  #: connections that are being told so; beyond, the door would stand closed


def gunicorn_arguments(settings: Settings, *, application: str = "plugin.web.wsgi:app") -> list[str]:
    """gevent workers, with our door in front: measured at twice the durable rate of threads.

    One greenlet a request costs a switch where a thread costs a hand-over. gunicorn itself believes nobody who forwards:
    the door says whose request it is.
    """
    return [
        *("--bind", f"{in_url(settings.host)}:{settings.port}", "--workers", str(settings.web_concurrency)),
        *("--worker-class", "plugin.door.worker.DoorWorker", "--worker-connections", str(CONNECTIONS + _TURNED_AWAY)),
        *("--graceful-timeout", "25", "--timeout", "60", "--forwarded-allow-ips", "", "--no-sendfile"),
        *("--limit-request-field_size", "16380", "--no-control-socket", "--log-level", "warning", application),
    ]
