"""A photograph that the page has uploaded, and what its user makes of its subject."""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from defocus.errors import NoSubjectError, OptionError
from defocus.io import decode, results, save
from defocus.io.photo import Photo
from defocus.io.smaller import smaller
from defocus.models.segmenter import Segmenter
from defocus.pixels.alpha import continued
from defocus.serve import answers, work
from defocus.serve.admission import Job
from defocus.serve.photos.marking import Marking
from defocus.serve.photos.marks import Mark
from defocus.subject import components
from defocus.subject.components import Parts
from defocus.subject.subject import Subject, refine, vanishes
from defocus.timing import stage

__all__ = ["Edit", "Uploaded", "labels_png", "upload"]

LONG_EDGE = 1600  # pixels of the preview
Map = NDArray[np.float32]


@dataclass(frozen=True)
class Edit:
    """Which components are the subject (numbers from 1 on; None for all), and the marks."""

    components: tuple[int, ...] | None = None
    marks: tuple[Mark, ...] = ()


@dataclass
class Uploaded:
    """The encoded file, its preview, the network's map of it, and the state of its marks."""

    data: bytes
    size: tuple[int, int]
    preview: Photo
    shown: bytes
    format: str
    parts: Parts
    found: Subject
    marking: Marking
    _last: tuple[Edit, Map, Subject] | None = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def nbytes(self) -> int:
        """About the bytes that it holds, with the matte of the last edit and what it needs."""
        pixels = self.preview.pixels
        alpha = 0 if self.preview.alpha is None else self.preview.alpha.nbytes
        found = self.found.map.nbytes + alpha + self.marking.nbytes
        return len(self.data) + len(self.shown) + 4 * pixels.nbytes + found

    def preview_subject(self, edit: Edit) -> Subject:
        """The subject in the preview.  Raises NoSubjectError."""
        return self._edited(edit)[1]

    def full(self, edit: Edit, max_pixels: int, job: Job) -> tuple[Photo, Subject]:
        """The photograph in full size, and its subject.  Raises NoSubjectError."""
        photo = decode.read(self.data, max_pixels=max_pixels)
        job.pixels += photo.size[0] * photo.size[1]
        with stage("refine"):
            return photo, _refined(self._edited(edit)[0], photo)

    def _edited(self, edit: Edit) -> tuple[Map, Subject]:
        """The map after the edit, and the subject in the preview."""
        with self._lock:  # the page asks for the result and the mask at once
            if self._last is None or self._last[0] != edit:
                map_ = self._marked(edit)
                self._last = edit, map_, _refined(map_, self.preview)
            return self._last[1:]

    def _marked(self, edit: Edit) -> Map:
        map_ = self._chosen(edit.components)
        if not edit.marks:
            return map_
        marked = self.marking.map(edit.components, map_, edit.marks)
        if marked.max() < 0.5 or vanishes(marked, self.preview.pixels):
            raise NoSubjectError("the marks leave nothing; enlarge the box, or remove less")
        alpha = self.preview.alpha
        return marked if alpha is None else continued(marked, alpha)

    def _chosen(self, numbers: tuple[int, ...] | None) -> Map:
        count = len(self.parts.components)
        if numbers is None or len({*numbers}) == count:
            return self.found.map
        if not numbers:
            return np.zeros_like(self.found.map)
        if not all(1 <= number <= count for number in numbers):
            raise OptionError(f"components={list(numbers)} is out of range; expected 1 to {count}")
        indices = tuple(sorted({number - 1 for number in numbers}))
        return components.keep(self.found.map, self.parts, indices)


def upload(data: bytes, segmenter: Segmenter, max_pixels: int, job: Job) -> Uploaded:
    """Decode a photograph, find its subject, and make its preview.  Raises DefocusError."""
    photo, subject = work.find(data, {}, segmenter, max_pixels, job)
    with stage("preview"):
        preview = smaller(photo, LONG_EDGE)
    form = "JPEG" if preview.alpha is None else "PNG"
    storage = {"quality": 90} if form == "JPEG" else {}
    shown = answers.encode(results.unchanged(preview), form, storage, segmenter.threads or 1)
    with stage("refine"):
        parts = components.split(subject.map, preview.size)
        found = refine(
            subject.map,
            preview.pixels,
            preview.size,
            0.0,
            components=parts.components,
            warnings=subject.warnings,
            alpha=preview.alpha,
            confidence=subject.confidence,
        )
    work.ready(found)
    marking = Marking(preview, segmenter)
    return Uploaded(data, photo.size, preview, shown, form, parts, found, marking)


def _refined(map_: Map, photo: Photo) -> Subject:
    subject = refine(map_, photo.pixels, photo.size, 0.0, alpha=photo.alpha)
    if float(map_.max()) < 0.02:
        raise NoSubjectError("nothing is chosen as the subject; choose a part, or mark it")
    return subject


def labels_png(parts: Parts) -> bytes:
    """The components as a grey PNG of the map's size: 0 for background, k for component k."""
    file = io.BytesIO()
    save.save(np.minimum(parts.labels, 255).astype(np.uint8), file, format="png", threads=1)
    return file.getvalue()
