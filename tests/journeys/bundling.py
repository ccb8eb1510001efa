"""Saleor's own SDK made ready for a browser, at test time and in a temporary folder: nothing of it is kept."""

import subprocess
from pathlib import Path

from tests.browsing import NODE_MODULES, from_npm

# The SDK's entry imports React for hooks nobody calls here.
REACT = """
const nothing = () => undefined;
export const createContext = nothing, createElement = nothing, useCallback = nothing, useContext = nothing;
export const useEffect = nothing, useMemo = nothing, useRef = nothing, useState = nothing;
export default {};
"""
ENTRY = """
import { AppBridge, actions } from "@saleor/app-sdk/app-bridge";
window.peer = new AppBridge();
window.actions = actions;
"""


def app_bridge(folder: Path) -> str:
    """The SDK's AppBridge as one script; it greets the dashboard as soon as it runs."""
    for name in ("@saleor/app-sdk/package.json", "esbuild/bin/esbuild"):
        from_npm(name)
    (folder / "react.js").write_text(REACT)
    (folder / "entry.js").write_text(ENTRY)
    (folder / "node_modules").symlink_to(NODE_MODULES.resolve())
    command = [
        str(NODE_MODULES / "esbuild" / "bin" / "esbuild"), "entry.js", "--bundle", "--format=iife", "--log-level=warning",
        f"--alias:react={folder / 'react.js'}", '--define:process.env={}', "--define:global=window",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
