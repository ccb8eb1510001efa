"""What a merchant sees: one blueprint a page, registered once for every platform's admin."""

from collections.abc import Iterable

from flask import Blueprint, Flask

from plugin.ports import Platform
from plugin.web.pages import audit, deliveries, events, languages, overview, people, preview, setup, store, variables
from plugin.web.visit import guard

PAGES = (overview, setup, deliveries, events, languages, preview, store, variables, people, audit)


def register(app: Flask, platforms: Iterable[Platform]) -> None:
    """Every page below the admin entry of every platform; an endpoint is `<platform>.<page>.<view>`."""
    for name, admin_entry in ((platform.name, platform.admin_entry) for platform in platforms):
        if admin_entry is None:
            continue
        pages = Blueprint(name, __name__, url_prefix=admin_entry.entry)
        guard(pages, name, admin_entry)
        setup.replace_overview(pages)
        for page in PAGES:
            pages.register_blueprint(page.blueprint)
        app.register_blueprint(pages)
