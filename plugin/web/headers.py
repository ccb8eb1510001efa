"""Headers every answer carries. A policy of its own is filled up: what it leaves out is forbidden."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Response

SECURITY: Final = "Content-Security-Policy"
USUAL: Final = "default-src 'self'; img-src 'self' https: data:; form-action 'self'"
# `default-src` stands for none of these.  https://www.w3.org/TR/CSP3/#directive-default-src
FORBIDDEN_UNLESS_SAID: Final = ("object-src", "base-uri", "form-action", "frame-ancestors")
YEAR_SECONDS: Final = 365 * 24 * 60 * 60
NEEDED_BY_NO_PAGE: Final = (
    *("accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "geolocation", "gyroscope"),
    *("hid", "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get", "screen-wake-lock", "serial"),
    *("usb", "xr-spatial-tracking"),
)
EVERYWHERE: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in NEEDED_BY_NO_PAGE),
    "Cache-Control": "no-store",
}
# A page in a frame answers a document of another origin, which may ask for this where it isolates itself.
FRAMED: Final[Mapping[str, str]] = {"Cross-Origin-Resource-Policy": "cross-origin"}


def register(app: Flask, *, public_url: str) -> None:
    """Add to every answer of the application what is not in it yet."""
    usual = headers_for(public_url)
    names = {name.lower() for name in usual}

    def protect(answer: Response) -> Response:
        own = {name.lower() for name, _ in answer.headers}
        if SECURITY.lower() in own:
            answer.headers[SECURITY] = whole_policy(answer.headers[SECURITY])
        if missing := names - own:
            answer.headers.extend({name: value for name, value in usual.items() if name.lower() in missing})
        return answer

    app.after_request(protect)


def headers_for(public_url: str) -> Mapping[str, str]:
    """What an answer carries that says nothing of its own, by the address the app is reached at.

    Browsers are told to come by https alone only where that is how they come; other names of the domain are not ours to
    speak for.  https://www.rfc-editor.org/rfc/rfc6797
    """
    headers = {SECURITY: whole_policy(USUAL), **EVERYWHERE}
    if urlsplit(public_url).scheme == "https":
        headers["Strict-Transport-Security"] = f"max-age={YEAR_SECONDS}"
    return headers


@lru_cache(maxsize=256)
def whole_policy(policy: str) -> str:
    """The policy with everything forbidden that `default-src` does not stand for and the policy does not speak of."""
    said = {part.split(maxsplit=1)[0] for part in policy.split(";") if part.strip()}
    return "; ".join([policy, *(f"{name} 'none'" for name in FORBIDDEN_UNLESS_SAID if name not in said)])
