"""The options of the endpoints: names, ranges and defaults of the library, as query or form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from defocus.errors import OptionTypeError
from defocus.io.canvas.background import check_background, colour_of
from defocus.options import Align, Bokeh, Effort, Finish, Ground, Light, check_keywords
from defocus.serve.problems import Problem

__all__ = ["CutoutOptions", "MaskOptions", "PortraitOptions", "SubjectOptions", "given", "parsed"]

_Model = TypeVar("_Model", bound=BaseModel)
_NUMBER = r" *[-+]?([0-9]{1,9}(\.[0-9]*)?|\.[0-9]+)(e[-+]?[0-9]{1,2})? *"
_POINT_OR_BOX = re.compile(rf"{_NUMBER},{_NUMBER}(,{_NUMBER},{_NUMBER})?")
_SELECTION = rf"^(all|largest|{_POINT_OR_BOX.pattern})$"


def _selection(value: object) -> object:
    """A point or box from its text, "x,y" or "left,top,right,bottom"."""
    if value in ("all", "largest"):
        return value
    if not isinstance(value, str) or not _POINT_OR_BOX.fullmatch(value):
        raise ValueError(
            "expected all, largest, x,y or left,top,right,bottom in pixels, for example 320,240"
        )
    return tuple(float(number) for number in value.split(","))


def colour(value: object) -> str:
    """The colour as it is; ValueError for what is none, a path above all."""
    if not isinstance(value, str) or check_background(value) is None:
        raise ValueError("expected a colour such as white or #ff8800; send a picture as a file")
    return value


Point = tuple[float, float]
Box = tuple[float, float, float, float]
_Select = Annotated[
    Literal["all", "largest"] | Point | Box,
    BeforeValidator(_selection, json_schema_input_type=Annotated[str, Field(pattern=_SELECTION)]),
    Field(description="all, largest, a point x,y or a box left,top,right,bottom in pixels"),
]
_BOX = re.compile(rf"{_NUMBER}(,{_NUMBER}){{3}}")
_POINT = rf"{_NUMBER},{_NUMBER},(keep|remove)"
_POINTS = re.compile(rf"{_POINT}(;{_POINT}){{0,999}}")


def _box(value: object) -> object:
    """A box from its text, "left,top,right,bottom"."""
    if not isinstance(value, str) or not _BOX.fullmatch(value):
        raise ValueError("expected left,top,right,bottom in pixels, for example 40,10,300,420")
    return tuple(float(number) for number in value.split(","))


def _points(value: object) -> object:
    """Points from their text, "x,y,keep;x,y,remove"."""
    if not isinstance(value, str) or not _POINTS.fullmatch(value):
        raise ValueError(
            "expected x,y,keep or x,y,remove in pixels, separated by semicolons, for example "
            "320,240,keep;20,30,remove"
        )
    points = (point.split(",") for point in value.split(";"))
    return tuple((float(x), float(y), how == "keep") for x, y, how in points)


_Box = Annotated[
    Box,
    BeforeValidator(
        _box, json_schema_input_type=Annotated[str, Field(pattern=rf"^{_BOX.pattern}$")]
    ),
    Field(description="left,top,right,bottom in pixels, around the subject"),
]
_Points = Annotated[
    tuple[tuple[float, float, bool], ...],
    BeforeValidator(
        _points, json_schema_input_type=Annotated[str, Field(pattern=rf"^{_POINTS.pattern}$")]
    ),
    Field(description="x,y,keep or x,y,remove in pixels, separated by semicolons"),
]
_Quality = Annotated[int, Field(ge=1, le=100, description="of JPEG, WebP, AVIF and HEIC")]
_Colour = Annotated[
    str, BeforeValidator(colour), Field(max_length=64, description="a colour, or a picture as file")
]


class Options(BaseModel):
    """What all options have in common: no others are taken."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class SubjectOptions(Options):
    """How the subject is found."""

    box: _Box | None = None
    points: _Points | None = None
    select: _Select = "all"
    effort: Effort = "good"


class Saving(Options):
    """How the answer is stored."""

    format: Literal["jpeg", "jpg", "png", "webp", "tiff", "avif", "heic"] | None = None
    quality: _Quality | None = None
    subsampling: Literal["4:4:4", "4:2:2", "4:2:0"] | None = None
    compression: Literal["fast", "small"] | None = None
    strip: Literal["none", "gps", "all"] = Field(
        "gps", description="metadata to leave out; gps is where the photograph was taken"
    )


class LensOptions(Options):
    """The options of `Lens` and `Look`."""

    aperture: float = Field(1.8, ge=0.5, le=64.0, description="f-number")
    focal_length: float = Field(50.0, ge=5.0, le=2000.0, description="millimetres")
    distance: float = Field(1.5, ge=0.0, le=10000.0, description="metres to the subject")
    sigma: float | None = Field(None, gt=0.0, le=100000.0, description="pixels; replaces the lens")
    bokeh: Bokeh = "gaussian"
    blades: int | None = Field(None, ge=5, le=9)
    highlights: float | None = Field(None, ge=0.0, le=100.0)
    light: Light = "linear"
    ramp: float | None = Field(None, ge=0.0, le=1.0, description="row of the horizon")
    ground: Ground = Field("off", description="auto: the ground at the feet is in focus too")
    grain: float = Field(0.0, ge=0.0, le=10.0)


_LENGTH = r"[-+]?([0-9]{1,9}(\.[0-9]*)?|\.[0-9]+)(px|%)?"
_Length = Annotated[str, Field(pattern=rf"^{_LENGTH}$", max_length=32)]
_Sides = Annotated[str, Field(pattern=rf"^{_LENGTH}(,{_LENGTH}){{0,3}}$", max_length=128)]
_Canvas = Annotated[str, Field(pattern=r"^(square|[0-9]{1,5}:[0-9]{1,5}|[0-9]{1,6}x[0-9]{1,6})$")]
_Shadow = Annotated[str, Field(pattern=r"^(drop|contact)( [a-z]+=[^ ]+){0,5}$", max_length=200)]


class FinishOptions(Options):
    """The options of `Finish`, and the background's colour, in the order in which they apply."""

    fill_holes: float = Field(0.0, ge=0.0, le=1.0)
    alpha_floor: float | None = Field(None, ge=0.0, le=1.0)
    threshold: float | None = Field(None, gt=0.0, le=1.0, description="hard edge")
    grow: _Length | None = Field(None, description="of the outline: pixels or %, or negative")
    feather: _Length | None = Field(None, description="blur of alpha: pixels or %")
    crop: _Sides | None = Field(None, description="margin, or left,top,right,bottom: pixels or %")
    canvas: _Canvas | None = Field(None, description="square, a ratio 4:5, or pixels 1000x1000")
    fill: float | None = Field(None, ge=0.05, le=1.0, description="of the canvas by the subject")
    align: Align = "center"
    max_size: int | None = Field(None, ge=1, le=1_000_000, description="pixels of the longer side")
    shadow: _Shadow | None = Field(None, description="drop blur=2% opacity=.5, or contact")
    background: _Colour | None = None
    matte_only: bool = False

    @model_validator(mode="after")
    def _together(self) -> Self:
        """Check what the fields alone do not say."""
        names = self.model_fields_set & {*Finish.__dataclass_fields__}
        shadow = Finish(**{name: getattr(self, name) for name in names}).cast
        if shadow is not None:
            colour_of("shadow colour", shadow.colour)
        return self


class PortraitOptions(LensOptions, SubjectOptions, Saving):
    """The options of POST /v1/portrait."""


class CutoutOptions(FinishOptions, SubjectOptions, Saving):
    """The options of POST /v1/cutout."""


class MaskOptions(SubjectOptions, Saving):
    """The options of POST /v1/mask."""


def given(query: Mapping[str, str], fields: Mapping[str, str]) -> dict[str, str]:
    """The options of the query and of the form.  Raises Problem for one that is in both."""
    if both := {*query} & {*fields}:
        raise Problem(422, "option", "given in the query and in the form", value=min(both)[:80])
    return {**query, **fields}


def parsed(model: type[_Model], given: Mapping[str, Any]) -> _Model:
    """The options, typed and checked.  Raises Problem (422)."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise _refused(error, model) from None


def _refused(error: ValidationError, model: type[BaseModel]) -> Problem:
    first = error.errors(include_url=False, include_context=False)[0]
    if not first["loc"]:  # what does not fit together names its options
        return Problem(422, "option", first["msg"].removeprefix("Value error, "))
    if first["type"] == "extra_forbidden":
        try:
            check_keywords(first["loc"], model.model_fields, "this request")
        except OptionTypeError as unknown:
            return Problem(422, "option", str(unknown))
    place = ".".join(map(str, first["loc"]))
    value = first.get("input")
    shown = value if isinstance(value, (str, int, float, bool)) else type(value).__name__
    shown = shown[:80] if isinstance(shown, str) else shown
    message = first["msg"].removeprefix("Value error, ")
    return Problem(422, "option", f"{place}: {message}", value=shown)
