"""GET / and the addresses the stores open: what this is and where to go on."""

from flask import Blueprint, abort, render_template

from plugin.web.services import services

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def index() -> str:
    return render_template("home/index.html", platforms=sorted(services().platforms))


@blueprint.get("/<platform_name>")
@blueprint.get("/<platform_name>/app")
def opened(platform_name: str) -> str:
    """The page a store's admin opens."""
    if platform_name not in services().platforms:
        abort(404)
    return render_template("home/opened.html")
