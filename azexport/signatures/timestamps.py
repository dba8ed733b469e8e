"""Time stamps (RFC 3161) from the listed authority."""

from __future__ import annotations

import httpx
from asn1crypto import tsp
from pyhanko.sign.timestamps.api import TimeStamper

from azexport.kernel.errors import OutsideFailure
from azexport.signatures import outside

TIMEOUT = 5.0


class ListedTimeStamper(TimeStamper):
    """pyHanko's time stamper over one address of the trusted list."""

    def __init__(self, address: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.address = address

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """The authority's response.

        Raises:
            OutsideFailure: it did not answer, or not with a time stamp; trying again may help.
        """
        headers = {"Content-Type": "application/timestamp-query"}
        try:
            # Nothing else runs in this loop, so waiting for the answer holds nobody up.
            reply = outside.client().post(self.address, content=req.dump(), headers=headers, timeout=TIMEOUT)
            reply.raise_for_status()
            return tsp.TimeStampResp.load(reply.content)
        except (httpx.HTTPError, ValueError) as error:
            raise OutsideFailure(permanent=False, code="time-stamp") from error
