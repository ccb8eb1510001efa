"""What both pretend stores sell; every product, price and word is made up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleVariant:
    """One size, colour or blend of a product."""

    number: int  #: its id in both stores
    title: str  #: "" when the product has only one variant
    sku: str
    euros: Decimal  #: price of one piece in the shop's own money
    titles: Mapping[str, str] = field(default_factory=dict)  #: by language, where the merchant translated it


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleProduct:
    """One thing on the shelf."""

    number: int  #: its id in both stores
    handle: str  #: its word in addresses: Shopify's handle, Saleor's slug
    title: str
    kind: str
    colours: tuple[str, str]  #: of the drawn picture
    variants: tuple[SampleVariant, ...]
    titles: Mapping[str, str] = field(default_factory=dict)  #: by language, as the merchant translated it

    def title_in(self, locale: str) -> str:
        """The title in this locale's language, the shop's own without a translation."""
        return self.titles.get(locale.replace("_", "-").split("-")[0].lower(), self.title)


def _variant(number: int, title: str, sku: str, euros: str, **titles: str) -> SampleVariant:
    return SampleVariant(number=number, title=title, sku=sku, euros=Decimal(euros), titles=titles)


PRODUCTS: Final = (
    SampleProduct(
        number=9101001,
        handle="moss-teapot",
        title="Moss teapot",
        kind="Kitchen",
        colours=("#3f6f52", "#cfe3c8"),
        variants=(_variant(48101001, "0.6 l", "TEA-06", "34.90"), _variant(48101002, "1.2 l", "TEA-12", "49.90")),
        titles={"pl": "Czajniczek Mech", "de": "Teekanne Moos", "pt": "Bule Musgo", "fr": "Théière Mousse", "uk": "Чайник Мох"},
    ),
    SampleProduct(
        number=9101002,
        handle="harbour-blanket",
        title="Harbour blanket",
        kind="Home",
        colours=("#284b63", "#d9e6ef"),
        variants=(_variant(48101003, "Single", "BLA-S", "59.00"), _variant(48101004, "Double", "BLA-D", "89.00")),
        titles={"pl": "Koc Port", "de": "Decke Hafen", "pt": "Manta Porto", "fr": "Couverture du port"},
    ),
    SampleProduct(
        number=9101003,
        handle="walnut-clock",
        title="Walnut clock",
        kind="Home",
        colours=("#6b4226", "#efdcc3"),
        variants=(_variant(48101005, "", "CLO-1", "74.50"),),
        titles={"pl": "Zegar Orzech", "de": "Uhr Nussbaum", "pt": "Relógio Nogueira", "fr": "Horloge en noyer"},
    ),
    SampleProduct(
        number=9101004,
        handle="linen-apron",
        title="Linen apron",
        kind="Kitchen",
        colours=("#8a5a83", "#f1e2ef"),
        variants=(
            _variant(48101006, "Plum", "APR-P", "27.00", fr="Prune"),
            _variant(48101007, "Sand", "APR-S", "27.00", fr="Sable"),
            _variant(48101008, "Ink", "APR-I", "29.00", fr="Encre"),
        ),
        titles={"pl": "Fartuch lniany", "de": "Leinenschürze", "pt": "Avental de linho", "fr": "Tablier en lin"},
    ),
    SampleProduct(
        number=9101005,
        handle="morning-coffee",
        title="Morning coffee",
        kind="Pantry",
        colours=("#4a2c1a", "#f0d9b5"),
        variants=(_variant(48101009, "Beans", "COF-B", "12.40"), _variant(48101010, "Ground", "COF-G", "12.40")),
        titles={"pl": "Kawa poranna", "de": "Morgenkaffee", "pt": "Café da manhã", "fr": "Café du matin"},
    ),
    SampleProduct(
        number=9101006,
        handle="paper-lantern",
        title="Paper lantern",
        kind="Home",
        colours=("#c8553d", "#fbe3c9"),
        variants=(_variant(48101011, "", "LAN-1", "18.00"),),
        titles={"pl": "Lampion papierowy", "de": "Papierlaterne", "pt": "Lanterna de papel", "fr": "Lanterne en papier"},
    ),
    SampleProduct(
        number=9101007,
        handle="river-notebook",
        title="River notebook “No. 7”",
        kind="Desk",
        colours=("#1f7a8c", "#e1f0f4"),
        variants=(_variant(48101012, "Lined", "NOT-L", "9.99"), _variant(48101013, "Dotted", "NOT-D", "9.99")),
        titles={
            "pl": "Notes Rzeka „Nr 7”",
            "de": "Notizbuch Fluss „Nr. 7“",
            "pt": "Caderno Rio “N.º 7”",
            "fr": "Carnet Rivière « N° 7 »",
        },
    ),
    SampleProduct(
        number=9101008,
        handle="wool-socks",
        title="Wool socks",
        kind="Clothes",
        colours=("#b23a48", "#fcecec"),
        variants=(_variant(48101014, "36–40", "SOC-36", "14.00"), _variant(48101015, "41–46", "SOC-41", "14.00")),
        titles={"pl": "Skarpety wełniane", "de": "Wollsocken", "pt": "Meias de lã", "fr": "Chaussettes en laine"},
    ),
)

# What one euro costs in the demo; made up and fixed, so that two runs show the same prices.
RATES: Final[Mapping[str, Decimal]] = {
    "EUR": Decimal(1),
    "PLN": Decimal("4.30"),
    "BRL": Decimal("6.20"),
    "GBP": Decimal("0.85"),
    "USD": Decimal("1.10"),
    "CAD": Decimal("1.50"),
    "UAH": Decimal("45.00"),
}


def product_of(handle: str) -> SampleProduct | None:
    """The product of this handle."""
    return next((product for product in PRODUCTS if product.handle == handle), None)


def product_numbered(number: int) -> SampleProduct | None:
    """The product with this id."""
    return next((product for product in PRODUCTS if product.number == number), None)


def variant_numbered(number: int) -> tuple[SampleProduct, SampleVariant] | None:
    """The variant with this id, and its product."""
    return next(((product, variant) for product in PRODUCTS for variant in product.variants if variant.number == number), None)


def price_in(euros: Decimal, currency: str) -> Decimal:
    """The price in this currency, with two places."""
    return (euros * RATES[currency]).quantize(Decimal("0.01"))


def picture(product: SampleProduct) -> str:
    """A drawn picture of the product, as SVG."""
    dark, light = product.colours
    letter = product.title[0]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 600" width="600" height="600">'
        f'<rect width="600" height="600" fill="{light}"/><circle cx="300" cy="270" r="170" fill="{dark}"/>'
        f'<rect x="90" y="470" width="420" height="26" rx="13" fill="{dark}" opacity=".35"/>'
        f'<text x="300" y="345" font-family="Georgia,serif" font-size="220" text-anchor="middle" fill="{light}">{letter}</text>'
        "</svg>"
    )
