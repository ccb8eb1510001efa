"""What a foreseen error answers: one status for each consequence, never a detail of ours."""

from datetime import timedelta
from math import ceil

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from plugin.domain.errors import (
    BadSignature,
    Contradicted,
    NotAdmitted,
    NotInstalled,
    StorageDown,
    TooMany,
    TooMuchWaits,
    TooOften,
    TryAgain,
)
from plugin.metrics import LIMITED, WEBHOOKS
from plugin.web import error_pages, limits
from plugin.web.i18n import gettext as _

log = structlog.get_logger()

_TOO_OFTEN = {
    limits.PAGES: lambda: _("Too many pages were opened within a minute. Wait a moment, then continue."),
    limits.EXPORTS: lambda: _("Too many files were downloaded within an hour. Try again later."),
    limits.SAMPLES: lambda: _("This sample was requested too often within a minute. Wait a moment, then try again."),
}


def register(app: Flask) -> None:
    app.register_error_handler(BadSignature, _bad_signature)
    app.register_error_handler(NotInstalled, _not_installed)
    app.register_error_handler(NotAdmitted, _not_admitted)
    app.register_error_handler(StorageDown, _try_again_later)
    app.register_error_handler(TooMany, _too_many)
    app.register_error_handler(TryAgain, _not_known_yet)
    app.register_error_handler(TooMuchWaits, _too_much_waits)
    app.register_error_handler(TooOften, _too_often)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)


def _bad_signature(error: BadSignature) -> Response:
    if isinstance(error, Contradicted):
        _count("contradicted")
        log.warning("contradicted", reason=str(error))
    else:
        _count("bad_signature")
        log.info("refused", reason=str(error))
    return _text("The signature does not fit this body.", 401)


def _not_installed(error: NotInstalled) -> Response:
    _count("unknown_shop")
    log.info("unknown shop", answer=error.answer)
    return _text(f"Not installed here. {error.advice}".rstrip(), error.answer)


def _not_admitted(error: NotAdmitted) -> Response:
    log.info("not admitted", answer=error.answer)
    answer = error_pages.not_admitted(str(error), error.answer) if error_pages.wants_page() else _text(str(error), error.answer)
    answer.headers.update(error.headers)
    return answer


def _try_again_later(error: StorageDown) -> Response:
    log.error("cannot store", reason=type(error).__name__, cause=type(error.__cause__).__name__)
    return _come_again()


def _not_known_yet(error: TryAgain) -> Response:
    """No error of ours: a stranger may cause as many as they like."""
    log.info("not known yet", reason=str(error))
    return _come_again()


def _too_many(error: TooMany) -> Response:
    LIMITED.labels("webhook").inc()
    answer = _text("Too many requests; please send it again later.", error.answer)
    answer.headers["Retry-After"] = str(ceil((error.after or timedelta(minutes=1)).total_seconds()))
    return answer


def _too_much_waits(error: TooMuchWaits) -> Response:
    _count("turned_away")
    answer = _text(str(error), error.answer)
    answer.headers["Retry-After"] = _seconds(error.after)
    return answer


def _too_often(error: TooOften) -> Response:
    """Read by staff, in the page they are at."""
    LIMITED.labels(error.what).inc()
    log.info("too often", what=error.what)
    answer = _text(_TOO_OFTEN[error.what](), 429)
    answer.headers["Retry-After"] = _seconds(error.after)
    return answer


def _seconds(wait: timedelta | None) -> str:
    """As the header says it: whole seconds, never too few."""
    return str(ceil((wait or timedelta()).total_seconds()))


def _come_again() -> Response:
    _count("come_again")
    answer = error_pages.unavailable() if error_pages.wants_page() else _text("Please send it again later.", 503)
    answer.headers["Retry-After"] = "10"
    return answer


def _http(error: HTTPException) -> Response:
    status = error.code or 400
    return error_pages.not_found(status) if error_pages.wants_page() and status in (404, 405) else _text(error.name, status)


def _bug(error: Exception) -> Response:
    """A bug: the sender is asked to come again, so that nothing is lost while it is mended."""
    log.error("bug", exc_info=error)
    return (
        error_pages.unavailable()
        if error_pages.wants_page()
        else _text("Something went wrong here; please try again later.", 503)
    )


def _count(result: str) -> None:
    platform = (request.view_args or {}).get("platform_name")
    if platform:
        WEBHOOKS.labels(platform, result).inc()


def _text(text: str, status: int) -> Response:
    return Response(text, status=status, mimetype="text/plain")
