"""The matrix of languages and events as the page shows it: names, counts, and what an empty or removed cell means."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from plugin.domain.kinds import EventKind
from plugin.domain.locale import best, parse
from plugin.domain.matching import guesses
from plugin.domain.routing import NoMatchPolicy
from plugin.domain.settings import ShopSettings
from plugin.ports import SeenLocale
from plugin.turns import giving_way
from plugin.web import event_texts, i18n
from plugin.web.flow_names import flow_names
from plugin.web.forms.matrix import (
    DEFAULT,
    SAME,
    SAME_WORDS,
    Matrix,
    Row,
    as_flows,
    asking,
    field_name,
    is_wary,
    unsaid,
)
from plugin.web.i18n import gettext as _
from plugin.web.i18n import ngettext
from plugin.web.language_names import Language, language_name, languages
from plugin.web.visit import visit

MOST_OFFERED = 20  #: languages without a flow that get a row unasked


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnView:
    """One column's head."""

    column: str
    title: str
    meaning: str
    is_asking: bool  #: each row needs a choice
    has_blank: bool  #: some rows have none yet


@dataclass(frozen=True, slots=True, kw_only=True)
class CellView:
    """One cell."""

    column: str
    flow: str
    name: str
    place: str
    field: str  #: the name of its field, and its id
    name_field: str
    place_field: str
    label: str  #: what is read aloud
    hint: str  #: what stands in it while it is empty
    same: str  #: the words for the default's flow, where that is a choice
    is_same: bool  #: it has the default's flow


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """One language."""

    locale: str
    name: str  #: in the page's language
    count: str  #: how many events it had
    is_named: bool  #: it is a language we know, so that nothing is to be typed
    is_gone: bool
    is_offered: bool
    cells: Sequence[CellView]
    instead: str  #: what its buyers get once it is removed


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixView:
    """All of it."""

    columns: Sequence[ColumnView]
    rows: Sequence[RowView]
    more: Sequence[tuple[str, str]]  #: events that can get a column
    languages: Sequence[Language]  #: that can be chosen
    flows: Sequence[tuple[int, str]]  #: that the settings know, to choose from until the account tells its own


def with_offered(matrix: Matrix, settings: ShopSettings, seen: Sequence[SeenLocale], own: Sequence[str] = ()) -> Matrix:
    """The matrix with a row for each language no flow serves: those seen first, then the store's own, then its default."""
    default = settings.store.default_locale or visit().shop.locale
    wanted = [each.locale for each in sorted(seen, key=lambda each: -each.events)]
    written = [row.locale for row in matrix.rows]
    offered: list[Row] = []
    for locale in giving_way(dict.fromkeys((*wanted, *own, default))):
        if parse(locale) and len(offered) < MOST_OFFERED and not best(locale, (*written, *(row.locale for row in offered))):
            offered.append(Row(locale=locale, is_offered=True))
    return replace(matrix, rows=[*matrix.rows, *offered])


def view(
    matrix: Matrix, settings: ShopSettings, seen: Sequence[SeenLocale], errors: Mapping[str, str], kinds: Collection[EventKind]
) -> MatrixView:
    """Everything the page shows; `kinds` are those of the shop."""
    asked = asking(settings.table)
    blank = {column: set(unsaid(matrix, EventKind(column))) for column in matrix.columns if column}
    counts = _counts(matrix, seen)
    left = replace(settings.table, flows=as_flows(matrix)) if any(row.is_gone for row in matrix.rows) else settings.table
    rows = [
        RowView(
            locale=row.locale,
            name=language_name(row.locale),
            count=_count(counts.get(number, 0)),
            is_named=_is_named(row) and f"locale-{number}" not in errors,
            is_gone=row.is_gone,
            is_offered=row.is_offered,
            cells=[_cell(number, row, column, blank.get(column, set())) for column in matrix.columns],
            instead=_instead(row.locale, counts.get(number, 0), replace(settings, table=left)) if row.is_gone else "",
        )
        for number, row in enumerate(giving_way(matrix.rows))
    ]
    columns = [
        ColumnView(
            column=column, title=event_texts.title(EventKind(column)) if column else _("Default flow"),
            meaning=_("Every event without a column of its own") if not column else "",
            is_asking=column in asked, has_blank=bool(blank.get(column)),
        )
        for column in matrix.columns
    ]  # fmt: skip
    more = [(kind.value, event_texts.title(kind)) for kind in kinds if kind not in matrix.columns]
    return MatrixView(
        columns=columns, rows=rows, more=more, languages=languages(i18n.locale()), flows=tuple(flow_names(settings).items())
    )


def _is_named(row: Row) -> bool:
    """Whether its language is told, not typed."""
    return bool(parse(row.locale)) and (row.is_offered or any(cell.place for cell in row.cells.values()))


def _cell(number: int, row: Row, column: str, unsaid: Collection[int]) -> CellView:
    cell = row.cell(column)
    language = language_name(row.locale) if row.locale.strip() else _("row %(row)s", row=number + 1)
    event = event_texts.title(EventKind(column)) if column else _("Default flow")
    return CellView(
        column=column, flow=_(SAME_WORDS) if cell.flow == SAME else cell.flow, name=cell.name, place=cell.place,
        field=field_name("flow", number, column), name_field=field_name("name", number, column),
        place_field=field_name("at", number, column), hint=_hint(row, column, is_unsaid=number in unsaid),
        label=_("%(event)s, %(language)s", event=event, language=language), same=_(SAME_WORDS) if column else "",
        is_same=cell.flow == SAME,
    )  # fmt: skip


def _hint(row: Row, column: str, *, is_unsaid: bool) -> str:
    if not column or row.cell(DEFAULT).is_blank:
        return "12345" if not column else ""
    if is_wary(EventKind(column)):
        return _("Choose a flow") if is_unsaid else ""
    return _("Default flow")


def _counts(matrix: Matrix, seen: Sequence[SeenLocale]) -> dict[int, int]:
    """How many events each row's language had, those of its regions without a row among them."""
    written = tuple(row.locale for row in matrix.rows)
    numbers = {locale: number for number, locale in reversed(list(enumerate(written)))}
    found: dict[int, int] = {}
    for each in giving_way(seen):
        if match := best(each.locale, written):
            number = numbers[match.offered]
            found[number] = found.get(number, 0) + each.events
    return found


def _count(events: int) -> str:
    return ngettext("%(num)s event in 30 days", "%(num)s events in 30 days", events) if events else ""


def _instead(locale: str, events: int, settings: ShopSettings) -> str:
    """What becomes of the events of a language whose row is removed."""
    what = _what(locale, DEFAULT, settings)
    if not events:
        return _("Removed when you save. Events in this language then go to: %(what)s.", what=what)
    return ngettext(
        "Removed when you save. %(num)s event of the last 30 days would have gone to: %(what)s.",
        "Removed when you save. %(num)s events of the last 30 days would have gone to: %(what)s.",
        events, what=what,
    )  # fmt: skip


def cleared(matrix: Matrix, settings: ShopSettings) -> dict[str, str]:
    """What buyers get whose flow for one event was taken out of its row, by the field it stood in."""
    return {
        field_name("flow", number, column): _(
            "%(event)s, %(language)s: the event’s own flow was removed. These events now go to: %(what)s.",
            event=event_texts.title(EventKind(column)), language=language_name(row.locale),
            what=_what(row.locale, column, settings),
        )
        for number, row in enumerate(giving_way(matrix.rows))
        for column in matrix.columns
        if column and row.cell(column).place and row.cell(column).is_blank and not row.is_gone
    }  # fmt: skip


def _what(locale: str, column: str, settings: ShopSettings) -> str:
    """What buyers with this language get for an event, or for those without a column of their own."""
    (default, *others) = guesses(settings.table, [locale])
    flow = next((guess for guess in others if guess.event == column), default).flow
    if flow:
        return _("the flow for %(language)s", language=language_name(flow.locale)) + f" ({flow.automation_id})"
    other = fallback(settings)
    return f"{other.text} {other.flow}".strip()


# ------------------------------------------------------------------ languages without a flow


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """What becomes of events whose language has no flow."""

    text: str
    flow: str = ""  #: its number and name, when one is used


def fallback(settings: ShopSettings) -> Fallback:
    """What these settings say of them."""
    no_match = settings.table.no_match
    if no_match.policy is NoMatchPolicy.DEFAULT_FLOW and no_match.automation_id:
        number = no_match.automation_id.number
        return Fallback(text=_("your default flow"), flow=f"{number} {flow_names(settings).get(number, '')}".strip())
    return Fallback(
        text={
            NoMatchPolicy.HOLD: _("no flow yet (held)"),
            NoMatchPolicy.SKIP: _("no flow (skipped)"),
        }.get(no_match.policy, _("every flow of the event"))
    )
