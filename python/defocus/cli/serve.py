"""The command `defocus serve`: the HTTP service and its page."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from defocus.cli import flags
from defocus.cli.parser import SETTINGS, Parser
from defocus.cli.streams import report
from defocus.errors import InputNotFoundError, MissingExtraError, OptionError

if TYPE_CHECKING:
    from defocus.serve.settings import Settings

__all__ = ["add_to", "run"]

_KEYS = "DEFOCUS_API_KEYS"
_EPILOG = f"""\
examples:
  defocus serve --open                      the page, in this machine's browser
  defocus serve --host 0.0.0.0 --api-keys keys.txt
  curl -T photo.jpg -H 'Content-Type: image/jpeg' \\
    -X POST http://127.0.0.1:8000/v1/cutout -o cutout.png

environment:
  {_KEYS}  API keys, separated by commas

exit codes:
  0    a signal has ended the service, and all accepted requests are answered
  1    the service could not start
  2    wrong usage: an unknown option, or a value out of range
"""
_LISTEN = {
    "--host ADDRESS str": "address to listen on (default: 127.0.0.1, this machine only)",
    "--port N int": "port to listen on; 0 chooses one (default: 8000)",
    "--uds FILE str": "socket file to listen on, for a proxy on this machine (default: none)",
    "--workers N int": "processes that share the CPUs; above 1 the page is off (default: 1)",
    "--open": "open the page in a browser",
    "--no-page": "serve no page, only the endpoints for programs",
}
_LIMITS = {
    "--threads N int": "threads for each request; 1 or more (default: 1)",
    "--queue N int": "requests that may wait (default: 4 for each that is computed)",
    "--max-bytes N int": "largest request body in bytes (default: 67108864)",
    "--max-pixels N int": "largest image in pixels (default: 100000000)",
    "--deadline S float": "seconds for a request after its upload (default: 30)",
    "--upload-timeout S float": "seconds for an upload (default: 60)",
    "--grace S float": "seconds for accepted requests after SIGTERM (default: 60)",
}
_ACCESS = {
    "--api-keys FILE str": f"file with one API key a line (default: {_KEYS}, else no keys)",
    "--origins URLS str": "origins whose pages may call, separated by commas (default: none)",
    "--hosts NAMES str": (
        "names that the Host header may have, separated by commas (default: localhost on a "
        "loopback address, else any)"
    ),
}
_NETWORK = {name: flags.NETWORK[name] for name in ("--model NAME|FILE str", "--provider NAME str")}
_DIRECT = ("workers", "queue", "deadline", "upload_timeout", "grace", "max_bytes")


def add_to(group: argparse._SubParsersAction[Parser]) -> Parser:
    """Add the command to the others; its parser."""
    command = group.add_parser(
        "serve",
        usage="defocus serve [options]",
        help="serve over HTTP, with a page for the browser",
        description="Serve over HTTP, with a page for the browser. Needs defocus[serve].",
        epilog=_EPILOG,
        **SETTINGS,
    )
    command.example = "serve --open"
    flags.add(command, "where", _LISTEN)
    flags.add(command, "limits", _LIMITS)
    flags.add(command, "access", _ACCESS)
    flags.add(command, "network", _NETWORK)
    return command


def run(options: argparse.Namespace) -> None:
    """Serve until a signal comes.  Raises DefocusError."""
    try:
        from defocus.serve import server
    except ImportError as error:
        raise MissingExtraError(
            f"defocus serve needs {error.name}; install it with: pip install 'defocus[serve]'"
        ) from error

    host, port = getattr(options, "host", "127.0.0.1"), getattr(options, "port", 8000)
    uds = getattr(options, "uds", None)
    if uds is not None and vars(options).keys() & {"host", "port", "open"}:
        raise OptionError("--uds listens on a file; leave out --host, --port and --open")
    settings = _settings(options, host if uds is None else "")
    with server.bind(host, port) if uds is None else server.bind_file(uds) as listening:
        url = server.url_of(listening)
        report("info", f"listening on {url}")
        if "open" in options:
            _open(url)
        run_it = server.run if settings.workers == 1 else server.run_workers
        run_it(settings, listening)


def _settings(options: argparse.Namespace, host: str) -> Settings:
    from defocus.serve.security import LOOPBACK
    from defocus.serve.settings import Settings

    given = vars(options)
    asked: dict[str, Any] = {name: given[name] for name in _DIRECT if name in given}
    asked |= {
        name: given[name] for name in ("threads", "max_pixels", "model") if given[name] is not None
    }
    if given["providers"] is not None:
        asked["providers"] = tuple(given["providers"])
    loopback = host in ("::1", "localhost") or host.startswith("127.")
    hosts = _split(given.get("hosts", ",".join(LOOPBACK) if loopback else ""))
    page = "no_page" not in options and asked.get("workers", 1) == 1
    return Settings(
        api_keys=_api_keys(given.get("api_keys")),
        origins=_split(given.get("origins", "")),
        hosts=hosts,
        page=page,
        **asked,
    )


def _api_keys(path: str | None) -> tuple[str, ...]:
    """The keys of the file, or of the environment.  Raises InputNotFoundError or OptionError."""
    if path is None:
        return _split(os.environ.get(_KEYS, ""))
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InputNotFoundError(f"--api-keys {path!r} cannot be read: {error.strerror}") from error
    keys = tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))
    if not keys:
        raise OptionError(f"--api-keys {path!r} holds no key")
    return keys


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _open(url: str) -> None:
    """Open the page as soon as connections are taken, which they are: the socket listens."""
    import threading
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
