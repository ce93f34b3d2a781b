"""What all endpoints share: the settings, the network, admission, and how a request is computed."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from starlette.requests import Request

from defocus.models.segmenter import Segmenter
from defocus.serve.admission import Admission, Job, gone
from defocus.serve.metrics import Metrics
from defocus.serve.photos.store import Store
from defocus.serve.settings import Settings
from defocus.serve.uploads import Account, Memory

__all__ = ["Service", "service_of"]

_T = TypeVar("_T")


class Service:
    """The parts of one process, of which there is one each."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        model: list[str | os.PathLike[str]] = [] if settings.model is None else [settings.model]
        self.segmenter = Segmenter(
            *model, threads=settings.request_threads, providers=settings.providers or None
        )
        self.admission = Admission(settings.slots, settings.queue_length)
        self.metrics = Metrics(self.admission)
        self.memory = Memory(settings.upload_memory)
        self.store = Store(settings.store_bytes, settings.store_count, settings.store_seconds)
        self.ready = False

    @property
    def threads(self) -> int:
        """Threads that one request uses."""
        return self.settings.request_threads

    @asynccontextmanager
    async def accepted(self) -> AsyncIterator[Account]:
        """Accept a request, or raise Problem; what it uploads goes onto the account."""
        self.admission.check()
        with self.memory.account() as account:
            yield account

    async def compute(
        self, request: Request, work: Callable[[Job], _T], *, accepted: bool = False
    ) -> _T:
        """Run `work` in a slot; the body of the request has been read.

        Raises as `Admission.run` does.
        """
        job = Job(self.settings.deadline)
        request.state.stages = job.stages
        try:
            with gone(request.receive) as left:
                return await self.admission.run(work, job, left, accepted=accepted)
        finally:
            self.metrics.pixels.inc(job.pixels)
            for name, seconds in job.stages.copy().items():
                self.metrics.stages.labels(name).observe(seconds)


def service_of(request: Request) -> Service:
    """The service that the request came to."""
    service: Service = request.app.state.service
    return service
