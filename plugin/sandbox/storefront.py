"""The pages a mail's links lead to in the pretend stores."""

from html import escape

from plugin.sandbox.catalogue import SampleProduct
from plugin.sandbox.sale import Sale, SaleLine


def product_page(product: SampleProduct, picture: str) -> str:
    """A plain page of one product; `picture` is its picture's address."""
    title = escape(product.title)
    least = min(variant.euros for variant in product.variants)
    shown = (
        f'<p>{escape(product.kind)}, from {least} EUR.</p><img src="{escape(picture)}" alt="{title}" width="300" height="300">'
    )
    return _page(title, shown)


def checkout_page(sale: Sale, locale: str) -> str:
    """What stands in a checkout that was left, in the language of the address."""
    lines = "".join(f"<li>{_line(sale, line, locale)}</li>" for line in sale.lines)
    return _page("Checkout", f"<ul>{lines}</ul><p>{sale.total()} {escape(sale.currency)}</p>")


def _line(sale: Sale, line: SaleLine, locale: str) -> str:
    variant = f" ({escape(line.variant.title)})" if line.variant.title else ""
    return (
        f"{line.quantity} × {escape(line.product.title_in(locale))}{variant}, {sale.line_price(line)} {escape(sale.currency)}"
    )


def _page(title: str, shown: str) -> str:
    """`title` is HTML already, as `shown` is."""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><h1>{title}</h1>{shown}"
        "<p>A page of the sandbox's pretend store; nothing here is for sale.</p></html>"
    )
