"""No cell of an exported table is a formula to a spreadsheet, wherever that spreadsheet splits the line."""

import csv
import io
import re

import pytest

from plugin.web.i18n import LOCALES, PSEUDO
from plugin.web.pages.deliveries.table import csv_text, separator, without_formula

SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
CELLS = (
    "=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "  =1", "＝1", "x;=cmd|' /C calc'!A0", "x,=1", "x\t=1", "x\n=1", "x\r\n@SUM(1)",
    "x; +1", 'x;"=1', 'x;""=1', "x;;-1", "x,;\t=1", "x;\u00a0=1", "x;＝1", '"=1', '";"=1', "x;' =1",
)  # fmt: skip


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("split_at", [";", ",", "\t", "[\r\n]"])
@pytest.mark.parametrize("between", [";", ","])
def test_no_cell_is_taken_for_a_formula(cell: str, between: str, split_at: str) -> None:
    line = csv_text([["7", cell, "plain"]], between)

    cells = [piece.strip(' \u00a0"') for piece in re.split(split_at, line)]

    assert [piece for piece in cells if piece.startswith(SIGNS)] == []


@pytest.mark.parametrize("cell", CELLS)
def test_a_spreadsheet_of_the_readers_language_finds_each_cell_whole(cell: str) -> None:
    for locale in LOCALES:
        [row] = csv.reader(
            io.StringIO(csv_text([["7", cell, "x"]], separator(locale)), newline=""), delimiter=separator(locale)
        )

        assert row == ["7", without_formula(cell), "x"]
        assert row[1].replace("'", "") == cell.replace("'", "")


@pytest.mark.parametrize("cell", ["j…@example.com", "pl → 102, Polski; ok", "2026-11-24T05:00:00+01:00", "7 - 8", "1=1", ""])
def test_a_plain_cell_stays_as_it_is(cell: str) -> None:
    assert without_formula(cell) == cell


@pytest.mark.parametrize(
    ("locale", "expected"),
    [("en", ","), ("pl", ";"), ("uk", ";"), ("de", ";"), ("es", ";"), ("fr", ";"), ("pt-BR", ";"), (PSEUDO, ",")],
)
def test_cells_stand_apart_as_the_readers_spreadsheet_splits_them(locale: str, expected: str) -> None:
    assert separator(locale) == expected


def test_every_cell_is_quoted() -> None:
    assert csv_text([["7", "x", ""]], ";") == '"7";"x";""\r\n'
