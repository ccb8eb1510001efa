"""What a shop allows this app: each token says it, and a webhook says it anew; the later of both counts."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

TOLD: Final = "scopes"  #: what the last app/scopes_update said
TOLD_BEFORE: Final = "scopes_before"  #: what it had said when the token at hand was asked for
OF_TOKEN: Final = "token_scopes"  # noqa: S105  (the name of a field)


def words(scopes: Iterable[str], access: Mapping[str, Any]) -> dict[str, Any]:
    """What a new token says, beside the access it was asked for with: what is told meanwhile is not undone by it."""
    return {OF_TOKEN: list(scopes), TOLD_BEFORE: list(access.get(TOLD) or ())}


def of_token(access: Mapping[str, Any]) -> frozenset[str] | None:
    """What the token at hand allows; None where nobody said, as of one that a merchant pasted."""
    return _known(access.get(OF_TOKEN))


def allowed(access: Mapping[str, Any]) -> frozenset[str] | None:
    """What the merchant allows now, which a token asked for earlier may not know; None where nobody said."""
    told, of_this_token = _known(access.get(TOLD)), of_token(access)
    is_news = told is not None and told != _known(access.get(TOLD_BEFORE))
    return told if is_news or of_this_token is None else of_this_token


def _known(scopes: Iterable[str] | None) -> frozenset[str] | None:
    return frozenset(map(str, scopes)) if scopes else None
