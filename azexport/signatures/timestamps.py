"""Time stamps (RFC 3161) from the listed authority."""

from __future__ import annotations

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
        try:
            # Nothing else runs in this loop, so waiting for the answer holds nobody up.
            answer = outside.door().post(self.address, req.dump(), "application/timestamp-query", timeout=TIMEOUT)
            return tsp.TimeStampResp.load(answer)
        except (outside.NoAnswer, ValueError) as error:
            raise OutsideFailure(permanent=False, code="time-stamp") from error
