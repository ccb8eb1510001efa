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
    (lambda email: not email, lambda: _("Enter your own email address, such as you@example.com.")),
    (lambda email: "@" not in email, lambda: _("An email address has an @, such as you@example.com.")),
    (lambda email: "<" in email or ">" in email, lambda: _("Enter only the address, without a name or angle brackets.")),
    (lambda email: ":" in email, lambda: _("Enter only the address, without “mailto:”.")),
    (lambda email: not _name(email), lambda: _("The part before the @ is missing.")),
    (lambda email: email.endswith("@"), lambda: _("The part after the @ is missing.")),
    (_is_several, lambda: _("Enter only one address.")),
    (lambda email: email.count("@") > 1, lambda: _("It has more than one @.")),
    (_has_blank, lambda: _("Remove the space.")),
    (_has_comma, lambda: _("It has a comma or a semicolon. Did you mean a dot?")),
    (lambda email: ".." in email, lambda: _("It has two dots in a row.")),
    (lambda email: email[0] == "." or ".@" in email, lambda: _("The part before the @ starts or ends with a dot.")),
    (lambda email: email[-1] == "." or "@." in email, lambda: _("The part after the @ starts or ends with a dot.")),
    (
        lambda email: "." not in _host(email),
        lambda: _("The part after the @ should be a whole domain, such as example.com."),
    ),
    (lambda email: _has_dashed_part(_host(email)), lambda: _("A part of the domain starts or ends with a hyphen.")),
    (
        lambda email: _has_odd_sign(_host(email)),
        lambda: _("The part after the @ can have only letters, digits, hyphens and dots."),
    ),
    (_ends_with_number, lambda: _("A domain cannot end with a number.")),
    (lambda email: len(_name(email)) > LONGEST_NAME, lambda: _("The part before the @ is too long for an email address.")),
    (lambda email: len(email) > LONGEST_EMAIL, lambda: _("This is too long for an email address.")),
)
