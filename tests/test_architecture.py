"""What the folders promise: layers, names, sizes, and that every list of something is complete."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

from plugin.commands import main
from plugin.config import VARIABLES
from plugin.platforms import discover

CHECKOUT = Path(__file__).resolve().parents[1]
MODULES = sorted((CHECKOUT / "plugin").rglob("*.py"))
DISTRIBUTIONS = packages_distributions()
PYPROJECT: dict[str, Any] = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
SANDBOX: dict[str, Any] = tomllib.loads((CHECKOUT / "plugin" / "sandbox" / "pyproject.toml").read_text(encoding="utf-8"))
OURS = {"sendpulse-plugin", "sendpulse-plugin-sandbox"}
OPERATORS_DOCUMENT = (CHECKOUT / "docs" / "operator.md").read_text(encoding="utf-8")

LONGEST_FILE = 300
LONGEST_FUNCTION = 40
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "service", "base", "misc"}

# Libraries that are never imported by name, and who needs them.
NEEDED_BY_OTHERS = {
    "gevent": "gunicorn's worker class",
    "gunicorn": "started as a process by `web`",
    "language-data": "langcodes: distances between languages",
    "packaging": "gunicorn's gevent worker",
    "psycopg": "SQLAlchemy's dialect for PostgreSQL",
    "tzdata": "zoneinfo, where the system has no time zones",
}
# Libraries that are part of one we declare: its own documentation imports from them.
PARTS_OF_OTHERS = {"werkzeug": "flask", "jinja2": "flask", "markupsafe": "flask", "greenlet": "gevent"}


def test_every_import_contract_holds() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]

    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout


def test_the_procfile_starts_commands_that_exist() -> None:
    lines = (CHECKOUT / "Procfile").read_text().splitlines()
    processes = dict(line.split(": ", 1) for line in lines)

    assert set(processes) == {"release", "web", "worker"}
    for command in processes.values():
        assert command.removeprefix("python -m plugin ") in main.commands


def test_every_command_is_in_the_operators_document() -> None:
    missing = [name for name in main.commands if not re.search(rf"`{name}\b", OPERATORS_DOCUMENT)]

    assert missing == []


def test_the_operators_document_explains_every_variable_that_is_read() -> None:
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", OPERATORS_DOCUMENT, re.MULTILINE))
    variables = VARIABLES + tuple(variable for folder in discover().values() for variable in folder.variables)

    assert documented == {variable.name for variable in variables}


def test_no_variable_is_read_that_env_does_not_list() -> None:
    listed = {variable.name for folder in discover().values() for variable in folder.variables}
    listed |= {variable.name for variable in VARIABLES}
    read = {name for path in MODULES for name in re.findall(r"\bos\.environ\W+(?:\w+\()?\"([A-Z_]+)\"", path.read_text())}
    read |= {name for path in MODULES for name in re.findall(r"\"([A-Z_]+)\" (?:not )?in os\.environ", path.read_text())}

    assert read <= listed


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(CHECKOUT).as_posix())
def test_a_module_is_small_named_after_its_subject_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    first_line, *rest = (ast.get_docstring(tree) or "").splitlines() or [""]

    assert first_line, "begins without a line saying what it is for"
    assert not rest or rest[0] == "", "its first sentence does not fit one line"
    assert not EMPTY_NAMES & {path.stem, path.parent.name}, "a name that says nothing"
    assert text.count("\n") <= LONGEST_FILE
    assert [name for name, lines in _functions(tree) if lines > LONGEST_FUNCTION] == []


def test_every_folder_of_code_is_a_package() -> None:
    assert [path.parent for path in MODULES if not (path.parent / "__init__.py").is_file()] == []


def test_the_code_imports_only_libraries_that_are_declared() -> None:
    needed = _names(PYPROJECT["project"]["dependencies"])
    extras = PYPROJECT["project"]["optional-dependencies"]
    allowed = needed | _names(extras["sentry"])
    in_sandbox = allowed | _names(SANDBOX["project"]["dependencies"])

    undeclared = {
        (path.relative_to(CHECKOUT).as_posix(), library)
        for path in MODULES
        for library in _libraries(path)
        if library not in (in_sandbox if "sandbox" in path.parts else allowed)
    }

    assert undeclared == set()


def test_no_library_is_declared_that_nothing_needs() -> None:
    imported = {library for path in MODULES for library in _libraries(path)}

    assert _names(PYPROJECT["project"]["dependencies"]) - imported - set(NEEDED_BY_OTHERS) == set()


def test_every_library_of_every_extra_has_one_exact_version() -> None:
    pins = dict(
        line.lower().replace("_", "-").split("==", 1)
        for line in (CHECKOUT / "constraints.txt").read_text().splitlines()
        if "==" in line and not line.startswith("#")
    )
    extras = PYPROJECT["project"]["optional-dependencies"].values()
    declared = _names(PYPROJECT["project"]["dependencies"]) | {name for extra in extras for name in _names(extra)}
    declared |= _names(SANDBOX["project"]["dependencies"])

    assert declared - OURS - set(pins) == set()


def test_the_sandbox_fits_the_version_it_is_built_with() -> None:
    version = PYPROJECT["project"]["version"]

    assert SANDBOX["project"]["version"] == version
    assert PYPROJECT["project"]["optional-dependencies"]["sandbox"] == [f"sendpulse-plugin-sandbox=={version}"]
    assert f"sendpulse-plugin=={version}" in SANDBOX["project"]["dependencies"]


def test_a_checkout_for_developers_has_what_its_sandbox_needs() -> None:
    # They do not ask for the extra: it would fetch from a registry what the checkout holds already.
    needed = {text for text in SANDBOX["project"]["dependencies"] if not _names([text]) & OURS}

    assert needed <= set(PYPROJECT["project"]["optional-dependencies"]["dev"])


def test_no_file_names_this_machine_or_a_package_registry() -> None:
    # Whoever builds this chooses the registry; a path of one machine is wrong on every other.
    forbidden = re.compile(
        r"(?<![\w.])/(?:work|root)/|(?<![\w.])/home/\w+/|\bpypi\.org\b|pythonhosted\.org|registry\.npmjs|\bdeb\.debian\."
    )

    found = [
        f"{path.relative_to(CHECKOUT)}:{number}"
        for path in _tracked_files()
        for number, line in enumerate(_text(path).splitlines(), start=1)
        if forbidden.search(line)
    ]

    assert found == []


def test_the_changelog_begins_with_the_version_that_is_built() -> None:
    changelog = (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\d+\.\d+\.\d+)", changelog, re.MULTILINE)

    assert newest is not None
    assert newest.group(1) == PYPROJECT["project"]["version"]


def test_every_link_in_the_documents_leads_somewhere() -> None:
    broken = [
        f"{path.relative_to(CHECKOUT)}: {target}"
        for path in [*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md"), *(CHECKOUT / "plugin").rglob("*.md")]
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", path.read_text(encoding="utf-8"))
        if not (path.parent / target).exists()
    ]

    assert broken == []


def _functions(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def _names(requirements: list[str]) -> set[str]:
    """The distributions' names, as registries compare them."""
    return {re.split(r"[^\w.-]", text, maxsplit=1)[0].lower().replace("_", "-") for text in requirements}


def _libraries(path: Path) -> set[str]:
    """The distributions a module imports from, as registries compare their names."""
    roots = set[str]()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            roots |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            roots.add(node.module.partition(".")[0])
    others = roots - sys.stdlib_module_names - {"plugin", "_typeshed"}  # the last exists for type checkers only
    found = {DISTRIBUTIONS.get(root, [root])[0].lower().replace("_", "-") for root in others}
    return {PARTS_OF_OTHERS.get(name, name) for name in found}


def _tracked_files() -> list[Path]:
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout.split("\0")
    return [CHECKOUT / name for name in names if name and (CHECKOUT / name).is_file()]


def _text(path: Path) -> str:
    """The file's text, "" when it is no text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""
