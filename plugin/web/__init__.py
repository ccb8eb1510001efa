"""Pages and endpoints; a blueprint a page, no decisions."""

from flask import Flask

from plugin import resources
from plugin.web import errors, go, headers, health, home, i18n, pages, platform_files, templates, webhooks
from plugin.wiring import Services

LARGEST_BODY = 16 * 1024 * 1024  #: bytes; Shopify names no limit, 500 lines made 0.6 MB


def create_app(services: Services) -> Flask:
    """The web application over these services."""
    app = Flask("plugin", template_folder=str(resources.TEMPLATES), static_folder=str(resources.PACKAGE / "static"))
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.extensions["plugin"] = services
    templates.register(app, services.platforms)
    i18n.register(app)
    for page in (webhooks, health, go, home):
        app.register_blueprint(page.blueprint)
    app.register_blueprint(platform_files.blueprint(services.platforms))
    for platform in services.platforms.values():
        if install := platform.pages(services.store.shops):
            app.register_blueprint(install)
    pages.register(app, services.platforms.values())
    errors.register(app)
    headers.register(app, public_url=services.settings.public_url)
    return app
