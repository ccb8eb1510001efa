"""Pages and endpoints; a blueprint a page, no decisions."""

from flask import Flask, request

from plugin import resources
from plugin.door.sizes import largest_body
from plugin.web import (
    compression,
    errors,
    go,
    header_limit,
    headers,
    health,
    home,
    i18n,
    letter_previews,
    limits,
    pages,
    row_ids,
    samples,
    static_files,
    templates,
    webhooks,
)  # fmt: skip
from plugin.wiring import Services


def create_app(services: Services) -> Flask:
    """The web application over these services."""
    app = Flask("plugin", template_folder=str(resources.TEMPLATES), static_folder=None)
    app.extensions["plugin"] = services
    app.before_request(_limit_body)
    row_ids.register(app)
    header_limit.register(app)
    webhooks.limit_failures(app, per_minute=services.settings.failed_signatures_per_minute)
    templates.register(app, services.platforms)
    i18n.register(app)
    limits.register(app, services.settings)
    for page in (webhooks, health, go, samples, letter_previews, home):
        app.register_blueprint(page.blueprint)
    static_files.register(app, services.platforms)
    for platform in services.platforms.values():
        if install := platform.pages(services.store.shops):
            app.register_blueprint(install)
    pages.register(app, services.platforms.values())
    errors.register(app)
    compression.register(app)
    headers.register(app, public_url=services.settings.public_url)
    return app


def _limit_body() -> None:
    """As at the door, for whoever serves the application without it."""
    request.max_content_length = largest_body(request.path)
