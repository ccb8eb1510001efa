"""Each kind on each platform has its whole body in a golden file, and docs/variables.md says who tells what."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from plugin.domain.variables import LINES, PARCELS, VariableType, of_kind
from plugin.storage import open_store
from plugin.web.letters import OPTIONAL, letter
from tests.support.databases import settings_for
from tests.support.platforms.variables import DOCUMENT, document
from tests.support.platforms.whole import GOLDEN, Whole, wholes

WHOLES = wholes()
EACH = pytest.mark.parametrize("whole", WHOLES, ids=[whole.name for whole in WHOLES])
TYPES: dict[VariableType, tuple[type, ...]] = {
    VariableType.TEXT: (str,),
    VariableType.DATE: (str,),
    VariableType.NUMBER: (int, float),
    VariableType.LIST: (list,),
}


def golden(whole: Whole) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(whole.path.read_bytes())
    return body


@EACH
def test_a_webhook_becomes_the_body_in_its_golden_file(whole: Whole, migrated_sqlite: Path, tmp_path: Path) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "plugin.db")
    settings = settings_for(f"sqlite:///{tmp_path}/plugin.db", PLUGIN_SANDBOX="1")
    store = open_store(settings)
    try:
        body = whole.play(store, settings)
    finally:
        store.close()

    told = "read what changed, then renew it: python -m tests.support.platforms.whole"
    assert body == whole.path.read_text(encoding="utf-8"), told


@EACH
def test_a_golden_body_has_the_keys_of_its_kind_with_their_types(whole: Whole) -> None:
    body = golden(whole)
    types = {variable.name: TYPES[variable.type] for variable in of_kind(whole.kind)}

    assert body["event_name"] == whole.kind
    assert list(body) == [name for name in types if name in body], "ours, in their order"
    assert [name for name, value in body.items() if not isinstance(value, types[name])] == []
    for level, table in (("products", LINES), ("parcels", PARCELS)):
        inner = {variable.name: TYPES[variable.type] for variable in table}
        lines = body.get(level, [])
        assert [name for line in lines for name, value in line.items() if not isinstance(value, inner[name])] == []


@EACH
def test_a_letter_to_begin_with_finds_its_variables_in_the_body(whole: Whole) -> None:
    told = {name for name, value in golden(whole).items() if value != ""}
    pasted = letter(whole.kind, "en")

    named = set(re.findall(r"\{\{(\w+)\}\}", pasted.subject + pasted.html)) - {"unsubscribe_url"}

    assert named - told <= OPTIONAL, "a comment in the letter says so of these rows alone"


def test_every_kind_that_can_happen_on_a_platform_has_its_golden_file() -> None:
    assert set(GOLDEN.rglob("*.json")) == {whole.path for whole in WHOLES}


def test_the_document_of_variables_says_what_the_golden_files_and_the_samples_do() -> None:
    told = "renew it: python -m tests.support.platforms.variables"

    assert DOCUMENT.read_text(encoding="utf-8") == document(), told
