"""A zip that is sent while its files are made, one after the other."""

from __future__ import annotations

import zipfile
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TypeAlias

from starlette.requests import Request

from defocus.errors import DefocusError
from defocus.serve.admission import Job
from defocus.serve.problems import Problem
from defocus.serve.service import Service

__all__ = ["Work", "stream"]

Work: TypeAlias = Callable[[Job], bytes]
_DATE = (1980, 1, 1, 0, 0, 0)  # the same request gives the same bytes


class _Pieces:
    """A file that cannot seek: what is written waits to be sent."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Keep some bytes."""
        self._written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: what is written is sent by `take`."""

    def take(self) -> bytes:
        """What was written since the last call."""
        data = b"".join(self._written)
        self._written.clear()
        return data


async def stream(
    request: Request, service: Service, files: Sequence[tuple[str, Work]]
) -> AsyncIterator[bytes]:
    """The zip, piece by piece.

    A file that cannot be made is left out, and errors.txt says why: the status is sent already.
    """
    pieces, errors = _Pieces(), []
    with zipfile.ZipFile(pieces, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for name, work in files:
            try:
                data = await service.compute(request, work, accepted=True)
            except (DefocusError, Problem) as error:
                errors.append(f"{name}: {error}\n")
                continue
            archive.writestr(zipfile.ZipInfo(name, _DATE), data)
            yield pieces.take()
        if errors:
            archive.writestr(zipfile.ZipInfo("errors.txt", _DATE), "".join(errors))
    yield pieces.take()
