"""How gunicorn serves the web application."""

from plugin.config import Settings


def gunicorn_arguments(settings: Settings, *, application: str = "plugin.web.wsgi:app") -> list[str]:
    """gevent workers: measured at twice the durable rate of threads.

    One greenlet a request costs a switch where a thread costs a hand-over.
    """
    return [
        *("--bind", f"{settings.host}:{settings.port}", "--workers", str(settings.web_concurrency)),
        *("--worker-class", "gevent", "--worker-connections", "1000", "--graceful-timeout", "25", "--timeout", "60"),
        *("--limit-request-field_size", "16380", "--no-control-socket", "--log-level", "warning", application),
    ]
