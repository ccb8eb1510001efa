"""What the sandbox knows of each kind of event: one row a kind, in the order a sale goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from plugin.domain.kinds import EventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxKind:
    """Something the page can let happen, where a pretend store has a webhook for it."""

    label: str  #: for the person who chooses it
    subjects: tuple[str, str, str, str]  #: of its mail in English, Polish, German and Brazilian Portuguese, as the demo's flows
    begins: bool = False  #: it begins another sale each time
    repeats: bool = False  #: it may happen to one sale any number of times; the others happen once
    ago: timedelta = timedelta(0)  #: how long it is past when it is told


SANDBOX_KINDS: Final[Mapping[EventKind, SandboxKind]] = {
    EventKind.CHECKOUT_STARTED: SandboxKind(
        label="Checkout started",
        subjects=(
            "{name}, may we help you finish?",
            "{name}, pomóc dokończyć zakupy?",
            "{name}, können wir helfen?",
            "{name}, podemos ajudar?",
        ),
        begins=True,
    ),
    EventKind.CART_UPDATED: SandboxKind(
        label="Cart updated",
        subjects=(
            "{product} is waiting in your cart",
            "{product} czeka w koszyku",
            "{product} liegt im Warenkorb",
            "{product} está no seu carrinho",
        ),
        repeats=True,
    ),
    EventKind.CART_ABANDONED: SandboxKind(
        label="Cart left alone ten minutes ago, but for a moment",
        subjects=(
            "You left {product} behind",
            "W koszyku został {product}",
            "{product} wartet noch auf Sie",
            "Você esqueceu {product}",
        ),
        begins=True,
        # The demo waits ten minutes. A cart that is told of later than that waits longer: its order may be on its way.
        ago=timedelta(minutes=9, seconds=55),
    ),
    EventKind.ORDER_CREATED: SandboxKind(
        label="Order placed",
        subjects=(
            "{name}, thank you for order {order}",
            "{name}, dziękujemy za zamówienie {order}",
            "{name}, danke für Bestellung {order}",
            "{name}, obrigado pelo pedido {order}",
        ),
    ),
    EventKind.ORDER_PAID: SandboxKind(
        label="Order paid",
        subjects=(
            "We received your payment for order {order}",
            "Otrzymaliśmy płatność za zamówienie {order}",
            "Zahlung für Bestellung {order} erhalten",
            "Recebemos o pagamento do pedido {order}",
        ),
    ),
    EventKind.ORDER_PARTIALLY_FULFILLED: SandboxKind(
        label="Order partly sent",
        subjects=(
            "A part of order {order} is on its way",
            "Część zamówienia {order} jest w drodze",
            "Ein Teil von Bestellung {order} ist unterwegs",
            "Parte do pedido {order} está a caminho",
        ),
    ),
    EventKind.ORDER_FULFILLED: SandboxKind(
        label="Order sent",
        subjects=(
            "Order {order} is on its way",
            "Zamówienie {order} jest w drodze",
            "Bestellung {order} ist unterwegs",
            "O pedido {order} está a caminho",
        ),
    ),
    EventKind.ORDER_OUT_FOR_DELIVERY: SandboxKind(
        label="Order out for delivery",
        subjects=(
            "Order {order} arrives today",
            "Zamówienie {order} dotrze dzisiaj",
            "Bestellung {order} kommt heute",
            "O pedido {order} chega hoje",
        ),
    ),
    EventKind.ORDER_DELIVERED: SandboxKind(
        label="Order delivered",
        subjects=(
            "Order {order} has arrived",
            "Zamówienie {order} zostało doręczone",
            "Bestellung {order} ist angekommen",
            "O pedido {order} foi entregue",
        ),
    ),
    EventKind.ORDER_CANCELLED: SandboxKind(
        label="Order canceled",
        subjects=(
            "Order {order} was cancelled",
            "Zamówienie {order} zostało anulowane",
            "Bestellung {order} wurde storniert",
            "O pedido {order} foi cancelado",
        ),
    ),
    EventKind.ORDER_REFUNDED: SandboxKind(
        label="Order refunded",
        subjects=(
            "Your refund for order {order}",
            "Zwrot za zamówienie {order}",
            "Erstattung für Bestellung {order}",
            "Reembolso do pedido {order}",
        ),
        repeats=True,
    ),
    EventKind.CUSTOMER_CREATED: SandboxKind(
        label="Customer registered",
        subjects=(
            "Welcome, {name}!",
            "Witaj, {name}!",
            "Willkommen, {name}!",
            "Boas-vindas, {name}!",
        ),
        begins=True,
    ),
    EventKind.CUSTOMER_UPDATED: SandboxKind(
        label="Customer updated",
        subjects=(
            "{name}, your account was changed",
            "{name}, Twoje konto się zmieniło",
            "{name}, Ihr Konto wurde geändert",
            "{name}, sua conta foi alterada",
        ),
        repeats=True,
    ),
}
