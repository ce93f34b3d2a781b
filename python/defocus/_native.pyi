# The compiled module.  Kept equal to it by tests/rules/test_codebase.py.
from collections.abc import Callable
from typing import ClassVar, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

_Sample = TypeVar("_Sample", bound=np.integer)

__version__: str

def compiled_isa_levels() -> list[str]: ...
def isa_levels() -> list[str]: ...
def active_isa() -> str: ...
def vector_bytes(isa: str) -> int: ...

class Threads:
    def __init__(self, most: int, least_cost: int = 2_000_000) -> None: ...
    @property
    def ran(self) -> int: ...

@overload
def gaussian_blur(
    image: NDArray[np.uint8],
    sigma: float,
    *,
    out: NDArray[np.uint8] | None = None,
    threads: int | Threads = 1,
    isa: str | None = None,
) -> NDArray[np.uint8]: ...
@overload
def gaussian_blur(
    image: NDArray[np.float32],
    sigma: float,
    *,
    out: NDArray[np.float32] | None = None,
    threads: int | Threads = 1,
    isa: str | None = None,
) -> NDArray[np.float32]: ...
def resize_bilinear(
    mask: NDArray[np.float32] | NDArray[np.uint8],
    width: int,
    height: int,
    *,
    out: NDArray[np.float32] | None = None,
    threads: int | Threads = 1,
    isa: str | None = None,
) -> NDArray[np.float32]: ...
def guided_matte(
    image: NDArray[np.uint8 | np.uint16],
    mask: NDArray[np.float32] | NDArray[np.uint8],
    *,
    out: NDArray[np.float32] | None = None,
    threads: int | Threads = 1,
    isa: str | None = None,
) -> NDArray[np.float32]: ...
def unmix(
    image: NDArray[np.uint8],
    matte: NDArray[np.float32] | NDArray[np.uint8],
    *,
    threads: int | Threads = 1,
    isa: str | None = None,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]: ...
def blend(
    foreground: NDArray[np.uint8],
    background: NDArray[np.uint8],
    alpha: NDArray[np.float32] | NDArray[np.uint8],
    *,
    out: NDArray[np.uint8] | None = None,
    threads: int | Threads = 1,
    isa: str | None = None,
) -> NDArray[np.uint8]: ...
def portrait(
    image: NDArray[_Sample],
    mask: NDArray[np.float32] | NDArray[np.uint8],
    sigma: float,
    *,
    masked: bool = True,
    light: str = "linear",
    bokeh: str = "gaussian",
    blades: int = 0,
    highlights: float = 0.0,
    front: NDArray[_Sample] | None = None,
    excluded: NDArray[np.float32] | NDArray[np.uint8] | None = None,
    guided: bool = False,
    unmixed: bool = False,
    rgbx: bool = False,
    out: NDArray[_Sample] | None = None,
    threads: int | Threads = 1,
    isa: str | None = None,
) -> NDArray[_Sample]: ...
def cutout(
    image: NDArray[_Sample],
    mask: NDArray[np.float32] | NDArray[np.uint8],
    *,
    guided: bool = False,
    unmixed: bool = False,
    out: NDArray[_Sample] | None = None,
    threads: int | Threads = 1,
    isa: str | None = None,
) -> NDArray[_Sample]: ...
def to_bytes(
    samples: NDArray[np.uint16], *, threads: int | Threads = 1, isa: str | None = None
) -> NDArray[np.uint8]: ...
def filter_png(
    image: NDArray[np.uint8 | np.uint16], first: int, last: int
) -> NDArray[np.uint8]: ...
def unfilter_png(
    filtered: NDArray[np.uint8], above: NDArray[np.uint8], pixel: int
) -> NDArray[np.uint8]: ...
def turn(
    image: NDArray[_Sample],
    transposed: bool,
    upside_down: bool,
    mirrored: bool,
    *,
    threads: int | Threads = 1,
) -> NDArray[_Sample]: ...
def shrink_planes(
    image: NDArray[np.uint8],
    width: int,
    height: int,
    *,
    threads: int | Threads = 1,
    isa: str | None = None,
) -> NDArray[np.float32]: ...
def plan_columns(source: int, target: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]: ...
def matte_cells(
    image: NDArray[np.uint8 | np.uint16],
    mask: NDArray[np.float32] | NDArray[np.uint8],
    *,
    isa: str | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.float32], int]: ...
def geodesic_distances(
    costs: NDArray[np.float32], seeds: NDArray[np.uint8], farthest: float
) -> NDArray[np.float32]: ...

class GridCut:
    HARD: ClassVar[int]
    GREATEST_WEIGHT: ClassVar[int]
    def __init__(self, weights: NDArray[np.int32]) -> None: ...
    def solve(self, unary: NDArray[np.int32]) -> NDArray[np.uint8]: ...
    @property
    def energy(self) -> int: ...

class _Rows:
    """Row kernels, for tests and benches: arrays in, arrays filled, isa last."""

    def __getattr__(self, name: str) -> Callable[..., None]: ...

_rows: _Rows
