"""A settings file as it was uploaded or pasted, and what keeps it from being one."""

import codecs
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from plugin.domain.kinds import EventKind
from plugin.domain.settings.editing import Document, part_of
from plugin.domain.settings.secrets import KEYS
from plugin.domain.settings.walking import SettingsError
from plugin.web.event_texts import title
from plugin.web.i18n import gettext as _

MAX_LENGTH: Final = 400_000  #: characters; a form with more in a field than half a million bytes is not read at all
MOST_ENTRIES: Final = 20_000  #: commas and opening brackets; the largest file has a third. All are read in one go
EXCERPT: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsFile:
    """What was uploaded or pasted, and the settings in it."""

    text: str  #: as it stands in the form again
    document: Mapping[str, Any] | None = None
    errors: Mapping[str, str] = field(default_factory=dict)  #: by field


class _DuplicateName(Exception):
    """One name stands twice in an object: which of the two counts is the merchant's to say."""


def read_file(upload: bytes | None, text: str) -> SettingsFile:
    """The document in the file or in the text, or what is wrong, by field."""
    if upload is not None and text.strip():
        return SettingsFile(
            text=text, errors={"text": _("You also chose a file. Import this text, or clear it and choose the file again.")}
        )
    if upload is None:
        return _read(text, "text")
    if not upload.strip():
        return SettingsFile(text="", errors={"file": _("This file is empty. Choose another one.")})
    try:
        found = upload.decode("utf-8")
    except UnicodeDecodeError:
        return SettingsFile(text="", errors={"file": _not_text(upload)})
    if "\0" in found:
        return SettingsFile(text="", errors={"file": _not_text(upload)})
    if len(found) > MAX_LENGTH:
        return SettingsFile(text="", errors={"file": _too_long(found)})
    return _read(found, "text")


def missing_secret(error: SettingsError, file: Document) -> str:
    """What to do about a secret that neither stands in the file nor is stored; "" for any other error."""
    match error.path.split("."):
        case ["$", "events", kind, "event_url"] if part_of(file, ("events", kind, "event_url")) is None:
            return _(
                "%(event)s, event URL: it is not in the file, and none is stored. Paste it on the Events page, under "
                "“%(event)s”, then import the file again.",
                event=title(EventKind(kind)),
            )
        case ["$", "account", name] if name in KEYS and all(part_of(file, ("account", key)) is None for key in KEYS):
            return _(
                "SendPulse account, keys: events sent by name need them. They are not in the file, and none are "
                "stored. Enter them on the Settings page, under “SendPulse account”, then import the file again."
            )
    return ""


def _read(text: str, name: str) -> SettingsFile:
    if not text.strip():
        return SettingsFile(text=text, errors={name: _("Choose a file, or paste its contents here.")})
    if len(text) > MAX_LENGTH:
        return SettingsFile(text=text, errors={name: _too_long(text)})
    found, problem = _parsed(text.removeprefix("\ufeff"))
    return SettingsFile(text=text, errors={name: problem}) if problem else SettingsFile(text=text, document=found)


def _parsed(text: str) -> tuple[Mapping[str, Any] | None, str]:
    if sum(map(text.count, "[{,")) > MOST_ENTRIES:
        return None, _("It has more entries than a settings file can have.")
    try:
        found = json.loads(text, object_pairs_hook=_unique_names)
    except json.JSONDecodeError as error:
        return None, _(
            "Line %(line)s, column %(column)s: %(problem)s", line=error.lineno, column=error.colno, problem=_problem(error)
        )
    except _DuplicateName as error:
        return None, _("“%(name)s” appears twice in one object. Keep one of the two.", name=str(error)[:EXCERPT])
    except RecursionError:
        return None, _("This is nested too deeply for a settings file.")
    except ValueError:  # Python reads whole numbers of up to 4300 digits
        return None, _("It has a number that is too long for a settings file.")
    if not isinstance(found, dict):
        return None, _("A settings file starts with { and ends with }.")
    return found, ""


def _unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _DuplicateName(name)
        found[name] = value
    return found


def _problem(error: json.JSONDecodeError) -> str:
    """What a person does about it, by what the reader expected and what stands there."""
    rest = error.doc[error.pos :].lstrip()
    if not rest:
        return _("the end is missing. Copy the whole file.")
    if error.pos == 0 and rest[0] == "<":
        return _("this is a web page. Choose the file that was downloaded from “Export”.")
    if rest[0] in "'‘’“”„«":
        return _('text belongs in straight double quotes: ".')
    return next((say() for known, say in _PROBLEMS.items() if error.msg.startswith(known)), _no_value())


def _no_value() -> str:
    return _("this is not a JSON value: use text in quotes, a number, true, false, null, a list or an object.")


_PROBLEMS: Final[Mapping[str, Callable[[], str]]] = {
    "Expecting property name": lambda: _("a name in double quotes belongs here; there may be an extra comma before it."),
    "Expecting ','": lambda: _("a comma or a closing bracket is missing before this."),
    "Expecting ':'": lambda: _("a colon belongs between a name and its value."),
    "Extra data": lambda: _("the file ended before this. Remove what follows, or import one file at a time."),
    "Unterminated string": lambda: _("this text has no closing quote."),
    "Invalid control": lambda: _("a text continues on the next line or contains a tab. Keep it on one line."),
    "Invalid \\": lambda: _("write a backslash twice in a text."),
}


def _not_text(upload: bytes) -> str:
    if upload.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _("This file is written in UTF-16. Save it as UTF-8, and choose it again.")
    if upload.startswith(b"PK"):
        return _("This is a ZIP file or a spreadsheet. Choose the file inside that ends in .json.")
    return _("This is not a text file. Choose the one that was downloaded from “Export”; its name ends in .json.")


def _too_long(text: str) -> str:
    return _(
        "This is too long for a settings file: %(found)s characters. The limit is %(most)s.",
        found=len(text),
        most=MAX_LENGTH,
    )
