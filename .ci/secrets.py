"""Fails when a committed file holds what looks like a secret and .ci/known_secrets.json does not know.

What is known was looked at by somebody: made-up tokens of samples and tests. It is kept as hashes, file by file, so that a
real secret in its place would be noticed. `--renew` writes the list from what is there now; read the difference.
"""

import json
import subprocess
import sys
from pathlib import Path

from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import default_settings

KNOWN = Path(".ci/known_secrets.json")
# Hashes of packages, translations made from texts that are scanned, the list itself, and pictures.
NOT_SCANNED = {"constraints.txt", "package-lock.json", str(KNOWN)}
NO_TEXT = {".po", ".pot", ".png", ".ico"}


def committed() -> list[str]:
    """The names of the files git keeps here."""
    listed = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-z"], check=True, capture_output=True, text=True)
    names = (name for name in listed.stdout.split("\0") if name and Path(name).is_file())
    return [name for name in names if name not in NOT_SCANNED and Path(name).suffix not in NO_TEXT]


def found(names: list[str]) -> dict[str, dict[str, str]]:
    """What looks like a secret: by file, the hash of each and where it stands."""
    secrets = SecretsCollection()
    with default_settings():
        for name in names:
            secrets.scan_file(name)
    lines: dict[str, dict[str, str]] = {}
    for name, secret in secrets:
        lines.setdefault(name, {})[secret.secret_hash] = f"{name}:{secret.line_number}: {secret.type}"
    return lines


def main(arguments: list[str]) -> int:
    """Compares, or with --renew writes, the list of what is known."""
    here = found(committed())
    if arguments == ["--renew"]:
        KNOWN.write_text(json.dumps({name: sorted(hashes) for name, hashes in sorted(here.items())}, indent=1) + "\n")
        return 0
    known = json.loads(KNOWN.read_text())
    unknown = [
        line for name, hashes in sorted(here.items()) for digest, line in hashes.items() if digest not in known.get(name, ())
    ]
    for line in unknown:
        print(line, file=sys.stderr)
    if unknown:
        print("If none of these opens anything: .ci/secrets.py --renew, and read the difference.", file=sys.stderr)
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
