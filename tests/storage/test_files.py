"""Nobody else on the machine reads the database."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from plugin.domain.shop import Shop
from plugin.storage import open_store
from plugin.storage.db.files import exposed
from plugin.storage.db.migrate import migrate
from tests.support.builders import NOON
from tests.support.databases import settings_for


@pytest.fixture(autouse=True)
def _usual_umask() -> Iterator[None]:
    """What others may read unless somebody cares."""
    with umask(0o022):
        yield


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    return {path.name: f"{path.stat().st_mode & 0o777:04o}" for path in (folder, *folder.iterdir())}


def use(database: Path) -> dict[str, str]:
    """Write to it with keys of its own; the modes of all that is there meanwhile."""
    settings = settings_for(f"sqlite:///{database}", ENCRYPTION_KEYS="", SECRET_KEY="")
    migrate(settings)
    store = open_store(settings)
    try:
        store.shops.install(Shop(id=0, platform="shopify", address="demo.myshopify.com"), {}, now=NOON)
        return modes(database.parent)
    finally:
        store.close()


def test_a_new_database_is_its_owners_alone(tmp_path: Path) -> None:
    found = use(tmp_path / "var" / "plugin.db")

    assert found.pop("var") == "0700"
    assert {"plugin.db", "plugin.db-wal", "plugin.db-shm", "plugin.db.lock"} < found.keys()
    assert {"plugin.db.encryption_keys", "plugin.db.secret_key"} < found.keys()
    assert set(found.values()) == {"0600"}


def test_what_an_earlier_version_left_open_is_shut(tmp_path: Path) -> None:
    database = tmp_path / "var" / "plugin.db"
    use(database)
    for path in database.parent.iterdir():
        path.chmod(0o644)
    database.parent.chmod(0o755)

    found = use(database)

    assert found.pop("var") == "0700"
    assert set(found.values()) == {"0600"}
    assert list(exposed(database)) == []


def test_a_folder_that_holds_more_is_left_to_whoever_made_it(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o755)
    (folder / "letters.txt").write_text("not ours")

    found = use(folder / "plugin.db")
    [sentence] = exposed(folder / "plugin.db")

    assert found["home"] == "0755"
    assert found["letters.txt"] == "0644"
    assert f"chmod 700 {folder}" in sentence


def test_a_file_that_could_not_be_shut_is_named(tmp_path: Path) -> None:
    (tmp_path / "plugin.db").touch(mode=0o644)

    [sentence] = exposed(tmp_path / "plugin.db")

    assert "another user" in sentence
