"""Every limit of the service, with its default."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from defocus.options.values import check_counts, check_seconds
from defocus.threads import available_threads

__all__ = ["Settings"]

_MIB = 1 << 20
_WHOLE = ("max_bytes", "max_pixels", "max_json_bytes", "upload_memory", "threads", "workers")
_SECONDS = (
    "deadline",
    "upload_timeout",
    "idle_timeout",
    "header_timeout",
    "send_timeout",
    "grace",
    "store_seconds",
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the service allows.

    Parameters
    ----------
    max_bytes, max_pixels : int
        The largest request body, and the largest picture; larger ones are refused with 413.
        A result with more pixels is refused with 422.
    max_json_bytes : int
        The largest JSON body of the page's API.
    upload_memory : int
        Bytes that all requests together may hold while they are read; more is refused with 429.
    deadline : float
        Seconds that a request may wait and compute, from the end of its upload on; then 504.
    upload_timeout, idle_timeout, header_timeout : float
        Seconds for a whole body, between two pieces of it, and for the request's headers.
    send_timeout : float
        Seconds for the client to take an answer that waits; then its connection is closed.
    grace : float
        Seconds that accepted requests may take to finish after SIGTERM.
    queue : int, optional
        How many requests may wait; None is four for each slot.  One more is refused with 429.
    threads : int
        Threads that one request uses.
    workers : int
        Processes that share the CPUs.
    share : int, optional
        Threads that this process may keep busy; None is the CPUs divided by `workers`.
    model : str or path, optional
        The network: a name or a path, as for `Segmenter`.
    providers : tuple of str
        What runs the network, best first, as for `Segmenter`; empty for the CPU.
    api_keys : tuple of str
        Keys, of which a request has to give one; empty for no keys.
    origins : tuple of str
        Origins whose pages may call the service (CORS).
    hosts : tuple of str
        Names that a request's Host header may have; empty for any.
    page : bool
        Whether the page and its API are served.
    store_bytes, store_count : int
        The bounds of the photographs that the page has uploaded.
    store_seconds : float
        How long a photograph is kept after its last use.

    Raises
    ------
    OptionError, OptionTypeError
        For a limit that is not a positive number.
    """

    max_bytes: int = 64 * _MIB
    max_pixels: int = 100_000_000
    max_json_bytes: int = 4 * _MIB
    upload_memory: int = 512 * _MIB
    deadline: float = 30.0
    upload_timeout: float = 60.0
    idle_timeout: float = 10.0
    header_timeout: float = 10.0
    send_timeout: float = 60.0
    grace: float = 60.0
    queue: int | None = None
    threads: int = 1
    workers: int = 1
    share: int | None = None
    model: str | os.PathLike[str] | None = None
    providers: tuple[str, ...] = ()
    api_keys: tuple[str, ...] = field(default=(), repr=False)
    origins: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    page: bool = True
    store_bytes: int = 512 * _MIB
    store_count: int = 64
    store_seconds: float = 1800.0

    def __post_init__(self) -> None:
        """Check every limit."""
        whole = (*_WHOLE, "store_bytes", "store_count")
        check_counts({name: getattr(self, name) for name in whole})
        check_seconds({name: getattr(self, name) for name in _SECONDS})
        if self.queue is not None:
            check_counts({"queue": self.queue}, least=0)
        if self.share is not None:
            check_counts({"share": self.share})

    @property
    def cpu_share(self) -> int:
        """The number of threads that this process may keep busy."""
        return self.share or max(1, available_threads() // self.workers)

    @property
    def request_threads(self) -> int:
        """The number of threads that a request uses at a time.

        With more than one, decoding has a thread of its own beside those of the network.  Both
        have to fit into the share.
        """
        return max(1, min(self.threads, self.cpu_share - 1))

    @property
    def slots(self) -> int:
        """How many requests are computed at a time."""
        threads = self.request_threads
        return max(1, self.cpu_share // (threads if threads == 1 else threads + 1))

    @property
    def queue_length(self) -> int:
        """How many requests may wait for a slot."""
        return 4 * self.slots if self.queue is None else self.queue
