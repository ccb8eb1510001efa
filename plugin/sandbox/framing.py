"""What all pretend admins do alike: answer their own script, frame the app and nothing else, turn the tests' switches."""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final, Protocol

from flask import Flask, Response, abort, jsonify, request

from plugin.sandbox import browser_files

#: A staff member's language, in the admins' own words; the last one shows the app's pages from right to left.
LOCALES: Final = ("en", "pl", "uk", "de", "es", "fr", "pt-BR", "ar", "ar-XB")
LIVES: Final = ((300, "5 minutes"), (60, "1 minute"), (5, "5 seconds"))  #: what the switch for a token's life offers
LONGEST_LIFE: Final = 24 * 60 * 60  #: seconds


class TokenSwitches(Protocol):
    """What may be turned of the tokens an admin makes."""

    life: timedelta
    spoiled: int


def host_app(name: str) -> Flask:
    """The web application of a store: with the script, the style and the page frame that every pretend admin has."""
    return Flask(name, template_folder=str(browser_files.TEMPLATES), static_folder=str(browser_files.STATIC))


def protect(response: Response, app_url: str) -> Response:
    """Frame the app only, and let it know by the referrer which origin frames it."""
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self' data:",
        "frame-src": app_url,
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    response.headers["Content-Security-Policy"] = "; ".join(f"{name} {value}" for name, value in policy.items())
    response.headers["Referrer-Policy"] = "origin-when-cross-origin"
    return response


def asked() -> Mapping[str, Any]:
    """A JSON object: a form of another site cannot send one without asking first."""
    found = request.get_json(silent=True)
    return found if isinstance(found, dict) else abort(HTTPStatus.BAD_REQUEST)


def turn(tokens: TokenSwitches) -> Response:
    """For tests and the curious: how long the next tokens live, and how many of them are no good."""
    life, spoiled = asked().get("life"), asked().get("spoiled")
    if isinstance(life, int) and 1 <= life <= LONGEST_LIFE:
        tokens.life = timedelta(seconds=life)
    if isinstance(spoiled, int) and spoiled >= 0:
        tokens.spoiled = spoiled
    return jsonify({"life": int(tokens.life.total_seconds()), "spoiled": tokens.spoiled})
