"""Several bodies at the registry's door at the same moment (S10.4)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from tests.factories.registry import body, registered


def test_bodies_that_register_at_the_same_moment_get_different_numbers(fresh_database: str) -> None:
    """No number twice, and none left out."""
    offices = [f"office-{one}" for one in range(4)]
    for office in offices:
        body(office)

    def enter(office: str) -> str:
        try:
            return registered(code=office, service=f"service-of-{office}", case=f"CS-{office}").number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        numbers = sorted(pool.map(enter, offices))
    assert numbers == [f"ES-{number:06}" for number in range(286, 290)]
