"""The first page."""

from flask import Blueprint, render_template

from plugin.web.visit import visit

blueprint = Blueprint("overview", __name__)


@blueprint.get("/", strict_slashes=False)
def show() -> str:
    return render_template("pages/overview.html", shop=visit().shop)
