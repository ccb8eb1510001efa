"""GET /letters/<kind>/<language>: how a letter to begin with looks, with made-up values; the same for everybody."""

from typing import Final

from flask import Blueprint, Response, abort

from plugin.domain.kinds import EventKind
from plugin.domain.settings import NO_SETTINGS
from plugin.domain.shop import Shop
from plugin.upkeep.sample import sample_fields
from plugin.web.headers import FRAMED, SECURITY
from plugin.web.letters import LANGUAGES, letter
from plugin.web.services import services

_NOBODYS: Final = Shop(id=0, platform="", address="", name="", currency="")
PICTURE: Final = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 96 96'%3E%3Crect width='96' height='96' "
    "fill='%23d5d9dd'/%3E%3Cpath d='M26 32h34v8h6a8 8 0 0 1 0 22h-7a17 17 0 0 1-33-5z' fill='%23a3140f'/%3E%3C/svg%3E"
)
# Styles stand in the letter itself, as mail programs want them; there is no script and nothing that could be sent.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors *"

blueprint = Blueprint("letter_previews", __name__)


@blueprint.get("/letters/<kind_name>/<language>")
def show(kind_name: str, language: str) -> Response:
    """One letter in one language, for the frame beside its source."""
    if kind_name not in set(EventKind) or language not in LANGUAGES:
        abort(404)
    kind = EventKind(kind_name)
    answer = Response(letter(kind, language, _values(kind)).html)
    answer.headers[SECURITY] = _POLICY
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers.update(FRAMED)
    return answer


def _values(kind: EventKind) -> dict[str, object]:
    """The sample's, but for addresses: they lead nowhere from here."""
    fields = sample_fields(kind, _NOBODYS, NO_SETTINGS, write_bodies=services().write_bodies)
    nowhere = {name: "#" for name in fields if name.endswith("_link")}
    return dict(fields) | nowhere | {"product_img_url": PICTURE, "unsubscribe_url": "#"}
