"""Letters to begin with: for each kind and each language the HTML that a merchant pastes into SendPulse.

They use the flat variables alone, because how SendPulse's templates repeat a block is not published, and of those the ones a
store nearly always tells, because neither is how they leave out a part. No text needs a plural: amounts stand behind a label.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from plugin import resources
from plugin.domain.kinds import KINDS, EventKind, Family
from plugin.web.i18n import LOCALES

LANGUAGES: Final = LOCALES
_TEXTS: Final = resources.PACKAGE / "web" / "letters" / "texts"
_FONT: Final = "font-family:Arial,Helvetica,sans-serif;"

#: The button's address.
_LINKS: Final[Mapping[Family, str]] = {
    Family.ORDER: "order_link",
    Family.CART: "cart_link",
    Family.CUSTOMER: "store_link",
}
_ORDER: Final = ("order_number",)
_BOUGHT: Final = ("order_number", "quantity", "total_text")
_PARCEL: Final = ("order_number", "tracking_company", "tracking_number")
_CART: Final = ("quantity", "total_text")
#: The lines of the letter's table, by their variables.
ROWS: Final[Mapping[EventKind, tuple[str, ...]]] = {
    EventKind.ORDER_CREATED: _BOUGHT,
    EventKind.ORDER_PAID: _BOUGHT,
    EventKind.ORDER_PARTIALLY_FULFILLED: _PARCEL,
    EventKind.ORDER_FULFILLED: _PARCEL,
    EventKind.ORDER_OUT_FOR_DELIVERY: _PARCEL,
    EventKind.ORDER_DELIVERED: _ORDER,
    EventKind.ORDER_CANCELLED: _BOUGHT,
    EventKind.ORDER_REFUNDED: ("order_number", "total_text", "order_total_text"),
    EventKind.CHECKOUT_STARTED: _CART,
    EventKind.CART_UPDATED: _CART,
    EventKind.CART_ABANDONED: _CART,
    EventKind.CUSTOMER_CREATED: (),
    EventKind.CUSTOMER_UPDATED: (),
}
OPTIONAL: Final = frozenset({"tracking_company", "tracking_number"})  #: not every store tells them


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is pasted into the Email element of a flow."""

    subject: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    label: str
    name: str
    is_optional: bool


def letter(kind: EventKind, language: str, values: Mapping[str, object] | None = None) -> Letter:
    """The letter with its variables as SendPulse reads them, or with these values in their place, for looking at."""
    spoken = _texts(language)
    texts, labels = spoken[kind.value], spoken["labels"]
    rows = [_Row(label=_label(labels, kind, name), name=name, is_optional=name in OPTIONAL) for name in ROWS[kind]]
    direction = Locale.parse(language, sep="-").text_direction
    start, end = ("left", "right") if direction == "ltr" else ("right", "left")
    template = _environment().get_template("letters/letter.html")
    html = template.render(
        language=language, direction=direction, start=start, end=end, font=_FONT, texts=texts, labels=labels, rows=rows,
        has_products=KINDS[kind].has_products, link=link_of(kind),
    )  # fmt: skip
    filled = Letter(subject=texts["subject"], html=html)
    return filled if values is None else _with_values(filled, values)


def link_of(kind: EventKind) -> str:
    """The variable with the address its button leads to."""
    return _LINKS[KINDS[kind].family]


def _label(labels: Mapping[str, str], kind: EventKind, name: str) -> str:
    """The total of a refund is what went back."""
    return labels["refunded" if (kind, name) == (EventKind.ORDER_REFUNDED, "total_text") else name]


def _with_values(pasted: Letter, values: Mapping[str, object]) -> Letter:
    subject, html = pasted.subject, pasted.html
    for name, value in values.items():
        subject = subject.replace(_told(name), str(value))
        html = html.replace(_told(name), str(Markup.escape(str(value))))
    return Letter(subject=subject, html=html)


def _told(name: str) -> Markup:
    """A variable, as SendPulse's templates name it."""
    return Markup(f"{{{{{name}}}}}")  # noqa: S704  (names of our own)


@cache
def _texts(language: str) -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((_TEXTS / f"{language}.toml").read_text(encoding="utf-8"))


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(resources.TEMPLATES), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    made.filters["told"] = _told
    return made
