"""A page like Saleor's dashboard: it frames the app as the real one does, and speaks the real one's messages."""

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import quote

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from plugin.sandbox.courier import Courier
from plugin.sandbox.framing import LIVES, LOCALES, asked, protect, turn

from .demo_shop import NAME
from .guesses import GUESSES
from .install import fetch, install
from .manifest import problems_in
from .pretend import VERSION, InstalledApp, PretendSaleor
from .staff import STAFF
from .uninstall import uninstall

PREFIX: Final = "/dashboard"
HOME: Final = f"{PREFIX}/"
FOLDER: Final = Path(__file__).resolve().parent
DASHBOARD_VERSION: Final = "3.23.27"


def dashboard(pretend: PretendSaleor, *, app_url: str, courier: Courier) -> Blueprint:
    """The pages below /dashboard, and what their script asks for below /dashboard/pretend."""
    pages = Blueprint(
        "dashboard",
        __name__,
        url_prefix=PREFIX,
        template_folder=str(FOLDER / "templates"),
        static_folder=str(FOLDER / "static"),
    )
    manifest_url = f"{app_url}/{NAME}/manifest.json"
    pages.add_url_rule("/", "home", lambda: _home(pretend, manifest_url))
    pages.add_url_rule("/extensions/app/install", "install", lambda: _consent(manifest_url))
    # The script reads the path behind the app's id itself.
    show: Callable[..., str | AnyResponse] = lambda id, deep="": _app(pretend, id)  # noqa: E731, ARG005
    for rule in ("/extensions/app/<id>", "/extensions/app/<id>/<path:deep>"):
        pages.add_url_rule(rule, "app", show)
    pages.add_url_rule("/pretend/install", "do_install", lambda: _install(pretend), methods=["POST"])
    pages.add_url_rule("/pretend/uninstall", "do_uninstall", lambda: _uninstall(pretend, courier), methods=["POST"])
    pages.add_url_rule("/pretend/token", "token", lambda: _token(pretend), methods=["POST"])
    pages.add_url_rule("/pretend/tokens", "tokens", lambda: turn(pretend.staff_tokens), methods=["POST"])
    pages.add_url_rule("/pretend/guesses", "guesses", lambda: jsonify(dict(GUESSES)))
    pages.after_request(lambda response: protect(response, app_url))
    return pages


def _home(pretend: PretendSaleor, manifest_url: str) -> str:
    return render_template("home.html", pretend=pretend, apps=pretend.apps(), manifest_url=manifest_url, path_of=_path_of)


def _consent(manifest_url: str) -> str:
    """What the staff member agrees to, as appFetchManifest found it."""
    url = request.args.get("manifestUrl", manifest_url)
    manifest, message = fetch(url)
    problems = [message] if manifest is None else [str(problem) for problem in problems_in(manifest)]
    return render_template("install.html", manifest=manifest or {}, manifest_url=url, problems=problems)


def _app(pretend: PretendSaleor, id: str) -> str | AnyResponse:
    app = pretend.app_with_id(id)
    if app is None:
        return redirect(HOME)
    return render_template(
        "app.html",
        pretend=pretend,
        app=app,
        path=_path_of(app),
        staff=STAFF.values(),
        locales=LOCALES,
        lives=LIVES,
        life=int(pretend.staff_tokens.life.total_seconds()),
        saleor_version=VERSION,
        dashboard_version=DASHBOARD_VERSION,
    )


def _path_of(app: InstalledApp) -> str:
    return f"{PREFIX}/extensions/app/{quote(app.id, safe='')}"


def _install(pretend: PretendSaleor) -> Response:
    done = install(pretend, str(asked().get("manifestUrl")))
    return jsonify({"message": done.message, "path": _path_of(done.app) if done.app else ""})


def _uninstall(pretend: PretendSaleor, courier: Courier) -> Response:
    told = uninstall(pretend, _named(pretend), courier)
    return jsonify({"told": [fired.status for fired in told]})


def _token(pretend: PretendSaleor) -> Response:
    person = STAFF.get(str(asked().get("staff")))
    if person is None:
        abort(HTTPStatus.BAD_REQUEST)
    return jsonify({"token": pretend.access_token(_named(pretend), person)})


def _named(pretend: PretendSaleor) -> InstalledApp:
    return pretend.app_with_id(str(asked().get("id"))) or abort(HTTPStatus.NOT_FOUND)
