"""The pages a mail's product link leads to in the pretend stores."""

from html import escape

from plugin.sandbox.catalogue import SampleProduct


def product_page(product: SampleProduct, picture: str) -> str:
    """A plain page of one product; `picture` is its picture's address."""
    title = escape(product.title)
    least = min(variant.euros for variant in product.variants)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><h1>{title}</h1><p>{escape(product.kind)}, from {least} EUR.</p>"
        f'<img src="{escape(picture)}" alt="{title}" width="300" height="300">'
        "<p>A page of the sandbox's pretend store; nothing here is for sale.</p></html>"
    )
