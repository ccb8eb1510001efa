"""Where templates and the manifest are: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE if (PACKAGE / "manifest.json").is_file() else PACKAGE.parent
TEMPLATES = ROOT / "templates"
MANIFEST = ROOT / "manifest.json"
