"""POST /api/remove, as the server of rembg has it: an existing client only changes its address."""

from __future__ import annotations

import re
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field

from defocus.pipeline.cutout import cutout
from defocus.serve import answers, openapi, parameters, work
from defocus.serve.admission import Job
from defocus.serve.answers import Picture
from defocus.serve.parameters import Options
from defocus.serve.problems import Problem
from defocus.serve.service import Service, service_of
from defocus.serve.uploads import read

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["rembg"])
_COLOUR = re.compile(
    r"\s*\(?\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*(?:,\s*(\d{1,3})\s*)?\)?\s*"
)
_SAME = ("u2net",)  # rembg's default, which clients send without meaning it


class RembgOptions(Options):
    """The fields of rembg.

    `a`, `af`, `ab` and `ae` are taken and change nothing: every matte follows the photograph.
    """

    model: str = "u2net"
    a: bool = False
    af: int = Field(240, ge=0, le=255)
    ab: int = Field(10, ge=0, le=255)
    ae: int = Field(10, ge=0)
    om: bool = Field(False, description="only the mask")
    ppm: bool = Field(False, description="a mask of two values")
    bgc: str | None = Field(None, description="background: red,green,blue,alpha")
    extras: Literal["", "{}"] | None = Field(None, description="none are taken")

    def background(self) -> tuple[int, ...] | None:
        """The colour behind the subject.  Raises Problem."""
        if not self.bgc:
            return None
        found = _COLOUR.fullmatch(self.bgc.replace(" ", ""))
        numbers = [int(number) for number in found.groups("255")] if found else [256]
        if max(numbers) > 255 or numbers[-1] not in (0, 255):
            wanted = "expected red,green,blue,alpha of 0 to 255, and an alpha of 0 or 255"
            raise Problem(422, "option", f"bgc: {wanted}", value=self.bgc[:80])
        return tuple(numbers[:3]) if numbers[3] else None


@router.post("/remove", openapi_extra=openapi.image_in_image_out(RembgOptions, (), "file"))
async def remove(request: Request) -> Response:
    """Remove the background; a photograph without a subject becomes transparent."""
    service = service_of(request)
    async with service.accepted() as account:
        upload = await read(request, service.settings, account)
        given = parameters.given(request.query_params, upload.fields)
        if "url" in given:
            raise _no_fetching()
        options = parameters.parsed(RembgOptions, given)
        image = upload.files.get("file") or upload.files.get("image", b"")
        _check(options, image, service)
        background = options.background()
        made = await service.compute(
            request, lambda job: _made(options, image, background, service, job)
        )
    return answers.respond(made, request.state.stages)


@router.get("/remove", include_in_schema=False)
async def remove_url(request: Request) -> Response:
    """Refuse to fetch an address."""
    raise _no_fetching(405, {"Allow": "POST"})


def _check(options: RembgOptions, image: bytes, service: Service) -> None:
    if not image:
        raise Problem(422, "image_missing", "expected a picture in the field file")
    own = service.segmenter.spec.name
    if options.model not in (own, *_SAME):
        raise Problem(
            422, "option", f"model: this service has {own!r} only", value=options.model[:80]
        )


def _no_fetching(status: int = 422, headers: dict[str, str] | None = None) -> Problem:
    reason = "url: this service fetches no addresses; send the picture as file"
    return Problem(status, "url_refused", reason, headers=headers)


def _made(
    options: RembgOptions,
    image: bytes,
    background: tuple[int, ...] | None,
    service: Service,
    job: Job,
) -> Picture:
    segmenter = service.segmenter
    photo, subject = work.find(image, {}, segmenter, service.settings.max_pixels, job)
    work.ready(subject)
    cover: dict[str, Any] = {"subject": subject}
    if options.ppm or not subject.found:
        cover = {"matte": subject.matte >= 0.5}
    if options.om:
        picture: Any = cutout(photo, matte_only=True, segmenter=segmenter, **cover)
    else:
        cover["background"] = background
        picture = cutout(photo, segmenter=segmenter, **cover)
    data = answers.encode(picture, "PNG", {"strip": "gps"}, service.threads)
    return Picture(data, "PNG", subject)
