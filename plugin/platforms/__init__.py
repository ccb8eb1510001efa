"""Where events come from; every folder in here is a platform, found by listing."""

from importlib import import_module
from pathlib import Path

from plugin.ports import PlatformFolder, TestKit


def discover() -> dict[str, PlatformFolder]:
    """The platforms by name."""
    folders = sorted(path.parent.name for path in Path(__file__).parent.glob("*/__init__.py"))
    return {name: import_module(f"{__name__}.{name}").PLATFORM for name in folders}


def find_testkit(name: str) -> TestKit:
    """How tests and sandbox play this platform's store."""
    found: TestKit = import_module(f"{__name__}.{name}.testing").TESTKIT
    return found
