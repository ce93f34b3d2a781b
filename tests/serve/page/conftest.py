"""The service in a process of its own, and a browser."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.serve.page.screens import CHROMIUM, NARROW, WIDE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


MAX_BYTES = 2_000_000


@pytest.fixture(scope="session")
def serve(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """Start a service with these flags; give its address."""
    processes: list[subprocess.Popen[bytes]] = []
    folder = tmp_path_factory.mktemp("logs")

    def start(*flags: str) -> str:
        command = [sys.executable, "-m", "defocus", "serve", "--port", "0", "--model", str(model)]
        log = folder / f"{len(processes)}.txt"
        with log.open("wb") as file:
            more = ["--max-bytes", str(MAX_BYTES), *flags]
            processes.append(subprocess.Popen([*command, *more], stderr=file))
        for _ in range(300):
            found = re.search(r"listening on (\S+)", log.read_text(encoding="utf-8"))
            if found:
                return found[1]
            time.sleep(0.1)
        raise AssertionError(log.read_text(encoding="utf-8"))

    yield start
    for process in processes:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def address(serve: Callable[..., str]) -> str:
    return serve()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("needs chromium: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page; at the end there was no error, and no request to another host."""
    contexts, problems = [], []

    def new(url: str, size: tuple[int, int] = WIDE, **more: Any) -> Page:
        touch = size == NARROW
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, has_touch=touch, **more
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(8_000)

        def check(request: Any) -> None:
            if not request.url.startswith((url, "blob:", "data:")):
                problems.append(f"request to {request.url}")

        def hear(message: Any) -> None:
            if message.type == "error" and "Failed to load resource" not in message.text:
                problems.append(message.text)

        page.on("request", check)
        page.on("console", hear)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(url)
        page.wait_for_selector("body[data-ready]")
        return page

    yield new
    for context in contexts:
        context.close()
    assert not problems


@pytest.fixture(params=[WIDE, NARROW], ids=["wide", "narrow"])
def page(request: pytest.FixtureRequest, new_page: Callable[..., Page], address: str) -> Page:
    return new_page(address, request.param)
