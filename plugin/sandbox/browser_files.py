"""Where the sandbox's own templates, styles and scripts are: all below this folder, so that it can be left out."""

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent
TEMPLATES: Final = FOLDER / "templates"  #: of the sandbox page, and the frame of every store's admin
STATIC: Final = FOLDER / "static"
