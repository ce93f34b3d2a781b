"""From one file to another, as we and as rembg do it: each in a process of its own, in turns.

rembg's weights have to be there already; nothing is downloaded.  U2NET_HOME names the folder with
u2net.onnx and u2netp.onnx, else ~/.u2net is looked at, as rembg does.
"""

from __future__ import annotations

import importlib.util
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from bench.support import harness, photographs, processes
from defocus.models import DEFAULT_MODEL

Row = dict[str, Any]
Run = Callable[[str, str], object]  # source, target

OURS, REMBG = "defocus", "rembg"
BY_OPENVINO = "defocus by OpenVINO"  # with the extra; it uses AMX
PROVIDERS = {OURS: "cpu", BY_OPENVINO: "openvino"}
FULL, SMALL = DEFAULT_MODEL, "u2netp"
PEER_FULL = "u2net"
THREADS = 2


class Work(NamedTuple):
    """What is done, by whom, with which network."""

    work: str
    name: str
    model: str

    @property
    def title(self) -> str:
        return f"{self.name}, {self.model}"

    @property
    def target(self) -> str:
        return "out.png" if self.work == "cutout" else "out.jpg"


def works() -> list[Work]:
    """Everyone who can take part."""
    ours = dict.fromkeys((FULL, SMALL))
    found = [Work(work, OURS, model) for model in ours for work in ("portrait", "cutout")]
    if importlib.util.find_spec("openvino"):
        found += [Work(work, BY_OPENVINO, FULL) for work in ("portrait", "cutout")]
    for model in (PEER_FULL, SMALL):
        if _can_rembg(model):
            found += [Work(work, REMBG, model) for work in ("portrait", "cutout")]
    return found


def _can_rembg(model: str) -> bool:
    missing = [name for name in ("rembg", "cv2") if importlib.util.find_spec(name) is None]
    home = Path(os.environ.get("U2NET_HOME", "~/.u2net")).expanduser()
    if not missing and not (home / f"{model}.onnx").exists():
        missing = [f"{model}.onnx in {home} (U2NET_HOME)"]
    if missing:
        print(f"note: without rembg's {model}: no {', '.join(missing)}")
    return not missing


def measure(seconds: float, folder: Path | None = None) -> list[Row]:
    """Warm time (median over rounds and photographs), memory, and the command line's cold time."""
    with tempfile.TemporaryDirectory() as name, harness.pinned(THREADS):
        scratch = Path(name)
        sources = photographs.jpegs(folder, scratch)
        rows = list(_warm(sources, scratch, seconds))
        rows += _cold(sources[0], scratch, harness.LEAST)
    return rows


def _warm(sources: list[Path], scratch: Path, seconds: float) -> Iterator[Row]:
    children = {
        work: processes.Child("bench.speed.end_to_end", *work, threads=THREADS) for work in works()
    }
    times: dict[Work, list[float]] = {work: [] for work in children}
    last: dict[Work, Row] = {work: child.ask() for work, child in children.items()}
    ready = dict(last)
    foreign = harness.Foreign()
    start = time.perf_counter()
    rounds = 0
    while rounds < harness.LEAST + 1 or time.perf_counter() - start < seconds:
        for source in sources:
            for work, child in children.items():
                last[work] = child.ask(f"{source}\t{scratch / work.target}")
                if rounds:  # the first is not counted: it loads what the others find loaded
                    times[work].append(last[work]["ms"])
        rounds += 1
    others = foreign.cpus(sum(last[work]["cpu"] - ready[work]["cpu"] for work in children))
    for work, child in children.items():
        yield {
            **work._asdict(),
            "kind": "warm",
            "ms": statistics.median(times[work]),
            "rounds": len(times[work]),
            "peak": last[work]["peak"],
            "ready": ready[work]["resident"],
            "foreign": others,
        }
        child.end()


def _cold(source: Path, scratch: Path, rounds: int) -> Iterator[Row]:
    taken: dict[Work, list[tuple[float, float]]] = {}
    for _ in range(rounds):
        for work in works():
            target = scratch / work.target
            command = _command(work, source, target)
            if command:
                taken.setdefault(work, []).append(processes.cold(command, target, THREADS))
    for work, figures in taken.items():
        yield {
            **work._asdict(),
            "kind": "cold",
            "ms": statistics.median(figure[0] for figure in figures),
            "rounds": rounds,
            "peak": max(figure[1] for figure in figures),
        }


def _command(work: Work, source: Path, target: Path) -> list[str] | None:
    """The command line; rembg's makes no portraits."""
    if work.name in PROVIDERS:
        command = [sys.executable, "-m", "defocus", work.work, "--threads", str(THREADS)]
        command += ["--provider", PROVIDERS[work.name]]
        return [*command, "--model", work.model, str(source), str(target)]
    script = Path(sys.executable).with_name("rembg")
    if work.work != "cutout" or not script.exists():
        return None
    return [str(script), "i", "-m", work.model, str(source), str(target)]


def ours(work: str, model: str, provider: str) -> Run:
    import defocus

    segmenter = defocus.Segmenter(model, threads=THREADS, providers=provider)
    segmenter.warmup()
    make = defocus.cutout if work == "cutout" else defocus.portrait
    return lambda source, target: defocus.save(make(source, segmenter=segmenter), target)


def theirs(work: str, model: str) -> Run:
    """Its own cutout, file to file; and the portrait that its users build from its mask."""
    import numpy as np
    from PIL import Image

    from defocus.options import Lens

    cv2, rembg = harness.optional("cv2"), harness.optional("rembg")
    cv2.setNumThreads(THREADS)
    session = rembg.new_session(model)

    def cutout(source: str, target: str) -> None:
        Path(target).write_bytes(rembg.remove(Path(source).read_bytes(), session=session))

    def portrait(source: str, target: str) -> None:
        image = Image.open(source).convert("RGB")
        mask = rembg.remove(image, session=session, only_mask=True)
        pixels = np.asarray(image)
        alpha = np.asarray(mask, np.float32) / np.float32(255)
        sigma = Lens().sigma_pixels(*image.size)
        blurred = cv2.GaussianBlur(pixels, (0, 0), sigma)
        blended = cv2.blendLinear(pixels, blurred, alpha, 1 - alpha)
        Image.fromarray(blended).save(target, quality=95)

    return cutout if work == "cutout" else portrait


def table(rows: list[Row]) -> str:
    """Markdown."""
    lines = [
        [
            f"{row['kind']} {row['work']}, {Work(row['work'], row['name'], row['model']).title}",
            f"{row['ms']:.0f}",
            f"{row['peak']:.0f}",
            f"{row['ready']:.0f}" if "ready" in row else "",
        ]
        for row in sorted(rows, key=lambda row: (row["kind"], row["work"], row["ms"]))
    ]
    return harness.markdown(["12 MP, 2 threads", "ms", "peak MB", "MB before the first"], lines)


def _serve(work: str, name: str, model: str) -> None:
    """A child's life: the first line asks whether it is ready, the others to work."""
    with processes.own_stdout() as channel:
        provider = PROVIDERS.get(name)
        run = ours(work, model, provider) if provider else theirs(work, model)
        for line in sys.stdin:
            source, _, target = line.rstrip("\n").partition("\t")
            start = time.perf_counter()
            if source:
                run(source, target)
            taken = 1e3 * (time.perf_counter() - start)
            memory = {"peak": processes.peak(), "resident": processes.resident()}
            processes.answer(channel, ms=taken, cpu=time.process_time(), **memory)


if __name__ == "__main__":
    _serve(*sys.argv[1:])
