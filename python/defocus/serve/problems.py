"""Refusals: an exception, its status, and its body as problem+json (RFC 9457)."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse

from defocus import errors

__all__ = ["MEDIA_TYPE", "STATUSES", "ClientGone", "Problem", "answer", "of_error"]

MEDIA_TYPE = "application/problem+json"
# The first class that fits counts.
STATUSES: tuple[tuple[type[BaseException], int], ...] = (
    (errors.NoSubjectError, 422),
    (errors.ImageTooLargeError, 413),
    (errors.UnknownFormatError, 415),
    (errors.MissingExtraError, 415),
    (errors.ProviderError, 500),
    (errors.UnknownModelError, 500),
    (errors.OptionError, 422),
    (errors.OptionTypeError, 422),
    (errors.ImageTypeError, 422),
    (errors.ImageValueError, 422),
    (errors.DecodeError, 422),
    (errors.EncodeError, 422),
)


class ClientGone(Exception):  # noqa: N818  # nobody is left to whom it would be an error
    """The client has closed the connection; there is nobody to answer."""


class Problem(Exception):  # noqa: N818  # the word of RFC 9457
    """A refusal: `status` of HTTP, `code` for programs, `detail` for people.

    `limit` is the limit that was exceeded and `value` what the request has.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        limit: Any = None,
        value: Any = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.limit, self.value, self.headers = limit, value, headers or {}

    def body(self, request_id: str) -> dict[str, Any]:
        """The members of the problem's JSON."""
        members: dict[str, Any] = {
            "type": f"urn:defocus:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": _as_json(self.detail),
            "code": self.code,
            "request_id": request_id,
        }
        if self.limit is not None:
            members["limit"] = self.limit
        if self.value is not None:
            members["value"] = _as_json(self.value)
        return members


def _as_json(value: Any) -> Any:
    """What a client sent, so that JSON in UTF-8 can hold it: NaN, for one, is written as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    return value


def of_error(error: BaseException) -> Problem:
    """The problem that an exception of the library is.

    What is not the client's fault becomes 500 without details, which could name paths.
    """
    if isinstance(error, MemoryError):
        return Problem(503, "memory", "the service is out of memory", headers={"Retry-After": "5"})
    for kind, status in STATUSES:
        if isinstance(error, kind) and isinstance(error, errors.DefocusError) and status != 500:
            limit, value = getattr(error, "limit", None), getattr(error, "value", None)
            return Problem(status, error.code, str(error), limit=limit, value=value)
    return Problem(500, "internal", "the service failed; its log has the reason")


def answer(problem: Problem, request_id: str) -> JSONResponse:
    """The response for the client."""
    return JSONResponse(
        problem.body(request_id), problem.status, problem.headers, media_type=MEDIA_TYPE
    )
