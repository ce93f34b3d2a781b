"""The public interface: a change of it is a change of public_api.txt, which a reviewer sees."""

from __future__ import annotations

import builtins
import inspect
import typing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import defocus
from defocus.pipeline.keywords import CutoutKeywords, PortraitKeywords
from defocus.subject import subject
from tools import public_api

LIST = Path(__file__).with_name("public_api.txt")


def functions() -> list[Any]:
    """Every public function, and the methods of every public class."""
    found: list[Any] = []
    for module, more in public_api.MODULES:
        for name in (*module.__all__, *more):
            value = getattr(module, name)
            if inspect.isfunction(value):
                found.append(value)
            elif isinstance(value, type) and not issubclass(value, BaseException):
                found.append(value)
                shown = [
                    m for m in vars(value) if not m.startswith("_") or m in ("__init__", "__call__")
                ]
                members = [getattr(value, member) for member in shown]
                found += [
                    member
                    for member in members
                    if inspect.isfunction(member) or inspect.ismethod(member)
                ]
    return [value for value in found if getattr(value, "__module__", "").startswith("defocus")]


def test_the_public_interface_is_the_one_that_is_listed() -> None:
    listed = LIST.read_text(encoding="utf-8").splitlines()
    assert list(public_api.lines()) == listed, "python -m tools.public_api > the list"


@pytest.mark.parametrize("value", functions(), ids=lambda value: value.__qualname__)
def test_annotations_can_be_evaluated(value: Any) -> None:
    hints = typing.get_type_hints(value)
    if inspect.isfunction(value):
        assert {*hints} >= {*inspect.signature(value).parameters} - {"self", "cls"}


def test_a_star_import_leaves_built_in_names_alone() -> None:
    names: dict[str, Any] = {}
    exec("from defocus import *", names)
    assert not {*names} & {*vars(builtins)} - {"__builtins__", "__name__", "__doc__"}
    assert {"portrait", "Lens", "Look", "Finish", "Recipe", "Source"} <= {*names}
    assert callable(defocus.map)
    assert "map" in dir(defocus)


def test_the_text_of_a_subject_computes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = np.full((48, 64, 3), 90, np.uint8)
    made = subject.refine(np.ones((320, 320), np.float32), photo, (64, 48), 0.5)
    computed = {"matte", "box", "mask"}
    assert "Subject(found=True" in repr(made)
    assert not computed & {*vars(made)}
    assert made.box is not None
    assert computed & {*vars(made)}, "the test does not see what is computed"


@pytest.mark.parametrize(
    "value",
    [v for v in functions() if not v.__name__.startswith("_")],
    ids=lambda value: value.__qualname__,
)
def test_every_public_name_has_a_docstring(value: Any) -> None:
    assert (inspect.getdoc(value) or "").strip()


@pytest.mark.parametrize(
    ("function", "keywords"),
    [(defocus.portrait, PortraitKeywords), (defocus.cutout, CutoutKeywords)],
)
def test_type_checkers_see_the_keywords_of_the_function(function: Any, keywords: Any) -> None:
    hints = typing.get_type_hints(function)
    assert typing.get_type_hints(keywords) == {
        name: kind for name, kind in hints.items() if name not in ("image", "return")
    }
