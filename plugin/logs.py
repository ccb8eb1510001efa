"""How logs look: one event a line, a few constant words, the ids beside it; errors also go to Sentry when it is set up."""

import logging
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor


def configure(*, sentry_dsn: str = "") -> None:
    """Log readable lines to a terminal and JSON lines to anything else; report exceptions to this Sentry, if any."""
    renderer = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    reporting = [_reporter(sentry_dsn)] if sentry_dsn else []
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *reporting,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def _reporter(dsn: str) -> Processor:
    """Reports what is logged with an exception. Needs the `sentry` extra."""
    import sentry_sdk

    # Nothing but the exception leaves: no breadcrumbs (they hold request addresses, and an event URL is a secret),
    # no local variables (they hold bodies), nothing of the person who asked.
    sentry_sdk.init(
        dsn=dsn,
        include_local_variables=False,
        max_breadcrumbs=0,
        max_request_body_size="never",
        default_integrations=False,
    )

    def report(_logger: Any, _method: str, event: EventDict) -> EventDict:
        if error := event.get("exc_info"):
            sentry_sdk.capture_exception(error if isinstance(error, BaseException) else None)
        return event

    return report
