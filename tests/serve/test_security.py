"""Who may call, and what every answer says to browsers."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from pathlib import Path

import httpx
import pytest

from defocus.serve import access_log, health
from tests.serve.service import (
    Client,
    body,
    calling,
    client_of,
    encoded,
    new_app,
    raw,
    two_subjects,
)

DATA = encoded(two_subjects())


def status(app: object, path: str, method: str = "GET", **request: object) -> int:
    async def call() -> httpx.Response:
        async with client_of(app) as client:  # type: ignore[arg-type]
            return await client.request(method, path, **request)  # type: ignore[arg-type]

    return asyncio.run(call()).status_code


def test_keys(model: Path) -> None:
    app = new_app(model, api_keys=("first", "sécond"))
    for path in ("/v1/mask", "/api/remove", "/page/photos", "/page/zip"):
        assert status(app, path, "POST") == 401, path
        assert status(app, path, "POST", headers={"X-API-Key": "firs"}) == 401
        assert status(app, path, "POST", headers={"X-API-Key": "first"}) != 401
    assert status(app, "/metrics") == 401
    assert status(app, "/metrics", headers={"Authorization": "Bearer first"}) == 200
    second = {"Authorization": "Bearer sécond".encode()}
    assert status(app, "/metrics", headers=second) == 401  # latin-1 on the wire, as HTTP has it
    assert status(app, "/healthz") == 200
    assert "first" not in repr(app.state.service.settings)


def test_names_of_the_host(model: Path) -> None:
    app = new_app(model, hosts=("localhost", "[::1]"))
    for host, expected in (
        ("localhost:8000", 200),
        ("LOCALHOST", 200),
        ("[::1]:8000", 200),
        ("evil.example", 421),
        ("localhost.evil.example:8000", 421),
    ):
        assert status(app, "/docs", headers={"Host": host}) == expected, host
    for probe, expected in (("/healthz", 200), ("/readyz", 503)):  # orchestrators use addresses
        assert status(app, probe, headers={"Host": "10.0.0.7:8000"}) == expected


def test_pages_of_other_sites(model: Path) -> None:
    cross = {"Sec-Fetch-Site": "cross-site", "Origin": "https://a.example"}
    closed, opened = new_app(model), new_app(model, origins=("https://a.example",))
    assert status(closed, "/page/photos", "POST", headers=cross) == 403
    assert status(opened, "/page/photos", "POST", headers=cross) != 403
    assert status(closed, "/page/photos", "POST", headers={"Sec-Fetch-Site": "same-origin"}) != 403

    async def calls(client: Client) -> httpx.Response:
        return await client.get("/healthz", headers=cross)

    assert "access-control-allow-origin" not in calling(closed, calls).headers
    answer = calling(opened, calls)
    assert answer.headers["access-control-allow-origin"] == "https://a.example"
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origin", ["https://a.example", "null", "http://[", "http://localhost.a"])
def test_pages_of_other_sites_where_browsers_do_not_name_the_site(model: Path, origin: str) -> None:
    # Browsers send Sec-Fetch-Site only by https, or to the machine itself.
    app = new_app(model)
    assert status(app, "/v1/mask", "POST", headers={"Origin": origin}) == 403
    opened = new_app(model, origins=(origin,)) if origin.startswith("https") else None
    assert opened is None or status(opened, "/v1/mask", "POST", headers={"Origin": origin}) != 403


def test_pages_of_the_service_where_browsers_do_not_name_the_site(model: Path) -> None:
    app = new_app(model, hosts=())
    for host in ("192.168.1.5:8000", "Images.example", "[fd00::1]:8000"):
        own = {"Host": host, "Origin": f"http://{host.lower()}"}
        assert status(app, "/v1/mask", "POST", headers=own) == 422
        behind = {"Host": "127.0.0.1:8000", "Origin": f"https://{host}"}
        same = {"Sec-Fetch-Site": "same-origin"}
        assert status(app, "/v1/mask", "POST", headers=behind | same) == 422


def test_headers_of_every_answer(model: Path) -> None:
    async def calls(client: Client) -> None:
        for answer in (
            await client.get("/docs"),
            await client.get("/nowhere"),
            await client.post("/v1/mask", content=DATA),
        ):
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert not re.search(r"https?:", policy)
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "server" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"

    calling(new_app(model), calls)


def test_the_description_needs_no_other_host(model: Path) -> None:
    folder = Path(health.__file__).parent / "docs"
    for path in folder.iterdir():
        assert not re.search(r"(https?:)?//[a-z]", path.read_text("utf-8")), path

    async def calls(client: Client) -> None:
        for path in folder.iterdir():
            name = "" if path.name == "index.html" else f"/{path.name}"
            answer = await client.get(f"/docs{name}")
            assert answer.text == path.read_text("utf-8")
        assert (await client.get("/docs/%2e%2e%2fapp.py")).status_code == 404
        description = (await client.get("/openapi.json")).json()
        assert {f"/v1/{name}" for name in ("portrait", "cutout", "mask", "subject")} <= {
            *description["paths"]
        }
        operation = description["paths"]["/v1/portrait"]["post"]
        aperture = next(p for p in operation["parameters"] if p["name"] == "aperture")
        assert (aperture["schema"]["minimum"], aperture["schema"]["default"]) == (0.5, 1.8)
        assert {"413", "415", "422", "429", "503", "504"} <= {*operation["responses"]}

    calling(new_app(model), calls)


def test_requests_are_counted_and_logged(model: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, access_log.logger.name)

    async def calls(client: Client) -> str:
        ours = {"X-Request-ID": "abc-123"}
        answer = await client.post("/v1/mask", content=DATA, headers=ours)
        assert answer.headers["x-request-id"] == "abc-123"
        answer = await client.get("/no/../such?x=1", headers={"X-Request-ID": "a\tb"})
        assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])
        return (await client.get("/metrics")).text

    text = calling(new_app(model), calls)
    first = json.loads(caplog.messages[0])
    assert (first["id"], first["path"], first["status"]) == ("abc-123", "/v1/mask", 200)
    assert first["network_ms"] >= 0
    assert 'defocus_requests_total{method="POST",route="/v1/mask",status="200"} 1.0' in text
    assert 'defocus_rejections_total{reason="not_found"} 1.0' in text
    assert f"defocus_pixels_total {float(96 * 144)}" in text
    for name in ("in_flight", "queue_length", "stage_seconds_bucket"):
        assert f"defocus_{name}" in text
    assert "process_resident_memory_bytes" in text


@pytest.mark.parametrize("path", ["/v1/mask", "//", "/v1/mask/"])
def test_a_query_that_is_not_encoded_is_refused(path: str, model: Path) -> None:
    # Found by fuzzing: such a query became 500 where the router adds or removes a slash.
    app = new_app(model)
    (start, answer) = asyncio.run(raw(app, path, [body(b"")], query=b"sigma=\xe6"))
    assert start["status"] == 400
    assert json.loads(answer["body"])["code"] == "query"
