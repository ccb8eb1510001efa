"""The interface's languages: which one a visitor reads, and its texts.

Texts are marked where they stand, `_("…")` in templates and views. A catalogue is a .po file in `plugin/translations`,
compiled in memory when it is first asked for, so nothing is built and nothing can be out of date. Reasons are stored in
English and have catalogues of their own: see `reasons.py`.
"""

import io
import re
from collections.abc import Iterable
from functools import cache
from gettext import NullTranslations
from typing import Any, Final

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import Translations
from flask import Flask, g, has_request_context, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from plugin import resources
from plugin.domain.locale import best

ENGLISH: Final = "en"
LOCALES: Final = (ENGLISH, "pl", "uk", "de", "es", "fr", "pt-BR")
PSEUDO: Final = "en-XA"  #: English with accents and brackets: shows what is not marked, and what has no room to grow
PSEUDO_RIGHT_TO_LEFT: Final = "ar-XB"  #: the same from right to left
LONGEST_ACCEPTED: Final = 1_000  #: characters of Accept-Language that are read; a browser's are about 50
MOST_ACCEPTED: Final = 10  #: languages of it that are tried
FOLDER: Final = resources.PACKAGE / "translations"

_ACCENTS: Final = str.maketrans("aceinosuyzACEINOSUYZ", "áçéíñóšúýžÁÇÉÍÑÓŠÚÝŽ")
_KEPT: Final = re.compile(r"(%\(\w+\)[sd]|%%|<[^<>]+>|\{\w+\})")  #: placeholders and tags


def best_locale(wanted: Iterable[str]) -> str:
    """The first of these locales we speak, else English; never another language in place of one."""
    for locale in wanted:
        if locale in (PSEUDO, PSEUDO_RIGHT_TO_LEFT):
            return locale
        if match := best(locale, LOCALES):
            return match.offered
    return ENGLISH


def set_locale(locale: str) -> None:
    """Answer this request in the host's language, when we speak it."""
    g.locale = best_locale([*filter(None, [locale]), *accepted(request.headers.get("Accept-Language", ""))])


def accepted(header: str) -> list[str]:
    """The languages a browser asks for, the dearest first, as far as anybody names some by hand."""
    return list(parse_accept_header(header[:LONGEST_ACCEPTED], LanguageAccept).values())[:MOST_ACCEPTED]


def locale() -> str:
    """The language this request is answered in."""
    if not has_request_context():
        return ENGLISH
    if "locale" not in g:
        set_locale("")
    return str(g.locale)


def own_name(locale: str) -> str:
    """What a language calls itself."""
    name = Locale.parse(locale, sep="-").get_display_name() or locale
    return name[:1].upper() + name[1:]


def direction() -> str:
    """How the language is written: none of ours from right to left, but the pages are ready."""
    return "rtl" if locale() == PSEUDO_RIGHT_TO_LEFT else "ltr"


def cldr() -> Locale:
    """Whose numbers and dates this request is answered with."""
    return _cldr(locale())


def number(count: float) -> str:
    """A number as the language writes it: 1,263 or 1 263."""
    return format_decimal(count, locale=cldr())


def said(text: str) -> str:
    """What CLDR's patterns wrote in the language of this request; the pseudo languages show that it is no fixed text."""
    return _accented(text) if locale() in (PSEUDO, PSEUDO_RIGHT_TO_LEFT) else text


def gettext(text: str, **values: Any) -> str:
    found = _catalogue(locale()).gettext(text)
    return found % values if values else found


def N_(text: str) -> str:  # noqa: N802  (gettext's own name for it, which extractors know)
    """Mark a text for the catalogues where it cannot be translated yet: in a constant, which every language shares."""
    return text


def ngettext(one: str, many: str, count: int, **values: Any) -> str:
    return _catalogue(locale()).ngettext(one, many, count) % {"num": number(count), **values}


def register(app: Flask) -> None:
    """Give every template `_`, `gettext`, `ngettext`, `locale`, `direction` and the filter `number`."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    install: Any = app.jinja_env
    install.install_gettext_callables(
        lambda text: _catalogue(locale()).gettext(text),
        # Jinja would put in the bare number.
        lambda one, many, count: _catalogue(locale()).ngettext(one, many, count).replace("%(num)s", number(count)),
        newstyle=True,
    )
    app.jinja_env.filters["number"] = number
    app.context_processor(lambda: {"locale": locale(), "direction": direction()})


@cache
def _cldr(locale: str) -> Locale:
    return Locale.parse(ENGLISH if locale in (PSEUDO, PSEUDO_RIGHT_TO_LEFT) else locale, sep="-")


@cache
def _catalogue(locale: str) -> NullTranslations:
    if locale in (PSEUDO, PSEUDO_RIGHT_TO_LEFT):
        return _Pseudo()
    catalogue = read_catalogue("messages", locale)
    if catalogue is None:
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def read_catalogue(name: str, locale: str) -> Catalog | None:
    """A language's catalogue of this name as its translators wrote it; None when there is none."""
    spelt = locale.replace("-", "_")
    path = FOLDER / spelt / "LC_MESSAGES" / f"{name}.po"
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return read_po(file, locale=spelt)


def translations(name: str, locale: str) -> list[tuple[str, str]]:
    """Each English text of a catalogue without plurals, with its translation, which in English is itself."""
    is_pseudo = locale in (PSEUDO, PSEUDO_RIGHT_TO_LEFT)
    catalogue = read_catalogue(name, LOCALES[-1] if is_pseudo or locale == ENGLISH else locale) or ()
    said = ((str(message.id), str(message.string)) for message in catalogue if message.id)
    if locale == ENGLISH:
        return [(text, text) for text, _ in said]
    return [(text, _accented(text) if is_pseudo else translated) for text, translated in said]


class _Pseudo(NullTranslations):
    """Every marked text, recognisable and a third longer."""

    def gettext(self, message: str) -> str:
        return _accented(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return _accented(msgid1 if n == 1 else msgid2)


def _accented(text: str) -> str:
    parts = _KEPT.split(text)
    longer = "~" * (len(text) // 3)
    return "⟦" + "".join(part if place % 2 else part.translate(_ACCENTS) for place, part in enumerate(parts)) + longer + "⟧"
