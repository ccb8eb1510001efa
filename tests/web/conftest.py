"""Pages run on SQLite: they ask the store through its ports, which tests/storage proves on both databases.

Those that show what the databases find differently say so by taking the fixture for both.
"""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def database_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A migrated database without a row."""
    path = tmp_path / "plugin.db"
    shutil.copy(migrated_sqlite, path)
    return f"sqlite:///{path}"
