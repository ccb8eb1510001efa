"""The shop's products, customers and orders as the Admin API shows them: what GraphQL resolves from."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from plugin.sandbox.buyers import SampleBuyer
from plugin.sandbox.catalogue import SampleProduct, SampleVariant
from plugin.sandbox.sale import Sale, SaleLine

from .bodies import (
    GATEWAYS,
    LANDING,
    SHIPPING,
    SHOP_CURRENCY,
    SHOP_LOCALE,
    gid,
    line_id,
    money_set,
    order_id,
    stamp,
    text,
    zero,
)
from .demo_shop import NAME
from .scopes import allowed
from .topics import TOPICS

Node = dict[str, Any]

SINCE = "2026-02-01T08:00:00Z"  #: every customer is one since then


def product(product: SampleProduct, storefront: str) -> Node:
    page = f"{storefront}/products/{product.handle}"
    variants = [variant_of(product, variant, storefront) for variant in product.variants]
    return {
        "__typename": "Product",
        "id": gid("Product", product.number),
        "legacyResourceId": str(product.number),
        "title": product.title,
        "handle": product.handle,
        "vendor": "Demo",
        "productType": product.kind,
        "status": "ACTIVE",
        "tags": [product.kind.lower()],
        "createdAt": "2026-01-12T09:00:00Z",
        "updatedAt": "2026-09-30T12:00:00Z",
        "onlineStoreUrl": page,
        "onlineStorePreviewUrl": f"{page}?preview=1",
        "featuredMedia": picture_of(product, storefront),
        "translations": allowed("read_translations", lambda _info, locale: _title(product, locale)),
        "variants": lambda _info, first=None: {"nodes": variants[:first]},
    }


def variant_of(product_: SampleProduct, variant: SampleVariant, storefront: str) -> Node:
    title = variant.title or "Default Title"  # what Shopify calls the only variant
    return {
        "__typename": "ProductVariant",
        "id": gid("ProductVariant", variant.number),
        "legacyResourceId": str(variant.number),
        "title": title,
        "displayName": f"{product_.title} - {title}",
        "sku": variant.sku,
        "price": f"{variant.euros:.2f}",
        "compareAtPrice": None,
        "media": lambda _info, first=None: {"nodes": [picture_of(product_, storefront)][:first]},
        "product": lambda _info: product(product_, storefront),
        "selectedOptions": [{"name": "Title", "value": title, "optionValue": _option(variant, title)}],
    }


def _option(variant: SampleVariant, title: str) -> Node:
    return {
        "__typename": "ProductOptionValue",
        "id": gid("ProductOptionValue", variant.number),
        "name": title,
        "translations": allowed("read_translations", lambda _info, locale: _name(variant, locale)),
    }


def picture_of(product_: SampleProduct, storefront: str) -> Node:
    image = image_of(product_, storefront)
    return {
        "__typename": "MediaImage",
        "id": gid("MediaImage", product_.number + 1),
        "alt": product_.title,
        "mediaContentType": "IMAGE",
        "image": image,
        "preview": {"image": image},
    }


def image_of(product_: SampleProduct, storefront: str) -> Node:
    address = f"{storefront}/cdn/shop/files/{product_.handle}.svg?v=1"

    def url(_info: object, transform: Mapping[str, Any] | None = None) -> str:
        width = (transform or {}).get("maxWidth")
        return f"{address}&width={width}" if width else address

    return {"url": url, "altText": product_.title}


def _title(product_: SampleProduct, locale: str) -> list[Node]:
    return _translations("title", product_.title, product_.title_in(locale), locale)


def _name(variant: SampleVariant, locale: str) -> list[Node]:
    return _translations("name", variant.title, variant.titles.get(locale, variant.title), locale)


def _translations(key: str, own: str, word: str, locale: str) -> list[Node]:
    return [] if word == own else [{"key": key, "value": word, "locale": locale, "outdated": False}]


def customer(buyer: SampleBuyer, number: int, locale: str) -> Node:
    consent = "SUBSCRIBED" if buyer.accepts_marketing else "NOT_SUBSCRIBED"
    phone = buyer.phone and {
        "phoneNumber": buyer.phone,
        "smsMarketingConsent": {"state": "UNSUBSCRIBED", "updatedAt": SINCE},
        "whatsAppMarketingConsent": {"state": "NEVER_SUBSCRIBED"},
    }
    email = buyer.email and {
        "emailAddress": buyer.email,
        "marketingState": consent,
        "marketingUpdatedAt": SINCE if buyer.accepts_marketing else None,
        "marketingOptInLevel": "SINGLE_OPT_IN",
        "validFormat": True,
    }
    return {
        "__typename": "Customer",
        "id": gid("Customer", number),
        "legacyResourceId": str(number),
        "locale": locale or SHOP_LOCALE,  # never null: the shop's own when the customer said nothing
        "firstName": buyer.first_name,
        "lastName": buyer.last_name,
        "displayName": buyer.name,
        "email": buyer.email or None,
        "phone": buyer.phone or None,
        "tags": ["demo"],
        **history((), ""),
        "verifiedEmail": True,
        "createdAt": SINCE,
        "updatedAt": "2026-10-01T08:00:00Z",
        "defaultEmailAddress": email or None,
        "defaultPhoneNumber": phone or None,
    }


def history(theirs: Sequence[Sale], storefront: str) -> Node:
    """What a customer has ordered by now, the newest last; the sum is in the shop's money."""
    spent = sum((sale.total(SHOP_CURRENCY) for sale in theirs), Decimal(0))
    return {
        "numberOfOrders": str(len(theirs)),
        "amountSpent": {"amount": text(spent), "currencyCode": SHOP_CURRENCY},
        "lastOrder": order(theirs[-1], storefront) if theirs else None,
    }


def order(sale: Sale, storefront: str) -> Node:
    lines = [line_item(sale, line, storefront) for line in sale.lines]
    who = customer(sale.buyer, sale.buyer.number, sale.locale)
    where, shipping = address(sale), [_shipping_line(sale)]
    return {
        "__typename": "Order",
        "id": gid("Order", order_id(sale)),
        "legacyResourceId": str(order_id(sale)),
        "name": f"#{sale.order_number}",
        "email": sale.buyer.email or None,
        "phone": sale.buyer.phone or None,
        "customerLocale": sale.locale or None,
        "customerAcceptsMarketing": sale.buyer.accepts_marketing,
        "test": False,
        "sourceName": "web",
        "cartToken": sale.cart_token,
        "checkoutToken": sale.token,
        "statusPageUrl": f"{storefront}/61000000001/orders/{sale.order_uuid.hex}/authenticate?key={sale.token[:16]}",
        "createdAt": stamp(sale.began_at),
        "updatedAt": stamp(sale.began_at),
        "processedAt": stamp(sale.began_at),
        "cancelledAt": None,
        "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "UNFULFILLED",
        "currencyCode": SHOP_CURRENCY,
        "presentmentCurrencyCode": sale.currency,
        **_totals(sale),
        "discountCodes": [],
        "paymentGatewayNames": list(GATEWAYS),
        "note": None,
        "tags": [],
        "customAttributes": [],
        "customerJourneySummary": {"lastVisit": {"landingPage": f"{storefront}{LANDING}"}},
        "customer": who,
        "billingAddress": where,
        "shippingAddress": where,
        "shippingLines": lambda _info, first=None: {"nodes": shipping[:first]},
        "lineItems": lambda _info, first=None: {"nodes": lines[:first]},
    }


def _totals(sale: Sale) -> Node:
    total, subtotal = bag(money_set(sale, sale.total)), bag(money_set(sale, sale.subtotal))
    nothing = bag(money_set(sale, zero))
    return {
        **dict.fromkeys(("totalPriceSet", "currentTotalPriceSet"), total),
        **dict.fromkeys(("subtotalPriceSet", "currentSubtotalPriceSet"), subtotal),
        **dict.fromkeys(("totalTaxSet", "currentTotalTaxSet", "totalDiscountsSet", "currentTotalDiscountsSet"), nothing),
        "currentShippingPriceSet": bag(money_set(sale, sale.shipping)),
    }


def _shipping_line(sale: Sale) -> Node:
    price = bag(money_set(sale, sale.shipping))
    return {"code": SHIPPING, "title": SHIPPING, "deliveryCategory": None, "discountedPriceSet": price}


def line_item(sale: Sale, line: SaleLine, storefront: str) -> Node:
    variant = line.variant
    price = bag(money_set(sale, lambda currency: sale.unit_price(line, currency)))
    return {
        "__typename": "LineItem",
        "id": gid("LineItem", line_id(sale, line)),
        "title": line.product.title,
        "name": f"{line.product.title} - {variant.title}" if variant.title else line.product.title,
        "variantTitle": variant.title or None,
        "sku": variant.sku,
        "quantity": line.quantity,
        "currentQuantity": line.quantity,
        "image": image_of(line.product, storefront),
        "product": product(line.product, storefront),
        "variant": variant_of(line.product, variant, storefront),
        "originalUnitPriceSet": price,
        "discountedUnitPriceSet": price,
        "totalDiscountSet": bag(money_set(sale, zero)),
        "discountAllocations": [],
        "lineItemGroup": None,
    }


def address(sale: Sale) -> Node:
    buyer = sale.buyer
    return {
        "__typename": "MailingAddress",
        "id": gid("MailingAddress", buyer.number),
        "firstName": buyer.first_name,
        "lastName": buyer.last_name,
        "phone": buyer.phone or None,
        "address1": buyer.street,
        "address2": None,
        "city": buyer.city,
        "zip": buyer.zip,
        "country": buyer.country_name,
        "countryCodeV2": buyer.country,
    }


def bag(money: Mapping[str, Mapping[str, str]]) -> Node:
    """A MoneyBag from a REST *_set."""
    shop, buyer = money["shop_money"], money["presentment_money"]
    return {
        "shopMoney": {"amount": shop["amount"], "currencyCode": shop["currency_code"]},
        "presentmentMoney": {"amount": buyer["amount"], "currencyCode": buyer["currency_code"]},
    }


def subscriptions(app_url: str) -> list[Node]:
    return [
        {
            "__typename": "WebhookSubscription",
            "id": gid("WebhookSubscription", place),
            "topic": topic.replace("/", "_").upper(),
            "uri": f"{app_url}/webhooks/{NAME}",
            "filter": None,
            "includeFields": [],
            "apiVersion": {"handle": "2026-10", "displayName": "2026-10", "supported": True},
        }
        for place, topic in enumerate(dict.fromkeys(topic for topic, _ in TOPICS.values()), start=1)
        if topic != "fulfillment_events/create"  # each shop has that one of its own
    ]
