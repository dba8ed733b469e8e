"""The shape of the two files that participants are loaded from."""

from __future__ import annotations

from datetime import date
from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from azexport.participants.states import Role


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Name(_Part):
    az: str = Field(min_length=1)
    en: str = Field(min_length=1)


class TenureEntry(_Part):
    name: Name
    valid_from: date | None = None
    valid_until: date | None = None
    source: str = Field(min_length=1)


class Body(_Part):
    """One entry of regulations/participants.yaml."""

    code: str = Field(pattern=r"^[a-z][a-z0-9-]{1,38}[a-z0-9]$")
    roles: list[Role]
    legal_basis: str
    resource: Name
    tenures: list[TenureEntry] = Field(min_length=1)
    succeeded_by: str | None = None
    succeeded_on: date | None = None


class Bodies(_Part):
    """regulations/participants.yaml."""

    participants: list[Body]


class Endpoint(BaseModel):
    """One participant's entry of a directory: its address and the certificate of its message key."""

    code: str
    base_url: str
    certificate: str

    @field_validator("base_url")
    @classmethod
    def _protected(cls, value: str) -> str:
        if not is_protected(value):
            raise ValueError("must begin with https://; plain HTTP is for loopback addresses only")
        return value.rstrip("/")


class Directory(BaseModel):
    """directory.json, as far as participants are concerned; other members are other programs' business."""

    participants: list[Endpoint]


def is_protected(url: str) -> bool:
    """Whether messages may travel to this address: HTTPS, or plain HTTP that never leaves the machine."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    if parts.scheme != "http" or not parts.hostname:
        return False
    if parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname).is_loopback
    except ValueError:
        return False
