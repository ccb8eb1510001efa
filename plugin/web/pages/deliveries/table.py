"""The log as a table for a spreadsheet: masked addresses, and nothing a spreadsheet would take for a formula."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import chain
from typing import Final

from babel import Locale

from plugin.domain.delivery import State
from plugin.domain.errors import PluginError
from plugin.ports import DeliveryFilter, Log, LogRow
from plugin.web import i18n
from plugin.web.delivery_texts import state_titles
from plugin.web.i18n import gettext as _
from plugin.web.pages.deliveries.presenter import Presenter
from plugin.web.reasons import translated

LONGEST_CELL: Final = 10_000  #: characters; a spreadsheet takes up to 32,767
# What begins a formula, at the beginning of a cell or where a program that splits elsewhere than we do begins one.
# https://owasp.org/www-community/attacks/CSV_Injection
FORMULA: Final = re.compile(r"""(^(?=[\t\r\n])|(?:^|[;,\t\r\n])(?=[ \u00a0"]*[=+\-@＝＋－＠]))""")


def lines(log: Log, wanted: DeliveryFilter, presenter: Presenter) -> Iterator[str]:
    """The table piece by piece, newest first; "" where a piece of the log holds nothing of it.

    Where it cannot go on, the last line says that the table is incomplete; then the error is raised: `StorageDown`, or
    `Misconfigured` at what cannot be opened.
    """
    states, delimiter = state_titles(), separator(i18n.locale())
    rows = log.everything(wanted)
    begun = next(rows, None)  # so that a database that is away is told before anything else is
    yield "\ufeff" + csv_text([_head()], delimiter)  # with this mark spreadsheets read it as UTF-8
    try:
        for row in chain((begun,), rows):
            yield csv_text([_cells(row, presenter, states)], delimiter) if row else ""
    except PluginError:
        # A proxy that asks for HTTP/1.0 does not notice that the end is missing.
        yield csv_text([[incomplete()]], delimiter)
        raise


def incomplete() -> str:
    """What the last line says of a table that broke off."""
    return _("The download stopped here, so this table is incomplete. Download it again.")


def _head() -> list[str]:
    return [
        _("Log ID"), _("Time"), _("Event"), _("Order"), _("To"), _("Language"), _("Flow"), _("Status"), _("Why this flow"),
        _("Reason"), _("What to do"), _("Attempts"), _("Last answer"),
    ]  # fmt: skip


def _cells(found: LogRow, presenter: Presenter, states: Mapping[State, str]) -> list[str]:
    row, attempts = presenter.row(found), found.attempts
    last = attempts[-1].status if attempts else None
    return [
        str(row.id), row.when.exact, row.title, found.order_number, row.buyer, row.locale, row.flow, states[row.state],
        *map(translated, (found.rule, found.reason, found.fix)), str(len(attempts)), str(last or ""),
    ]  # fmt: skip


def csv_text(rows: Iterable[list[str]], delimiter: str) -> str:
    """The lines of these rows, each cell in quotes."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(
        [[without_formula(cell) for cell in row] for row in rows]
    )
    return text.getvalue()


def without_formula(cell: str) -> str:
    """The text, which no spreadsheet takes for a formula; as long as anything of ours is."""
    return FORMULA.sub(r"\1'", cell[:LONGEST_CELL])


@cache
def separator(locale: str) -> str:
    """What the spreadsheets of this language's readers split a line at: not the comma where it stands in numbers."""
    # Windows' "list separator", which Excel takes, is ; in these regions. CLDR says for all of them what parts decimals.
    known = locale if locale in i18n.LOCALES else i18n.ENGLISH
    return ";" if Locale.parse(known, sep="-").number_symbols["latn"]["decimal"] == "," else ","
