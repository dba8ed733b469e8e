"""Loads the list of e-services (S-L) into the registry."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from azexport.kernel.actor import SYSTEM
from azexport.services.actions.listed import load_list


class Command(BaseCommand):
    help = "Load the bodies and services of decision 191 into the registry; what is there already is left alone."

    def handle(self, *args: Any, **options: Any) -> None:
        written = load_list(by=SYSTEM, now=timezone.now())
        if any(written.values()):
            self.stdout.write(f"registry: {written['providers']} bodies, {written['entries']} services")
