"""`manage.py load_calendar`: the holidays of last year to four years ahead."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from azexport.calendar import actions


class Command(BaseCommand):
    help = "Snapshots the Azerbaijani holidays that are not in the calendar yet."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        actions.snapshot_holidays(years=range(now.year - 1, now.year + 5))
