"""Where events come from; every folder in here is a platform, found by listing."""

from importlib import import_module
from pathlib import Path

from plugin.ports import PlatformFolder, Rehearsal


def discover() -> dict[str, PlatformFolder]:
    """The platforms by name."""
    folders = sorted(path.parent.name for path in Path(__file__).parent.glob("*/__init__.py"))
    return {name: import_module(f"{__name__}.{name}").PLATFORM for name in folders}


def rehearsal(name: str) -> Rehearsal:
    """How tests and sandbox play this platform's store."""
    found: Rehearsal = import_module(f"{__name__}.{name}.rehearsal").REHEARSAL
    return found
