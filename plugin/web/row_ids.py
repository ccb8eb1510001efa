"""Numbers of rows in addresses: each has one spelling, and none is larger than a database can store."""

from typing import Final

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError

LARGEST: Final = 2**63 - 1


class RowId(BaseConverter):
    """Takes the place of Flask's own `int`, which takes leading zeros, other scripts' digits and any number of them."""

    regex = "[1-9][0-9]{0,18}"

    def to_python(self, value: str) -> int:
        if int(value) > LARGEST:
            raise ValidationError
        return int(value)


def register(app: Flask) -> None:
    """Let every `<int:…>` in a route be such a number; before the routes are there."""
    app.url_map.converters["int"] = RowId
