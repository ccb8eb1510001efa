"""What the browser gets is small, and means what it says."""

import gzip
import re

from plugin import resources

MOST_BYTES = 100 * 1000
STATIC = resources.PACKAGE / "static"


def test_all_scripts_of_the_pages_together_stay_below_100_kb_gzipped() -> None:
    scripts = [*STATIC.rglob("*.js"), *(resources.PACKAGE / "platforms").glob("*/static/*.js")]

    assert STATIC / "built" / "app.js" in scripts, "run `make .make/static`"
    assert sum(len(gzip.compress(path.read_bytes())) for path in scripts) < MOST_BYTES


def test_the_lock_file_names_no_address_to_fetch_from() -> None:
    lock = resources.PACKAGE.parent / "package-lock.json"

    assert "resolved" not in lock.read_text(encoding="utf-8")


def test_a_trigger_that_looks_for_another_element_quotes_where() -> None:
    # Without quotes htmx 4 takes the first word for the whole selector, finds nothing, and never triggers.
    triggers = [
        (path.name, found)
        for path in resources.TEMPLATES.rglob("*.html")
        for found in re.findall(r"hx-trigger=(\"[^\"]*\"|'[^']*')", path.read_text())
    ]

    assert any("closest form" in found for _, found in triggers)
    assert [each for each in triggers if re.search(r"from:(closest|find|findAll|next|previous) ", each[1])] == []
