"""Everything that can be checked without running the portal; all of it is run, then the verdict is given."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

PYTHON = sys.executable
BIN = os.path.dirname(PYTHON)
SOURCES = ["azexport", "azexport_verify", "config", "sandbox", "demo", "tools", "benchmarks", "tests"]

CHECKS: dict[str, list[str]] = {
    "lint": [f"{BIN}/ruff", "check", "--quiet", "."],
    "format": [f"{BIN}/ruff", "format", "--check", "--quiet", "."],
    "types": [f"{BIN}/mypy", "--no-error-summary", *[source for source in SOURCES if os.path.isdir(source)]],
    "floors": [f"{BIN}/lint-imports", "--no-logo"],
    "translations": [PYTHON, "-m", "tools.messages", "missing"],
    "migrations": [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run", "--verbosity", "1"],
}


def run(name: str) -> tuple[str, bool, float, str]:
    started = time.monotonic()
    environment = {**os.environ}
    done = subprocess.run(CHECKS[name], capture_output=True, text=True, env=environment)
    return name, done.returncode == 0, time.monotonic() - started, done.stdout + done.stderr


def main() -> int:
    chosen = sys.argv[1:] or list(CHECKS)
    failed = False
    with ThreadPoolExecutor(2) as pool:
        for name, passed, seconds, output in pool.map(run, chosen):
            print(f"{'ok  ' if passed else 'FAIL'} {name} ({seconds:.1f} s)", flush=True)
            if not passed:
                failed = True
                print(output.rstrip())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
