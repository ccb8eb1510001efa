"""The install handshake: fetch the manifest, check it, leave the token."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import requests

from .manifest import problems_in
from .pretend import SCHEMA_VERSION, InstalledApp, PretendSaleor

TIME_LIMIT: Final = (2, 18)  #: seconds to connect and to answer
LONGEST_MESSAGE: Final = 255  #: of what the staff user is shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """How it went."""

    app: InstalledApp | None
    message: str  #: what the staff user reads; "" when it went well
    manifest: Mapping[str, Any] | None = None

    @property
    def is_done(self) -> bool:
        return self.app is not None


def fetch(manifest_url: str) -> tuple[dict[str, Any] | None, str]:
    """What `appFetchManifest` does before its user is asked: the manifest, or why there is none."""
    with _http() as http:
        return _manifest(http, manifest_url)


def install(pretend: PretendSaleor, manifest_url: str) -> Installation:
    """Do what Saleor does once its user has agreed; every try makes a new token."""
    with _http() as http:
        manifest, message = _manifest(http, manifest_url)
        if manifest is None:
            return Installation(app=None, message=message)
        problems = problems_in(manifest)
        if problems:
            return Installation(app=None, message="; ".join(map(str, problems)), manifest=manifest)
        app = pretend.add_app(manifest)  # its token works from here on: the app calls back while it is told
        message = _leave_token(http, pretend, app, str(manifest["tokenTargetUrl"]))
    if message:
        pretend.remove_app(app)
        return Installation(app=None, message=message[:LONGEST_MESSAGE], manifest=manifest)
    return Installation(app=app, message="", manifest=manifest)


def _http() -> requests.Session:
    http = requests.Session()
    http.trust_env = False
    http.headers["User-Agent"] = f"Saleor/{SCHEMA_VERSION}"
    return http


def _manifest(http: requests.Session, url: str) -> tuple[dict[str, Any] | None, str]:
    """The manifest, or why there is none."""
    headers = {"Saleor-Schema-Version": SCHEMA_VERSION}
    try:
        with http.get(url, headers=headers, timeout=TIME_LIMIT, allow_redirects=False) as response:
            if response.status_code >= 400:
                return None, f"Unable to fetch manifest: {response.status_code} (INVALID_STATUS)"
            document = response.json()  # a redirect's body is none: Saleor does not follow it
    except requests.JSONDecodeError:
        return None, "Unable to parse manifest (INVALID_MANIFEST_FORMAT)"
    except requests.RequestException as error:
        return None, f"Can't fetch manifest data: {type(error).__name__} (MANIFEST_URL_CANT_CONNECT)"
    return (document, "") if isinstance(document, dict) else (None, "Incorrect data format (INVALID_MANIFEST_FORMAT)")


def _leave_token(http: requests.Session, pretend: PretendSaleor, app: InstalledApp, url: str) -> str:
    """POST the token, unsigned and without the app's id; "" when the answer counts as success."""
    headers = {
        "Content-Type": "application/json",
        "Saleor-Domain": pretend.domain,
        "X-Saleor-Domain": pretend.domain,
        "Saleor-Api-Url": pretend.api_url,
        "Saleor-Schema-Version": SCHEMA_VERSION,
    }
    try:
        with http.post(
            url, json={"auth_token": app.token}, headers=headers, timeout=TIME_LIMIT, allow_redirects=False
        ) as response:
            # A 3xx counts as success and is not followed, though nobody got the token.
            return "" if response.status_code < 400 else _message(response)
    except requests.RequestException:
        return "Failed to connect to app. Try later or contact with app support."


def _message(response: requests.Response) -> str:
    try:
        return str(response.json()["error"]["message"])
    except (requests.JSONDecodeError, KeyError, TypeError):
        return f"App internal error ({response.status_code}). Try later or contact with app support."
