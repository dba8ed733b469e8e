"""`make run`: the portal and its sandbox until Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tools.postgres import PostgresError
from tools.stack import ROOT, Stack, StackError, free_port


def main() -> int:
    """Starts the system, restarts a program that dies, stops everything on Ctrl-C."""
    var = Path(os.environ.get("AZEXPORT_VAR", str(ROOT / "var")))
    stack = Stack(var, int(os.environ.get("PORT", "8000")), int(os.environ.get("SANDBOX_PORT", "8100")))
    for number in (signal.SIGINT, signal.SIGTERM):
        # A shell that starts it in the background has Ctrl-C ignored; it is ours all the same.
        signal.signal(number, _interrupt)
    if not free_port(stack.port):
        print(
            f"azexport: port {stack.port} is taken; is `make run` running already? Choose another: PORT=8010 make run"
        )
        return 1
    started = time.monotonic()
    demo_data: subprocess.Popen[bytes] | None = None
    try:
        print("azexport: starting the database, the sandbox and the portal", flush=True)
        stack.start()
        _greet(stack, time.monotonic() - started)
        demo_data = stack.enter_demo_data()
        while True:
            time.sleep(0.5)
            demo_data = _told(demo_data, stack)
            for name in stack.ended():
                print(f"azexport: {name} ended; starting it again", flush=True)
                stack.processes.pop(name)
                stack.launch(name)
    except KeyboardInterrupt:
        print("\nazexport: stopping", flush=True)
        return 0
    except (StackError, PostgresError) as error:
        print(f"azexport: {error}", file=sys.stderr)
        return 1
    finally:
        if demo_data is not None:
            demo_data.terminate()
        stack.stop()


def _told(demo_data: subprocess.Popen[bytes] | None, stack: Stack) -> subprocess.Popen[bytes] | None:
    """The process while it runs; once it has ended, its end is told."""
    if demo_data is None or demo_data.poll() is None:
        return demo_data
    if demo_data.returncode:
        print(f"azexport: the demo data could not be entered; see {stack.var / 'log' / 'demo-data.log'}", flush=True)
    else:
        print("azexport: the demo data are in the registry of e-services", flush=True)
    return None


def _interrupt(*_args: object) -> None:
    raise KeyboardInterrupt


def _greet(stack: Stack, seconds: float) -> None:
    directory = stack.directory
    print(f"\nazexport runs at  {stack.url}   (started in {seconds:.1f} s; Ctrl-C stops it)")
    print(f"its e-mail is at  {directory['mail']}\n")
    print("Who can sign in (key files; the password of each is the one shown):")
    for person in directory["people"]:
        auth = Path(person["auth_p12"])
        auth = auth if auth.is_absolute() else stack.sandbox / auth
        print(f"  {person['name']:<24} {person['role']:<12} {auth}   password: {person['password']}")
    print("Sign in with the -auth key, sign documents with the -sign key of the same person.")
    print("Services are being registered as demo data; it takes about a minute the first time.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
