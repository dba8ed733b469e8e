"""System packages that the tests need: installed where that is allowed, named in one line where it is not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NEEDED = {
    "chromium": "chromium",  # a real browser
    "pdfsig": "poppler-utils",  # a second opinion on PDF signatures; pdftoppm for pictures
    "qpdf": "qpdf",  # a second opinion on PDF structure
    "openssl": "openssl",  # a second opinion on CMS, OCSP and time stamps
}


def missing() -> list[str]:
    return [package for command, package in NEEDED.items() if shutil.which(command) is None]


def main() -> int:
    packages = missing()
    if not packages:
        return 0
    may_install = shutil.which("apt-get") and os.getuid() == 0
    if not may_install:
        print(f"azexport: the tests need {' '.join(packages)}; install with: sudo apt-get install {' '.join(packages)}")
        return 1
    print(f"azexport: installing {' '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            print(f"azexport: {' '.join(command[:2])} failed: {done.stderr.strip().splitlines()[-1:]}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
