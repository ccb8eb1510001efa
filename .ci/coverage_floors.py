"""Fails when an area of plugin/ is covered less than its floor. Reads what `coverage json` wrote."""

import json
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

FLOORS = {"plugin/domain": 100.0, "plugin/pipeline": 100.0, "plugin/sendpulse": 100.0}
ELSEWHERE = 90.0


@dataclass
class Area:
    """A folder of the package: its lines and branches, and those no test took."""

    covered: int = 0
    total: int = 0
    holes: list[str] = field(default_factory=list)

    def add(self, name: str, file: dict[str, Any]) -> None:
        summary = file["summary"]
        self.covered += summary["covered_lines"] + summary.get("covered_branches", 0)
        self.total += summary["num_statements"] + summary.get("num_branches", 0)
        branches = [f"{start}→{end}" for start, end in file.get("missing_branches", []) if start not in file["missing_lines"]]
        missing = [*map(str, file["missing_lines"]), *branches]
        if missing:
            self.holes.append(f"    {name}: {', '.join(missing)}")

    @property
    def percent(self) -> float:
        return 100.0 * self.covered / self.total if self.total else 100.0


def area_of(name: str) -> str:
    """The folder a file counts for: two levels deep, three for platforms."""
    folders = PurePosixPath(name).parent.parts
    return "/".join(folders[: 3 if folders[1:2] == ("platforms",) else 2])


def areas(report: dict[str, Any]) -> dict[str, Area]:
    found: dict[str, Area] = defaultdict(Area)
    for name, file in report["files"].items():
        posix = name.replace("\\", "/")
        found[area_of(posix)].add(posix, file)
    return dict(sorted(found.items()))


def main(path: str) -> int:
    below = False
    for name, area in areas(json.loads(Path(path).read_text(encoding="utf-8"))).items():
        floor = FLOORS.get(name, ELSEWHERE)
        fails = area.percent < floor
        below = below or fails
        print(f"coverage {name:24} {area.percent:6.1f} %  floor {floor:.0f} %{'  TOO LOW' if fails else ''}")
        if fails:
            print("\n".join(area.holes))
    print("a coverage floor is broken" if below else "every coverage floor holds")
    return int(below)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
