"""Asking a shop how its carts stand, many together: has one become an order, or has its buyer ordered since?

The orders tell it: `abandonedCheckouts` wants a member of staff who may see them, which an app is not.  Test orders and
cancelled ones count, as somebody came and bought; a subscription's renewal and a sale of long ago that was brought in do not.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from plugin.domain.carts import CartState, is_settled_by
from plugin.domain.contact import person_names
from plugin.domain.errors import GiveUp
from plugin.domain.event import StoreEvent
from plugin.domain.payload import Payload
from plugin.ports import LookupContext

from . import event_times, order_baskets, people
from .api import Answer, Ask
from .complete import NO_ACCESS
from .webhook_shape import like_a_webhook

# One query may cost 1,000 points; an order here costs five with what hangs on it, two where it is the customer's own.
# https://shopify.dev/docs/api/usage/limits
MOST_POINTS: Final = 900
SEARCH_POINTS, PHONE_POINTS = 25, 11
NEWEST: Final = 5  #: orders looked at for each search

_CHECKOUT, _CART, _CUSTOMER, _PERSON = "checkout:", "cart:", "customer:", "person:"
_SPECIAL, _ESCAPED = re.compile(r'(["\\])'), r"\\\1"

_SEARCH: Final = """
  cart%(cart)d: orders(first: %(newest)d, sortKey: CREATED_AT, reverse: true, query: $search%(cart)d) {
    nodes {
      ...Sale
      email
      phone
      customer {
        id: legacyResourceId
        email_address: defaultEmailAddress {
          text: emailAddress
        }
        phone_number: defaultPhoneNumber {
          text: phoneNumber
        }
      }
    }
  }"""
_PHONE: Final = """
  cart%(cart)dphone%(phone)d: customerByIdentifier(identifier: {phoneNumber: $phone%(cart)d_%(phone)d}) {
    orders(first: %(newest)d, sortKey: CREATED_AT, reverse: true) {
      nodes {
        ...Sale
      }
    }
  }"""
_SALE: Final = """
fragment Sale on Order {
  cart_token: cartToken
  checkout_token: checkoutToken
  created_at: createdAt
  processed_at: processedAt
  source_name: sourceName
}
"""

Way = Callable[[LookupContext], Ask | None]


def look_at_carts(carts: Sequence[StoreEvent], place: LookupContext, way: Way) -> Sequence[CartState]:
    """How each of these carts stands, in their order; raises `TryAgain`, and `GiveUp` when nothing is said of any."""
    questions = [_question(cart) for cart in carts]
    if not any(question.points for question in questions):
        return [CartState.OPEN for _ in carts]
    ask = way(place)
    if ask is None:
        raise GiveUp(NO_ACCESS)
    answers = [answer for together in _gathered(questions) for answer in _answers(together, ask)]
    refused = [answer for answer in answers if isinstance(answer, GiveUp)]
    if len(refused) == len(answers):
        raise refused[0]
    return [CartState.UNKNOWN if isinstance(answer, GiveUp) else answer for answer in answers]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """What is asked about one cart."""

    cart: StoreEvent
    people: frozenset[str]  #: every name of its buyer
    search: str  #: for orders; "" where nothing is known to search for
    phones: tuple[str, ...]

    @property
    def points(self) -> int:
        return (SEARCH_POINTS if self.search else 0) + PHONE_POINTS * len(self.phones)


def _question(cart: StoreEvent) -> _Question:
    contact = cart.contact
    known = person_names(emails=(contact.email or "",), phones=(contact.phone or "",)) if contact else ()
    names = cart.person or known
    addresses = _after(_PERSON, names)
    return _Question(
        cart=cart,
        people=frozenset(names),
        search=_search(cart, customers=_after(_CUSTOMER, names), emails=[text for text in addresses if "@" in text]),
        phones=tuple(text for text in addresses if "@" not in text),
    )


def _search(cart: StoreEvent, *, customers: Iterable[str], emails: Iterable[str]) -> str:
    """In Shopify's search language: an order of this basket, or one of its buyer since it was begun.

    https://shopify.dev/docs/api/usage/search-syntax
    """
    keys = cart.basket.keys if cart.basket else ()
    terms = [_term("checkout_token", token) for token in _after(_CHECKOUT, keys)]
    terms += [_term("cart_token", token) for token in _after(_CART, keys)]
    names = [f"customer_id:{number}" for number in customers if number.isascii() and number.isdigit()]
    names += [_term("email", email) for email in emails]
    if names:
        terms.append(f"(created_at:>={_quoted(_stamp(_begun_at(cart)))} AND ({' OR '.join(names)}))")
    return " OR ".join(terms)


def _term(field: str, text: str) -> str:
    return f"{field}:{_quoted(text)}"


def _quoted(text: str) -> str:
    """One value, whatever a stranger has typed: within quotes only these two characters mean anything."""
    return f'"{_SPECIAL.sub(_ESCAPED, text)}"'


def _gathered(questions: Iterable[_Question]) -> Iterator[list[_Question]]:
    """As many together as one query may cost."""
    together: list[_Question] = []
    for question in questions:
        if together and sum(one.points for one in together) + question.points > MOST_POINTS:
            yield together
            together = []
        together.append(question)
    yield together


def _answers(questions: Sequence[_Question], ask: Ask) -> list[CartState | GiveUp]:
    variables = dict(_variables(questions))
    answer = ask(_text(questions, variables), variables) if variables else None
    return [_state(place, question, answer) if answer else CartState.OPEN for place, question in enumerate(questions)]


def _variables(questions: Sequence[_Question]) -> Iterator[tuple[str, str]]:
    for cart, question in enumerate(questions):
        if question.search:
            yield f"search{cart}", question.search
        yield from ((f"phone{cart}_{phone}", text) for phone, text in enumerate(question.phones))


def _text(questions: Sequence[_Question], variables: Iterable[str]) -> str:
    """The query: an alias or more for each cart; whatever strangers typed comes beside it, in the variables."""
    given = ", ".join(f"${name}: String!" for name in variables)
    fields = "".join(field for cart, question in enumerate(questions) for field in _fields(cart, question))
    return f"query OrdersOfCarts({given}) {{{fields}\n}}\n{_SALE}"


def _fields(cart: int, question: _Question) -> Iterator[str]:
    if question.search:
        yield _SEARCH % {"cart": cart, "newest": NEWEST}
    for phone, _ in enumerate(question.phones):
        yield _PHONE % {"cart": cart, "phone": phone, "newest": NEWEST}


def _state(place: int, question: _Question, answer: Answer) -> CartState | GiveUp:
    """How this cart stands, or why nobody says.

    By what Shopify says itself of the orders it found: a search may find more than it was asked for."""
    found = [like_a_webhook(order) for order in answer.data.object(f"cart{place}").objects("nodes")]
    aliases = [f"cart{place}phone{phone}" for phone, _ in enumerate(question.phones)]
    of_phones = [order for alias in aliases for order in answer.data.object(alias).object("orders").objects("nodes")]
    if any(_is_of_basket(order, question.cart) for order in (*found, *of_phones)):
        return CartState.BOUGHT
    theirs = [order for order in found if not question.people.isdisjoint(people.names_of_order(order))]
    if any(_is_since(order, question.cart) for order in (*theirs, *of_phones)):
        return CartState.BOUGHT
    refusal = _refusal(answer, searches=[f"cart{place}"] if question.search else [], customers=aliases)
    return GiveUp(refusal) if refusal else CartState.OPEN


def _refusal(answer: Answer, *, searches: Sequence[str], customers: Sequence[str]) -> str:
    """Why nothing that was found means nothing; "" when all that was asked was answered."""
    if any(answer.refuses(alias) for alias in (*searches, *customers)):
        return answer.refusal
    lists = [answer.data.object(alias).fields.get("nodes") for alias in searches]
    known = [answer.data.object(alias) for alias in customers if answer.data.fields.get(alias) is not None]
    lists += [customer.object("orders").fields.get("nodes") for customer in known]
    is_whole = all(alias in answer.data.fields for alias in customers) and all(isinstance(found, list) for found in lists)
    return "" if is_whole else "Shopify's answer about carts is not whole."


def _is_of_basket(order: Payload, cart: StoreEvent) -> bool:
    keys = cart.basket.keys if cart.basket else ()
    return not set(keys).isdisjoint(order_baskets.keys(order))


def _is_since(order: Payload, cart: StoreEvent) -> bool:
    """Whether somebody came to the store for this order, after they had begun the cart."""
    placed_at = order.when("created_at")
    if placed_at is None or event_times.is_imported(order) or order.text("source_name").startswith(people.RENEWAL):
        return False
    return is_settled_by(placed_at, begun_at=_begun_at(cart), changed_at=cart.happened_at)


def _begun_at(cart: StoreEvent) -> datetime:
    return cart.begun_at or cart.happened_at


def _stamp(moment: datetime) -> str:
    """As Shopify's examples have it: whole seconds, which it may count itself, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _after(kind: str, names: Iterable[str]) -> list[str]:
    return [name.removeprefix(kind) for name in names if name.startswith(kind)]
