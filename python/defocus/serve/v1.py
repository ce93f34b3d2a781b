"""The endpoints for programs: /v1/portrait, /v1/cutout, /v1/mask and /v1/subject."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from defocus.serve import answers, openapi, parameters, work
from defocus.serve.admission import Job
from defocus.serve.parameters import (
    CutoutOptions,
    MaskOptions,
    PortraitOptions,
    Saving,
    SubjectOptions,
)
from defocus.serve.problems import Problem
from defocus.serve.service import Service, service_of
from defocus.serve.uploads import Upload, read
from defocus.subject.subject import Subject

__all__ = ["router", "subject_json"]

router = APIRouter(prefix="/v1", tags=["v1"])
_STROKES = ("keep", "remove")
_FILES: dict[str, tuple[str, ...]] = {
    "portrait": ("matte", "depth", *_STROKES),
    "cutout": ("matte", "background", *_STROKES),
    "mask": _STROKES,
}
_MODELS: dict[str, type[Saving]] = {
    "portrait": PortraitOptions,
    "cutout": CutoutOptions,
    "mask": MaskOptions,
}


@router.post(
    "/portrait", openapi_extra=openapi.image_in_image_out(PortraitOptions, _FILES["portrait"])
)
async def portrait(request: Request) -> Response:
    """Keep the subject sharp and blur the background."""
    return await _made(request, "portrait")


@router.post("/cutout", openapi_extra=openapi.image_in_image_out(CutoutOptions, _FILES["cutout"]))
async def cutout(request: Request) -> Response:
    """Make the background transparent, or another."""
    return await _made(request, "cutout")


@router.post("/mask", openapi_extra=openapi.image_in_image_out(MaskOptions, _STROKES))
async def mask(request: Request) -> Response:
    """Give the matte: white is subject."""
    return await _made(request, "mask")


@router.post("/subject", openapi_extra=openapi.image_in_json_out(SubjectOptions, _STROKES))
async def subject(request: Request) -> Response:
    """Say what the photograph is of."""
    service = service_of(request)
    async with service.accepted() as account:
        upload = await read(request, service.settings, account)
        given = parameters.given(request.query_params, upload.fields)
        options = parameters.parsed(SubjectOptions, given)
        image = _image(upload, _STROKES)

        def find(job: Job) -> dict[str, Any]:
            found = work.find(
                image,
                {**dict(options), **upload.files},
                service.segmenter,
                service.settings.max_pixels,
                job,
            )[1]
            return subject_json(found)

        answer = await service.compute(request, find)
    return JSONResponse(answer, headers={"Server-Timing": answers.timing(request.state.stages)})


def subject_json(found: Subject) -> dict[str, Any]:
    """A subject as JSON."""
    return {
        "found": found.found,
        "width": found.size[0],
        "height": found.size[1],
        "confidence": found.confidence,
        "box": found.box,
        "components": [
            {"box": part.box, "area": part.area, "confidence": part.confidence}
            for part in found.components
        ],
        "warnings": list(found.warnings),
    }


async def _made(request: Request, command: str) -> Response:
    service = service_of(request)
    async with service.accepted() as account:
        upload = await read(request, service.settings, account)
        given = parameters.given(request.query_params, upload.fields)
        options = parameters.parsed(_MODELS[command], given)
        image = _image(upload, _FILES[command])
        wanted = work.Request(
            command, image, options, upload.files, request.headers.get("accept", "")
        )
        made = await service.compute(request, lambda job: _make(service, wanted, job))
    return answers.respond(made, request.state.stages)


def _make(service: Service, wanted: work.Request, job: Job) -> answers.Picture:
    return work.make(wanted, service.segmenter, service.settings.max_pixels, job)


def _image(upload: Upload, others: tuple[str, ...]) -> bytes:
    """The photograph, taken out of the files, of which there may be no others."""
    image = upload.files.pop("image", b"")
    if not image:
        raise Problem(422, "image_missing", "expected a picture as the body or in the field image")
    if unknown := {*upload.files} - {*others}:
        raise Problem(422, "option", "no such file is taken", value=min(unknown)[:80])
    return image
