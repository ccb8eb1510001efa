"""The subject lines of the demo's mails: what a merchant might have written into each flow."""

from collections.abc import Mapping
from typing import Any, Final

_ENGLISH: Final = {
    "order_created": "{name}, thank you for order {order}",
    "order_paid": "We received your payment for order {order}",
    "order_partially_fulfilled": "A part of order {order} is on its way",
    "order_fulfilled": "Order {order} is on its way",
    "order_cancelled": "Order {order} was cancelled",
    "order_refunded": "Your refund for order {order}",
    "checkout_started": "{name}, may we help you finish?",
    "cart_updated": "{product} is waiting in your cart",
    "cart_abandoned": "You left {product} behind",
    "customer_created": "Welcome, {name}!",
    "customer_updated": "{name}, your account was changed",
}
_POLISH: Final = {
    "order_created": "{name}, dziękujemy za zamówienie {order}",
    "order_paid": "Otrzymaliśmy płatność za zamówienie {order}",
    "order_partially_fulfilled": "Część zamówienia {order} jest w drodze",
    "order_fulfilled": "Zamówienie {order} jest w drodze",
    "order_cancelled": "Zamówienie {order} zostało anulowane",
    "order_refunded": "Zwrot za zamówienie {order}",
    "checkout_started": "{name}, pomóc dokończyć zakupy?",
    "cart_updated": "{product} czeka w koszyku",
    "cart_abandoned": "W koszyku został {product}",
    "customer_created": "Witaj, {name}!",
    "customer_updated": "{name}, Twoje konto się zmieniło",
}
_GERMAN: Final = {
    "order_created": "{name}, danke für Bestellung {order}",
    "order_paid": "Zahlung für Bestellung {order} erhalten",
    "order_partially_fulfilled": "Ein Teil von Bestellung {order} ist unterwegs",
    "order_fulfilled": "Bestellung {order} ist unterwegs",
    "order_cancelled": "Bestellung {order} wurde storniert",
    "order_refunded": "Erstattung für Bestellung {order}",
    "checkout_started": "{name}, können wir helfen?",
    "cart_updated": "{product} liegt im Warenkorb",
    "cart_abandoned": "{product} wartet noch auf Sie",
    "customer_created": "Willkommen, {name}!",
    "customer_updated": "{name}, Ihr Konto wurde geändert",
}
_BRAZILIAN: Final = {
    "order_created": "{name}, obrigado pelo pedido {order}",
    "order_paid": "Recebemos o pagamento do pedido {order}",
    "order_partially_fulfilled": "Parte do pedido {order} está a caminho",
    "order_fulfilled": "O pedido {order} está a caminho",
    "order_cancelled": "O pedido {order} foi cancelado",
    "order_refunded": "Reembolso do pedido {order}",
    "checkout_started": "{name}, podemos ajudar?",
    "cart_updated": "{product} está no seu carrinho",
    "cart_abandoned": "Você esqueceu {product}",
    "customer_created": "Boas-vindas, {name}!",
    "customer_updated": "{name}, sua conta foi alterada",
}
_BY_FLOW: Final = (_ENGLISH, _POLISH, _GERMAN, _BRAZILIAN)  #: in the order of the demo's flows


def subject(flow_id: int, variables: Mapping[str, Any]) -> str:
    """What the flow with this number would write above its mail."""
    phrases = _BY_FLOW[(flow_id - 1) % 100 % len(_BY_FLOW)]
    phrase = phrases.get(str(variables.get("event_name")), "News about {order}")
    return phrase.format(
        name=variables.get("first_name") or variables.get("customer_name") or "",
        order=variables.get("order_number") or "",
        product=variables.get("product_name") or "",
    ).strip(", ")
