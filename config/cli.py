"""The console command `azexport`.

azexport regulations check [FOLDER]      every management command of two words is called so
azexport registry export --format csv
azexport migrate                         and every other one by its own name
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the management command that the words name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.core.management import ManagementUtility

    django.setup()
    ManagementUtility(["azexport", *command_of(sys.argv[1:] if arguments is None else arguments)]).execute()


def command_of(words: Sequence[str]) -> list[str]:
    """`["regulations", "check", "x"]` -> `["regulations_check", "x"]`, where that is a command."""
    from django.core.management import get_commands

    if len(words) > 1 and (joined := f"{words[0]}_{words[1]}") in get_commands():
        return [joined, *words[2:]]
    return list(words)
