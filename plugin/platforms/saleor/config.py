"""What the operator sets for this platform, and the name it goes by."""

import re
from collections.abc import Mapping

from plugin.config import BadEnvironment, Variable, read

NAME = (__package__ or "").rpartition(".")[2]  #: the folder's name: also the word in its addresses

ALLOWED_URLS = Variable(
    name=f"{NAME.upper()}_ALLOWED_URLS",
    meaning=(
        "regular expressions, separated by commas or blanks, for the Saleor API addresses that may install the app; each must "
        "fit the whole address (https://shop\\.example\\.com/graphql/). Empty: any https address on the public internet"
    ),
)


def allowed_urls(environ: Mapping[str, str]) -> tuple[re.Pattern[str], ...]:
    """The operator's patterns, none when any public shop may come; raises `BadEnvironment`."""
    return tuple(_pattern(text) for text in re.split(r"[,\s]+", read(environ, ALLOWED_URLS)) if text)


def _pattern(text: str) -> re.Pattern[str]:
    # A comma inside {1,3} would cut one expression into two that fit nothing.
    if text.count("{") != text.count("}"):
        raise BadEnvironment(f"{ALLOWED_URLS.name}: {text!r} has an open brace; commas separate, so write {{1,3}} another way.")
    try:
        return re.compile(text)
    except re.error as error:
        hint = f"{ALLOWED_URLS.name}: {text!r} is no regular expression ({error}); write https://shop\\.example\\.com/graphql/."
        raise BadEnvironment(hint) from error
