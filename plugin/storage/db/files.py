"""Who may read a SQLite database: nobody but the user the app runs as."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

FOLDER_MODE, FILE_MODE = 0o700, 0o600
OTHERS = 0o077  #: what of a mode lets somebody else in
# SQLite gives its journals the mode of the database they belong to (findCreateFileMode in its os_unix.c).
SUFFIXES = ("", "-wal", "-shm", "-journal", ".lock", ".encryption_keys", ".secret_key")


def make_private(database: Path) -> None:
    """Make the folder and the file where they are missing, and shut others out of what is there.

    A folder that holds anything else is somebody else's to decide about: `exposed` speaks of it. Files of another user stay
    as they are, for the same reason.
    """
    database.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        # Never opened when it is there: closing it again would free the locks SQLite holds in this process.
        # https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
        os.close(os.open(database, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE))
    for path in _open_to_others(database):
        if path.is_file():
            _change(path, FILE_MODE)
        elif {each.name for each in path.iterdir()} <= {database.name + suffix for suffix in SUFFIXES}:
            _change(path, FOLDER_MODE)


def exposed(database: Path) -> Iterator[str]:
    """What others on this machine can still reach, each with how to mend it."""
    for path in _open_to_others(database):
        if path.is_file():
            yield f"{path} can be read by others on this machine, and belongs to another user: `chmod 600 {path}` as that user."
        else:
            yield (
                f"The folder {path} is open to others on this machine and holds more than the database. Run "
                f"`chmod 700 {path}`, or let DATABASE_URL name a file in a folder of its own."
            )


def _open_to_others(database: Path) -> Iterator[Path]:
    """The folder and the files of this database that others may enter or read."""
    for path in (database.parent, *(database.with_name(database.name + suffix) for suffix in SUFFIXES)):
        with suppress(FileNotFoundError):
            if path.stat().st_mode & OTHERS:
                yield path


def _change(path: Path, mode: int) -> None:
    with suppress(OSError):
        path.chmod(mode)
