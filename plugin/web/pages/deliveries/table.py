"""The log as a table for a spreadsheet: masked addresses, and nothing a spreadsheet would take for a formula."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Final

from babel import Locale

from plugin.domain.delivery import State
from plugin.ports import DeliveryFilter, Log, LogRow
from plugin.web import i18n
from plugin.web.i18n import gettext as _
from plugin.web.pages.deliveries import presenter
from plugin.web.pages.deliveries.presenter import Presenter
from plugin.web.reasons import retold

AT_ONCE: Final = 1_000
MOST: Final = 100_000
# What begins a formula, at the beginning of a cell or where a program that splits elsewhere than we do begins one.
# https://owasp.org/www-community/attacks/CSV_Injection
FORMULA: Final = re.compile(r"""(^(?=[\t\r\n])|(?:^|[;,\t\r\n])(?=[ \u00a0"]*[=+\-@＝＋－＠]))""")


def lines(log: Log, wanted: DeliveryFilter, teller: Presenter) -> Iterator[str]:
    """The table piece by piece, newest first, as far as `MOST` rows."""
    states, between = presenter.states(), separator(i18n.locale())
    yield "\ufeff" + written([_head()], between)  # with this mark spreadsheets read it as UTF-8
    left, asked = MOST, wanted
    while left > 0:
        page = log.page(replace(asked, limit=min(AT_ONCE, left)))
        yield written((_cells(row, teller, states) for row in page.rows), between)
        left -= len(page.rows)
        if page.older is None:
            return
        asked = replace(asked, before_id=page.older)


def _head() -> list[str]:
    return [
        _("Number"), _("Time"), _("Event"), _("Order"), _("To"), _("Language"), _("Flow"), _("State"), _("Why this flow"),
        _("Reason"), _("What to do"), _("Attempts"), _("Last answer"),
    ]  # fmt: skip


def _cells(found: LogRow, teller: Presenter, states: Mapping[State, str]) -> list[str]:
    row, attempts = teller.row(found), found.attempts
    last = attempts[-1].status if attempts else None
    return [
        str(row.id), row.when.exact, row.title, found.order_number, row.buyer, row.locale, row.flow, states[row.state],
        *map(retold, (found.rule, found.reason, found.fix)), str(len(attempts)), str(last or ""),
    ]  # fmt: skip


def written(rows: Iterable[list[str]], between: str) -> str:
    """The lines of these rows, each cell in quotes."""
    text = io.StringIO()
    csv.writer(text, delimiter=between, quoting=csv.QUOTE_ALL).writerows([[harmless(cell) for cell in row] for row in rows])
    return text.getvalue()


def harmless(cell: str) -> str:
    """The text, which no spreadsheet takes for a formula."""
    return FORMULA.sub(r"\1'", cell)


@cache
def separator(locale: str) -> str:
    """What the spreadsheets of this language's readers split a line at: not the comma where it stands in numbers."""
    # Windows' "list separator", which Excel takes, is ; in these regions. CLDR says for all of them what parts decimals.
    known = locale if locale in i18n.LOCALES else i18n.ENGLISH
    return ";" if Locale.parse(known, sep="-").number_symbols["latn"]["decimal"] == "," else ","
