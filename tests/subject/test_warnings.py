"""Choosing the subject and being warned, on drawn scenes whose map is drawn, too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import defocus
from defocus.subject import components, measures
from defocus.subject.warnings import warn

HEIGHT, WIDTH = 240, 320
Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]


def disc(x: float, y: float, radius: float, soft: float = 1.5) -> Floats:
    """1 inside, 0 outside, with an edge `soft` pixels wide."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    edge: Floats = np.clip((radius - np.hypot(columns - x, rows - y)) / soft + 0.5, 0, 1)
    return edge


def scene(alpha: Floats, *, sharp: bool = True, like: bool = False) -> Pixels:
    """What alpha shows is a checked thing, before a softly varied wall."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    wall = np.stack([80 + 10 * np.sin(columns / 9), 100 + 8 * np.cos(rows / 7), rows * 0 + 140], -1)
    checks = ((rows // 3 + columns // 3) % 2)[..., np.newaxis]
    thing = wall if like else np.where(checks, (230, 160, 60), (120, 40, 20))
    if not sharp:
        thing, wall = np.full_like(wall, (190, 110, 40)), np.where(checks, wall, 40 + wall / 2)
    a = alpha[..., np.newaxis]
    return np.asarray(a * thing + (1 - a) * wall, np.uint8)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Find the subject in a drawn scene, with alpha for the network's map."""

    def find(alpha: Floats, image: Pixels | None = None, **options: Any) -> defocus.Subject:
        def mask(_: object, pixels: Pixels) -> NDArray[np.float32]:
            return alpha.astype(np.float32)

        monkeypatch.setattr(defocus.Segmenter, "mask", mask)
        return defocus.find_subject(scene(alpha) if image is None else image, **options)

    return find


def kinds(subject: defocus.Subject) -> list[str]:
    assert all("; " in warning for warning in subject.warnings), "each gives advice"
    return [warning.partition(":")[0] for warning in subject.warnings]


def test_a_clear_subject_is_no_reason_to_warn(found: Any) -> None:
    subject = found(disc(160, 130, 60))
    assert subject.warnings == ()
    assert len(subject.components) == 1
    assert subject.components[0].box == pytest.approx(subject.box, abs=1)


def test_two_subjects(found: Any) -> None:
    left, right = disc(90, 120, 50), disc(240, 140, 35)
    subject = found(left + right)
    assert kinds(subject) == ["several subjects"]
    assert [part.box for part in subject.components] == [(40, 70, 141, 171), (205, 105, 276, 176)]
    for select, alpha in [("largest", left), ((240, 150), right), ((200, 90, 300, 200), right)]:
        one = found(left + right, select=select)
        assert one.warnings == ()
        assert len(one.components) == 1
        # The map's own edges move a little where the picture has none to follow.
        assert np.mean((one.matte >= 0.5) != (alpha >= 0.5)) < 0.005
    assert kinds(found(left + disc(240, 140, 15))) == []
    with pytest.raises(defocus.NoSubjectError, match=r"\(40, 70, 141, 171\)"):
        found(left + right, select=(300, 20))
    with pytest.raises(defocus.OptionError, match="320 x 240"):
        found(left + right, select=(400, 20))


def test_the_choice_is_the_same_in_portrait_and_cutout(found: Any) -> None:
    left, right = disc(90, 120, 50), disc(240, 140, 35)
    image = scene(left + right)
    subject = found(left + right, select="largest")
    for call in (defocus.portrait, defocus.cutout):
        chosen = call(image, select="largest")
        assert np.array_equal(chosen, call(image, subject=subject))
        assert not np.array_equal(chosen, call(image))
        with pytest.raises(defocus.OptionError, match="select="):
            call(image, subject=subject, select="largest")
        with pytest.raises(defocus.OptionError, match="select="):
            call(image, matte=subject.matte, select=(1, 2))


def test_no_subject(found: Any) -> None:
    assert kinds(found(0.4 * disc(160, 120, 60))) == ["no subject found"]
    assert kinds(found(disc(160, 120, 17))) == ["perhaps no subject"]
    assert kinds(found(disc(160, 120, 24))) == []
    ground = np.zeros((HEIGHT, WIDTH))
    ground[110:] = 1
    assert "perhaps no subject" in kinds(found(ground))
    upright = ground.copy()
    upright[:, :60] = 1  # a person close by, perhaps
    ground[:, :120] = 0
    for other in (upright, ground):
        assert "perhaps no subject" not in kinds(found(other))


def test_the_flip_pass_ends_the_warning_only_if_it_leaves_no_doubt() -> None:
    first, half, settled = (disc(160, 120, 60, soft).astype(np.float32) for soft in (50, 25, 1.5))
    look = np.divide(scene(disc(160, 120, 60)).transpose(2, 0, 1), np.float32(255))

    def warned(raw: NDArray[np.float32], before: NDArray[np.float32] | None) -> bool:
        parts = components.split(raw, (WIDTH, HEIGHT)).components
        warnings = warn(raw, look, (WIDTH, HEIGHT), parts, before)
        return any(warning.startswith("unsure edges") for warning in warnings)

    assert warned(first, None)
    assert warned(half, first)
    assert not warned(half, settled)
    assert not warned(settled, first)


def test_unsure_edges(found: Any) -> None:
    assert kinds(found(disc(160, 120, 60, soft=60))) == ["unsure edges"]
    assert kinds(found(disc(160, 120, 60, soft=8))) == []
    # Small doubts within a clear outline are no doubts about the subject; large ones are.
    assert kinds(found(np.maximum(0.92 * disc(160, 120, 60), disc(160, 120, 20)))) == []
    doubtful = np.maximum(0.75 * disc(160, 120, 60), disc(160, 120, 20))
    assert kinds(found(doubtful)) == ["unsure edges"]


def test_camouflage(found: Any) -> None:
    alpha = disc(160, 120, 60, soft=16)
    assert kinds(found(alpha, scene(alpha, like=True))) == ["camouflage"]
    assert kinds(found(alpha)) == []
    sure = disc(160, 120, 60)
    assert kinds(found(sure, scene(sure, like=True))) == []


@pytest.mark.parametrize(
    ("x", "y", "edges"),
    [(20, 120, "left"), (300, 120, "right"), (160, 20, "top"), (20, 20, "left and top")],
)
def test_cut_by_the_frame(found: Any, x: int, y: int, edges: str) -> None:
    subject = found(disc(x, y, 60))
    assert kinds(subject) == ["cut by the frame"]
    assert f"the {edges} edge" in subject.warnings[0]


def test_below_the_frame_is_where_portraits_end(found: Any) -> None:
    assert found(disc(160, 220, 60)).warnings == ()


def test_a_subject_out_of_focus(found: Any) -> None:
    alpha = disc(160, 120, 60, soft=6)
    assert kinds(found(alpha, scene(alpha, sharp=False))) == ["subject not sharp"]


def test_a_plain_subject_with_a_sharp_outline_is_sharp(found: Any) -> None:
    alpha = disc(160, 150, 110, soft=1)  # so large that 98 % of it is not outline
    behind = scene(alpha, sharp=False)
    image = np.where(alpha[..., np.newaxis] >= 0.5, 250, behind).astype(np.uint8)
    assert found(alpha, image).warnings == ()


def test_a_small_photograph(found: Any) -> None:
    alpha = disc(160, 120, 60)
    assert kinds(found(alpha, scene(alpha)[::2, ::2])) == ["small photograph"]


def test_a_real_network_finds_both_balls() -> None:
    rng = np.random.default_rng(0)
    image = np.clip(np.array([70, 110, 150]) + rng.normal(0, 6, (300, 480, 3)), 0, 255)
    rows, columns = np.mgrid[:300, :480]
    for x, y, radius, colour in [(130, 150, 75, (225, 120, 40)), (350, 170, 55, (200, 40, 60))]:
        light = np.clip(1.2 - np.hypot(columns - x + 20, rows - y + 20) / radius / 2, 0.2, 1.2)
        ball = np.hypot(columns - x, rows - y) <= radius
        image[ball] = (light[..., np.newaxis] * colour)[ball]
    subject = defocus.find_subject(np.clip(image, 0, 255).astype(np.uint8))
    assert len(subject.components) == 2
    assert kinds(subject) == ["several subjects"]


def test_signs_of_tiny_maps() -> None:
    measured = measures.measure(np.ones((1, 1), np.float32), np.zeros((3, 1, 1), np.float32))
    assert (measured.area, measured.focus) == (1.0, 1.0)
