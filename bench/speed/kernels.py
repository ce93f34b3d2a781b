"""Every public kernel: its time at each level, size, sigma and thread count, and its error.

    python -m bench.speed.kernels [--quick] [--json FILE] [--markdown FILE]

See README.md beside this file for the method and the units.
"""

from __future__ import annotations

import argparse
import functools
import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.support import harness, patterns, reports, truth
from defocus import _native

SIGMAS = (2.0, 5.0, 10.0, 20.0, 40.0, 80.0)
THREADS = (1, 2)
COPY = "copy"

Row = dict[str, Any]


class Work(NamedTuple):
    """One kernel on one picture."""

    kernel: str
    sigma: float | None
    run: Callable[[str, int], NDArray[Any]]  # at an ISA level, with so many threads
    truth: Callable[[truth.Window], truth.Floats]


class Inputs:
    """The pictures of one size class."""

    def __init__(self, size: str) -> None:
        self.size = size
        self.width, self.height = patterns.SIZES[size]
        self.image = patterns.scene(self.width, self.height)
        self.other = np.ascontiguousarray(self.image[::-1])
        self.mask = patterns.person_mask()
        self.places = truth.windows(self.width, self.height)

    @functools.cached_property
    def floats(self) -> NDArray[np.float32]:
        return self.image.astype(np.float32)

    @functools.cached_property
    def alpha(self) -> NDArray[np.uint8]:
        stretched = _native.resize_bilinear(self.mask, self.width, self.height)
        return (stretched * 255 + 0.5).astype(np.uint8)


def plain_works(on: Inputs) -> Iterator[Work]:
    """Kernels without a sigma."""
    image, other, mask, width, height = on.image, on.other, on.mask, on.width, on.height
    alpha = on.alpha

    def blended(place: truth.Window) -> truth.Floats:
        return truth.mix(place.of(alpha) / 255.0, place.of(image), place.of(other))

    def cut(place: truth.Window) -> truth.Floats:
        matte = 255.0 * truth.resize(mask, width, height, place)
        return np.dstack([place.of(image).astype(np.float64), matte])

    yield Work(
        "resize_bilinear",
        None,
        lambda isa, threads: _native.resize_bilinear(mask, width, height, isa=isa, threads=threads),
        lambda place: truth.resize(mask, width, height, place),
    )
    yield Work(
        "blend",
        None,
        lambda isa, threads: _native.blend(image, other, alpha, isa=isa, threads=threads),
        blended,
    )
    yield Work(
        "cutout_stage",
        None,
        lambda isa, threads: _native.cutout(image, mask, isa=isa, threads=threads),
        cut,
    )


def sigma_works(on: Inputs, sigma: float) -> Iterator[Work]:
    """Kernels that blur."""
    image, floats, mask = on.image, on.floats, on.mask
    yield Work(
        "gaussian_blur uint8",
        sigma,
        lambda isa, threads: _native.gaussian_blur(image, sigma, isa=isa, threads=threads),
        lambda place: truth.blur(image, sigma, place),
    )
    yield Work(
        "gaussian_blur float32",
        sigma,
        lambda isa, threads: _native.gaussian_blur(floats, sigma, isa=isa, threads=threads),
        lambda place: truth.blur(floats, sigma, place),
    )
    for name, masked, light in (
        ("plain", False, "srgb"),
        ("masked", True, "srgb"),
        ("masked, linear", True, "linear"),
    ):
        options: dict[str, Any] = {"masked": masked, "light": light}
        yield Work(
            f"portrait_stage {name}",
            sigma,
            functools.partial(_portrait, image, mask, sigma, options),
            functools.partial(truth.portrait, image, mask, sigma, **options),
        )


def _portrait(
    image: NDArray[np.uint8],
    mask: NDArray[np.uint8],
    sigma: float,
    options: dict[str, Any],
    isa: str,
    threads: int,
) -> NDArray[np.uint8]:
    return _native.portrait(image, mask, sigma, isa=isa, threads=threads, **options)


def measure(work: Work, on: Inputs, seconds: float) -> Iterator[Row]:
    """Rows of one work: each level with one and two threads, and the error."""
    levels = _native.isa_levels()
    result = work.run(levels[-1], 1)
    error = truth.compare(result, on.places, work.truth)
    same = all(
        np.array_equal(work.run(isa, threads), result) for isa in levels for threads in THREADS
    )
    del result
    for threads in THREADS:
        runners: dict[str, Callable[[], object]] = {COPY: on.image.copy}
        runners |= {isa: functools.partial(work.run, isa, threads) for isa in levels}
        with harness.pinned(threads):
            samples = harness.race(runners, seconds)
        for isa in levels:
            sample = samples[isa]
            yield {
                "kernel": work.kernel,
                "size": on.size,
                "width": on.width,
                "height": on.height,
                "sigma": work.sigma,
                "isa": isa,
                "threads": threads,
                "ms": sample.ms,
                "ns_per_pixel": sample.ms * 1e6 / (on.width * on.height),
                "copies": sample.ms / samples[COPY].ms,
                "rounds": sample.rounds,
                "cpus": sample.cpus,
                "foreign": sample.foreign,
                "same_bytes": same,
                **error._asdict(),
            }


def run(sizes: list[str], sigmas: list[float], seconds: float) -> Iterator[Row]:
    """All rows of the bench."""
    for size in sizes:
        on = Inputs(size)
        works = [*plain_works(on), *(work for s in sigmas for work in sigma_works(on, s))]
        for work in works:
            yield from measure(work, on, seconds)


def tables(rows: list[Row]) -> str:
    """Markdown: a table a kernel, a line a size and sigma."""
    levels = list(dict.fromkeys(row["isa"] for row in rows))
    best = levels[-1]
    parts = []
    for kernel in dict.fromkeys(row["kernel"] for row in rows):
        lines = []
        cells = {
            (row["size"], row["sigma"], row["isa"], row["threads"]): row
            for row in rows
            if row["kernel"] == kernel
        }
        for size, sigma in dict.fromkeys(key[:2] for key in cells):
            one, two = cells[size, sigma, best, 1], cells[size, sigma, best, 2]
            others = [cells[size, sigma, isa, 1]["ms"] for isa in reversed(levels[:-1])]
            lines.append(
                [
                    size if sigma is None else f"{size}, sigma {sigma:g}",
                    harness.number(one["ms"]),
                    harness.number(one["ns_per_pixel"]),
                    harness.number(one["copies"]),
                    *map(harness.number, others),
                    harness.number(two["ms"]),
                    harness.number(one["ms"] / two["ms"]),
                    *error_cells(one),
                ]
            )
        header = ["", f"{best} ms", "ns/pixel", "x copy", *(f"{x} ms" for x in levels[-2::-1])]
        header += ["2 threads ms", "speed-up", "max error", "PSNR dB", "perfect dB"]
        parts.append(f"### {kernel}\n\n{harness.markdown(header, lines)}")
    return "\n".join(parts)


def error_cells(row: Row) -> list[str]:
    """Greatest error and PSNR; of maps in 0..1 and floats, which have no levels, the error."""
    if row["kernel"] in {"resize_bilinear", "gaussian_blur float32"}:
        return [f"{row['levels']:.1e}", "", ""]
    finite = math.isfinite(row["ceiling"]) and row["ceiling"] < 100
    ceiling = f"{row['ceiling']:.2f}" if finite else "exact"
    return [f"{row['levels']:.0f}", f"{row['psnr']:.2f}", ceiling]


def main() -> None:
    parser = argparse.ArgumentParser(description="Time every kernel, and measure its error.")
    parser.add_argument("--quick", action="store_true", help="two sizes, two sigmas, few rounds")
    reports.add_files(parser)
    options = parser.parse_args()
    sizes, sigmas, seconds = list(patterns.SIZES), list(SIGMAS), 0.6
    if options.quick:
        sizes, sigmas, seconds = ["0.3 MP", "2 MP"], [2.0, 20.0], 0.2

    rows = list(run(sizes, sigmas, seconds))
    machine = {**harness.machine(), "other processes": harness.disturbed(rows)}
    different = sorted({row["kernel"] for row in rows if not row["same_bytes"]})
    if different:
        print(f"NOT THE SAME BYTES at all levels and thread counts: {', '.join(different)}")
    reports.publish(options, "Kernels", machine, tables(rows), {"rows": rows})


if __name__ == "__main__":
    main()
