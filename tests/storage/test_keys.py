"""Where the keys come from."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from plugin.config import BadEnvironment, Settings
from plugin.storage.db.keys import Keys, read_keys
from tests.support.databases import ENCRYPTION_KEY, SECRET_KEY, settings_for


def sqlite_settings(folder: Path, **changed: str) -> Settings:
    return settings_for(f"sqlite:///{folder}/var/plugin.db", **({"ENCRYPTION_KEYS": "", "SECRET_KEY": ""} | changed))


def test_keys_are_made_once_beside_the_sqlite_file(tmp_path: Path) -> None:
    first = read_keys(sqlite_settings(tmp_path))

    assert read_keys(sqlite_settings(tmp_path)) == first
    files = sorted((tmp_path / "var").iterdir())
    assert [path.name for path in files] == ["plugin.db.encryption_keys", "plugin.db.secret_key"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_processes_that_start_together_agree_on_the_keys(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: read_keys(sqlite_settings(tmp_path)), range(16)))

    assert len(found) == 1
    assert len(list((tmp_path / "var").iterdir())) == 2


def test_given_keys_are_used(tmp_path: Path) -> None:
    keys = read_keys(sqlite_settings(tmp_path, ENCRYPTION_KEYS=ENCRYPTION_KEY, SECRET_KEY=SECRET_KEY))

    assert keys == Keys(encryption=(ENCRYPTION_KEY,), secret=SECRET_KEY)
    assert list(tmp_path.iterdir()) == []
    assert ENCRYPTION_KEY not in repr(keys)


@pytest.mark.parametrize("name", ["ENCRYPTION_KEYS", "SECRET_KEY"])
def test_postgresql_needs_its_keys_given(name: str) -> None:
    with pytest.raises(BadEnvironment, match=rf"^{name}: .*must be given with PostgreSQL.*Make one with: python -c"):
        read_keys(settings_for("postgresql://localhost/plugin", **{name: ""}))


def test_a_key_that_is_no_fernet_key_is_refused_without_showing_it(tmp_path: Path) -> None:
    with pytest.raises(BadEnvironment, match=r"^ENCRYPTION_KEYS: key 2 is no Fernet key") as caught:
        read_keys(sqlite_settings(tmp_path, ENCRYPTION_KEYS=f"{ENCRYPTION_KEY},planted-key"))

    assert "planted-key" not in str(caught.value)


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadEnvironment, match=r"^SECRET_KEY: found 5 characters"):
        read_keys(sqlite_settings(tmp_path, SECRET_KEY="short"))
