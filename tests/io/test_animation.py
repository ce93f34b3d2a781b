"""Several frames or pages: the first with a warning, or every one of them."""

from __future__ import annotations

import errno
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import defocus
from animated_pngs import Part, animated
from deep_files import picture
from defocus.cli.command import main
from defocus.io import animation, decode, formats
from defocus.io import open as opening

TIMES = [40, 50, 60, 70]
MATTE = np.zeros((40, 60), np.uint8)
MATTE[8:32, 8:32] = 255


def drawn(*, alpha: bool = False, sizes: int = 1) -> Iterator[Image.Image]:
    """Four frames in which a square wanders over a grey ground."""
    for step in range(len(TIMES)):
        image = Image.new("RGB", (60 + sizes * step - step, 40), (90, 90, 90))
        image.paste((220, 30 + 40 * step, 60), (8 + 6 * step, 8, 26 + 6 * step, 32))
        if alpha:
            image.putalpha(255)
            image.paste((0, 0, 0, 0), (0, 0, 6, 6))
        yield image


def stored(form: str, **options: Any) -> bytes:
    settings: dict[str, Any] = {"GIF": {"loop": 2}, "PNG": {"loop": 3}, "WEBP": {"loop": 3}}
    chosen: dict[str, Any] = settings.get(form, {})
    if chosen:
        chosen["duration"] = TIMES
    if form == "WEBP":
        chosen["lossless"] = True
    first, *rest = drawn(**options)
    file = io.BytesIO()
    first.save(file, form, save_all=True, append_images=rest, **chosen)
    return file.getvalue()


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A network that finds a subject only in the first so many pictures."""
    left = [99]

    def mask(*_: Any) -> Any:
        left[0] -= 1
        raw = np.zeros((32, 32), np.float32)
        raw[6:26, 5:20] = 0.97 if left[0] >= 0 else 0.0
        return raw

    monkeypatch.setattr(defocus.Segmenter, "mask", mask)
    return left


def stated(data: bytes) -> tuple[str | None, list[float | None], object]:
    """Format, times and loop of a file, as Pillow reads them."""
    image = Image.open(io.BytesIO(data))
    times = []
    for frame in range(getattr(image, "n_frames", 1)):
        image.seek(frame)
        image.load()
        times.append(image.info.get("duration"))
    return image.format, times, image.info.get("loop")


def saved(frames: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    defocus.save_frames(frames, file, **options)
    return file.getvalue()


@pytest.mark.usefixtures("found")
@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "TIFF"])
def test_every_frame(form: str, alpha: bool) -> None:
    frames = list(defocus.each_frame(stored(form, alpha=alpha)))
    assert len(frames) == 4
    for frame, want, time in zip(frames, drawn(alpha=alpha), TIMES, strict=True):
        assert frame.mode == want.mode
        got, exact = np.asarray(frame), np.asarray(want)
        visible = exact[..., 3] > 0 if alpha else np.full(exact.shape[:2], True)
        assert np.array_equal(got[visible], exact[visible])
        if form != "TIFF":
            assert frame.info["duration"] == time
            assert frame.info["loop"] == 3
        assert "frames" not in " ".join(defocus.find_subject(frame).warnings)


@pytest.mark.parametrize("form", ["gif", "png", "webp", "tiff"])
@pytest.mark.parametrize("source", ["GIF", "PNG", "WEBP", "TIFF"])
def test_an_animation_of_an_animation(source: str, form: str) -> None:
    frames = defocus.each_frame(stored(source))
    made = saved((defocus.portrait(f, matte=MATTE, sigma=2) for f in frames), format=form)
    name, times, loop = stated(made)
    assert name == form.upper()
    assert len(times) == 4
    if form != "tiff":
        assert times == (TIMES if source != "TIFF" else [100] * 4)
        plays = 3 if source != "TIFF" else 0
        assert loop == (max(0, plays - 1) if form == "gif" else plays)
    after = list(defocus.each_frame(made))
    for got, want in zip(after, drawn(), strict=True):
        difference = np.abs(np.asarray(got.convert("RGB")).astype(int) - np.asarray(want))
        assert difference[10:30, 10:30].mean() < (6 if form in ("gif", "webp") else 0.01)


def test_a_gif_that_plays_once() -> None:
    file = io.BytesIO()
    first, *rest = drawn()
    first.save(file, "GIF", save_all=True, append_images=rest, duration=40)
    assert [frame.info["loop"] for frame in defocus.each_frame(file.getvalue())] == [1] * 4
    assert stated(saved(defocus.each_frame(file.getvalue()), format="gif"))[2] is None
    assert stated(saved(defocus.each_frame(file.getvalue()), format="gif", loop=0))[2] == 0
    assert stated(saved(drawn(), format="png", duration=20, loop=7))[1:] == ([20] * 4, 7)


def test_only_one_frame_is_asked_for_at_a_time() -> None:
    alive: list[int] = []

    def frames() -> Iterator[Image.Image]:
        for number, frame in enumerate(drawn()):
            alive.append(number)
            yield frame

    iterator = iter(frames())
    next(iterator)
    assert alive == [0]
    source = defocus.each_frame(stored("GIF"))
    assert next(source).size == (60, 40)
    assert len(stated(saved(source, format="webp"))[1]) == 3


def test_pages_may_differ_in_size_and_animations_may_not() -> None:
    data = stored("TIFF", sizes=2)
    assert [frame.width for frame in defocus.each_frame(data)] == [60, 61, 62, 63]
    again = saved(defocus.each_frame(data), format="tiff")
    assert [frame.width for frame in defocus.each_frame(again)] == [60, 61, 62, 63]
    with pytest.raises(defocus.EncodeError, match="frames have 4 sizes"):
        saved(defocus.each_frame(data), format="webp")


def test_small_versions_of_a_page_are_no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO()
    first, second, *_ = drawn()
    first.save(file, "TIFF", save_all=True, append_images=[second], tiffinfo={0xFE: 1})
    assert [frame.size for frame in defocus.each_frame(file.getvalue())] == [(60, 40)]
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 60 * 40 // 2)
    data = stored("TIFF", sizes=2)
    frames = defocus.each_frame(data)
    assert next(frames).size == (60, 40)
    with pytest.raises(defocus.ImageTooLargeError, match="61 x 40"):
        next(frames)


def test_frames_of_several_modes() -> None:
    grey, colour = Image.new("L", (9, 8), 40), Image.new("RGB", (9, 8), (200, 0, 0))
    clear = Image.new("RGBA", (9, 8), (0, 0, 250, 0))
    red = Image.new("RGBA", (9, 8), (200, 0, 0, 255))
    for form, frames in (
        ("gif", [red, clear, red]),
        ("png", [grey, colour, clear]),
        ("tiff", [grey, clear]),
        ("gif", [grey] * 2),
    ):
        got = list(defocus.each_frame(saved(iter(frames), format=form)))
        for frame, want in zip(got, frames[: len(got)], strict=True):
            visible = np.asarray(want.convert("RGBA"))
            back = np.asarray(frame.convert("RGBA"))
            assert np.array_equal(back[..., 3], visible[..., 3]), form
            assert np.array_equal(
                back[..., 3:] * back[..., :3], visible[..., 3:] * visible[..., :3]
            ), form


def test_metadata_of_the_first_frame_and_strip() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    frames = list(drawn())
    frames[0].info["exif"] = exif.tobytes()
    for form in ("png", "webp", "tiff"):
        for strip in ("none", "all"):
            data = saved(frames, format=form, strip=strip)
            assert (b"Maker" in data) == (strip == "none"), (form, strip)


def test_what_is_no_animation(tmp_path: Path) -> None:
    still = Image.new("RGB", (20, 10), (9, 99, 200))
    for source in (still, np.asarray(still)):
        (frame,) = defocus.each_frame(source)  # type: ignore[arg-type]
        assert frame.size == (20, 10) if isinstance(frame, Image.Image) else (10, 20, 3)
    assert stated(saved([still], format="jpeg"))[0] == "JPEG"
    with pytest.raises(defocus.ImageValueError, match="frames is empty"):
        saved([], format="png")
    for name in ("a.jpg", "a.bmp", "a"):
        with pytest.raises(defocus.UnsupportedFormatError, match=r"several frames; .* \.gif, "):
            defocus.save_frames(drawn(), tmp_path / name)
    with pytest.raises(defocus.OptionError, match="duration=-1"):
        saved(drawn(), format="png", duration=-1)
    with pytest.raises(defocus.OptionTypeError, match="loop='x'"):
        saved(drawn(), format="png", loop="x")
    with pytest.raises(defocus.OptionTypeError):
        defocus.save_frames(drawn(), 5)  # type: ignore[arg-type]
    with pytest.raises(defocus.UnsupportedFormatError, match=r"256 colours.* save_frames"):
        defocus.save(still, tmp_path / "a.gif")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("suffix", [*formats.ANIMATIONS, ".GIF", ".jpg"])
def test_an_animation_of_one_frame(suffix: str, alpha: bool, tmp_path: Path) -> None:
    if alpha and suffix == ".jpg":
        pytest.skip("JPEG has no alpha")
    frame, *_ = drawn(alpha=alpha)
    path = tmp_path / f"a{suffix}"
    defocus.save_frames([frame], path, duration=70, loop=2)
    assert saved(iter([frame]), format=suffix[1:], duration=70, loop=2) == path.read_bytes()
    form, times, loop = stated(path.read_bytes())
    assert form == formats.ANIMATIONS.get(suffix.lower(), "JPEG")
    assert len(times) == 1
    if form == "GIF":
        assert (times, loop) == ([70], 1)
    (after,) = defocus.each_frame(path)
    got, exact = np.asarray(after.convert(frame.mode)).astype(int), np.asarray(frame)
    visible = exact[..., 3] > 0 if alpha else np.full(exact.shape[:2], True)
    if alpha:
        assert np.array_equal(got[..., 3] > 0, visible)
    assert np.abs(got[visible] - exact[visible]).mean() < 2


def test_one_page_of_16_bits_and_one_frame_that_is_rounded(tmp_path: Path) -> None:
    deep = np.full((9, 7, 3), 0x1234, np.uint16)
    for name in ("a.png", "a.apng", "a.tif"):
        defocus.save_frames([deep], tmp_path / name)  # type: ignore[list-item]
        assert np.array_equal(decode.read(tmp_path / name).pixels, deep)
    defocus.save_frames([deep], tmp_path / "a.gif")  # type: ignore[list-item]
    assert (decode.read(tmp_path / "a.gif").pixels == 18).all()


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize("form", ["png", "tiff", "webp", "gif"])
def test_frames_of_16_bits(form: str, grey: bool, alpha: bool) -> None:
    channels = (1 if grey else 3) + alpha
    samples = [picture(20, 30, channels) // np.uint16(step) for step in (1, 2, 3)]
    frames: list[Any] = [
        Image.fromarray(part[..., 0]) if channels == 1 else defocus.DeepImage.of(part)
        for part in samples
    ]
    for frame, time in zip(frames, (40, 70000, 20), strict=True):
        frame.info.update(duration=time, loop=3, dpi=(300.0, 300.0))
    data = saved(iter(frames), format=form)
    if (form, channels) == ("tiff", 2) or (form, alpha) == ("gif", True):
        return  # Pillow reads no such TIFF; a GIF joins frames of which nothing is visible
    back = list(decode.frames(data))
    assert len(back) == 3
    for photo, want, time in zip(back, samples, (40, 70000, 20), strict=True):
        if form in ("png", "tiff"):
            assert (photo.pixels == want[..., : 1 if grey else 3]).all()
            assert (photo.alpha is not None) == alpha
            assert photo.alpha is None or (photo.alpha == want[..., -1]).all()
        assert photo.deep == (form in ("png", "tiff"))
        if form == "png":
            assert (photo.info["duration"], photo.info["loop"]) == (time, 3)
    if form == "png":
        assert back[0].info["dpi"] == pytest.approx((300, 300), abs=0.1)
        with Image.open(io.BytesIO(data)) as image:
            for index in range(3):
                image.seek(index)
                image.load()


def test_frames_of_16_and_of_8_bits_in_one_file() -> None:
    deep = picture(20, 30, 3)
    frames: list[Any] = [
        np.full((20, 30), 9, np.uint8),
        deep,
        Image.new("RGBA", (30, 20), (1, 2, 3, 4)),
    ]
    for form in ("png", "tiff"):
        grey, colour, clear = defocus.each_frame(saved(iter(frames), format=form))
        assert (decode.read(grey).pixels == 9 * 257).all()
        assert (decode.read(colour).pixels == deep).all()
        alpha = decode.read(clear).alpha
        assert alpha is not None
        assert (alpha == 4 * 257).all()
    with pytest.raises(defocus.EncodeError, match="2 sizes"):
        saved([deep, deep[1:]], format="png")
    sizes = [photo.size for photo in decode.frames(saved([deep, deep[1:]], format="tiff"))]
    assert sizes == [(30, 20), (30, 19)]


def test_the_command_does_every_frame_of_16_bits(tmp_path: Path) -> None:
    parts = [Part(picture(40, 60, 3) // np.uint16(step)) for step in (1, 2, 3)]
    (tmp_path / "in.png").write_bytes(animated(parts, (60, 40), plays=2))
    Image.fromarray(MATTE).save(tmp_path / "m.png")
    matte = ["--matte", str(tmp_path / "m.png"), "--frames", "all"]
    for name in ("out.png", "out.tif", "out.webp", "out.gif"):
        assert main(["portrait", str(tmp_path / "in.png"), str(tmp_path / name), *matte]) == 0
        frames = list(decode.frames(tmp_path / name))
        assert len(frames) == 3
        for frame, part in zip(frames, parts, strict=True):
            if name in ("out.png", "out.tif"):
                assert (frame.pixels[MATTE == 255] == part.samples[MATTE == 255]).all()
            if not name.endswith("tif"):
                assert (frame.info["duration"], frame.info["loop"]) == (40, 2)
    assert main(["cutout", str(tmp_path / "in.png"), "-o", str(tmp_path / "out.png"), *matte]) == 0
    for frame, part in zip(decode.frames(tmp_path / "out.png"), parts, strict=True):
        assert (frame.pixels[MATTE == 255] == part.samples[MATTE == 255]).all()
        assert frame.alpha is not None
        assert frame.alpha[0, 0] == 0


def test_the_command_does_a_gif_of_one_frame(tmp_path: Path) -> None:
    frame, *_ = drawn()
    frame.save(tmp_path / "in.gif")
    Image.fromarray(MATTE).save(tmp_path / "m.png")
    for out in ("out.gif", "out.apng"):
        call = ["portrait", str(tmp_path / "in.gif"), str(tmp_path / out), "--frames", "all"]
        assert main([*call, "--matte", str(tmp_path / "m.png")]) == 0
        assert len(stated((tmp_path / out).read_bytes())[1]) == 1


def test_a_broken_frame_is_an_error_of_ours() -> None:
    data = stored("GIF")
    with pytest.raises(defocus.DecodeError):
        list(defocus.each_frame(data[: len(data) // 2]))
    with pytest.raises(defocus.ImageTooLargeError):
        list(defocus.each_frame(data, max_pixels=100))


def test_a_pillow_image_stays_at_its_frame() -> None:
    image = Image.open(io.BytesIO(stored("GIF")))
    image.seek(2)
    assert len(list(defocus.each_frame(image))) == 4
    assert image.tell() == 2


def test_an_mpo_is_one_photograph() -> None:
    first, second = list(drawn())[:2]
    file = io.BytesIO()
    first.save(file, "MPO", save_all=True, append_images=[second])
    assert Image.open(file).n_frames == 2  # type: ignore[attr-defined]
    assert decode.read(file.getvalue()).frames == 1
    assert len(list(defocus.each_frame(file.getvalue()))) == 1


def test_a_png_with_a_picture_for_those_who_know_no_animations() -> None:
    first, *rest = drawn()
    file = io.BytesIO()
    first.save(file, "PNG", save_all=True, append_images=rest, default_image=True, duration=30)
    frames = list(defocus.each_frame(file.getvalue()))
    assert len(frames) == 3
    assert np.array_equal(np.asarray(frames[0]), np.asarray(rest[0]))


# --- the warning, and the command ---------------------------------------------------------------


@pytest.mark.usefixtures("found")
@pytest.mark.parametrize(("form", "warned"), [("GIF", True), ("TIFF", True), ("JPEG", False)])
def test_the_first_frame_with_a_warning(
    form: str, warned: bool, tmp_path: Path, capsys: Any
) -> None:
    path = tmp_path / f"in.{form.lower()}"
    if form == "JPEG":
        next(drawn()).save(path)
    else:
        path.write_bytes(stored(form))
    warned_of = [w for w in defocus.find_subject(path).warnings if w.startswith("several frames: ")]
    assert len(warned_of) == warned
    Image.fromarray(MATTE).save(tmp_path / "m.png")
    for more in ([], ["--matte", str(tmp_path / "m.png")]):
        assert main(["portrait", str(path), "-o", str(tmp_path / "out.png"), *more]) == 0
        lines = capsys.readouterr().err
        assert ("several frames: the file has 4" in lines) == warned
        assert ("--frames all" in lines) == warned


@pytest.mark.usefixtures("found")
def test_every_frame_of_many_files(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "in").mkdir()
    for form in ("GIF", "TIFF", "WEBP"):
        (tmp_path / "in" / f"{form.lower()}.{form.lower()}").write_bytes(stored(form))
    next(drawn()).save(tmp_path / "in" / "one.jpg")
    out = tmp_path / "out"
    arguments = ["portrait", str(tmp_path / "in"), "-o", str(out), "--frames", "all", "--jobs", "1"]
    assert main(arguments) == 0, capsys.readouterr().err
    counts = {}
    for path in out.iterdir():
        with Image.open(path) as image:
            counts[path.name] = getattr(image, "n_frames", 1)
    assert counts == {"gif.png": 4, "tiff.tiff": 4, "webp.webp": 4, "one.jpg": 1}
    assert "several frames" not in capsys.readouterr().err
    # Of these formats only some have a quality.
    assert main([*arguments, "--existing", "overwrite", "--quality", "60"]) == 0


@pytest.mark.usefixtures("found")
@pytest.mark.parametrize("command", ["portrait", "cutout", "mask"])
def test_the_command_does_every_frame(command: str, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "in.gif").write_bytes(stored("GIF"))
    for out in ("out.webp", "out.png", "out.gif", "out.tif"):
        target = tmp_path / out
        assert main([command, str(tmp_path / "in.gif"), str(target), "--frames", "all"]) == 0
        form, times, _ = stated(target.read_bytes())
        assert len(times) == 4, out
        if form != "TIFF":
            assert times == TIMES
    frames = list(defocus.each_frame(tmp_path / "out.tif"))
    assert {frame.mode for frame in frames} == {
        {"portrait": "RGB", "cutout": "RGBA", "mask": "L"}[command]
    }
    assert "several frames" not in capsys.readouterr().err


@pytest.mark.parametrize("command", ["portrait", "cutout"])
def test_frames_without_a_subject(
    command: str, tmp_path: Path, found: list[int], capsys: Any
) -> None:
    (tmp_path / "in.png").write_bytes(stored("PNG"))
    call = [command, str(tmp_path / "in.png"), str(tmp_path / "out.png"), "--frames", "all"]
    found[0] = 2
    assert main(call) == 0
    assert "no subject found in 2 of 4 frames: 3, 4" in capsys.readouterr().err
    last = np.asarray(list(defocus.each_frame(tmp_path / "out.png"))[-1])
    if command == "portrait":
        assert np.array_equal(last, np.asarray(list(drawn())[-1]))
    else:
        assert last[..., 3].max() == 0
    (tmp_path / "out.png").unlink()
    found[0] = 0
    assert main(call) == 3
    assert not (tmp_path / "out.png").exists()
    assert main([*call, "--subsampling", "4:2:0"]) == 2


def test_one_matte_for_every_frame_and_stdout(tmp_path: Path, capfdbinary: Any) -> None:
    (tmp_path / "in.gif").write_bytes(stored("GIF"))
    Image.fromarray(MATTE).save(tmp_path / "m.png")
    matte = ["--matte", str(tmp_path / "m.png")]
    assert main(["cutout", str(tmp_path / "in.gif"), "-", *matte, "--frames", "all"]) == 0
    assert stated(capfdbinary.readouterr().out)[:2] == ("PNG", TIMES)


def test_formats_are_pillows_names() -> None:
    Image.init()
    assert set(formats.ANIMATIONS.values()) <= set(Image.SAVE_ALL)


class Failing(io.BytesIO):
    """A file on a disk that breaks after a number of reads."""

    reads = 0

    def __init__(self, data: bytes, most: int) -> None:
        super().__init__(data)
        self.most = most

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        if self.reads > self.most:
            raise OSError(errno.EIO, "Input/output error")
        return super().read(size)


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_a_disk_that_breaks_between_frames(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(most: int) -> Failing:
        file = Failing(data, most)
        monkeypatch.setattr(opening, "_open_path", lambda _: file)
        assert len(list(animation.each_frame("a file"))) == 4
        return file

    data = stored(form)
    for most in range(read(10**9).reads):
        with pytest.raises(defocus.DecodeError, match="Input/output error"):
            read(most)
