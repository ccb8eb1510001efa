"""A page like Shopify's admin: it frames the app as the real one does, with a pretend App Bridge between the two."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, url_for

from plugin.sandbox.courier import Courier
from plugin.sandbox.framing import LIVES, LOCALES, asked, protect, turn

from .demo_shop import NAME
from .guesses import GUESSES
from .id_tokens import launch_query
from .pretend import OPTIONAL, SCOPES, PretendShopify
from .uninstall import allow, uninstall

APP: Final = "sendpulse-events"  #: the handle of shopify.app.toml
ENTRY: Final = f"/{NAME}"  #: the path of its application_url
BRIDGE: Final = "/app-bridge.js"
FOLDER: Final = Path(__file__).resolve().parent


def admin_pages(pretend: PretendShopify, courier: Courier) -> Blueprint:
    """The pages below /store/<shop>, what their script asks for, and the bridge the app loads."""
    pages = Blueprint(
        "admin_page",
        __name__,
        template_folder=str(FOLDER / "templates"),
        static_folder=str(FOLDER / "static"),
        static_url_path="/pretend/static",  # /static is what every pretend admin has
    )
    pages.add_url_rule(BRIDGE, "bridge", lambda: pages.send_static_file("app-bridge.js"))
    store = "/store/<handle>"
    pages.add_url_rule(store, "store", lambda handle: redirect(url_for("admin_page.app", handle=handle)))
    # The script reads the path behind the app's handle itself.
    show: Callable[..., str] = lambda handle, deep="": _app(pretend, handle)  # noqa: E731, ARG005
    for rule in (f"{store}/apps/{APP}", f"{store}/apps/{APP}/<path:deep>"):
        pages.add_url_rule(rule, "app", show)
    for word, act in (
        ("frame", lambda shop: _frame(pretend, shop)),
        ("token", lambda shop: _token(pretend, shop)),
        ("tokens", lambda _shop: turn(pretend.id_tokens)),
        ("install", lambda shop: _install(pretend, shop)),
        ("scopes", lambda shop: _scopes(pretend, shop, courier)),
        ("uninstall", lambda shop: _uninstall(pretend, shop, courier)),
    ):
        pages.add_url_rule(f"{store}/pretend/{word}", word, lambda handle, act=act: act(shop_of(handle)), methods=["POST"])
    pages.add_url_rule("/pretend/guesses", "guesses", lambda: jsonify(dict(GUESSES)))
    pages.after_request(lambda response: protect(response, pretend.app_url))
    return pages


def shop_of(handle: str) -> str:
    """The shop of the address /store/demo."""
    return f"{handle}.myshopify.com"


def address_of(url: str, shop: str) -> str:
    """Where the staff of this shop find the app."""
    return f"{url}/store/{shop.partition('.')[0]}/apps/{APP}"


def _app(pretend: PretendShopify, handle: str) -> str:
    shop = shop_of(handle)
    page = "app" if pretend.is_installed(shop) else "install"
    return render_template(
        f"{page}.html",
        shop=shop,
        handle=handle,
        base=f"/store/{handle}/apps/{APP}",
        app_url=pretend.app_url,
        entry=ENTRY,
        scopes=SCOPES,
        locales=LOCALES,
        lives=LIVES,
        life=int(pretend.id_tokens.life.total_seconds()),
    )


def _frame(pretend: PretendShopify, shop: str) -> Response:
    """The address of the frame: the app's own path, and behind it what the admin signs."""
    wish = _asked(pretend, shop)
    path, own_query = str(wish.get("path") or ENTRY), str(wish.get("query") or "")
    if not path.startswith("/") or path.startswith("//"):
        abort(HTTPStatus.BAD_REQUEST)
    launch = launch_query(
        pretend.id_tokens,
        shop,
        admin=f"{urlsplit(pretend.url).netloc}/store/{shop.partition('.')[0]}",
        locale=str(wish.get("locale") or LOCALES[0]),
        session=pretend.session,
    )
    return jsonify({"src": f"{pretend.app_url}{path}?{'&'.join(part for part in (own_query, launch) if part)}"})


def _token(pretend: PretendShopify, shop: str) -> Response:
    _asked(pretend, shop)
    return jsonify({"token": pretend.id_tokens.mint(shop, session=pretend.session)})


def _install(pretend: PretendShopify, shop: str) -> Response:
    """Shopify-managed: the scopes are granted here, and the app learns of it when it is opened."""
    asked()
    pretend.install(shop)
    return jsonify({"path": urlsplit(address_of("", shop)).path})


def _uninstall(pretend: PretendShopify, shop: str, courier: Courier) -> Response:
    _asked(pretend, shop)
    return jsonify({"told": uninstall(pretend, shop, courier).status})


def _scopes(pretend: PretendShopify, shop: str, courier: Courier) -> Response:
    """The merchant says yes to each optional scope that the app has declared, and no to any other."""
    wished = _asked(pretend, shop).get("scopes")
    if not isinstance(wished, list) or not set(wished) <= {*OPTIONAL}:
        return jsonify({"result": "declined-all"})
    allow(pretend, shop, courier, wished)
    return jsonify({"result": "granted-all"})


def _asked(pretend: PretendShopify, shop: str) -> Mapping[str, Any]:
    if not pretend.is_installed(shop):
        abort(HTTPStatus.NOT_FOUND)
    return asked()
