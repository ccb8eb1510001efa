"""Nothing is told to a merchant in words that no language can tell again: what types cannot see, the sources are read for."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin.domain.wording import FOUND, KIND, WHY

PLUGIN = Path(__file__).resolve().parents[1] / "plugin"
MODULES = {
    path.relative_to(PLUGIN).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(PLUGIN.rglob("*.py"))
    if "sandbox" not in path.parts
}
TOLD = {"reason", "fix", "rule", "said"}  #: what merchants read of a delivery, an attempt, an account or what they pasted
# A line of the log is read by operators.
FOR_OPERATORS = {"info", "warning", "error"}
# A type holds what is made; these read again what `worded` made.
MADE_BEFORE = {"domain/wording.py", "web/pages/preview.py", "web/pages/setup/testing.py"}
VALUE = re.compile(r"%\((\w+)\)s")


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    for module, tree in MODULES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield module, node


SENTENCES = list(calls("worded"))


def test_there_are_sentences_to_look_at() -> None:
    assert len(SENTENCES) > 100


@pytest.mark.parametrize(("module", "call"), SENTENCES, ids=[f"{module}:{call.lineno}" for module, call in SENTENCES])
def test_a_sentence_is_one_literal_with_a_value_for_each_of_its_names(module: str, call: ast.Call) -> None:
    [pattern] = call.args
    assert isinstance(pattern, ast.Constant) and isinstance(pattern.value, str), "is not collected for translation"
    names = VALUE.findall(pattern.value)
    assert sorted(names) == sorted(str(keyword.arg) for keyword in call.keywords)
    assert "%" not in VALUE.sub("", pattern.value)
    assert not re.search(r"\)s%\(", pattern.value), "two values side by side cannot be told apart"
    assert len(set(names)) == len(names)


def test_only_sentences_are_said() -> None:
    made = {module for module, _ in calls("Sentence")}

    assert made == MADE_BEFORE


def test_no_reason_is_written_down_without_a_sentence() -> None:
    found = [
        f"{module}:{value.lineno}" for module, tree in MODULES.items() for value in told(tree) if is_text(value)
    ]  # fmt: skip

    assert found == []


def told(tree: ast.AST) -> Iterator[ast.expr]:
    """What is given a name merchants read: in a call, in a dictionary, in an assignment."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and not {getattr(node.func, "id", ""), getattr(node.func, "attr", "")} & FOR_OPERATORS:
            yield from (keyword.value for keyword in node.keywords if keyword.arg in TOLD)
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            yield from (value for key, value in pairs if isinstance(key, ast.Constant) and key.value in TOLD)
        elif isinstance(node, ast.Assign):
            names = {getattr(target, "id", "") for target in node.targets}
            yield from [node.value] if names & TOLD else []


def is_text(value: ast.expr) -> bool:
    return isinstance(value, ast.JoinedStr) or (
        isinstance(value, ast.Constant) and isinstance(value.value, str) and bool(value.value)
    )


def test_the_names_with_a_meaning_are_used() -> None:
    names = {name for _, call in SENTENCES for name in (str(keyword.arg) for keyword in call.keywords)}

    assert {FOUND, KIND, WHY} <= names
