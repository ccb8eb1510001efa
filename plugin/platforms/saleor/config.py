"""What the operator sets for this platform, and the name it goes by."""

import re
from collections.abc import Mapping
from typing import Any

import re2

from plugin.config import BadEnvironment, Variable, read

NAME = (__package__ or "").rpartition(".")[2]  #: the folder's name: also the word in its addresses

ALLOWED_URLS = Variable(
    name=f"{NAME.upper()}_ALLOWED_URLS",
    meaning=(
        "regular expressions, separated by commas or blanks, for the Saleor API addresses that may install the app; each must "
        "fit the whole address (https://shop\\.example\\.com/graphql/). Empty: any https address on the public internet"
    ),
)

_QUIET = re2.Options()
_QUIET.log_errors = False  # what is wrong is said to the operator


def allowed_urls(environ: Mapping[str, str]) -> tuple[Any, ...]:
    """The operator's patterns, none when any public shop may come; raises `BadEnvironment`."""
    return tuple(_pattern(text) for text in re.split(r"[,\s]+", read(environ, ALLOWED_URLS)) if text)


def _pattern(text: str) -> Any:
    """By re2: strangers write what it is tried on, and with `re` nested repeats (`(.+\\.)*`) could keep everybody waiting."""
    # A comma inside {1,3} would cut one expression into two that fit nothing.
    if text.count("{") != text.count("}"):
        raise BadEnvironment(f"{ALLOWED_URLS.name}: {text!r} has an open brace; commas separate, so write {{1,3}} another way.")
    try:
        return re2.compile(text, _QUIET)
    except re2.error as error:
        hint = f"{ALLOWED_URLS.name}: {text!r} is no regular expression ({error.args[0]!r}); write https://shop\\.example\\.com/graphql/."
        raise BadEnvironment(hint) from error
