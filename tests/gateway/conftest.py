"""A stand-in provider as its own process, and rows that other processes and threads can see."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.db import connection

from tongdian.gateway.sms import SignedHttpSms


@dataclass(frozen=True)
class Provider:
    url: str

    def sender(self, **changes: Any) -> SignedHttpSms:
        options = {"key_id": "test", "secret": settings.SMS_SECRET, "timeout_s": 5.0} | changes
        return SignedHttpSms(url=self.url, **options)

    def behave(self, *steps: str, honours_ids: bool = True) -> None:
        httpx.post(f"{self.url}/behaviour", json={"next": steps, "honours_ids": honours_ids}).raise_for_status()

    def inbox(self, phone: str, *, at_least: int = 0) -> list[dict[str, str]]:
        return httpx.get(f"{self.url}/inbox.json", params={"phone": phone, "at_least": at_least}, timeout=30).json()


@pytest.fixture(scope="session")
def provider_process() -> Iterator[Provider]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tongdian.gateway.standin.sms", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        yield Provider(process.stdout.readline().strip())
    finally:
        process.terminate()
        process.communicate()


@pytest.fixture
def provider(provider_process: Provider) -> Provider:
    httpx.post(f"{provider_process.url}/behaviour", json={"forget": True}).raise_for_status()
    return provider_process


@pytest.fixture
def committed(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Write rows for good and remove ours afterwards; a flush would run into tables that refuse it."""
    with django_db_blocker.unblock():
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM gateway_message")
                cursor.execute("DELETE FROM gateway_counter")
                cursor.execute("DELETE FROM procrastinate_events")
                cursor.execute("DELETE FROM procrastinate_periodic_defers")
                cursor.execute("DELETE FROM procrastinate_jobs")
            connection.close()
