"""Every keyword of every public function refuses what it does not mean, before any work is done."""

from __future__ import annotations

import inspect
import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import defocus
from defocus import kernels
from defocus.batch import plan
from defocus.options import KEYWORDS, Storage
from defocus.ray import pictures

PHOTO = np.full((6, 8, 3), 90, np.uint8)
MATTE = np.full((6, 8), 255, np.uint8)


class Untouched(io.BytesIO):
    """A picture that notes when somebody reads it."""

    touched = False

    def read(self, *_: Any) -> bytes:
        self.touched = True
        return b""

    def write(self, data: Any) -> int:
        self.touched = True
        return len(data)


class Frames:
    """Frames that note when somebody asks for one."""

    touched = False

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        self.touched = True
        return PHOTO


def arguments(function: Any) -> dict[str, Any]:
    """Good values for what has no default."""
    needed: dict[str, Any] = {
        "image": Untouched(),
        "images": Frames(),
        "frames": Frames(),
        "source": Untouched(),
        "target": Untouched(),
        "inputs": [],
        "out_folder": "out",
        "file": "network.onnx",
        "sigma": 3,
        "size": (8, 6),
        "mask": MATTE,
        "alpha": MATTE,
        "foreground": PHOTO,
        "background": PHOTO,
        "samples": PHOTO.astype(np.uint16),
    }
    if function in KERNELS or function is defocus.save:
        needed["image"] = PHOTO
    if function is defocus.save_frames:
        needed["frames"] = [PHOTO, PHOTO]
    parameters = inspect.signature(function).parameters.values()
    return {p.name: needed[p.name] for p in parameters if p.default is p.empty and p.name in needed}


EACH: Any = defocus.each_frame
KERNELS: list[Callable[..., Any]] = [getattr(kernels, name) for name in kernels.__all__]
FUNCTIONS: list[Callable[..., Any]] = [
    defocus.portrait,
    defocus.cutout,
    defocus.find_subject,
    defocus.map,
    defocus.video,
    EACH,
    defocus.save,
    defocus.save_frames,
    defocus.Segmenter,
    defocus.ModelSpec,
    defocus.DeepImage.of,
    *KERNELS,
    pictures.Pictures,
    pictures.Recipe,
    plan.plan,
]
# Paths, texts and callables may be anything that looks like one.
FREE = {"licence", "source", "url", "name", "output", "file", "model", "out_folder", "root"}
WRONG: list[Any] = [object(), 1j, "nonsense", np.zeros((2, 3)), {"a": 1}, [object()], -(10**400)]


def allowed(name: str, value: Any) -> bool:
    """Whether the value may be meant."""
    if name in FREE and isinstance(value, str):
        return True
    if name == "targets" and isinstance(value, dict):
        return True
    arrays = ("image", "source", "background")  # not those of the kernels
    maps = ("depth", "matte", "mask", "alpha", "keep", "remove")
    if isinstance(value, np.ndarray) and (name in maps or (name in arrays and value.dtype == "f8")):
        return True
    return name in ("images", "frames") and isinstance(value, (str, list, np.ndarray, dict))


CASES = [
    pytest.param(function, name, value, id=f"{function.__qualname__}-{name}-{type(value).__name__}")
    for function in FUNCTIONS
    for name, parameter in inspect.signature(function).parameters.items()
    if parameter.kind is not parameter.VAR_KEYWORD
    for value in WRONG
    if not allowed(name, value)
]


@pytest.mark.parametrize(("function", "name", "value"), CASES)
def test_every_keyword_refuses_what_it_does_not_mean(
    function: Any, name: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(defocus.Segmenter, "build", lambda self: pytest.fail("a network is built"))
    given = {**arguments(function), name: value}
    call = (lambda **options: next(function(**options))) if function is EACH else function
    with pytest.raises(defocus.DefocusError) as caught:
        call(**given)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400
    for other in given.values():
        assert not getattr(other, "touched", False), "work was done"


def fresh() -> Any:
    return Frames()


def recipe(**changes: Any) -> Any:
    return lambda: pictures.Recipe(**changes)


def cut(**options: Any) -> Any:
    return lambda: pictures.Recipe(command="cutout", options=options)


def of(function: Any, *arguments: Any, **options: Any) -> Any:
    return lambda: function(*arguments, **options)


MISSPELT: list[tuple[Callable[[], Any], str]] = [
    (recipe(command="cutuot"), "did you mean 'cutout'"),
    (recipe(no_subject="coppy"), "did you mean 'copy'"),
    (recipe(options={"aperturr": 2}), "did you mean 'aperture'"),
    (recipe(command="mask", options={"sigma": 2}), "options takes no option 'sigma'"),
    (recipe(options={"crop": 0.1}), "options takes no option 'crop'"),
    (recipe(options={"segmenter": None}), "'segmenter'"),
    (recipe(options={2: 2}), "no option 2"),
    (recipe(options={"bokeh": "disk"}), "did you mean 'disc'"),
    (recipe(options={"aperture": "2"}), "aperture='2' is a str"),
    (recipe(options={"blades": 6}), "bokeh='disc' only"),
    (recipe(options={"depth": "a.png", "ramp": 0.5}), "depth and ramp"),
    (recipe(options={"depth": -MATTE.astype(float)}), "negative"),
    (recipe(options={"depth": 3}), "depth is an int"),
    (recipe(options={"matte": MATTE.astype(int)}), "matte has dtype int64"),
    (recipe(options={"matte": MATTE, "select": "largest"}), "matte is given"),
    (recipe(finding={"selct": "all"}), "did you mean 'select'"),
    (recipe(finding={"select": "larges"}), "did you mean 'largest'"),
    (recipe(finding={"effort": "bst"}), "did you mean 'best'"),
    (recipe(saving={"qualty": 9}), "did you mean 'quality'"),
    (recipe(saving={"quality": 101}), "quality=101"),
    (recipe(saving={"strip": "gsp"}), "did you mean 'gps'"),
    (recipe(saving={"threads": 0}), "threads=0"),
    (recipe(max_pixels=0), "max_pixels=0"),
    (cut(sigma=2), "options takes no option 'sigma'"),
    (cut(matte_only="no"), "True or False"),
    (cut(background=3), "background=3"),
    (cut(background=(1, 2)), "background="),
    (cut(background="red", matte_only=True), "matte_only and background"),
    (of(pictures.Pictures, format="jpgg"), "format='jpgg'"),
    (of(defocus.map, fresh(), aperturr=2), "did you mean 'aperture'"),
    (of(defocus.map, fresh(), defocus.cutout, sigma=2), "cutout takes no option 'sigma'"),
    (of(defocus.map, fresh(), bokeh="disk"), "did you mean 'disc'"),
    (of(defocus.map, fresh(), depth=3), "depth is an int"),
    (of(defocus.map, fresh(), depth="no.png", ramp=0.1), "depth and ramp"),
    (of(defocus.map, fresh(), segmenter=3), "segmenter is an int"),
    (of(defocus.map, fresh(), defocus.cutout, matte_only="no"), "True or False"),
    (of(defocus.map, fresh(), defocus.find_subject, effort="bst"), "did you mean 'best'"),
    (of(defocus.map, fresh(), lambda image, width: 0, widht=2), "did you mean 'width'"),
    (of(defocus.video, fresh(), aperturr=2), "did you mean 'aperture'"),
    (of(defocus.video, fresh(), defocus.cutout, sigma=2), "cutout takes no option 'sigma'"),
    (of(defocus.video, fresh(), defocus.cutout, matte_only="no"), "True or False"),
    (of(Storage, subsampling="420"), "expected one of 4:4:4"),
    (of(plan.plan, [], "out", command="cutuot"), "'cutout'"),
    (of(plan.plan, [], "out", existing="skipp"), "did you mean 'skip'"),
    (of(plan.plan, [], "out", same_name="renam"), "'rename'"),
    (of(plan.plan, "in.jpg", "out"), "expected a list of paths"),
    (of(defocus.cutout, PHOTO, matte=MATTE, matte_only=1), "True or False"),
]


@pytest.mark.parametrize(("call", "message"), MISSPELT)
def test_what_is_misspelt_is_told_with_what_may_be_meant(
    call: Callable[[], Any], message: str
) -> None:
    with pytest.raises(defocus.DefocusError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "call",
    [recipe(options={"aperturr": 2}), of(defocus.map, [], aperturr=2)],
    ids=["Recipe", "map"],
)
def test_a_keyword_of_the_wrong_name_is_a_type_error(call: Callable[[], Any]) -> None:
    with pytest.raises(TypeError):
        call()


@pytest.mark.parametrize("function", [defocus.portrait, defocus.cutout])
def test_the_list_of_keywords_is_that_of_the_function(function: Any) -> None:
    """The list that a Recipe is checked by; the others are fields of its own, or no matter."""
    keywords = set(inspect.signature(function).parameters) - {"image"}
    assert keywords - set(KEYWORDS[function.__name__]) == {"subject", "segmenter", "max_pixels"}
    assert set(KEYWORDS[function.__name__]) <= keywords


def test_what_is_right_passes() -> None:
    options = {"aperture": np.float32(2), "bokeh": "disc", "blades": np.int64(6), "depth": MATTE}
    pictures.Recipe(options=options, finding={"select": (1, np.float64(2))}, saving={"quality": 80})
    flags: Any = {"matte_only": np.True_, "matte": PHOTO[..., 0] > 3, "alpha_floor": 0}
    pictures.Recipe(
        command="cutout", options=flags, every_frame=True, no_subject="skip", max_pixels=9
    )
    cut(background="no/such/file.png", matte=b"...")()
    pictures.Recipe(
        command="mask", options={"effort": "best"}, saving={"strip": "all", "threads": 1}
    )
    assert defocus.cutout(PHOTO, **flags).shape == MATTE.shape
    assert list(defocus.map([], lambda image, **others: others, anything=3)) == []
