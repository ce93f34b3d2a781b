"""Load nodes as ComfyUI does, and call each with a batch of images.

python comfyui_host.py CUSTOM_NODES IMAGES.npy OUT.npz

Without torch a stand-in has the few methods of a tensor that the nodes may use.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np


class Standin:
    """As a torch.Tensor on the CPU."""

    def __init__(self, array: Any) -> None:
        self._array = np.array(array, np.float32)

    def cpu(self) -> Standin:
        return self

    def numpy(self) -> Any:
        return self._array

    def new_tensor(self, data: Any) -> Standin:
        return Standin(data)


def tensor(array: Any) -> Any:
    try:
        import torch
    except ImportError:
        return Standin(array)
    return torch.from_numpy(array)


def main(folder: str, images: str, out: str) -> None:
    found: dict[str, Any] = {}
    for path in Path(folder).iterdir():
        spec = importlib.util.spec_from_file_location(path.name, path / "__init__.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.name] = module
        spec.loader.exec_module(module)
        assert {*module.NODE_CLASS_MAPPINGS} == {*module.NODE_DISPLAY_NAME_MAPPINGS}
        found |= module.NODE_CLASS_MAPPINGS
    results = {}
    batch = np.load(images)
    for name, node in found.items():
        described = node.INPUT_TYPES()["required"]
        given = {
            key: value[1]["default"] if len(value) > 1 else value[0][-1]
            for key, value in described.items()
            if value != ("IMAGE",)
        }
        (key,) = (key for key, value in described.items() if value == ("IMAGE",))
        answers = getattr(node(), node.FUNCTION)(**{key: tensor(batch)}, **given)
        for kind, answer in zip(node.RETURN_TYPES, answers, strict=True):
            results[f"{name} {kind}"] = answer.numpy()
        given["no_subject"] = "error"
        try:
            getattr(node(), node.FUNCTION)(**{key: tensor(batch)}, **given)
        except ValueError as error:
            results[f"{name} error"] = type(error).__name__
    np.savez(out, **results)


if __name__ == "__main__":
    main(*sys.argv[1:])
