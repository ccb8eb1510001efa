"""Every regular expression of ours: those that modules keep, those written where they are used, and how each is used."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import plugin

METHODS: Final = frozenset({"match", "fullmatch", "search", "sub", "split", "findall", "finditer"})
UNUSED: Final = frozenset({"search", "fullmatch", "sub"})  #: how one is tried whose use cannot be seen
STARTS_ALL: Final = ("plugin.web.wsgi", "plugin.__main__")  #: importing these starts the application
FOLDER: Final = Path(plugin.__file__).parent


@dataclass(frozen=True, slots=True)
class Found:
    """One expression."""

    place: str
    pattern: Any  #: of `re`
    methods: frozenset[str]


def kept() -> list[Found]:
    """The compiled expressions in all modules, also those in a tuple or a table."""
    used = _methods_by_name()
    found: dict[int, Found] = {}
    for module in pkgutil.walk_packages(plugin.__path__, "plugin."):
        if not module.name.startswith(STARTS_ALL) and ".migrations" not in module.name:
            for name, value in vars(importlib.import_module(module.name)).items():
                for pattern in filter(_is_pattern, _flat(value)):
                    found.setdefault(id(pattern), Found(f"{module.name}.{name}", pattern, used.get(name, UNUSED)))
    return list(found.values())


def written_in_place() -> tuple[list[Found], list[str]]:
    """Those in calls such as `re.sub("…", …)`; and the places where what is compiled is put together first."""
    found, put_together = [], []
    for path, tree in _trees():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            method, place = _of_re(call.func), f"{path.relative_to(FOLDER)}: {ast.unparse(call)[:80]}"
            if method in METHODS:
                constant = call.args[0]
                if isinstance(constant, ast.Constant) and isinstance(constant.value, str | bytes):
                    found.append(Found(place, re.compile(constant.value), frozenset({method})))
                else:
                    put_together.append(f"{path.relative_to(FOLDER)}: {ast.unparse(constant)}")
        put_together += [f"{path.relative_to(FOLDER)}: {what}" for what in _compiled_late(tree)]
    return found, put_together


def _compiled_late(tree: ast.Module) -> Iterator[str]:
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    calls = (node for function in functions for node in ast.walk(function) if isinstance(node, ast.Call))
    yield from (ast.unparse(call.args[0]) for call in calls if _of_re(call.func) == "compile")


def _of_re(function: ast.expr) -> str:
    """The name of a function of `re` or `re2`, "" of another."""
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id in ("re", "re2"):
        return function.attr
    return ""


@cache
def _methods_by_name() -> dict[str, frozenset[str]]:
    """How what goes by a name is used anywhere."""
    used: dict[str, set[str]] = {}
    for _, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in METHODS and isinstance(node.value, ast.Name | ast.Attribute):
                name = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
                used.setdefault(name, set()).add(node.attr)
    return {name: frozenset(methods) for name, methods in used.items()}


@cache
def _trees() -> list[tuple[Path, ast.Module]]:
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in sorted(FOLDER.rglob("*.py"))]


def _flat(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, tuple | list):
        for each in value:
            yield from each if isinstance(each, tuple) else (each,)
    else:
        yield value


def _is_pattern(value: object) -> bool:
    return isinstance(value, re.Pattern) or (type(value).__module__.startswith("re2") and hasattr(value, "fullmatch"))
