"""A catalogue that remembers, in memory."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class RememberingCatalogue:
    """`ports.Catalogue` of one shop."""

    known: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def read(self, shop_id: int, keys: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
        return {key: self.known[key] for key in keys if key in self.known}

    def write(self, shop_id: int, found: Mapping[str, Mapping[str, str]], *, now: datetime) -> None:
        self.known |= found
