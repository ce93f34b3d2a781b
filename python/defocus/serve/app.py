"""Puts the parts of the service together."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.staticfiles import StaticFiles

from defocus import _native
from defocus.errors import DefocusError
from defocus.serve import health, rembg, uploads, v1
from defocus.serve.access_log import AccessLog
from defocus.serve.photos import api
from defocus.serve.problems import ClientGone, Problem, answer, of_error
from defocus.serve.security import Guard
from defocus.serve.service import Service, service_of
from defocus.serve.settings import Settings

__all__ = ["create_app"]

logger = logging.getLogger("defocus.serve")
_PAGE = Path(__file__).parent / "page"
_GONE, _TOO_SLOW = 499, 408
_ROUTERS = (v1.router, rembg.router, health.router, api.router)
_CODES = {404: "not_found", 405: "method_not_allowed"}


def create_app(settings: Settings | None = None) -> FastAPI:
    """The service as an ASGI application.

    Examples
    --------
    >>> app = create_app(Settings(max_bytes=1 << 20))
    >>> app.state.service.settings.max_bytes
    1048576
    """
    service = Service(settings or Settings())
    app = FastAPI(
        title="defocus",
        version=_native.__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        middleware=_middleware(service),
        separate_input_output_schemas=False,
    )
    app.state.service = service
    for router in _ROUTERS[: None if service.settings.page else -1]:
        app.include_router(router)
    for kind in (Problem, DefocusError, MemoryError, HTTPException, ClientGone, Exception):
        app.add_exception_handler(kind, _refuse)
    if service.settings.page:
        _add_page(app)
    return app


async def _file(path: Path, _request: Request) -> Response:
    return FileResponse(path)


def _add_page(app: FastAPI) -> None:
    """Serve the files and folders of the page, each at its own path: others stay 404."""
    for path in sorted(_PAGE.iterdir()) if _PAGE.is_dir() else ():
        if path.is_dir():
            app.mount(f"/{path.name}", StaticFiles(directory=path))
        else:
            name = "" if path.name == "index.html" else path.name
            app.add_route(f"/{name}", functools.partial(_file, path))


def _middleware(service: Service) -> list[Middleware]:
    settings = service.settings
    found = [
        Middleware(AccessLog, metrics=service.metrics),
        Middleware(Guard, settings=settings),
    ]
    if settings.origins:
        found.append(
            Middleware(
                CORSMiddleware,
                allow_origins=list(settings.origins),
                allow_methods=["GET", "POST", "DELETE"],
                allow_headers=["Authorization", "Content-Type", "X-API-Key", "X-Request-ID"],
                expose_headers=["*"],
            )
        )
    return found


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load the network while requests are answered already; end the threads."""
    service: Service = app.state.service
    loading = asyncio.ensure_future(asyncio.to_thread(service.segmenter.warmup))

    def loaded(task: asyncio.Future[None]) -> None:
        if task.cancelled():
            return
        if task.exception() is not None:
            logger.error("the network cannot be loaded", exc_info=task.exception())
        service.ready = task.exception() is None

    loading.add_done_callback(loaded)
    try:
        yield
    finally:
        await asyncio.wait({loading})
        service.admission.close()


async def _refuse(request: Request, error: Exception) -> Response:
    """Turn an exception into its problem."""
    service = service_of(request)
    if isinstance(error, ClientGone):
        service.metrics.abandoned.inc()
        return Response(status_code=_GONE)
    if isinstance(error, HTTPException):
        code, headers = _CODES.get(error.status_code, "http"), dict(error.headers or {})
        problem = Problem(error.status_code, code, str(error.detail), headers=headers)
    else:
        problem = error if isinstance(error, Problem) else of_error(error)
    if problem.status == 500:
        logger.error("request %s failed", request.state.request_id, exc_info=error)
    service.metrics.rejections.labels(problem.code).inc()
    if request.method == "POST" and problem.status != _TOO_SLOW:
        await uploads.discard(request)
    return answer(problem, request.state.request_id)
