"""The page's API: one upload, then as many renderings as one likes; files as the library's."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from numpy.typing import NDArray

import defocus
from defocus.serve.photos import edits
from tests.serve.service import Client, calling, decoded, encoded, new_app, two_subjects

IMAGE = two_subjects()
DATA = encoded(IMAGE)
LEFT, RIGHT = (IMAGE.shape[0] // 2, 40), (IMAGE.shape[0] // 2, 110)  # row, column


@pytest.fixture
def app(model: Path) -> FastAPI:
    return new_app(model)


class Page:
    """What the page does, for one photograph."""

    def __init__(self, client: Client, described: dict[str, Any]) -> None:
        self.client, self.described = client, described
        self.id = described["id"]

    async def post(self, action: str, **body: Any) -> httpx.Response:
        return await self.client.post(f"/page/photos/{self.id}/{action}", json=body)

    async def picture(self, **body: Any) -> NDArray[Any]:
        answer = await self.post("render", **body)
        assert answer.status_code == 200, answer.text
        return decoded(answer.content)


async def upload(client: Client, data: bytes = DATA) -> Page:
    answer = await client.post("/page/photos", files={"image": data})
    assert answer.status_code == 201, answer.text
    return Page(client, answer.json())


def file(picture: Any, form: str = "png", **settings: Any) -> bytes:
    target = io.BytesIO()
    defocus.save(picture, target, format=form, strip="gps", **settings)
    return target.getvalue()


@pytest.mark.parametrize("action", ["render", "download"])
def test_pixels_of_a_result_are_limited(model: Path, action: str) -> None:
    async def calls(client: Client) -> None:
        page = await upload(client)
        answer = await page.post(action, kind="cutout", options={"canvas": "200x200"})
        assert (answer.status_code, answer.json()["code"]) == (422, "option")
        answer = await page.post(action, kind="cutout", options={"canvas": "100x100"})
        assert answer.status_code == 200

    calling(new_app(model, max_pixels=96 * 144), calls)


def test_an_upload_is_described(app: FastAPI) -> None:
    async def calls(client: Client) -> None:
        page = await upload(client)
        described = page.described
        assert (described["width"], described["height"]) == (144, 96)
        assert described["preview"] == {"width": 144, "height": 96}
        assert described["subject"]["found"]
        assert len(described["subject"]["components"]) == 2
        assert "several subjects" in described["subject"]["warnings"][0]
        assert described["expires_in"] == app.state.service.store.seconds

        address = f"/page/photos/{page.id}"
        preview = await client.get(f"{address}/preview")
        assert preview.headers["content-type"] == "image/jpeg"
        assert np.abs(decoded(preview.content).astype(int) - IMAGE).mean() < 12
        numbers = decoded((await client.get(f"{address}/components")).content)
        scale = numbers.shape[0] / IMAGE.shape[0]
        assert [numbers[int(y * scale), int(x * scale)] for y, x in (LEFT, RIGHT)] == [1, 2]

        assert (await client.delete(address)).status_code == 204
        for gone in (
            await client.get(f"{address}/preview"),
            await page.post("render", kind="mask"),
            await client.post("/page/zip", json={"items": [{"id": page.id, "kind": "mask"}]}),
        ):
            assert (gone.status_code, gone.json()["code"]) == (404, "photo_expired")

    calling(app, calls)


def test_the_user_decides_what_the_subject_is(app: FastAPI) -> None:
    async def calls(client: Client) -> None:
        page = await upload(client)

        async def alphas(**edit: Any) -> list[bool]:
            picture = await page.picture(kind="cutout", **edit)
            return [bool(picture[place][3] > 127) for place in (LEFT, RIGHT)]

        def stroke(mode: str, place: tuple[int, int]) -> dict[str, Any]:
            y, x = place
            points = [[x - 20, y], [x + 20, y]]
            return {"kind": "stroke", "mode": mode, "radius": 8, "points": points}

        assert await alphas() == [True, True]
        assert await alphas(components=[1]) == [True, False]
        assert await alphas(components=[2]) == [False, True]
        away = stroke("remove", LEFT)
        assert await alphas(marks=[away]) == [False, True]
        assert await alphas(marks=[away, stroke("keep", LEFT)]) == [True, True]
        assert await alphas(components=[], marks=[stroke("keep", RIGHT)]) == [False, True]
        assert await alphas(components=[1, 2]) == [True, True]  # all undone

        nothing = await page.post("render", kind="cutout", components=[])
        assert (nothing.status_code, nothing.json()["code"]) == (422, "no_subject")
        for wrong in (
            {"components": [3]},
            {"marks": [{"kind": "box", "box": [9, 9, 5, 20]}]},
            {"marks": [{"kind": "box", "box": [900, 9, 950, 20]}]},
            {"marks": [{"kind": "point", "mode": "keep", "at": [144, 5]}]},
            {"marks": [{"kind": "point", "mode": "erase", "at": [4, 5]}]},
            {"marks": [{"kind": "lasso"}]},
            {"marks": [away] * 501},
            {"marks": [{**away, "radius": 1e5, "points": [[0, 0], [9e5, 9e5]] * 4000}] * 5},
            {"marks": [{**away, "radius": 0}]},
            {"marks": [{**away, "points": []}]},
            {"options": {"aperture": 2}},
            {"options": {"background": "/etc/passwd"}},
        ):
            answer = await page.post("render", kind="cutout", **wrong)
            assert (answer.status_code, answer.json()["code"]) == (422, "option"), wrong

    calling(app, calls)


def test_a_stroke_more_gives_what_all_at_once_give(app: FastAPI) -> None:
    marks = [
        {"kind": "stroke", "mode": mode, "radius": 5, "points": [[x, 40], [x + 5, 50]]}
        for x, mode in ((30, "remove"), (60, "keep"), (100, "remove"))
    ]

    async def calls(client: Client) -> None:
        page, other = await upload(client), await upload(client)
        for count in (1, 2, 3):
            one_more = await page.picture(kind="mask", marks=marks[:count])
        assert np.array_equal(one_more, await other.picture(kind="mask", marks=marks))
        await page.picture(kind="mask", marks=marks[:1])  # undo
        assert np.array_equal(one_more, await page.picture(kind="mask", marks=marks))

    calling(app, calls)


def test_a_photograph_without_a_subject_gets_one_by_the_brush(app: FastAPI) -> None:
    async def calls(client: Client) -> None:
        page = await upload(client, encoded(IMAGE * 0))
        assert not page.described["subject"]["found"]
        assert page.described["subject"]["confidence"] == 0
        assert (await page.post("render", kind="portrait")).json()["code"] == "no_subject"
        stroke = {"kind": "stroke", "mode": "keep", "radius": 6, "points": [[40, 48]]}
        matte = await page.picture(kind="mask", marks=[stroke])
        assert matte[LEFT] > 200

    calling(app, calls)


def test_boxes_points_and_strokes_go_together(app: FastAPI) -> None:
    left = {"kind": "box", "box": [14, 20, 68, 76]}
    right = {"kind": "box", "box": [84, 28, 130, 68]}
    away = {"kind": "point", "mode": "remove", "at": [40, 48]}
    back = {"kind": "point", "mode": "keep", "at": [110, 48]}

    async def calls(client: Client) -> None:
        page = await upload(client)

        async def alphas(*marks: Any) -> list[bool]:
            matte = await page.picture(kind="mask", marks=marks)
            return [bool(matte[place] > 127) for place in (LEFT, RIGHT)]

        assert await alphas(left) == [True, False]
        assert await alphas(left, right) == [False, True]  # the last box counts
        assert await alphas(left) == [True, False]  # undo
        assert await alphas(away) == [False, True]
        assert await alphas(left, back) == [True, True]
        assert await alphas(back, left) == [True, False]  # the box came later
        over = {"kind": "stroke", "mode": "remove", "radius": 90, "points": [[40, 48]]}
        refused = await page.post("render", kind="mask", marks=[left, over])
        assert (refused.status_code, refused.json()["code"]) == (422, "no_subject")
        assert await alphas(left, over, back) == [False, True]

    calling(app, calls)


def test_a_further_mark_runs_no_network_and_counts_in_the_store(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    boxes = [{"kind": "box", "box": [10 + side, 10, 40, 30]} for side in range(3)]
    ran: list[Any] = []
    mask = defocus.Segmenter.mask

    def counted(segmenter: defocus.Segmenter, shown: Any) -> Any:
        ran.append(shown)
        return mask(segmenter, shown)

    monkeypatch.setattr(defocus.Segmenter, "mask", counted)

    async def calls(client: Client) -> None:
        store = app.state.service.store
        page = await upload(client)
        before, ran[:] = store.nbytes, []
        stroke = {"kind": "stroke", "mode": "keep", "radius": 3, "points": [[30, 20]]}
        await page.picture(kind="mask", marks=[stroke])
        assert not ran
        assert store.nbytes > before + 96 * 144 * 70
        for box in boxes:
            await page.post("render", kind="mask", marks=[box, stroke])
        assert len(ran) == 3
        held = store.nbytes
        for box in boxes[1:]:
            await page.post("render", kind="mask", marks=[box, stroke, stroke])
        assert len(ran) == 3
        assert store.nbytes == held
        await client.delete(f"/page/photos/{page.id}")
        assert store.nbytes == 0

    calling(app, calls)


def test_a_marked_download_has_the_matte_of_the_library(app: FastAPI, model: Path) -> None:
    segmenter = defocus.Segmenter(model, threads=1)
    points = [(40.0, 48.0, False)]
    expected = defocus.find_subject(DATA, points=points, segmenter=segmenter).matte
    mark = {"kind": "point", "mode": "remove", "at": [40, 48]}

    async def calls(client: Client) -> None:
        page = await upload(client)
        shown = await page.picture(kind="mask", marks=[mark])
        saved = await page.post("download", kind="mask", marks=[mark])
        assert np.array_equal(decoded(saved.content), (expected * 255).round())
        assert np.abs(decoded(saved.content) - shown.astype(int)).max() <= 12  # of a JPEG

    calling(app, calls)


def test_options_change_the_preview(app: FastAPI) -> None:
    async def calls(client: Client) -> None:
        page, other = await upload(client), await upload(client, encoded(IMAGE[::-1]))
        wide = await page.picture(kind="portrait", options={"aperture": 1.2})
        narrow = await page.picture(kind="portrait", options={"aperture": 16})
        assert wide[:8].std() < narrow[:8].std()
        red = await page.picture(kind="cutout", options={"background": "#ff0000"})
        assert np.allclose(red[0, 0], (255, 0, 0), atol=3)
        behind = await page.picture(kind="cutout", options={"background": {"photo": other.id}})
        assert np.abs(behind[:8].astype(int) - IMAGE[::-1][:8]).mean() < 12

    calling(app, calls)


def test_downloads_are_the_files_of_the_library(app: FastAPI, model: Path) -> None:
    segmenter = defocus.Segmenter(model, threads=1)
    portrait = file(defocus.portrait(DATA, aperture=2.8, segmenter=segmenter), "jpeg", quality=80)
    cutout = file(defocus.cutout(DATA, crop="10%", segmenter=segmenter))
    one = {"kind": "portrait", "options": {"aperture": 2.8}, "format": "jpeg", "quality": 80}
    two = {"kind": "cutout", "options": {"crop": "10%"}}

    async def calls(client: Client) -> None:
        page = await upload(client)
        answer = await page.post("download", **one)
        assert answer.content == portrait
        assert answer.headers["content-disposition"] == 'attachment; filename="portrait.jpg"'
        assert (await page.post("download", **two)).content == cutout

        names = ("../../etc/passwd", "a b.JPG", "a b.JPG", "")
        items = [{"id": page.id, "name": name, **one} for name in names[:3]]
        items.append({"id": page.id, "name": names[3], **two})
        answer = await client.post("/page/zip", json={"items": items})
        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        assert archive.namelist() == ["etc_passwd.jpg", "a_b.jpg", "a_b-2.jpg", "cutout.png"]
        assert [archive.read(name) for name in archive.namelist()] == [portrait] * 3 + [cutout]

    calling(app, calls)


def test_a_file_of_a_zip_that_fails_is_named_in_it(app: FastAPI) -> None:
    async def calls(client: Client) -> None:
        page = await upload(client)
        items = [
            {"id": page.id, "name": "none", "kind": "mask", "components": []},
            {"id": page.id, "name": "all", "kind": "mask"},
        ]
        answer = await client.post("/page/zip", json={"items": items})
        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        assert archive.namelist() == ["all.png", "errors.txt"]
        assert archive.read("errors.txt").startswith(b"none.png: ")

    calling(app, calls)


def test_the_preview_is_small_and_has_the_look_of_the_whole(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edits, "LONG_EDGE", 72)

    async def calls(client: Client) -> None:
        page = await upload(client)
        assert page.described["preview"] == {"width": 72, "height": 48}
        assert page.described["width"] == 144
        for options in ({"aperture": 1.2}, {"sigma": 8.0}):
            small = await page.picture(kind="portrait", options=options)
            whole = await page.post("download", kind="portrait", options=options, format="png")
            shrunk = decoded(whole.content)[::2, ::2].astype(int)
            assert np.abs(shrunk[:6] - small[:6]).mean() < 3
        for lengths in ({"grow": "-8"}, {"crop": "20,4,6,10px"}, {"feather": "6"}):
            small = await page.picture(kind="cutout", options=lengths)
            whole = await page.post("download", kind="cutout", options=lengths)
            shrunk = decoded(whole.content)[::2, ::2]
            assert all(abs(a - b) <= 2 for a, b in zip(shrunk.shape, small.shape, strict=True))
            share = (shrunk[..., 3] > 127).mean() / (small[..., 3] > 127).mean()
            assert 0.9 < share < 1.1
        stroke = {"kind": "stroke", "mode": "remove", "radius": 5, "points": [[14, 24], [26, 24]]}
        cut = await page.post("download", kind="mask", marks=[stroke])
        assert decoded(cut.content)[LEFT] < 50  # strokes are in pixels of the preview

    calling(app, calls)


def test_transparent_photographs_stay_so(app: FastAPI) -> None:
    rgba = np.dstack([IMAGE, np.full(IMAGE.shape[:2], 255, np.uint8)])
    rgba[:, :20, 3] = 0

    async def calls(client: Client) -> None:
        page = await upload(client, encoded(rgba))
        assert (await page.picture(kind="portrait")).shape[2] == 4
        assert (await page.picture(kind="cutout"))[48, 5, 3] == 0

    calling(app, calls)


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ('{"kind": "portrait", "options": {"sigma": NaN}}', "nan"),
        ('{"kind": "portrait", "options": {"sigma": -Infinity}}', "-inf"),
        ('{"kind": "\\ud800"}', "\\ud800"),
        ('{"kind": "portrait", "options": {"bokeh": "a\\ud800"}}', "a\\ud800"),
    ],
)
def test_values_that_json_cannot_hold_are_refused(app: FastAPI, body: str, shown: str) -> None:
    # Found by fuzzing: the refusal itself failed, and became 500.
    async def calls(client: Client) -> None:
        page = await upload(client)
        answer = await client.post(
            f"/page/photos/{page.id}/render",
            content=body,
            headers={"Content-Type": "application/json"},
        )
        assert answer.status_code == 422
        assert answer.json()["value"] == shown

    calling(app, calls)
