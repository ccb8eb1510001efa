"""Where the corpus and the schemas are when they lie beside the checkout."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared"
HAS_SHARED = (SHARED / "corpus").is_dir()
needs_shared = pytest.mark.skipif(not HAS_SHARED, reason="the corpus and the schemas (../shared) are not beside this checkout")
