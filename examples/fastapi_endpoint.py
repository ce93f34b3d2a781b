"""One HTTP endpoint that blurs the background of an uploaded photograph.

    uvicorn --app-dir examples fastapi_endpoint:app
    curl --data-binary @examples/astronaut.jpg http://127.0.0.1:8000/portrait -o portrait.jpg

`defocus serve` is a finished service.  This file is a start for a service of your own.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException, Request, Response
from starlette.requests import ClientDisconnect

import defocus

MAX_BYTES = 32 << 20  # of an upload
MAX_PIXELS = 50_000_000  # of a photograph; a small file can hold a very large image
MAX_SECONDS = 30.0  # for one photograph
AT_A_TIME = 2  # calls that compute
MAX_ACCEPTED = 8  # requests that compute or wait; more of them get status 503

# All requests share one network.  With one thread each, most requests a second are answered.
segmenter = defocus.Segmenter(threads=1)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load the network before the first request, and bound the number of calls at a time."""
    executor = ThreadPoolExecutor(AT_A_TIME)
    asyncio.get_running_loop().set_default_executor(executor)
    await asyncio.to_thread(segmenter.warmup)
    app.state.accepted = 0
    yield
    executor.shutdown(cancel_futures=True)


app = FastAPI(lifespan=lifespan)


@app.post("/portrait", response_class=Response)
async def portrait(request: Request, aperture: float = 1.8) -> Response:
    """Answer a JPEG for the photograph in the body."""
    state = request.app.state
    if state.accepted >= MAX_ACCEPTED:
        raise HTTPException(503, "too many requests", headers={"Retry-After": "5"})
    state.accepted += 1
    try:
        # The upload counts too, so that a slow client keeps no place for long.
        jpeg = await asyncio.wait_for(blurred(request, aperture), MAX_SECONDS)
    except TimeoutError as error:
        raise HTTPException(504, f"not finished within {MAX_SECONDS:g} s") from error
    except ClientDisconnect:
        return Response(status_code=400)  # nobody reads it
    except defocus.DefocusError as error:
        raise HTTPException(status_of(error), str(error)) from error
    finally:
        state.accepted -= 1
    return Response(jpeg, media_type="image/jpeg")


async def blurred(request: Request, aperture: float) -> bytes:
    """Make the portrait in a thread, while the event loop goes on."""
    picture = await defocus.aio.portrait(
        await body_of(request), aperture=aperture, segmenter=segmenter, max_pixels=MAX_PIXELS
    )
    file = io.BytesIO()
    await defocus.aio.save(picture, file, format="jpeg", strip="gps")
    return file.getvalue()


async def body_of(request: Request) -> bytes:
    """Read the body, and stop as soon as it is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise HTTPException(413, f"more than {MAX_BYTES} bytes")
    return bytes(body)


def status_of(error: defocus.DefocusError) -> int:
    """Return the status for an error: 4xx where the request is wrong, else 500."""
    if isinstance(error, defocus.ImageTooLargeError):
        return 413
    if isinstance(error, defocus.UnknownFormatError):
        return 415
    if isinstance(error, (defocus.DecodeError, defocus.OptionError, defocus.NoSubjectError)):
        return 422
    return 500
