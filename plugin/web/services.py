"""What the views work with."""

from typing import cast

from flask import current_app

from plugin.wiring import Services


def services() -> Services:
    """The services of the running application."""
    return cast(Services, current_app.extensions["plugin"])
