"""Carry out one case: PYTHONPATH=tests/support python -m covering 'kind=png function=cutout'."""

from __future__ import annotations

import sys
import tempfile
import warnings
from pathlib import Path

from covering import carry_out, network
from covering.cases import case_of, refused_as

if __name__ == "__main__":
    warnings.simplefilter("error")
    with tempfile.TemporaryDirectory() as folder:
        case = case_of(sys.argv[1])
        carry_out(case, network(Path(folder)), refused_as(case))
