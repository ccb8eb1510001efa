"""The log as a table for a spreadsheet: masked addresses, and nothing a spreadsheet would take for a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from plugin.ports import DeliveryFilter, Log
from plugin.web.languages import gettext as _
from plugin.web.pages.deliveries import telling
from plugin.web.pages.deliveries.telling import Teller
from plugin.web.reasons import retold

AT_ONCE: Final = 1_000
MOST: Final = 100_000
# https://owasp.org/www-community/attacks/CSV_Injection
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def lines(log: Log, wanted: DeliveryFilter, teller: Teller) -> Iterator[str]:
    """The table piece by piece, newest first, as far as `MOST` rows."""
    states = {state.value: label for state, label in telling.states().items()}
    yield "\ufeff" + _written([_head()])  # with this mark spreadsheets read it as UTF-8
    left, asked = MOST, wanted
    while left > 0:
        page = log.page(replace(asked, limit=min(AT_ONCE, left)))
        yield _written(_cells(row, teller, states) for row in page.rows)
        left -= len(page.rows)
        if page.older is None:
            return
        asked = replace(asked, before_id=page.older)


def _head() -> list[str]:
    return [
        _("Number"), _("Time"), _("Event"), _("Order"), _("To"), _("Language"), _("Flow"), _("State"), _("Why this flow"),
        _("Reason"), _("What to do"), _("Attempts"), _("Last answer"),
    ]  # fmt: skip


def _cells(found: Mapping[str, Any], teller: Teller, states: Mapping[str, str]) -> list[str]:
    row, attempts = teller.row(found), found["attempts"]
    last = attempts[-1]["status"] if attempts else None
    return [
        str(row.id), row.when.exact, row.title, found.get("order", ""), row.buyer, row.locale, row.flow, states[row.state],
        *(retold(found[name] or "") for name in ("rule", "reason", "fix")), str(len(attempts)), str(last or ""),
    ]  # fmt: skip


def _written(rows: Iterable[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([[harmless(cell) for cell in row] for row in rows])
    return text.getvalue()


def harmless(cell: str) -> str:
    """The text, which no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA) else cell
