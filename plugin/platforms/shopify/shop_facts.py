"""What a shop says of itself in the answer to ShopForSettings."""

from plugin.domain.payload import Payload

from . import lines


def shop_facts(data: Payload) -> dict[str, str]:
    """The facts of `Shop` that are known."""
    shop = data.object("shop")
    domain = shop.object("primaryDomain")
    primary = next((each.text("locale") for each in data.objects("shopLocales") if each.truth("primary")), "")
    facts = {
        "name": shop.text("name"),
        "link": lines.link(domain.text("url")).rstrip("/"),
        "locale": primary or domain.object("localization").text("defaultLocale"),
        "timezone": shop.text("ianaTimezone"),
        "number": shop.text("id").rpartition("/")[2],
        "currency": lines.currency(shop.text("currencyCode")),
    }
    return {name: text for name, text in facts.items() if text}
