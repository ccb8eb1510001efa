"""No cell of an exported table is a formula to a spreadsheet."""

import pytest

from plugin.web.pages.deliveries.table import harmless


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "  =1", "＝1"])
def test_no_cell_is_taken_for_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


def test_a_plain_cell_stays_as_it_is() -> None:
    assert harmless("j…@example.com") == "j…@example.com"
