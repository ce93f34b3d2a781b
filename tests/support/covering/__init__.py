"""The covering array: every pair of an input, a function, its options, and an output.

`pairs` makes the cases of `cases`; `pictures` makes what goes in, `runs` carries a case out, and
`checks` and `stored` say what has to be true of what comes out.
"""

from __future__ import annotations

from pathlib import Path

from covering.cases import NOT, Case, line_of
from covering.checks import check, check_refusal
from covering.pictures import made
from covering.runs import Bench
from defocus import DefocusError, Segmenter
from tiny_network import bright_network

__all__ = ["carry_out", "network"]


def network(folder: Path) -> Bench:
    """A folder, and in it a network that takes for the subject what is bright."""
    path = folder / "bright.onnx"
    path.write_bytes(bright_network())
    return Bench(folder, Segmenter(path, threads=1))


def carry_out(case: Case, bench: Bench, refused_as: type[DefocusError] | None = None) -> None:
    """Carry out a case and check all of it; what is wrong says how to see it again.

    A case that contradicts itself has to be `refused_as` that error.
    """
    picture = made(
        case["kind"], case["scene"], case["size"], int(case["turned"]), case["profile"] != NOT
    )
    try:
        if refused_as is None:
            check(case, picture, bench)
        else:
            check_refusal(case, picture, bench, refused_as)
    except Exception as error:
        again = f"PYTHONPATH=tests/support python -m covering '{line_of(case)}'"
        raise AssertionError(f"{type(error).__name__}: {error}\n{again}") from error
