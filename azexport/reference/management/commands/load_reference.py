"""`manage.py load_reference`: the code lists."""

from typing import Any

from django.core.management.base import BaseCommand

from azexport.reference import actions


class Command(BaseCommand):
    help = "Loads the code lists: goods, countries, currencies, units, packages, Incoterms, sample rates."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, rows in actions.load().items():
            if rows and options["verbosity"] > 1:
                self.stdout.write(f"{name}: {rows}")
