"""What keeps a typed text from being an e-mail address, said so that it can be mended."""

from collections.abc import Callable
from typing import Final

from plugin.domain.contact import LONGEST_EMAIL
from plugin.web.i18n import gettext as _

LONGEST_NAME: Final = 64  #: characters before the @, RFC 5321 4.5.3.1.1


def email_mistake(email: str) -> str:
    """The first mistake somebody would see in it; "" when nothing obvious is wrong."""
    return next((say() for is_wrong, say in _MISTAKES if is_wrong(email)), "")


def _name(email: str) -> str:
    return email.partition("@")[0]


def _host(email: str) -> str:
    return email.partition("@")[2]


def _is_several(email: str) -> bool:
    between = _host(email).rpartition("@")[0]
    return _has_comma(between) or _has_blank(between)


def _has_blank(text: str) -> bool:
    return any(map(str.isspace, text))


def _has_comma(text: str) -> bool:
    return "," in text or ";" in text


def _has_dashed_part(host: str) -> bool:
    return any(part.startswith("-") or part.endswith("-") for part in host.split("."))


def _has_odd_sign(host: str) -> bool:
    return not all(sign.isalnum() or sign in ".-" for sign in host)


def _ends_with_number(email: str) -> bool:
    last = email.rpartition(".")[2]
    return last.isascii() and last.isdigit()


# Whatever none of them names, the library that reads addresses refuses.
_MISTAKES: Final[tuple[tuple[Callable[[str], bool], Callable[[], str]], ...]] = (
    (lambda email: not email, lambda: _("Write your own e-mail address, such as you@example.com.")),
    (lambda email: "@" not in email, lambda: _("An e-mail address has an @ in it, such as you@example.com.")),
    (lambda email: "<" in email or ">" in email, lambda: _("Write the address alone, without a name and angle brackets.")),
    (lambda email: ":" in email, lambda: _("Write the address alone, without “mailto:”.")),
    (lambda email: not _name(email), lambda: _("What stands before the @ is missing.")),
    (lambda email: email.endswith("@"), lambda: _("What stands after the @ is missing.")),
    (_is_several, lambda: _("Write one address only.")),
    (lambda email: email.count("@") > 1, lambda: _("There is more than one @ in it.")),
    (_has_blank, lambda: _("There is a blank in it. Remove it.")),
    (_has_comma, lambda: _("There is a comma or a semicolon in it, where perhaps a dot belongs.")),
    (lambda email: ".." in email, lambda: _("Two dots follow each other in it.")),
    (lambda email: email[0] == "." or ".@" in email, lambda: _("What stands before the @ begins or ends with a dot.")),
    (lambda email: email[-1] == "." or "@." in email, lambda: _("What stands after the @ begins or ends with a dot.")),
    (
        lambda email: "." not in _host(email),
        lambda: _("What stands after the @ should be a whole domain, such as example.com."),
    ),
    (lambda email: _has_dashed_part(_host(email)), lambda: _("A part of the domain begins or ends with a dash.")),
    (lambda email: _has_odd_sign(_host(email)), lambda: _("After the @ stand only letters, digits, dashes and dots.")),
    (_ends_with_number, lambda: _("A domain does not end with a number.")),
    (lambda email: len(_name(email)) > LONGEST_NAME, lambda: _("What stands before the @ is longer than an address can be.")),
    (lambda email: len(email) > LONGEST_EMAIL, lambda: _("This is longer than an address can be.")),
)
