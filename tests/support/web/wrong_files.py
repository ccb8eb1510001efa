"""What people take for a settings file: the upload, or the text, and what is said beside which field."""

import json
from typing import Any

EXPORT = {"version": 1, "events": {}, "flows": [{"locale": "en", "automation_id": 101}]}
TEXT = json.dumps(EXPORT)

PASTED: list[tuple[str, str]] = [
    ("", "Choose a file"),
    ("<!doctype html><title>SendPulse</title>", "a web page"),
    ("{", "column 2: the end is missing"),
    (TEXT[:-4], "the end is missing"),
    ("[]", "settings file starts with {"),
    ("[" * 20_000, "nested too deeply"),
    ("[" * 20_001, "more entries than a settings file can have"),
    ("{'version': 1}", "straight double quotes"),
    ('{"version": 1,}', "column 15: a name in double quotes"),
    ('{"version": 1 "flows": []}', "column 15: a comma"),
    ('{"version" 1}', "column 12: a colon"),
    ('{"version": 1}{"version": 1}', "column 15: the file ended"),
    ('{"version": "1', "has no closing quote"),
    ('{"version": "1\n2"}', "on one line"),
    ('{"version": "\\d"}', "a backslash"),
    ('{"version": True}', "column 13: this is not a JSON value"),
    ('{"version": 1, "flows": [], "flows": []}', "“flows” appears twice"),
    ('{"version": ' + "9" * 5000 + "}", "has a number that is too long"),
    (" " * 400_001 + "{}", "400003 characters"),
    ('{"version": 2}', "$.version: found the number 2"),
    ('{"flows": []}', "$.version: is missing"),
    ('{"version": 1, "event": {}}', "$.event: is not a key we know. Did you mean events?"),
    ('{"version": 1, "rules": [{"country": "Poland"}]}', '$.rules[0].country: found "Poland"'),
    ('{"version": 1, "rules": [{"channel": 5, "automation_id": 7}]}', "$.rules[0].channel: found a number"),
    ('{"version": 1, "account": {"rate_per_second": 1e309}}', "found a number; enter a whole number of requests"),
    ('{"version": 1, "store": {"name": "\\ud800"}}', "$.store.name: found a line break, a tab or another invisible character"),
]

UPLOADED: list[tuple[bytes, str, str]] = [
    (b"", "file", "This file is empty"),
    (TEXT.encode("utf-16"), "file", "written in UTF-16"),
    (b"PK\x03\x04\xff\xff", "file", "ZIP file"),
    (b"\x89PNG\r\n\x1a\n\xff", "file", "This is not a text file"),
    (b'{"version": "\0"}', "file", "This is not a text file"),
    (b" " * 400_001 + b"{}", "file", "400003 characters"),
    (b'{"version": 2}', "text", "$.version: found the number 2"),
]

MANY: dict[str, Any] = {
    "version": 2, "events": {"order_payed": {}}, "flows": [{"locale": "zz"}], "store": {"timezone": "Mars"},
}  # fmt: skip
