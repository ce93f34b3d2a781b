"""A program: the service answers requests while memory runs out, and while threads do not start.

Ends with 0 if each answer is right or a 503, and nothing is left of the failures.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from defocus.serve import Settings, create_app
from faults.control import EVER, NATIVE, no_memory, no_threads, open_now, returns_to
from tests.serve.service import Client, calling, encoded, two_subjects
from tiny_network import bright_network

IMAGE = two_subjects()
FILES = {
    "image": encoded(IMAGE),
    "matte": encoded(np.full(IMAGE.shape[:2], 128, np.uint8)),  # no network takes part
}
STEPS = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144)


async def fail(client: Client, app: Any, path: str) -> None:
    """Send requests while allocations or threads fail."""

    async def post() -> Any:
        return await client.post(path, files=FILES)

    want = (await post()).content
    refused = 0
    for number, single in product(STEPS, (True, False)):
        with no_memory(NATIVE, number, number if single else EVER):
            answer = await post()
        if answer.status_code == 503:
            assert answer.json()["code"] == "memory"
            assert "Retry-After" in answer.headers
            refused += 1
        else:
            assert (answer.status_code, answer.content) == (200, want)
        assert app.state.service.memory.held == 0
    assert refused > 10, path
    for number in (1, 2):
        with no_threads(number, EVER):
            answer = await post()
        assert (answer.status_code, answer.content) == (200, want)
    assert (await post()).content == want


async def answers(client: Client, app: Any) -> None:
    mask = await client.post("/v1/mask", files={"image": FILES["image"]})
    assert mask.status_code == 200  # now nothing is left to load
    paths = ("/v1/portrait", "/v1/cutout")
    for path in paths:
        await fail(client, app, path)
    before = open_now()
    for path in paths:
        await fail(client, app, path)
    assert returns_to(before, open_now)


if __name__ == "__main__":
    Path("bright.onnx").write_bytes(bright_network((1, 3, 96, 144)))
    # With one slot its pool has one thread; a second would start when the first is slow to rest.
    app = create_app(Settings(model=Path("bright.onnx"), share=1))
    calling(app, lambda client: answers(client, app))
