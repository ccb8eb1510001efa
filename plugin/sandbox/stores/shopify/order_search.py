"""Shopify's search language, as far as orders are searched here: terms in a row of AND or of OR, and parentheses.

A field that the search does not know is left out of it, and the rest is answered: the answer only warns.  An e-mail's
words are looked for in a row, so `jan@example.com` is found within `anna.jan@example.com`.
https://shopify.dev/docs/api/usage/search-syntax
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from graphql import GraphQLError

from plugin.sandbox.sale import Sale

from .bodies import order_id

Test = Callable[[Sale], bool]
"""Whether an order is found."""

_PIECE: Final = re.compile(
    r"""\s*(?: (?P<mark>[()])
        | (?P<name>[a-z_]+:)? (?P<comparator>[<>]=?)? (?: "(?P<double>(?:[^"\\]|\\.)*)" | '(?P<single>(?:[^'\\]|\\.)*)'
        | (?P<plain>[^\s()"']+) ) )""",
    re.VERBOSE,
)
_WORD: Final = re.compile(r"\w+")


@dataclass(slots=True)
class Search:
    """A search that was read: what it finds, and which fields it left out."""

    finds: Test
    unknown: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Piece:
    mark: str  #: "(", ")", "AND", "OR", or "" of a term
    field: str = ""
    comparator: str = ""
    value: str = ""


def read(query: str) -> Search:
    """What this finds, everything where nothing is asked for; raises `GraphQLError` at what is not understood."""
    pieces, unknown = _pieces(query), list[str]()
    finds = _query(pieces, unknown) if pieces else None
    if pieces:
        raise _not_understood()
    return Search(finds or (lambda _: True), unknown)


def _pieces(query: str) -> list[_Piece]:
    found, text = [], query.strip()
    while text:
        match = _PIECE.match(text)
        if match is None:
            raise _not_understood()
        found.append(_piece(match))
        text = text[match.end() :].lstrip()
    return found


def _piece(match: re.Match[str]) -> _Piece:
    groups = match.groupdict()
    if groups["mark"] or groups["plain"] in ("AND", "OR"):
        return _Piece(groups["mark"] or groups["plain"])
    quoted = groups["double"] if groups["double"] is not None else groups["single"]
    name, comparator = (groups["name"] or "").removesuffix(":"), groups["comparator"] or ""
    if quoted is not None:
        # GUESS search_quotes
        return _Piece("", name, comparator, re.sub(r"\\(.)", r"\1", quoted))
    if not name or "*" in groups["plain"]:  # free text, NOT, a minus, a prefix: no such search is made here
        raise _not_understood()
    if ":" in groups["plain"]:  # a time without quotes: a part of it is taken for another field's name
        return _Piece("", groups["plain"].split(":")[-2][-2:], comparator, groups["plain"])
    return _Piece("", name, comparator, groups["plain"])


def _query(pieces: list[_Piece], unknown: list[str]) -> Test | None:
    """Terms up to the closing parenthesis; None when nothing of them is left."""
    tests, words = [_term(pieces, unknown)], set[str]()
    while pieces and pieces[0].mark != ")":
        words.add(pieces.pop(0).mark if pieces[0].mark in ("AND", "OR") else "AND")
        tests.append(_term(pieces, unknown))
    if len(words) > 1:  # which binds closer is not said
        raise _not_understood()
    known = [test for test in tests if test]
    if not known:
        return None
    choose = any if words == {"OR"} else all
    return lambda sale: choose(test(sale) for test in known)


def _term(pieces: list[_Piece], unknown: list[str]) -> Test | None:
    piece = pieces.pop(0) if pieces else _Piece(")")
    if piece.mark == "(":
        inner = _query(pieces, unknown)
        if not pieces or pieces.pop(0).mark != ")":
            raise _not_understood()
        return inner
    if piece.mark:
        raise _not_understood()
    make = _FIELDS.get(piece.field)
    if make is None:
        unknown.append(piece.field)
        return None
    return make(piece)


def _equal(of: Callable[[Sale], str]) -> Callable[[_Piece], Test]:
    def make(piece: _Piece) -> Test:
        if piece.comparator:
            raise _not_understood()
        return lambda sale: of(sale).casefold() == piece.value.casefold()

    return make


def _email(piece: _Piece) -> Test:
    # GUESS search_email
    wanted = _words(piece.value)
    return lambda sale: any(
        _words(sale.buyer.email)[begin:][: len(wanted)] == wanted for begin in range(len(_words(sale.buyer.email)))
    )


def _created_at(piece: _Piece) -> Test:
    try:
        moment = datetime.fromisoformat(piece.value)
    except ValueError as error:
        raise _not_understood() from error
    if piece.comparator != ">=":
        raise _not_understood()
    since = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return lambda sale: sale.began_at.replace(microsecond=0) >= since


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _not_understood() -> GraphQLError:
    return GraphQLError("The pretend Shopify does not understand this search.")


_FIELDS: Final[Mapping[str, Callable[[_Piece], Test]]] = {
    "cart_token": _equal(lambda sale: sale.cart_token),
    "checkout_token": _equal(lambda sale: sale.token),
    "created_at": _created_at,
    "customer_id": _equal(lambda sale: str(sale.buyer.number)),
    "email": _email,
    "id": _equal(lambda sale: str(order_id(sale))),
}
