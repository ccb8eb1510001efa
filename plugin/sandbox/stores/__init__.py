"""The pretend stores; every folder in here is one, found by listing."""

from importlib import import_module
from pathlib import Path

from plugin.sandbox.pretend_store import PretendStore


def discover() -> dict[str, PretendStore]:
    """The stores by name, in the order of their ports."""
    folders = sorted(path.parent.name for path in Path(__file__).parent.glob("*/__init__.py"))
    found: list[PretendStore] = [import_module(f"{__name__}.{name}").STORE for name in folders]
    return {store.name: store for store in sorted(found, key=lambda store: (store.rank, store.name))}
