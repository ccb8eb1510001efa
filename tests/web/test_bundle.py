"""What the browser gets is small."""

import gzip

from plugin import resources

MOST_BYTES = 100 * 1000
STATIC = resources.PACKAGE / "static"


def test_all_scripts_of_the_pages_together_stay_below_100_kb_gzipped() -> None:
    scripts = [path for path in STATIC.rglob("*.js") if path.name != "sandbox.js"]

    assert STATIC / "built" / "app.js" in scripts, "run `make .make/static`"
    assert sum(len(gzip.compress(path.read_bytes())) for path in scripts) < MOST_BYTES


def test_the_lock_file_names_no_address_to_fetch_from() -> None:
    lock = resources.PACKAGE.parent / "package-lock.json"

    assert "resolved" not in lock.read_text(encoding="utf-8")
