"""What every form that saves settings has in common: which version was seen, and what is said beside which field."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from flask import request
from markupsafe import Markup

from plugin.domain.settings.editing import Document
from plugin.domain.settings.walking import SettingsError
from plugin.domain.wording import Sentence
from plugin.turns import giving_way
from plugin.upkeep.edit import Edit, Edited, edit_settings
from plugin.web.auditing import by_visitor
from plugin.web.reasons import translated
from plugin.web.services import services
from plugin.web.visit import visit

LARGEST_VERSION: Final = 2**31 - 1  #: its column has four bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form as it is shown: what stands in it, and what is said of it."""

    values: Mapping[str, str]
    version: int  #: the settings its person began with
    told: int = 0  #: those of whose differences its person knows
    errors: Mapping[str, str] = field(default_factory=dict)  #: by field
    notes: Mapping[str, str] = field(default_factory=dict)  #: what was mended, by field
    edited: Edited | None = None
    others: tuple[Markup, ...] = ()  #: errors that belong beside no field of this form

    @property
    def status(self) -> int:
        if self.edited is None:
            return 422 if self.errors else 200
        return 200 if self.edited.is_saved else 409 if self.edited.differences else 422

    @property
    def is_unsaved(self) -> bool:
        return bool(self.errors) or (self.edited is not None and not self.edited.is_saved)


def seen_version() -> int:
    """The newest version of this shop's settings, to be sent along with a form."""
    newest = services().store.shops.settings_version(visit().shop.id)
    return newest.number if newest else 0


def version_in(values: Mapping[str, str], name: str = "version") -> int:
    """The version its person saw, as a form brings it along; 0 for none, and for what can be none."""
    found = whole_number(values.get(name, ""))
    return found if isinstance(found, int) and found <= LARGEST_VERSION else 0


def submitted() -> dict[str, str]:
    """The fields of the form that was sent."""
    return request.form.to_dict()


def save(
    part: tuple[str, ...],
    change: Callable[[Document], Document],
    errors: Mapping[str, str],
    notes: Mapping[str, str] | None = None,
    *,
    names: Mapping[str, str] | None = None,
    also: tuple[tuple[str, ...], ...] = (),
    sure: str = "",
) -> Form:
    """Save what was sent, unless something is wrong with it; `names` says which field a path of the settings stands in.

    `also` names further parts of the settings that the form changes; `sure` confirms what was asked where nobody need be.
    """
    values, notes = submitted(), notes or {}
    seen, told = version_in(values), version_in(values, "told")
    if errors:
        return Form(values=values, version=seen, told=told, errors=errors, notes=notes)
    asked = sure or values.get("sure", "")
    edit = Edit(parts=(part, *also), change=change, seen=seen, told=told, confirmed=asked, is_whole=not part)
    edited = edit_settings(services().store, visit().shop, edit, **by_visitor(), now=services().now())
    beside, others = errors_by_field(edited.errors, "$." + ".".join(part), names or {})
    version = edited.version if edited.is_saved else seen
    told = edited.version if edited.differences else told
    return Form(values=values, version=version, told=told, errors=beside, notes=notes, edited=edited, others=others)


def errors_by_field(
    errors: Iterable[SettingsError], prefix: str, names: Mapping[str, str]
) -> tuple[dict[str, str], tuple[Markup, ...]]:
    """Each error beside its field; those of no field of this form in a list."""
    beside: dict[str, str] = {}
    others: list[Markup] = []
    for error in giving_way(errors):
        name = names.get(error.path) or (error.path.removeprefix(f"{prefix}.") if error.path.startswith(f"{prefix}.") else "")
        if name:
            beside.setdefault(name, field_message(error.message))
        else:
            others.append(_with_path(error))
    return beside, tuple(others)


def field_message(message: Sentence) -> str:
    """A message of the settings file in the visitor's language, as it stands beside a field."""
    text = translated(message)
    return text[:1].upper() + text[1:]


def _with_path(error: SettingsError) -> Markup:
    """The same with its place in the file, which is data."""
    return Markup('<span translate="no">{}</span>: {}').format(error.path, translated(error.message))


def whole_number(text: str) -> int | str:
    """A whole number as the settings file wants it; anything else stays as it is, to be refused with what was found."""
    tidy = text.strip()
    return int(tidy) if tidy.isascii() and tidy.isdigit() and len(tidy) < 16 else tidy
