"""Shopify's own environment variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from plugin.config import BadEnvironment, Settings, Variable, read

# Shopify serves a version for at least a year; this one until October 2027. shopify.app.toml pins the same.
# https://shopify.dev/docs/api/usage/versioning
API_VERSION: Final = "2026-10"
REAL_ADMIN_URL: Final = "https://{shop}"
# Always from there: Shopify changes it with the admin.  https://shopify.dev/docs/api/app-bridge-library
REAL_APP_BRIDGE_URL: Final = "https://cdn.shopify.com/shopifycloud/app-bridge.js"

NAME: Final = (__package__ or "").rpartition(".")[2]  #: the folder's name: also the word in its addresses
PREFIX: Final = NAME.upper()  #: of the variables, SHOPIFY_CLIENT_ID and so on: a copied folder has its own

CLIENT_ID = Variable(name=f"{PREFIX}_CLIENT_ID", meaning="the app's client id, from its page in the Shopify Dev Dashboard")
CLIENT_SECRET = Variable(
    name=f"{PREFIX}_CLIENT_SECRET",
    meaning="the app's client secret: signs every webhook; without it all of Shopify's are refused",
    is_secret=True,
)
CLIENT_SECRET_OLD = Variable(
    name=f"{PREFIX}_CLIENT_SECRET_OLD",
    meaning="the client secret before the last rotation, accepted beside the present one",
    is_secret=True,
)
ADMIN_URL = Variable(
    name=f"{PREFIX}_ADMIN_URL",
    meaning="sandbox: the pretend Admin API; stands for https://{shop} and may hold {shop}",
    default=REAL_ADMIN_URL,
)
APP_BRIDGE_URL = Variable(
    name=f"{PREFIX}_APP_BRIDGE_URL",
    meaning="sandbox: the pretend App Bridge, the script every page in the admin loads first",
    default=REAL_APP_BRIDGE_URL,
)
VARIABLES: Final = (CLIENT_ID, CLIENT_SECRET, CLIENT_SECRET_OLD, ADMIN_URL, APP_BRIDGE_URL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopifyConfig:
    """What the operator set for Shopify."""

    client_id: str
    client_secret: str  #: "" for an operator without Shopify shops
    client_secret_old: str
    admin_url: str  #: may hold {shop}
    app_bridge_url: str = REAL_APP_BRIDGE_URL
    is_sandbox: bool = False


def read_config(settings: Settings, environ: Mapping[str, str]) -> ShopifyConfig:
    """Read the variables; raises `BadEnvironment`."""
    return ShopifyConfig(
        client_id=read(environ, CLIENT_ID),
        client_secret=read(environ, CLIENT_SECRET),
        client_secret_old=read(environ, CLIENT_SECRET_OLD),
        # Without the sandbox a shop's token goes to that shop and nowhere else.
        admin_url=_stand_in(environ, ADMIN_URL) if settings.is_sandbox else REAL_ADMIN_URL,
        app_bridge_url=_stand_in(environ, APP_BRIDGE_URL) if settings.is_sandbox else REAL_APP_BRIDGE_URL,
        is_sandbox=settings.is_sandbox,
    )


def _stand_in(environ: Mapping[str, str], variable: Variable) -> str:
    text = read(environ, variable)
    parts = urlsplit(text)
    if parts.scheme in ("http", "https") and parts.netloc and not parts.query and not parts.fragment:
        return text.rstrip("/")
    raise BadEnvironment(f"{variable.name}: found {text!r}; write an address such as http://127.0.0.1:8080/{{shop}}.")
