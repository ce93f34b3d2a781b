"""What the service measures of itself, for Prometheus, in a registry of its own."""

from __future__ import annotations

from typing import Any

from prometheus_client import Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.registry import CollectorRegistry

from defocus.serve.admission import Admission

__all__ = ["Metrics"]

_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The counters of one process."""

    def __init__(self, admission: Admission) -> None:
        self.registry = CollectorRegistry()
        of: Any = {"registry": self.registry, "namespace": "defocus"}
        self.requests = Counter("requests", "Requests", ["method", "route", "status"], **of)
        self.rejections = Counter("rejections", "Refused requests", ["reason"], **of)
        self.stages = Histogram("stage_seconds", "Time", ["stage"], buckets=_BUCKETS, **of)
        self.pixels = Counter("pixels", "Pixels of decoded photographs", **of)
        self.abandoned = Counter("abandoned", "Requests whose client has gone", **of)
        gauges = (
            ("in_flight", "Requests that are computed", lambda: admission.running),
            ("queue_length", "Requests that wait for a slot", lambda: admission.waiting),
            ("slots", "Requests that can be computed at a time", lambda: admission.slots),
        )
        for name, text, function in gauges:
            Gauge(name, text, **of).set_function(function)
        ProcessCollector(registry=self.registry)  # has the resident memory

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self.registry)
