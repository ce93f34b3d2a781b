"""The forms of the embedded networks that ONNX Runtime builds fastest on the CPU.

NAME.cpu.onnx has the fused graph, and names the places of the weights in NAME.onnx, which ONNX
Runtime then maps instead of copying.  The input of its first convolution has a fourth channel,
of zeros.  tools/prepare.py writes it.  The masks are the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from defocus.errors import ModelMissingError
from defocus.models.spec import ModelSpec
from defocus.models.weights import locate

__all__ = ["FORMS", "fastest"]

#: The forms by the SHA-256 of the network's file.
FORMS: Mapping[str, ModelSpec] = MappingProxyType(
    {
        "772938f46cbaac71f9e579a0fa54466281aa942bf657332840b2833d291afc37": ModelSpec(
            name="u2net",
            file="u2net.cpu.onnx",
            sha256="b9c684c5feed976dae0e901403bc8dad0a005802b4fe45c90136a9b615f47cdb",
            licence="Apache-2.0",
            source="the graph of u2net.onnx as ONNX Runtime fuses it; made by tools/prepare.py",
        ),
        "3f9bbf8623ba4b3d42ea3bfd10511c46dd1431b65b591a827d521a67d76ac55b": ModelSpec(
            name="u2netp",
            file="u2netp.cpu.onnx",
            sha256="911149085dc9d6bf8c3fa40f69dd037333be56fe26b36a331697e69e5d9e701f",
            licence="Apache-2.0",
            source="the graph of u2netp.onnx as ONNX Runtime fuses it; made by tools/prepare.py",
        ),
    }
)


def fastest(spec: ModelSpec) -> Path:
    """The verified file from which ONNX Runtime builds the network of `spec` on the CPU.

    It is the network's own file if the form is not there, or cannot be used.
    Raises the errors of `locate`.
    """
    network = locate(spec)
    form = FORMS.get(spec.sha256)
    if form is None:
        return network
    try:
        prepared = locate(form).resolve()
    except ModelMissingError:
        return network
    # Links may lead elsewhere.  ONNX Runtime looks for the weights by their name, and refuses any
    # outside the real folder of the graph.
    found = prepared.with_name(str(spec.file)) == network.resolve()
    return prepared if found else network
