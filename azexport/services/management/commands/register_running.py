"""Registers every service that runs here (for a trial copy of the portal)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from azexport.kernel.actor import SYSTEM
from azexport.services.actions.listed import register_running


class Command(BaseCommand):
    help = "Enter every service with a regulation in force into the registry, as if its body had applied (S-A2)."

    def handle(self, *args: Any, **options: Any) -> None:
        for number in register_running(by=SYSTEM, now=timezone.now()):
            self.stdout.write(f"{number}: registered")
