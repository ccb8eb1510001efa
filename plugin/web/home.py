"""GET /: what this is, and where its pages are opened."""

from flask import Blueprint, render_template

from plugin.web.services import services

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def index() -> str:
    return render_template("home/index.html", platforms=sorted(services().platforms))
