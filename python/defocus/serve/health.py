"""What operators ask: /healthz, /readyz, /metrics, and the description at /docs."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, PlainTextResponse

from defocus.serve.openapi import problems
from defocus.serve.problems import Problem
from defocus.serve.service import service_of

__all__ = ["router"]

router = APIRouter(tags=["operation"])
_DOCS = Path(__file__).parent / "docs"
_DOCS_FILES = {"": "text/html", "docs.js": "text/javascript", "docs.css": "text/css"}


@router.get("/healthz", response_class=PlainTextResponse)
async def healthz() -> PlainTextResponse:
    """Answer as long as the process lives."""
    return PlainTextResponse("ok")


@router.get("/readyz", response_class=PlainTextResponse, responses=problems(503))
async def readyz(request: Request) -> PlainTextResponse:
    """Answer 200 if the next request would be accepted and the network is loaded."""
    service = service_of(request)
    if service.admission.draining:
        raise Problem(503, "shutting_down", "the service is shutting down")
    if not service.ready:
        raise Problem(503, "loading", "the network is not loaded yet")
    if service.admission.full:
        raise Problem(503, "queue_full", "the queue is full", limit=service.admission.queue)
    return PlainTextResponse("ready")


@router.get("/metrics", response_class=PlainTextResponse, responses=problems(401))
async def metrics(request: Request) -> Response:
    """Give the metrics in Prometheus' text format."""
    return Response(
        service_of(request).metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8"
    )


@router.get("/docs", include_in_schema=False)
@router.get("/docs/{name}", include_in_schema=False)
async def docs(name: str = "") -> FileResponse:
    """Give the page that shows /openapi.json, and its files."""
    if name not in _DOCS_FILES:
        raise Problem(404, "not_found", "there is no such page")
    return FileResponse(_DOCS / (name or "index.html"), media_type=_DOCS_FILES[name])
