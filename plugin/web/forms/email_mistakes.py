"""What keeps a typed text from being an e-mail address, said so that it can be mended."""

import re
from collections.abc import Callable
from typing import Final

from plugin.web.i18n import gettext as _


def email_mistake(email: str) -> str:
    """The first mistake somebody would see in it; "" when nothing obvious is wrong."""
    return next((say() for pattern, say in _MISTAKES if re.search(pattern, email)), "")


# Whatever none of them names, the library that reads addresses refuses.
_MISTAKES: Final[tuple[tuple[str, Callable[[], str]], ...]] = (
    (r"^$", lambda: _("Write your own e-mail address, such as you@example.com.")),
    (r"^[^@]*$", lambda: _("An e-mail address has an @ in it, such as you@example.com.")),
    (r"[<>]", lambda: _("Write the address alone, without a name and angle brackets.")),
    (r":", lambda: _("Write the address alone, without “mailto:”.")),
    (r"^@", lambda: _("What stands before the @ is missing.")),
    (r"@$", lambda: _("What stands after the @ is missing.")),
    (r"@.*[\s,;].*@", lambda: _("Write one address only.")),
    (r"@.*@", lambda: _("There is more than one @ in it.")),
    (r"\s", lambda: _("There is a blank in it. Remove it.")),
    (r"[,;]", lambda: _("There is a comma or a semicolon in it, where perhaps a dot belongs.")),
    (r"\.\.", lambda: _("Two dots follow each other in it.")),
    (r"^\.|\.@", lambda: _("What stands before the @ begins or ends with a dot.")),
    (r"@\.|\.$", lambda: _("What stands after the @ begins or ends with a dot.")),
    (r"@[^.]*$", lambda: _("What stands after the @ should be a whole domain, such as example.com.")),
    (r"@-|@.*(-\.|\.-|-$)", lambda: _("A part of the domain begins or ends with a dash.")),
    (r"@.*[^\w.-]|@.*_", lambda: _("After the @ stand only letters, digits, dashes and dots.")),
    (r"\.[0-9]+$", lambda: _("A domain does not end with a number.")),
    (r"^[^@]{65}", lambda: _("What stands before the @ is longer than an address can be.")),
    (r"^.{255}", lambda: _("This is longer than an address can be.")),
)
