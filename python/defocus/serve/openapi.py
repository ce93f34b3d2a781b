"""The OpenAPI description of endpoints that read their own bodies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from defocus.serve.answers import MEDIA_TYPES
from defocus.serve.problems import MEDIA_TYPE

__all__ = ["image_in_image_out", "image_in_json_out", "problems"]

_BINARY = {"type": "string", "format": "binary"}
_STATUSES = {
    401: "the API key is missing or wrong",
    408: "the upload was too slow",
    413: "too many bytes or pixels",
    415: "no picture of a known type",
    422: "an option is wrong, the picture is damaged, or it has no subject",
    429: "the queue is full",
    503: "the service is shutting down",
    504: "the deadline has passed",
}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "limit": {},
        "value": {},
    },
}


def image_in_image_out(
    model: type[BaseModel], files: Iterable[str], image: str = "image"
) -> dict[str, Any]:
    """Describe an endpoint that takes a photograph in the field `image`, and answers a picture."""
    pictures = {media: {"schema": _BINARY} for media in MEDIA_TYPES.values()}
    return _described(model, (image, *files), {"description": "the picture", "content": pictures})


def image_in_json_out(model: type[BaseModel], files: Iterable[str]) -> dict[str, Any]:
    """Describe an endpoint that takes a photograph and answers JSON."""
    content = {"application/json": {"schema": {"type": "object"}}}
    return _described(model, ("image", *files), {"description": "the subject", "content": content})


def problems(*statuses: int) -> dict[int | str, Any]:
    """The responses with problems; of all statuses without an argument."""
    content = {MEDIA_TYPE: {"schema": _PROBLEM}}
    return {
        status: {"description": _STATUSES[status], "content": content}
        for status in statuses or _STATUSES
    }


def _described(
    model: type[BaseModel], files: Iterable[str], answer: dict[str, Any]
) -> dict[str, Any]:
    properties = {
        name: _without_null(schema)
        for name, schema in model.model_json_schema(mode="validation")["properties"].items()
    }
    pictures = dict.fromkeys(files, _BINARY)
    form = {
        "type": "object",
        "required": [next(iter(pictures))],
        "properties": {**properties, **pictures},
        "additionalProperties": False,
    }
    body = {
        "required": True,
        "description": "An option may be a field of the form instead of a query parameter.",
        "content": {
            "multipart/form-data": {"schema": form},
            "application/octet-stream": {"schema": _BINARY},
            "image/*": {"schema": _BINARY},
        },
    }
    return {
        "parameters": [_parameter(name, schema) for name, schema in properties.items()],
        "requestBody": body,
        "responses": {200: answer, **problems()},
    }


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of an option as text, which has no null: an option without a value is left out."""
    described = {key: value for key, value in schema.items() if key != "title"}
    kinds = [kind for kind in described.pop("anyOf", []) if kind.get("type") != "null"]
    described |= kinds[0] if len(kinds) == 1 else {"anyOf": kinds} if kinds else {}
    if described.get("default", "") is None:
        del described["default"]
    return described


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": schema.get("description", ""),
        "schema": schema,
    }
