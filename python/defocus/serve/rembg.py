"""POST /api/remove, as the server of rembg has it: an existing client only changes its address."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from defocus.serve.problems import Problem

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["rembg"])


@router.post("/remove", include_in_schema=False)
async def remove(request: Request) -> Response:
    """Remove the background."""
    raise Problem(501, "not_implemented", "not yet")
