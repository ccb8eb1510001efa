"""app/*, shop/* and products/*: what changes on our side."""

from plugin.domain.errors import Unreadable
from plugin.domain.notice import ProductsChanged, ScopesChanged, ShopChanged, ShopLeft, ShopToForget, Translation
from plugin.domain.payload import Payload
from plugin.domain.shop import Shop

from . import lines


def uninstalled(body: Payload, shop: Shop) -> Translation:  # noqa: ARG001  (the shape of a translator)
    return Translation(notices=(ShopLeft(),))


def redact(body: Payload, shop: Shop) -> Translation:  # noqa: ARG001  (the shape of a translator)
    return Translation(notices=(ShopToForget(),))


def scopes_updated(body: Payload, shop: Shop) -> Translation:  # noqa: ARG001  (the shape of a translator)
    if not isinstance(body.fields.get("current"), list):
        raise Unreadable(f"{body.path}.current: expected a list of scopes")
    return Translation(notices=(ScopesChanged(scopes=body.texts("current")),))


def updated(body: Payload, shop: Shop) -> Translation:  # noqa: ARG001  (the shape of a translator)
    domain = body.text("domain")
    notice = ShopChanged(
        name=body.text("name"),
        link=lines.link(f"https://{domain}") if domain else "",
        locale=body.text("primary_locale"),
        timezone=body.text("iana_timezone"),
        currency=lines.currency(body.text("currency")),
        number=lines.number(body, "id"),
    )
    return Translation(notices=(notice,))


def product_changed(body: Payload, shop: Shop) -> Translation:  # noqa: ARG001  (the shape of a translator)
    return Translation(notices=(ProductsChanged(product_ids=(body.required_text("id"),)),))
