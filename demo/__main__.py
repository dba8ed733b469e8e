"""`make demo`: the main job against a fresh instance, timed; exit status 0 only if customs released the goods."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time

import httpx
from rich.console import Console

from demo.browser import PageError
from demo.journey import Journey, Order
from tools.postgres import Cluster, PostgresError
from tools.stack import ROOT, Stack, StackError, free_port


def main() -> int:
    """Starts a fresh instance, does the job, stops it; the last line is JSON."""
    order = _arguments()
    console = Console(stderr=False, highlight=False)
    folder, instance = ROOT / "var" / "demo", ROOT / "var" / "demo-instance"
    Cluster(instance / "postgres").stop()
    for old in (folder, instance):
        shutil.rmtree(old, ignore_errors=True)
    base = next(base for base in range(12000, 30000, 60) if all(free_port(base + n) for n in (0, 1, 8, 10, 25)))
    stack = Stack(instance, port=base, sandbox_port=base + 10)
    started = time.monotonic()
    result: dict[str, object] = {"released": False, "permits": 0}
    try:
        console.print("starting a fresh instance …")
        stack.start()
        ready = time.monotonic()
        console.print(f"ready at {stack.url} in {ready - started:.1f} s")
        journey = Journey(stack.url, stack.directory, stack.sandbox, folder, order, say=console.print)
        try:
            journey.run()
            result["released"] = True
        except PageError as error:
            console.print(f"the journey stopped: {error}", markup=False)
        result |= {
            "permits": journey.permits,
            "seconds": round(time.monotonic() - ready, 2),
            "start_seconds": round(ready - started, 2),
            "stages": journey.seconds,
            "hs": order.hs, "to": order.to, "tonnes": order.tonnes,
            "documents": sorted(path.name for path in folder.iterdir()),
        }  # fmt: skip
    except (StackError, PostgresError, httpx.HTTPError) as error:
        console.print(f"azexport: {error}", markup=False)
        result["error"] = str(error)
    finally:
        stack.stop()
    print(json.dumps(result, ensure_ascii=False))
    return 0 if result["released"] else 1


def _arguments() -> Order:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--hs", default="080222", help="HS code, six digits or more")
    parser.add_argument("--to", default="DE", help="country of destination, ISO 3166-1 alpha-2")
    parser.add_argument("--tonnes", default="20", help="quantity in tonnes")
    given = parser.parse_args()
    return Order(given.hs, given.to.upper(), given.tonnes)


if __name__ == "__main__":
    sys.exit(main())
