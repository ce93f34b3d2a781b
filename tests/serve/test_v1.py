"""The endpoints for programs give what the library gives, and say what went wrong."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI
from PIL import Image

import defocus
from tests.serve.service import Client, calling, decoded, encoded, new_app, post, two_subjects

IMAGE = two_subjects()
DATA = encoded(IMAGE)


@pytest.fixture
def app(model: Path) -> FastAPI:
    return new_app(model)


@pytest.fixture(scope="module")
def shared(model: Path) -> FastAPI:
    """An app for single requests, without the page, which has the rest of all paths."""
    return new_app(model, page=False)


def saved(picture: Any, form: str = "png", **settings: Any) -> bytes:
    file = io.BytesIO()
    defocus.save(picture, file, format=form, strip="gps", **settings)
    return file.getvalue()


def test_the_answers_are_those_of_the_library(app: FastAPI, model: Path) -> None:
    segmenter = defocus.Segmenter(model, threads=1)
    matte = encoded(np.full(IMAGE.shape[:2], 128, np.uint8))
    subject = defocus.find_subject(DATA, segmenter=segmenter)

    async def calls(client: Client) -> None:
        answer = await client.post("/v1/portrait?aperture=1.2&bokeh=disc", content=DATA)
        expected = defocus.portrait(DATA, aperture=1.2, bokeh="disc", segmenter=segmenter)
        assert answer.content == saved(expected)
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["defocus-subject-box"] == ", ".join(map(str, subject.box or ()))
        assert float(answer.headers["defocus-confidence"]) == pytest.approx(
            subject.confidence, 0.01
        )
        assert "several subjects" in answer.headers["defocus-warning"]
        for stage in ("queue", "decode", "network", "refine", "render", "encode"):
            assert f"{stage};dur=" in answer.headers["server-timing"]

        form = {"select": "largest", "format": "webp", "background": "#ff8800"}
        answer = await client.post("/v1/cutout", files={"image": DATA}, data=form)
        expected = defocus.cutout(DATA, select="largest", background="#ff8800", segmenter=segmenter)
        assert answer.content == saved(expected, "webp")

        answer = await client.post("/v1/mask", content=DATA)
        assert np.array_equal(decoded(answer.content), (subject.matte * 255).round())

        files = {"image": DATA, "matte": matte, "background": encoded(IMAGE[::-1])}
        answer = await client.post("/v1/cutout", files=files)
        expected = defocus.cutout(DATA, matte=matte, background=encoded(IMAGE[::-1]))
        assert answer.content == saved(expected)

    calling(app, calls)


def test_the_subject_as_json(app: FastAPI) -> None:
    answer = post(app, "/v1/subject", content=DATA).json()
    assert answer["found"]
    assert (answer["width"], answer["height"]) == (144, 96)
    areas = [part["area"] for part in answer["components"]]
    assert len(areas) == 2
    assert areas == sorted(areas, reverse=True)


def test_accept_chooses_the_format(app: FastAPI) -> None:
    async def calls(client: Client) -> None:
        for accept, kind in (
            ("image/webp, image/png;q=.5", "image/webp"),
            ("image/jpeg;q=.1, image/png;q=.2", "image/png"),
            ("image/jpeg", "image/png"),  # cannot hold a cutout
            ("text/html, */*", "image/png"),
        ):
            answer = await client.post("/v1/cutout", content=DATA, headers={"accept": accept})
            assert answer.headers["content-type"] == kind, accept

    calling(app, calls)


def test_where_it_was_taken_is_left_out_unless_asked(app: FastAPI) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 22.0, 0.0)})
    exif[0x010F] = "camera"
    data = encoded(IMAGE, "JPEG", exif=exif.tobytes())

    async def calls(client: Client) -> None:
        for query, place in (("", False), ("?strip=none", True)):
            answer = await client.post(f"/v1/portrait{query}", content=data)
            found = Image.open(io.BytesIO(answer.content)).getexif()
            assert bool(found.get_ifd(0x8825)) == place
            assert found[0x010F] == "camera"

    calling(app, calls)


@pytest.mark.parametrize(
    ("path", "request_", "status", "code"),
    [
        ("/v1/portrait?aperture=65", {"content": DATA}, 422, "option"),
        ("/v1/portrait?aperture=nan", {"content": DATA}, 422, "option"),
        ("/v1/portrait?fov=3", {"content": DATA}, 422, "option"),
        ("/v1/portrait?blades=6", {"content": DATA}, 422, "option"),
        ("/v1/cutout?select=1,2,3", {"content": DATA}, 422, "option"),
        ("/v1/cutout?background=/etc/passwd", {"content": DATA}, 422, "option"),
        ("/v1/cutout?format=jpeg", {"content": DATA}, 422, "unsupported_format"),
        (
            "/v1/mask?effort=good",
            {"files": {"image": DATA}, "data": {"effort": "good"}},
            422,
            "option",
        ),
        (
            "/api/remove?om=null",
            {"files": {"file": DATA}, "data": {"om": "false"}},
            422,
            "option",
        ),
        ("/v1/mask", {"files": {"image": DATA, "matte": DATA}}, 422, "option"),
        ("/v1/mask", {"files": {"other": DATA}}, 422, "image_missing"),
        ("/v1/mask", {"content": b""}, 422, "image_missing"),
        ("/v1/mask", {"content": b"some text"}, 415, "unknown_format"),
        ("/v1/mask", {"json": {}}, 415, "unsupported_media_type"),
        ("/v1/mask", {"content": DATA[:200]}, 422, "decode"),
        ("/v1/mask", {"content": encoded(IMAGE * 0)}, 422, "no_subject"),
        (
            "/v1/portrait",
            {"files": {"image": DATA, "matte": encoded(IMAGE[:9])}},
            422,
            "image_value",
        ),
        ("/v2/portrait", {"content": DATA}, 404, "not_found"),
        ("/healthz", {"content": DATA}, 405, "method_not_allowed"),
    ],
)
def test_refusals(
    shared: FastAPI, path: str, request_: dict[str, Any], status: int, code: str
) -> None:
    answer = post(shared, path, **request_)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_a_bug_is_reported_without_details(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("/a/secret/path")

    monkeypatch.setattr("defocus.serve.work.make", broken)
    answer = post(app, "/v1/mask", content=DATA)
    assert answer.status_code == 500
    assert "secret" not in answer.text


def test_the_clients_of_rembg_are_answered(app: FastAPI, model: Path) -> None:
    segmenter = defocus.Segmenter(model, threads=1)

    async def calls(client: Client) -> None:
        async def remove(**data: str) -> Any:
            return await client.post("/api/remove", files={"file": ("x", DATA)}, data=data)

        answer = await remove(model="u2net", a="true", af="240")
        assert answer.content == saved(defocus.cutout(DATA, segmenter=segmenter))
        answer = await remove(bgc="0, 0, 255, 255")
        assert answer.content == saved(
            defocus.cutout(DATA, background=(0, 0, 255), segmenter=segmenter)
        )
        only = decoded((await remove(om="true")).content)
        assert only.shape == IMAGE.shape[:2]
        assert {*np.unique(decoded((await remove(om="1", ppm="1")).content))} == {0, 255}
        assert (await remove(model="birefnet-general")).status_code == 422
        assert (await remove(extras='{"model_path": "/etc/passwd"}')).status_code == 422
        answer = await remove(url="http://127.0.0.1/")
        assert (answer.status_code, answer.json()["code"]) == (422, "url_refused")
        answer = await client.get("/api/remove?url=file:///etc/passwd")
        assert (answer.status_code, answer.json()["code"]) == (405, "url_refused")
        assert answer.headers["allow"] == "POST"
        empty = await client.post("/api/remove", files={"file": encoded(IMAGE * 0)})
        assert not decoded(empty.content)[..., 3].any()

    calling(app, calls)


@pytest.mark.parametrize(
    ("fields", "marks"),
    [
        ({"box": "60,20,140,80"}, {"box": (60, 20, 140, 80)}),
        (
            {"points": "108,48,remove;30,48,keep"},
            {"points": [(108, 48, False), (30, 48, True)]},
        ),
    ],
)
def test_a_box_and_points_mark_the_subject(
    shared: FastAPI, model: Path, fields: dict[str, str], marks: dict[str, Any]
) -> None:
    segmenter = defocus.Segmenter(model, threads=1)
    expected = defocus.find_subject(DATA, segmenter=segmenter, **marks)
    answer = post(shared, "/v1/mask", files={"image": DATA}, data=fields)
    assert np.array_equal(decoded(answer.content), (expected.matte * 255).round())
    assert post(shared, "/v1/subject", params=fields, content=DATA).json()["box"] == [
        *(expected.box or ())
    ]
    answer = post(shared, "/v1/cutout", files={"image": DATA}, data=fields)
    assert answer.content == saved(defocus.cutout(DATA, subject=expected, segmenter=segmenter))


def test_strokes_are_files(shared: FastAPI, model: Path) -> None:
    stroke = np.zeros(IMAGE.shape[:2], np.uint8)
    stroke[40:56, 100:116] = 255
    segmenter = defocus.Segmenter(model, threads=1)
    expected = defocus.find_subject(DATA, remove=stroke, segmenter=segmenter)
    files = {"image": DATA, "remove": encoded(stroke)}
    answer = post(shared, "/v1/mask", files=files)
    assert np.array_equal(decoded(answer.content), (expected.matte * 255).round())
    both = {**files, "keep": encoded(stroke)}
    assert post(shared, "/v1/portrait", files=both).json()["code"] == "option"


@pytest.mark.parametrize("fields", [{"box": "1,2,3"}, {"points": "1,2"}, {"points": "1,2,maybe"}])
def test_marks_that_are_none(shared: FastAPI, fields: dict[str, str]) -> None:
    answer = post(shared, "/v1/mask", params=fields, content=DATA)
    assert answer.status_code == 422
    assert answer.json()["code"] == "option"
    assert "for example" in answer.json()["detail"]
    assert "tuple" not in answer.json()["detail"]


def test_an_unknown_option_gets_a_suggestion(shared: FastAPI) -> None:
    answer = post(shared, "/v1/portrait", params={"aperure": "2"}, content=DATA)
    assert (answer.status_code, answer.json()["code"]) == (422, "option")
    assert "did you mean 'aperture'?" in answer.json()["detail"]


def test_a_length_out_of_range_is_named(shared: FastAPI) -> None:
    answer = post(shared, "/v1/cutout", params={"crop": "-0.1"}, content=DATA).json()
    assert answer["code"] == "option"
    assert answer["detail"].startswith("crop='-0.1'")
    assert "value" not in answer
