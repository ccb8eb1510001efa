"""Saleor's own SDK made ready for a browser, at test time and in a temporary folder: nothing of it is kept."""

from pathlib import Path

from tests.support.browsing import NODE_MODULES, from_npm, run_from_npm

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
    from_npm("@saleor/app-sdk/package.json")
    (folder / "react.js").write_text(REACT)
    (folder / "entry.js").write_text(ENTRY)
    (folder / "node_modules").symlink_to(NODE_MODULES.resolve())
    done = run_from_npm(
        "esbuild", "entry.js", "--bundle", "--format=iife", "--log-level=warning", f"--alias:react={folder / 'react.js'}",
        "--define:process.env={}", "--define:global=window", cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout
