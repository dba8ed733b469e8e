"""How jobs are enqueued and run: `manage.py procrastinate worker`.

Inside a running job procrastinate would enqueue over a connection of the worker's own, so that a job exists even when
the job that enqueued it rolls back. Here enqueueing always goes through Django's connection of the thread.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from procrastinate import App
from procrastinate.app import WorkerOptions
from procrastinate.connector import BaseAsyncConnector, BaseConnector
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector

CONCURRENCY = 8
"""Jobs side by side, each in a thread with a database connection of its own."""

WORKER: WorkerOptions = {
    "concurrency": CONCURRENCY,
    # New jobs arrive by NOTIFY at once; what is scheduled for later is found by looking.
    "fetch_job_polling_interval": 1.0,
    "abort_job_polling_interval": 60.0,
    # Longer than the longest wait for another system, shorter than a supervisor's patience.
    "shutdown_graceful_timeout": 25.0,
    # A worker that was killed is noticed after exchange.tasks.STALLED_AFTER seconds.
    "update_heartbeat_interval": 3.0,
    "stalled_worker_timeout": 15.0,
    "delete_jobs": "successful",
}


class _WorkerConnector(PsycopgConnector):
    """Fetches jobs over asynchronous connections of its own; enqueues over Django's, in its transaction."""

    def __init__(self, django: DjangoConnector, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._django = django

    def get_sync_connector(self) -> BaseConnector:
        return self._django

    async def open_async(self, pool: Any = None) -> None:
        # Python's default is a few threads per core; jobs wait for other systems, not for the processor.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="job"))
        await super().open_async(pool)


class _Connector(DjangoConnector):
    def get_worker_connector(self) -> BaseAsyncConnector:
        return _WorkerConnector(self, kwargs=connector_params(self.alias), min_size=1, max_size=4, timeout=3.0)


def prepare(app: App) -> None:
    """Called by procrastinate's Django application when it is ready (PROCRASTINATE_ON_APP_READY)."""
    connector = _Connector()
    app.worker_defaults = {**WORKER, **app.worker_defaults}
    app.connector = connector
    app.job_manager.connector = connector
