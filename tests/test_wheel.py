"""The app works the same from a checkout, an editable install and a built wheel."""

import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pytest
import requests

from tests.sandbox.test_run import fire
from tests.support.journeys.sandbox import running_sandbox

CHECKOUT = Path(__file__).resolve().parents[1]
RUBBISH = (
    "templates/.coverage.left_over",
    "plugin/static/node_modules/left_over.js",
    "plugin/storage/.coverage.left_over",
    "plugin/sandbox/.coverage.left_over",
    "plugin/sandbox/static/node_modules/left_over.js",
)
BUNDLED = ("plugin/static/built/app.js", "plugin/static/built/app.css")
START_SECONDS = 60.0

# One build serves them all: they stay together in one of the parallel test processes.
pytestmark = pytest.mark.xdist_group("wheel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Install:
    """A way the app got onto a machine: with which Python, and from where, it is started."""

    python: Path
    folder: Path


@pytest.fixture(scope="module")
def sources() -> frozenset[str]:
    """The names of what git would commit here."""
    listed = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout.split("\0")
    return frozenset(name for name in names if name and (CHECKOUT / name).is_file())


@pytest.fixture(scope="module")
def tree(sources: frozenset[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources and of what was bundled, with git-ignored rubbish where people leave it."""
    copy = tmp_path_factory.mktemp("tree")
    for name in [*sources, *BUNDLED, *RUBBISH]:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
    for name in [*sources, *BUNDLED]:
        shutil.copy2(CHECKOUT / name, copy / name)
    for name in RUBBISH:
        (copy / name).write_text("rubbish")
    return copy


@pytest.fixture(scope="module")
def wheel(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by way of the source archive as `make build` does."""
    out = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, tree)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def sandbox_wheel(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the sandbox, built in the same way."""
    out = tmp_path_factory.mktemp("dist_sandbox")
    _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, tree / "plugin" / "sandbox")
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def contents(wheel: Path) -> frozenset[str]:
    return _files_of(wheel)


@pytest.fixture(scope="module", params=["checkout", "editable", "wheel"])
def install(request: pytest.FixtureRequest, tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Install:
    python = _empty_environment(tmp_path_factory.mktemp(f"venv_{request.param}"))
    if request.param == "checkout":
        return Install(python=python, folder=tree)
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    if request.param == "editable":
        _pip(python, "--no-build-isolation", "--editable", tree)
    else:
        _pip(python, request.getfixturevalue("wheel"))
    return Install(python=python, folder=elsewhere)


@pytest.fixture(scope="module")
def address(install: Install, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The running app: `serve` over a new SQLite file, with nothing else in its environment."""
    home = tmp_path_factory.mktemp("home")
    port = _free_port()
    environ = {"PATH": os.defpath, "HOME": str(home), "TMPDIR": str(home)}
    environ |= {"PORT": str(port), "DATABASE_URL": f"sqlite:///{home}/plugin.db"}
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [install.python, "-m", "plugin", "serve"], cwd=install.folder, env=environ, stdout=log, stderr=log
        )
        try:
            _wait_until_alive(f"http://127.0.0.1:{port}/livez", process, home / "log")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=START_SECONDS)


@pytest.mark.parametrize(
    "path", ["/", "/static/app.css", "/static/built/app.js", "/static/built/app.css", "/saleor/manifest.json"]
)
def test_the_app_answers_however_it_was_installed(address: str, path: str) -> None:
    assert _ask(address + path).status_code == 200


def test_the_manifest_reaches_saleor_with_its_webhooks_however_it_was_installed(address: str) -> None:
    manifest = _ask(f"{address}/saleor/manifest.json").json()

    assert manifest["webhooks"]
    assert all(webhook["query"].strip() for webhook in manifest["webhooks"])


def test_an_installed_wheel_runs_its_own_code(tmp_path: Path, wheel: Path) -> None:
    python = _empty_environment(tmp_path / "venv")
    _pip(python, wheel)

    where = _run(python, "-c", "import plugin; print(plugin.__file__)", cwd=tmp_path)

    assert Path(where.strip()).is_relative_to(tmp_path / "venv")
    assert "Usage: sendpulse-plugin" in _run(python.with_name("sendpulse-plugin"), "--help", cwd=tmp_path)


def test_the_wheel_carries_the_sources_the_app_reads_and_no_other_file(
    sources: frozenset[str], contents: frozenset[str]
) -> None:
    wanted = {name for name in sources if name.startswith("plugin/") and not name.endswith(".expected.json")}
    wanted = {name for name in wanted if not name.startswith(("plugin/browser/", "plugin/sandbox/"))} | set(BUNDLED)
    wanted |= {f"plugin/{name}" for name in sources if name.startswith("templates/") or name == "manifest.json"}

    assert contents == wanted


def test_the_sandbox_s_wheel_carries_the_sandbox_only(sources: frozenset[str], sandbox_wheel: Path) -> None:
    wanted = {name for name in sources if name.startswith("plugin/sandbox/")} - {"plugin/sandbox/pyproject.toml"}

    assert _files_of(sandbox_wheel) == wanted


def test_without_its_wheel_the_sandbox_says_what_to_install(tmp_path: Path, wheel: Path) -> None:
    python = _empty_environment(tmp_path / "venv")
    _pip(python, wheel)

    done = subprocess.run([python, "-m", "plugin", "sandbox"], cwd=tmp_path, capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr.startswith("Error: The sandbox is not installed.")
    assert "pip install 'sendpulse-plugin[sandbox]'" in done.stderr


def test_with_its_wheel_the_sandbox_serves(tmp_path: Path, wheel: Path, sandbox_wheel: Path) -> None:
    python = _empty_environment(tmp_path / "venv")
    _pip(python, wheel, sandbox_wheel)

    with running_sandbox(tmp_path, python=python, checkout=None) as sandbox:
        for name in sandbox.places.stores:
            assert fire(sandbox.places.page, name)["state"] == "delivered"
        for address in (sandbox.shopify, sandbox.saleor, f"{sandbox.places.page}/static/page.js"):
            assert _ask(address).status_code == 200


@pytest.mark.parametrize(
    "pattern",
    ["plugin/templates/*.html", "plugin/manifest.json", "plugin/static/*.css", "plugin/storage/db/migrations/versions/*.py",
     "plugin/platforms/*/samples/*.json", "plugin/platforms/*/subscriptions/*.graphql",
     "plugin/platforms/*/static/*.js"],
)  # fmt: skip
def test_the_wheel_carries_something_of_each_kind(contents: frozenset[str], pattern: str) -> None:
    assert [name for name in contents if PurePosixPath(name).match(pattern)]


def _files_of(wheel: Path) -> frozenset[str]:
    with zipfile.ZipFile(wheel) as archive:
        return frozenset(name for name in archive.namelist() if ".dist-info/" not in name)


def _empty_environment(folder: Path) -> Path:
    """A new virtual environment without this app; its Python.

    The libraries are lent from the environment the tests run in: fetching them again would prove nothing
    about our wheel (test_architecture.py compares what is imported with what is declared). A lent folder's
    own .pth files are not read, so an editable install of the app in it stays out of sight.
    """
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    site = _run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    (Path(site) / "lent.pth").write_text(f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n")
    return python


def _pip(python: Path, *what: str | Path) -> None:
    options = ("--quiet", "--no-deps", "--no-index", "--disable-pip-version-check")
    _run(sys.executable, "-m", "pip", "--python", python, "install", *options, *what)


def _run(*command: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _ask(url: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, timeout=10, allow_redirects=False)


def _wait_until_alive(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    give_up_at = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < give_up_at:
        try:
            if _ask(url).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    pytest.fail(f"the app did not start:\n{log.read_text()}")
