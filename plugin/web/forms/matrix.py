"""The matrix of languages and events as typed: a row a language, a column an event, in each cell the flow of both."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from plugin.domain.kinds import KINDS, EventKind, Family
from plugin.domain.locale import best, flagged, named, parse
from plugin.domain.routing import Flow, RouteTable
from plugin.domain.secret import AutomationId
from plugin.turns import giving_way
from plugin.web.event_texts import title
from plugin.web.forms.languages import ROW, LanguagesForm, numbers_of, read_flow_of
from plugin.web.i18n import N_
from plugin.web.i18n import gettext as _
from plugin.web.language_names import language_name, near

DEFAULT: Final = ""  #: the column of the flows that serve every event without one of its own
SAME: Final = "="  #: how to type that a cell has the flow of its row's default
SAME_WORDS: Final = N_("Same flow as the default")
DEEDS: Final = ("add", "add-column", "bin", "back", "same")  #: the buttons that change the matrix and save nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The flow of one language and one event."""

    flow: str = ""  #: as typed
    name: str = ""
    place: str = ""  #: where it stands in the stored list; "" for a new one

    @property
    def is_blank(self) -> bool:
        return not self.flow.strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One language."""

    locale: str = ""
    cells: Mapping[str, Cell] = field(default_factory=dict)  #: by column
    is_gone: bool = False  #: it will not be saved
    is_offered: bool = False  #: it was put there unasked, so it may stay blank

    def cell(self, column: str) -> Cell:
        return self.cells.get(column, Cell())

    @property
    def is_kept(self) -> bool:
        """Whether anything of it is to be saved."""
        if self.is_gone:
            return False
        has_flow = any(not cell.is_blank for cell in self.cells.values())
        return has_flow or (not self.is_offered and bool(self.locale.strip() or self.cell(DEFAULT).name.strip()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """All of it."""

    rows: Sequence[Row]
    columns: Sequence[str]  #: the default first, then kinds of events


def field_name(what: str, row: int, column: str = DEFAULT) -> str:
    """The name of a field in a cell, and its id."""
    return f"{what}-{row}-{column}" if column else f"{what}-{row}"


def is_wary(kind: EventKind) -> bool:
    """Whether the letter of an order would be wrong for it, so that its flow is never taken from the default unasked."""
    return KINDS[kind].family is not Family.ORDER


def asking(table: RouteTable) -> tuple[EventKind, ...]:
    """The kinds that need a choice in each row: they are on, and an order's letter would be wrong for them."""
    return tuple(kind for kind in EventKind if is_wary(kind) and kind in table.routes and table.routes[kind].enabled)


# ------------------------------------------------------------------ stored and typed


def stored_matrix(table: RouteTable) -> Matrix:
    """The flows of the settings: a row a language as it is written there, and a column for each event that has or needs one."""
    rows: dict[str, dict[str, Cell]] = {}
    for place, flow in enumerate(giving_way(table.flows)):
        cell = Cell(flow=str(flow.automation_id), name=flow.name, place=str(place))
        rows.setdefault(flow.locale, {})[flow.event or DEFAULT] = cell
    kinds = {flow.event for flow in table.flows if flow.event} | set(asking(table))
    return Matrix(rows=[Row(locale=locale, cells=_with_same(cells)) for locale, cells in rows.items()], columns=_columns(kinds))


def _with_same(cells: Mapping[str, Cell]) -> dict[str, Cell]:
    """Where a cell repeats the default without a name of its own, that is said in place of the number."""
    default = cells.get(DEFAULT)
    return {
        column: replace(cell, flow=SAME)
        if column and default and cell.flow == default.flow and cell.name in ("", default.name)
        else cell
        for column, cell in cells.items()
    }


def _columns(kinds: Collection[str]) -> list[str]:
    return [DEFAULT, *(kind for kind in EventKind if kind in kinds)]


def typed_matrix(typed: Mapping[str, str]) -> Matrix:
    """The matrix that was sent, blank rows too."""
    columns = _columns([kind for kind in EventKind if f"column-{kind}" in typed])
    rows = [_typed_row(typed, number, columns) for number in giving_way(numbers_of(typed, ROW))]
    return Matrix(rows=rows, columns=columns)


def _typed_row(typed: Mapping[str, str], number: int, columns: Iterable[str]) -> Row:
    def given(what: str, column: str) -> str:
        return typed.get(field_name(what, number, column), "")

    cells = {
        column: Cell(
            flow=SAME if is_same(given("flow", column)) else given("flow", column),
            name=given("name", column), place=given("at", column),
        )
        for column in columns
    }  # fmt: skip
    return Row(
        locale=typed.get(f"locale-{number}", ""), cells=cells,
        is_gone=f"gone-{number}" in typed, is_offered=f"offered-{number}" in typed,
    )  # fmt: skip


def is_same(text: str) -> bool:
    """Whether somebody asks for the default's flow, in the page's language or in English."""
    tidy = " ".join(text.split()).casefold()
    return tidy in (SAME, SAME_WORDS.casefold(), _(SAME_WORDS).casefold())


# ------------------------------------------------------------------ rearranging


def is_rearranged(typed: Mapping[str, str]) -> bool:
    """Whether a row or column was added, removed or filled, and nothing is to be saved yet."""
    return any(deed in typed for deed in DEEDS)


def rearranged(typed: Mapping[str, str]) -> tuple[Matrix, str]:
    """The matrix as it stands after that, and where the merchant goes on: the id of a field or a button."""
    matrix = typed_matrix(typed)
    rows = list(matrix.rows)
    if "add" in typed:
        return replace(matrix, rows=[*rows, Row()]), f"locale-{len(rows)}"
    if "add-column" in typed:
        kind = typed.get("new-column", "")
        columns = _columns({*matrix.columns, kind} - {DEFAULT})
        return replace(matrix, columns=columns), f"flow-0-{kind}" if kind in columns and rows else "new-column"
    if (kind := typed.get("same", "")) in matrix.columns and kind:
        rows = [_filled(row, kind) for row in rows]
        return replace(matrix, rows=rows), f"flow-0-{kind}"
    for deed, is_gone, goes_on in (("bin", True, "back"), ("back", False, "bin")):
        place = typed.get(deed, "")
        if place.isascii() and place.isdigit() and len(place) < 5 and int(place) < len(rows):
            return _binned(matrix, int(place), is_gone=is_gone), f"{goes_on}-{int(place)}"
    return matrix, ""


def _filled(row: Row, kind: str) -> Row:
    """The row with its default's flow where it has none for this kind."""
    if row.is_gone or row.cell(DEFAULT).is_blank or not row.cell(kind).is_blank:
        return row
    return replace(row, cells={**row.cells, kind: replace(row.cell(kind), flow=SAME)})


def _binned(matrix: Matrix, place: int, *, is_gone: bool) -> Matrix:
    rows = [replace(row, is_gone=is_gone) if number == place else row for number, row in enumerate(matrix.rows)]
    return replace(matrix, rows=rows)


# ------------------------------------------------------------------ reading


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One flow that is to be saved, and where it stands on the page."""

    row: int
    column: str
    place: int  #: in the stored list
    flow: Mapping[str, Any]


_LAST: Final = 10**9


def read_matrix(draft: LanguagesForm, matrix: Matrix, asked: Collection[EventKind]) -> None:
    """Put the matrix into the draft, in the order in which its flows are stored; what misses a choice is said in its cell."""
    entries: list[_Entry] = []
    for number, row in enumerate(giving_way(matrix.rows)):
        if row.is_kept:
            entries += _read_row(draft, number, row, matrix.columns)
        if row.is_kept and (language := near(row.locale)):
            message = _("“%(found)s” is not a language we know. Did you mean %(language)s?")
            draft.errors[f"locale-{number}"] = message % {"found": row.locale.strip(), "language": language}
    entries.sort(key=lambda entry: entry.place)
    for index, entry in enumerate(entries):
        path, cell = f"$.flows[{index}]", field_name("flow", entry.row, entry.column)
        draft.names.update({path: cell, f"{path}.locale": f"locale-{entry.row}", f"{path}.automation_id": cell})
        draft.names.update({f"{path}.event": cell, f"{path}.name": field_name("name", entry.row, entry.column)})
        draft.flows.append(dict(entry.flow))
    _ask(draft, matrix, asked)


def _read_row(draft: LanguagesForm, number: int, row: Row, columns: Sequence[str]) -> list[_Entry]:
    locale = _read_locale(draft, number, row.locale.strip())
    if not locale:
        draft.errors[f"locale-{number}"] = _("Enter the language, such as Polish or pt-BR, or remove this row.")
    has_others = any(not row.cell(column).is_blank for column in columns if column)
    found: list[_Entry] = []
    for column in columns:
        cell = row.cell(column)
        if cell.is_blank and (column or (has_others and not cell.place and not cell.name.strip())):
            continue
        flow: dict[str, Any] = {"locale": locale} if locale else {}
        _read_flow(draft, flow, number, row, column)
        flow |= {"name": name} if (name := cell.name.strip()) else {}
        flow |= {"event": column} if column else {}
        place = int(cell.place) if cell.place.isascii() and cell.place.isdigit() and len(cell.place) < 5 else _LAST
        found.append(_Entry(row=number, column=column, place=place, flow=flow))
    return found


def _read_locale(draft: LanguagesForm, number: int, typed: str) -> str:
    """A locale as it was written; in place of a language's name or a flag, the locale that is meant."""
    if parse(typed) or not (meant := named(typed) or flagged(typed)):
        return typed
    draft.notes[f"locale-{number}"] = _("Read as %(language)s (%(code)s).", language=language_name(meant), code=meant)
    return meant


def _read_flow(draft: LanguagesForm, flow: dict[str, Any], number: int, row: Row, column: str) -> None:
    name = field_name("flow", number, column)
    if row.cell(column).flow != SAME:
        read_flow_of(draft, flow, name, row.cell(column).flow)
    elif not column or row.cell(DEFAULT).is_blank:
        draft.errors[name] = _("Enter the default flow of this language first, or another flow here.")
    else:
        read_flow_of(LanguagesForm(), flow, name, row.cell(DEFAULT).flow)  # what is wrong with it stands in its own cell


def _ask(draft: LanguagesForm, matrix: Matrix, asked: Collection[EventKind]) -> None:
    """Say in each cell that lacks a choice what is to be chosen."""
    for kind in asked:
        for number in unsaid(matrix, kind):
            name = field_name("flow", number, kind)
            draft.errors.setdefault(
                name,
                _(
                    "Choose a flow for “%(event)s”, or “%(same)s”. Otherwise, buyers with this language get the default flow’s "
                    "email.",
                    event=title(kind), same=_(SAME_WORDS),
                ),
            )  # fmt: skip


def unsaid(matrix: Matrix, kind: EventKind) -> list[int]:
    """The rows whose buyers would get the default's letter for this kind, and nobody said so."""
    kept = [(number, row) for number, row in enumerate(giving_way(matrix.rows)) if row.is_kept]
    own = tuple(row.locale for _, row in kept if not row.cell(kind).is_blank)
    return [
        number
        for number, row in giving_way(kept)
        if not row.cell(DEFAULT).is_blank and row.cell(kind).is_blank and not best(row.locale, own)
    ]


def inheriting(flows: Iterable[Flow], kind: EventKind) -> list[Flow]:
    """The flows for every event that this kind would take, because it has none of its own in their language."""
    flows = list(flows)
    own = tuple(flow.locale for flow in flows if flow.event is kind)
    return [flow for flow in giving_way(flows) if flow.event is None and not best(flow.locale, own)]


def as_flows(matrix: Matrix) -> tuple[Flow, ...]:
    """Those flows of the matrix that can be read, to show what they would do."""
    draft = LanguagesForm()
    read_matrix(draft, matrix, ())
    whole = (flow for flow in draft.flows if flow.keys() >= {"locale", "automation_id"})
    return tuple(
        Flow(
            locale=flow["locale"], automation_id=AutomationId(flow["automation_id"]), name=flow.get("name", ""),
            event=EventKind(flow["event"]) if "event" in flow else None,
        )
        for flow in whole
    )  # fmt: skip
