"""What was measured: a table for the terminal and the same one in RESULTS.md."""

import os
import platform
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from math import ceil
from pathlib import Path

import psycopg

from bench.environment import BenchEnvironment

RESULTS = Path(__file__).resolve().parent / "RESULTS.md"
LIBRARIES = ("gevent", "gunicorn", "requests", "SQLAlchemy", "psycopg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number and what it should be."""

    part: str
    database: str
    what: str
    value: float
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None
    detail: str = ""

    @property
    def is_ratio(self) -> bool:
        return not self.unit

    @property
    def target(self) -> str:
        if self.at_least is not None:
            return f"≥ {self.at_least:g}"
        return f"≤ {self.at_most:g}" if self.at_most is not None else ""

    @property
    def is_met(self) -> bool | None:
        """None when nothing is asked of it."""
        if self.at_least is not None:
            return self.value >= self.at_least
        return self.value <= self.at_most if self.at_most is not None else None

    def cells(self) -> tuple[str, ...]:
        met = {True: "yes", False: "NO", None: ""}[self.is_met]
        is_fine = self.is_ratio or (self.value < 10 and not isinstance(self.value, int))
        number = f"{self.value:.2f}" if is_fine else f"{self.value:,.0f}"
        return (self.part, self.database, self.what, f"{number} {self.unit}".strip(), self.target, met, self.detail)


Part = Callable[[BenchEnvironment, str], Sequence[Figure]]
"""A benchmark: measures on one database and answers its figures."""

HEAD = ("part", "database", "what", "measured", "target", "met", "how")


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that is not below this share of all."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def table(figures: Sequence[Figure]) -> str:
    """Markdown that is a table for the eye too; ratios first."""
    rows = [HEAD, *(figure.cells() for figure in sorted(figures, key=lambda figure: not figure.is_ratio))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def machine(environment: BenchEnvironment) -> str:
    """What it ran on: no names, only what makes figures comparable."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    parts = [f"{os.cpu_count()} cores", f"{memory:.0f} GiB memory", f"{platform.system()} {platform.machine()}"]
    parts += [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version} (WAL, synchronous=FULL)"]
    if environment.cluster:
        with psycopg.connect(environment.cluster.url()) as connection:
            [server] = connection.execute("SHOW server_version").fetchone() or ("?",)
        parts.append(f"PostgreSQL {server.split()[0]} (fsync on, {', '.join(environment.cluster.options)})")
    return ", ".join(parts + [f"{name} {version(name)}" for name in LIBRARIES])


def write(figures: Sequence[Figure], *, environment: BenchEnvironment, command: str, seconds: float) -> None:
    """The newest results; those of before are in the history of this file."""
    RESULTS.write_text(
        f"# What the benchmarks measured\n\nCommand: `{command}`, {seconds:.0f} s in all.\n\nMachine: {machine(environment)}. "
        "The load generator, the stub that plays SendPulse, the database and the app share these cores, so ratios say more "
        f"than rates.\n\n{table(figures)}\n",
        encoding="utf-8",
    )
