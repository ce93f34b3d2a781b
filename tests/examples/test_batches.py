"""The examples over rows and files: Ray, Daft, the ffmpeg pipe, the notebook, ComfyUI."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import defocus
from tests.examples import comfyui_host
from tests.examples.programs import (
    ASTRONAUT,
    LIMIT,
    assert_cutout,
    assert_portrait,
    astronaut,
    checkout,
    commands,
    run,
)

pytestmark = pytest.mark.examples


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the examples, with a folder of photographs of which one is none."""
    (tmp_path / "photos").mkdir()
    shutil.copy(ASTRONAUT, tmp_path / "photos" / "a.jpg")
    (tmp_path / "photos" / "bad.jpg").write_bytes(b"no picture")
    return checkout(tmp_path)


def test_ray_job(folder: Path) -> None:
    (command,) = commands("ray_job.py")
    done = run(command, folder, RAY_USAGE_STATS_ENABLED="0")
    assert done.returncode == 1, done.stderr
    good, bad = (line.split("\t") for line in done.stdout.splitlines()[-2:])
    assert good[:2] == ["a.jpg", "done"]
    assert bad[:2] == ["bad.jpg", "failed"]
    assert bad[2].startswith("UnknownFormatError: ")
    assert [path.name for path in (folder / "portraits").iterdir()] == ["a.jpg"]
    with Image.open(folder / "portraits" / "a.jpg") as made:
        assert_portrait(np.asarray(made), *astronaut(), lossy=True)


@pytest.mark.filterwarnings("default")
def test_daft_udf(folder: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    (command,) = commands("daft_udf.py")
    done = run(command, folder)
    assert done.returncode == 1, done.stderr
    table = parquet.read_table(folder / "cutouts").sort_by("path").to_pylist()
    assert [(Path(row["path"]).name, row["status"]) for row in table] == [
        ("a.jpg", "done"),
        ("bad.jpg", "failed"),
    ]
    assert table[1]["bytes"] is None
    assert table[1]["error"].startswith("UnknownFormatError: ")
    assert table[1]["error"] in done.stdout
    (folder / "a.png").write_bytes(table[0]["bytes"])
    with Image.open(folder / "a.png") as made:
        assert_cutout(np.asarray(made), *astronaut())


WIDTH, HEIGHT, FRAMES = 256, 208, 8


def ffmpeg(*arguments: str, folder: Path) -> bytes:
    call = ["ffmpeg", "-nostdin", "-v", "error", *arguments]
    return subprocess.run(call, cwd=folder, check=True, capture_output=True, timeout=LIMIT).stdout


def frames(name: str, folder: Path) -> Any:
    raw = ffmpeg("-i", name, "-f", "rawvideo", "-pix_fmt", "rgb24", "-", folder=folder)
    return np.frombuffer(raw, np.uint8).reshape(-1, HEIGHT, WIDTH, 3)


def rate(name: str, folder: Path) -> bytes:
    """The frame rate, as the first line of yuv4mpegpipe has it."""
    pipe = ffmpeg("-i", name, "-frames:v", "1", "-f", "yuv4mpegpipe", "-", folder=folder)
    return pipe.split()[3]


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")
def test_ffmpeg_pipe(folder: Path) -> None:
    still = ["-loop", "1", "-framerate", "30000/1001", "-i", str(ASTRONAUT)]
    tone = ["-f", "lavfi", "-i", "sine"]
    shape = ["-vf", f"scale={WIDTH}:-1,crop={WIDTH}:{HEIGHT}:0:0", "-frames:v", str(FRAMES)]
    form = ["-pix_fmt", "yuv420p", "-crf", "10", "-t", "0.3", "in.mp4"]
    ffmpeg(*still, *tone, *shape, *form, folder=folder)
    (command,) = commands("ffmpeg_pipe.sh")
    done = run(command, folder)
    assert done.returncode == 0, done.stderr
    before, after = (frames(name, folder) for name in ("in.mp4", "out.mp4"))
    assert len(before) == len(after) == FRAMES
    matte = defocus.find_subject(before[FRAMES // 2]).matte
    assert_portrait(after[FRAMES // 2], before[FRAMES // 2], matte, lossy=True)
    assert rate("in.mp4", folder) == rate("out.mp4", folder) == b"F30000:1001"
    sound = [
        ffmpeg("-i", name, "-map", "0:a", "-c", "copy", "-f", "md5", "-", folder=folder)
        for name in ("in.mp4", "out.mp4")
    ]
    assert sound[0] == sound[1]
    # A run that fails leaves the old file as it is.
    old = (folder / "out.mp4").read_bytes()
    assert run(f"{command} --no-such-option", folder).returncode != 0
    assert (folder / "out.mp4").read_bytes() == old
    assert not list(folder.glob("*.part.*"))


@pytest.mark.filterwarnings("default")
def test_notebook(folder: Path) -> None:
    nbformat, nbclient = (pytest.importorskip(name) for name in ("nbformat", "nbclient"))
    notebook = nbformat.read(folder / "examples" / "explore.ipynb", as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "it is stored without results"
    move = "from pathlib import Path; aperture.value = {}; Path('{}').write_bytes(view.value)"
    for value, name in ((16.0, "small.png"), (1.0, "large.png")):
        notebook.cells.append(nbformat.v4.new_code_cell(move.format(value, name)))
    where = {"metadata": {"path": str(folder / "examples")}}
    nbclient.NotebookClient(notebook, timeout=LIMIT, resources=where).execute()
    pictures = {}
    for name in ("small.png", "large.png", "portrait.jpg"):
        with Image.open(folder / "examples" / name) as made:
            pictures[name] = np.asarray(made)
    assert_portrait(pictures["large.png"], *astronaut())
    assert_portrait(pictures["portrait.jpg"], *astronaut(), lossy=True)
    steps = {name: np.abs(np.diff(made.astype(float), axis=1)) for name, made in pictures.items()}
    assert steps["small.png"].mean() > steps["large.png"].mean(), "the slider changes the blur"


def test_comfyui_nodes(folder: Path) -> None:
    nodes = folder / "ComfyUI" / "custom_nodes"
    nodes.mkdir(parents=True)
    (command,) = commands("comfyui_defocus/__init__.py")
    assert run(command, folder).returncode == 0
    photo, matte = astronaut()
    batch = np.stack([photo, np.zeros_like(photo)]).astype(np.float32) / 255
    batch[0, 0, 0, 0] = 1.001  # as other nodes leave it
    np.save(folder / "batch.npy", batch)
    call = [sys.executable, comfyui_host.__file__, str(nodes), "batch.npy", "out.npz"]
    subprocess.run(call, cwd=folder, check=True, timeout=LIMIT)
    with np.load(folder / "out.npz") as made:
        results = {name: made[name] for name in made.files}
    for node in ("DefocusPortrait", "DefocusCutout"):
        image, mask = results[f"{node} IMAGE"], results[f"{node} MASK"]
        assert (image.dtype, image.shape) == (np.float32, batch.shape)
        assert (mask.dtype, mask.shape) == (np.float32, batch.shape[:3])
        assert np.abs(mask[0] - matte).max() < 0.05
        assert not mask[1].any()
        assert np.array_equal(image[1], batch[1]), "without a subject it passes unchanged"
        assert results[f"{node} error"] == "NoSubjectError"
    assert_portrait(
        results["DefocusPortrait IMAGE"][0], batch[0], results["DefocusPortrait MASK"][0]
    )
    cut, mask = results["DefocusCutout IMAGE"][0], results["DefocusCutout MASK"][0]
    assert np.array_equal(cut[mask >= 1], batch[0][mask >= 1])
    assert (cut[mask <= 0] == 1).all()
