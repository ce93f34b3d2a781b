"""What the page asks for, as JSON: kinds, options, components, marks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from defocus.options.lengths import scaled_text
from defocus.serve import parameters
from defocus.serve.parameters import FinishOptions, LensOptions, Options
from defocus.serve.photos.edits import Edit
from defocus.serve.photos.marks import Mark
from defocus.serve.problems import Problem

__all__ = ["Background", "Download", "Render", "Zip", "ZipItem"]

_MOST_MARKS, _MOST_ITEMS = 500, 100
_ENDINGS = {"jpeg": "jpg"}
_FORMATS = {"portrait": "jpeg", "cutout": "png", "mask": "png"}


class Background(Options):
    """The photograph behind a cutout."""

    photo: str


class PageFinish(FinishOptions):
    """The options of a cutout on the page: the background may be another photograph."""

    background: (
        Background | Annotated[str, BeforeValidator(parameters.colour), Field(max_length=64)] | None
    ) = None  # type: ignore[assignment]


_MODELS: dict[str, type[Options]] = {
    "portrait": LensOptions,
    "cutout": PageFinish,
    "mask": Options,
}


class Render(Options):
    """A result in preview size."""

    kind: Literal["portrait", "cutout", "mask"]
    options: dict[str, Any] = Field(default_factory=dict)
    components: list[int] | None = Field(None, max_length=1000)
    marks: tuple[Mark, ...] = Field((), max_length=_MOST_MARKS)

    def edit(self) -> Edit:
        """The edit of the subject."""
        chosen = None if self.components is None else tuple(self.components)
        return Edit(chosen, self.marks)

    def keywords(self) -> dict[str, Any]:
        """The library's keywords.  Raises Problem (422)."""
        given = parameters.parsed(_MODELS[self.kind], self.options)
        return {name: getattr(given, name) for name in given.model_fields_set}


class Download(Render):
    """A result in full size, as a file."""

    format: Literal["jpeg", "png", "webp"] | None = None
    quality: int | None = Field(None, ge=1, le=100)

    @property
    def saved_as(self) -> str:
        """The format of the file."""
        return self.format or _FORMATS[self.kind]

    @property
    def extension(self) -> str:
        """The ending of the file's name."""
        return _ENDINGS.get(self.saved_as, self.saved_as)


class ZipItem(Download):
    """One file of a zip."""

    id: str
    name: str = Field("", max_length=200)


class Zip(Options):
    """The files of a zip."""

    items: list[ZipItem] = Field(min_length=1, max_length=_MOST_ITEMS)

    def names(self) -> list[str]:
        """A name for each file: sanitised, and none twice."""
        taken: set[str] = set()
        names = []
        for item in self.items:
            stem = re.sub(r"[^A-Za-z0-9._-]+", "_", item.name).strip("._-") or item.kind
            stem = re.sub(r"\.(jpe?g|png|webp)$", "", stem, flags=re.IGNORECASE)[:80]
            name, number = f"{stem}.{item.extension}", 1
            while name.lower() in taken:
                number += 1
                name = f"{stem}-{number}.{item.extension}"
            taken.add(name.lower())
            names.append(name)
        return names


def scaled(keywords: Mapping[str, Any], share: float) -> dict[str, Any]:
    """The keywords for a preview of that share of the full size: lengths in pixels are smaller."""
    made = dict(keywords)
    if made.get("sigma") is not None:
        made["sigma"] *= share
    for name in ("grow", "feather", "crop"):
        if made.get(name) is not None:
            made[name] = scaled_text(made[name], share)
    return made


def object_of(body: Any) -> Mapping[str, Any]:
    """The body as an object.  Raises Problem (422)."""
    if not isinstance(body, dict):
        raise Problem(422, "option", "the body is not a JSON object")
    return body
