"""Published networks of the family, which `defocus models pull` downloads.

Size and SHA-256 are those of rembg's release v0.0.0.  Input and output are as the authors define
them.
"""

from __future__ import annotations

from defocus.models.spec import ModelSpec

__all__ = ["PUBLISHED"]

_RELEASE = "https://github.com/danielgatis/rembg/releases/download/v0.0.0/"

PUBLISHED = (
    ModelSpec(
        name="u2net-float",
        file="u2net.onnx",
        url=_RELEASE + "u2net.onnx",
        size=175_997_641,
        sha256="8d10d2f3bb75ae3b6d527c77944fc5e7dcd94b29809d47a739a7a728a912b491",
        licence="Apache-2.0",
        source="U-2-Net by Xuebin Qin et al., full network in 32-bit floating point",
        input_size=(320, 320),
        subject_threshold=0.9,
    ),
    ModelSpec(
        name="u2net_human_seg",
        file="u2net_human_seg.onnx",
        url=_RELEASE + "u2net_human_seg.onnx",
        size=175_997_641,
        sha256="01eb6a29a5c4d8edb30b56adad9bb3a2a0535338e480724a213e0acfd2d1c73c",
        licence="Apache-2.0",
        source="U-2-Net by Xuebin Qin et al., trained on people (Supervisely Person)",
        input_size=(320, 320),
    ),
    ModelSpec(
        name="silueta",
        file="silueta.onnx",
        url=_RELEASE + "silueta.onnx",
        size=44_173_029,
        sha256="75da6c8d2f8096ec743d071951be73b4a8bc7b3e51d9a6625d63644f90ffeedb",
        licence="not stated",
        source="U-2-Net (Apache-2.0) made smaller by rembg's author, xuebinqin/U-2-Net issue 295",
        input_size=(320, 320),
    ),
    ModelSpec(
        name="isnet-general-use",
        file="isnet-general-use.onnx",
        url=_RELEASE + "isnet-general-use.onnx",
        size=178_648_008,
        sha256="60920e99c45464f2ba57bee2ad08c919a52bbf852739e96947fbb4358c0d964a",
        licence="Apache-2.0 (code)",
        source="IS-Net by Xuebin Qin et al. (xuebinqin/DIS); no licence is stated for the weights",
        input_size=(1024, 1024),
        # As Inference.py of xuebinqin/DIS does.
        mean=(0.5, 0.5, 0.5),
        std=(1.0, 1.0, 1.0),
        divisor=255.0,
    ),
)
