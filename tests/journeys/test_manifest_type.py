"""The manifest we serve is an AppManifest to TypeScript, by the types Saleor's SDK brings."""

import json
from pathlib import Path
from typing import Any

import pytest

from plugin.config import Settings
from plugin.platforms.saleor.manifest import manifest
from tests.support.browsing import NODE_MODULES, from_npm, run_from_npm

CONFIG = {
    "compilerOptions": {
        "strict": True, "noEmit": True, "module": "esnext", "moduleResolution": "bundler", "target": "es2022",
        "skipLibCheck": True, "types": [],
    },
    "files": ["manifest.ts"],
}  # fmt: skip


def complaints(document: dict[str, Any], folder: Path) -> str:
    """What tsc says; nothing when it agrees."""
    from_npm("@saleor/app-sdk/package.json")
    (folder / "node_modules").symlink_to(NODE_MODULES.resolve())
    (folder / "tsconfig.json").write_text(json.dumps(CONFIG))
    lines = ['import type { AppManifest } from "@saleor/app-sdk/types";', "export const manifest: AppManifest ="]
    (folder / "manifest.ts").write_text("\n".join([*lines, json.dumps(document, indent=2)]))
    return run_from_npm("tsc", "-p", "tsconfig.json", cwd=folder).stdout


@pytest.fixture
def served() -> dict[str, Any]:
    return manifest(Settings.from_environ({"PUBLIC_URL": "https://app.example"}))


def test_the_sdks_type_takes_the_manifest(served: dict[str, Any], tmp_path: Path) -> None:
    assert complaints(served, tmp_path) == ""


@pytest.mark.parametrize(
    "changed",
    [{"permissions": ["MANAGE_EVERYTHING"]}, {"appUrl": None}, {"webhooks": [{"name": "W", "asyncEvents": ["ORDER_EATEN"]}]}],
    ids=["an unknown permission", "no address", "an unknown event"],
)
def test_the_type_does_not_take_everything(served: dict[str, Any], tmp_path: Path, changed: dict[str, Any]) -> None:
    assert "error TS" in complaints(served | changed, tmp_path)
