"""The page's API: photographs that are uploaded once, then rendered as often as one likes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from defocus.io import results
from defocus.io.formats import fitting
from defocus.io.photo import Photo
from defocus.pipeline.cutout import cutout
from defocus.pipeline.portrait import portrait
from defocus.serve import answers, parameters
from defocus.serve.admission import Job
from defocus.serve.photos import edits, zips
from defocus.serve.photos.edits import Uploaded
from defocus.serve.photos.requests import Background, Download, Render, Zip, object_of, scaled
from defocus.serve.problems import Problem
from defocus.serve.service import Service, service_of
from defocus.serve.uploads import read, read_json
from defocus.subject.subject import Subject, matte_8bit
from defocus.timing import stage

__all__ = ["router"]

router = APIRouter(prefix="/page", include_in_schema=False)
_Model = TypeVar("_Model", bound=parameters.Options)
_PREVIEW_QUALITY = 90


@router.get("/limits")
async def limits(request: Request) -> dict[str, float]:
    """Give the limits that the page can check before it uploads."""
    settings = service_of(request).settings
    return {name: getattr(settings, name) for name in ("max_bytes", "store_seconds")}


@router.post("/photos")
async def upload(request: Request) -> Response:
    """Keep a photograph, and say what it is of."""
    service = service_of(request)
    async with service.accepted() as account:
        parts = await read(request, service.settings, account)
        image = parts.files.get("image", b"")
        if not image:
            raise Problem(422, "image_missing", "expected a picture in the field image")
        limit = service.settings.max_pixels
        entry = await service.compute(
            request, lambda job: edits.upload(image, service.segmenter, limit, job)
        )
    key = service.store.add(entry)
    answer = {"id": key, **_described(entry), "expires_in": service.store.seconds}
    return JSONResponse(answer, 201, headers=_timing(request))


def _described(entry: Uploaded) -> dict[str, Any]:
    found = entry.found
    parts = [{"box": part.box, "area": part.area} for part in entry.parts.components]
    return {
        "width": entry.size[0],
        "height": entry.size[1],
        "preview": dict(zip(("width", "height"), entry.preview.size, strict=True)),
        "subject": {
            "found": found.found,
            "confidence": found.confidence,
            "box": found.box,
            "components": parts,
            "warnings": list(found.warnings),
        },
    }


@router.get("/photos/{key}/preview")
async def preview(request: Request, key: str) -> Response:
    """Give the unchanged preview."""
    entry = _entry(service_of(request), key)
    return Response(entry.shown, media_type=answers.MEDIA_TYPES[entry.format])


@router.get("/photos/{key}/components")
async def components(request: Request, key: str) -> Response:
    """Give the number of the component under each pixel, as a grey PNG."""
    entry = _entry(service_of(request), key)
    return Response(edits.labels_png(entry.parts), media_type="image/png")


@router.delete("/photos/{key}")
async def delete(request: Request, key: str) -> Response:
    """Forget a photograph."""
    service_of(request).store.remove(key)
    return Response(status_code=204)


@router.post("/photos/{key}/render")
async def render(request: Request, key: str) -> Response:
    """Give a result in preview size."""
    service = service_of(request)
    async with service.accepted() as account:
        wanted = _asked(Render, await read_json(request, service.settings, account))
        entry = _entry(service, key)
        keywords = _keywords(service, wanted, full=False)
        share = max(entry.preview.size) / max(entry.size)
        edit = wanted.edit()

        def work(job: Job) -> tuple[bytes, str]:
            with stage("refine"):
                subject = entry.preview_subject(edit)
            made = _made(wanted, entry.preview, subject, scaled(keywords, share), service)
            name = "PNG" if getattr(made, "mode", "") in ("RGBA", "LA") else "JPEG"
            storage = fitting({"quality": _PREVIEW_QUALITY}, name)
            return answers.encode(made, name, storage, service.threads), name

        data, name = await service.compute(request, work)
    service.store.weigh(key)
    return Response(data, media_type=answers.MEDIA_TYPES[name], headers=_timing(request))


@router.post("/photos/{key}/download")
async def download(request: Request, key: str) -> Response:
    """Give a result in full size, as a file."""
    service = service_of(request)
    async with service.accepted() as account:
        wanted = _asked(Download, await read_json(request, service.settings, account))
        entry = _entry(service, key)
        work = _full(service, wanted, entry)
        data = await service.compute(request, work)
    service.store.weigh(key)
    media = answers.MEDIA_TYPES[wanted.saved_as.upper()]
    name = f'attachment; filename="{wanted.kind}.{wanted.extension}"'
    return Response(
        data, media_type=media, headers={"Content-Disposition": name, **_timing(request)}
    )


@router.post("/zip")
async def zipped(request: Request) -> Response:
    """Give several results in full size, as a zip that is made while it is sent."""
    service = service_of(request)
    async with service.accepted() as account:
        wanted = _asked(Zip, await read_json(request, service.settings, account))
    works = [_full(service, item, _entry(service, item.id)) for item in wanted.items]
    pieces = zips.stream(request, service, list(zip(wanted.names(), works, strict=True)))
    headers = {"Content-Disposition": 'attachment; filename="defocus.zip"'}
    return StreamingResponse(pieces, media_type="application/zip", headers=headers)


def _full(service: Service, wanted: Download, entry: Uploaded) -> zips.Work:
    """What makes the file of a download.  Raises Problem for what can be known before."""
    keywords, edit = _keywords(service, wanted, full=True), wanted.edit()
    name = wanted.saved_as.upper()
    storage = fitting({"quality": wanted.quality, "strip": "gps"}, name)

    def work(job: Job) -> bytes:
        photo, subject = entry.full(edit, service.settings.max_pixels, job)
        made = _made(wanted, photo, subject, keywords, service)
        return answers.encode(made, name, storage, service.threads)

    return work


def _made(
    wanted: Render,
    photo: Photo,
    subject: Subject,
    keywords: Mapping[str, Any],
    service: Service,
) -> Any:
    if wanted.kind == "mask":
        return matte_8bit(subject)
    if wanted.kind == "portrait":
        return portrait(photo, subject=subject, segmenter=service.segmenter, **keywords)
    return cutout(photo, subject=subject, segmenter=service.segmenter, **keywords)


def _keywords(service: Service, wanted: Render, *, full: bool) -> dict[str, Any]:
    """The library's keywords, with the background's photograph in them."""
    keywords = {**wanted.keywords(), "max_pixels": service.settings.max_pixels}
    background = keywords.get("background")
    if isinstance(background, Background):
        behind = _entry(service, background.photo)
        keywords["background"] = behind.data if full else results.unchanged(behind.preview)
    return keywords


def _entry(service: Service, key: str) -> Uploaded:
    entry = service.store.get(key)
    if not isinstance(entry, Uploaded):
        raise TypeError(f"the store holds a {type(entry).__name__}")
    return entry


def _asked(model: type[_Model], body: Any) -> _Model:
    return parameters.parsed(model, object_of(body))


def _timing(request: Request) -> dict[str, str]:
    return {"Server-Timing": answers.timing(request.state.stages)}
