"""An application that takes every file the machine grants it but a few connections' worth, when asked to."""

import os
from collections.abc import Iterable, Mapping
from typing import Any

from tests.support.door import echo

taken: list[int] = []


def app(environ: Mapping[str, Any], start_response: Any) -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/take":
        try:
            while True:
                taken.append(os.dup(0))
        except OSError:
            pass
    return echo.app(environ, start_response)
