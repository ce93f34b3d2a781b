"""Options have the names, the defaults and the ranges of the library."""

from __future__ import annotations

import math
import re
from dataclasses import fields
from typing import Any

import pytest
from pydantic import BaseModel

from defocus.errors import OptionError
from defocus.options import KEYWORDS, Finish, Lens, Look, Storage
from defocus.serve import openapi
from defocus.serve.parameters import (
    CutoutOptions,
    FinishOptions,
    LensOptions,
    MaskOptions,
    PortraitOptions,
    Saving,
    parsed,
)
from defocus.serve.problems import Problem

FILES = {"matte", "depth", "keep", "remove"}
GROUPS = {"lens", "look", "finish"}  # the service takes single options
LIBRARY: tuple[tuple[type[BaseModel], type[Any]], ...] = (
    (LensOptions, Lens),
    (LensOptions, Look),
    (FinishOptions, Finish),
    (Saving, Storage),
)
# Where the library takes numbers and objects too, and the service takes text.
TEXT = dict.fromkeys(("grow", "feather", "shadow"))
ALSO: dict[str, dict[str, Any]] = {
    "blades": {"bokeh": "disc"},
    "highlights": {"bokeh": "disc"},
    "fill": {"canvas": "square"},
    "distance": {"focal_length": 5.0},
    "focal_length": {"distance": 100.0},
}


@pytest.mark.parametrize(
    ("model", "command"),
    [(PortraitOptions, "portrait"), (CutoutOptions, "cutout"), (MaskOptions, "mask")],
)
def test_every_option_of_the_library_is_there(model: type[BaseModel], command: str) -> None:
    assert {*model.model_fields} - {*Saving.model_fields} == {*KEYWORDS[command]} - FILES - GROUPS
    assert {*Saving.model_fields} == {"format", *Storage.__dataclass_fields__}


@pytest.mark.parametrize(("model", "kind"), LIBRARY)
def test_defaults_are_those_of_the_library(model: type[BaseModel], kind: type[Any]) -> None:
    for field in fields(kind):
        default = {"strip": "gps", **TEXT}.get(field.name, field.default)
        assert model.model_fields[field.name].default == default, field.name


def limits(model: type[BaseModel], name: str) -> dict[str, float]:
    schema = model.model_json_schema()["properties"][name]
    (part,) = [p for p in schema.get("anyOf", [schema]) if p.get("type") in ("number", "integer")]
    return {key: part[key] for key in part if "imum" in key.lower()}


def numbers() -> list[tuple[type[BaseModel], type[Any], str]]:
    return [
        (model, kind, field.name)
        for model, kind in LIBRARY
        for field in fields(kind)
        if "float" in field.type or "int" in field.type
    ]


@pytest.mark.parametrize(("model", "kind", "name"), numbers())
def test_ranges_are_those_of_the_library(
    model: type[BaseModel], kind: type[Any], name: str
) -> None:
    also, found = ALSO.get(name, {}), limits(model, name)
    whole = "int" in str(kind.__dataclass_fields__[name].type)

    def library(value: float) -> bool:
        try:
            kind(**also, **{name: int(value) if whole else value})
        except OptionError:
            return False
        return True

    def service(value: float) -> bool:
        try:
            parsed(model, {**also, name: str(int(value) if whole else value)})
        except Problem:
            return False
        return True

    assert len(found) == 2
    for bound in found.values():
        beyond = [bound - 1, bound + 1] if whole else [math.nextafter(bound, -1e9), bound + 0.01]
        for value in (bound, *beyond):
            if name != "distance" or value > 0.005:  # the lens cannot focus nearer
                assert service(value) == library(value), (name, value)


def test_a_selection_is_read_from_text() -> None:
    pattern = described(MaskOptions)["select"]["pattern"]
    box = (1.0, 2.5, 30.0, 4.0)
    for text, value in (("1,-2", (1.0, -2.0)), ("1, 2.5,3e1,+4.", box), ("all", "all")):
        assert re.search(pattern, text)
        assert parsed(MaskOptions, {"select": text}).select == value
    for text in ("1", "1,2,3", "a,b", "some", "1,nan", "1_0,2", "1,2,3,4,5", "1,1e999"):
        assert not re.search(pattern, text)
        with pytest.raises(Problem):
            parsed(MaskOptions, {"select": text})


def described(model: type[BaseModel]) -> dict[str, Any]:
    """The schemas of the query parameters by name."""
    found = openapi.image_in_image_out(model, ())["parameters"]
    return {parameter["name"]: parameter["schema"] for parameter in found}


def test_no_option_is_described_as_null() -> None:
    quality = described(PortraitOptions)["quality"]
    assert quality.items() >= {"type": "integer", "minimum": 1, "maximum": 100}.items()
    for schema in described(PortraitOptions).values():
        assert "anyOf" not in schema
        assert schema.get("default", 0) is not None
