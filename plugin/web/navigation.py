"""The pages a merchant can choose from, in the order of the menu."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app, request, url_for

from plugin.web.i18n import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One page in the menu."""

    label: str
    address: str
    is_here: bool


PAGES: tuple[tuple[str, Callable[[], str]], ...] = (
    ("overview.show", lambda: _("Home")),
    ("deliveries.index", lambda: _("Event log")),
    ("events.index", lambda: _("Events")),
    ("languages.show", lambda: _("Languages")),
    ("preview.show", lambda: _("Preview and test")),
    ("store.show", lambda: _("Settings")),
)


def menu(platform: str) -> list[Link]:
    """The links of this platform's pages: for its own navigation, or for a list above our content."""
    known = ((f"{platform}.{name}", label()) for name, label in PAGES if f"{platform}.{name}" in current_app.view_functions)
    return [Link(label=label, address=url_for(endpoint), is_here=request.endpoint == endpoint) for endpoint, label in known]
