"""Published networks, which `defocus models pull` downloads.

docs/how-to/models.md says where size and digest of each file are from.  Input and output are as the
authors define them.
"""

from __future__ import annotations

from defocus.models.spec import ModelSpec

__all__ = ["PUBLISHED"]

_REMBG = "https://github.com/danielgatis/rembg/releases/download/v0.0.0/"
_HUGGING_FACE = "https://huggingface.co/"

_U2NET = (
    ModelSpec(
        name="u2net-float",
        file="u2net.onnx",
        url=_REMBG + "u2net.onnx",
        size=175_997_641,
        memory=600_000_000,
        sha256="8d10d2f3bb75ae3b6d527c77944fc5e7dcd94b29809d47a739a7a728a912b491",
        licence="Apache-2.0",
        source="U-2-Net by Xuebin Qin et al., full network in 32-bit floating point",
        input_size=(320, 320),
        subject_threshold=0.9,
    ),
    ModelSpec(
        name="u2net_human_seg",
        file="u2net_human_seg.onnx",
        url=_REMBG + "u2net_human_seg.onnx",
        size=175_997_641,
        memory=600_000_000,
        sha256="01eb6a29a5c4d8edb30b56adad9bb3a2a0535338e480724a213e0acfd2d1c73c",
        licence="Apache-2.0",
        source="U-2-Net by Xuebin Qin et al., trained on people (Supervisely Person)",
        input_size=(320, 320),
    ),
    ModelSpec(
        name="silueta",
        file="silueta.onnx",
        url=_REMBG + "silueta.onnx",
        size=44_173_029,
        memory=400_000_000,
        sha256="75da6c8d2f8096ec743d071951be73b4a8bc7b3e51d9a6625d63644f90ffeedb",
        licence="not stated",
        source="U-2-Net (Apache-2.0) made smaller by rembg's author, xuebinqin/U-2-Net issue 295",
        input_size=(320, 320),
    ),
)

_ISNET = (
    ModelSpec(
        name="isnet-general-use",
        file="isnet-general-use.onnx",
        url=_REMBG + "isnet-general-use.onnx",
        size=178_648_008,
        memory=1_000_000_000,
        sha256="60920e99c45464f2ba57bee2ad08c919a52bbf852739e96947fbb4358c0d964a",
        licence="Apache-2.0 (code)",
        source="IS-Net by Xuebin Qin et al. (xuebinqin/DIS); no licence is stated for the weights",
        input_size=(1024, 1024),
        # As Inference.py of xuebinqin/DIS does.
        mean=(0.5, 0.5, 0.5),
        std=(1.0, 1.0, 1.0),
        divisor=255.0,
    ),
    ModelSpec(
        name="isnet-anime",
        file="isnet-anime.onnx",
        url=_REMBG + "isnet-anime.onnx",
        size=176_069_933,
        memory=1_000_000_000,
        sha256="f15622d853e8260172812b657053460e20806f04b9e05147d49af7bed31a6e99",
        licence="Apache-2.0",
        source="IS-Net for drawn figures by SkyTNT (anime-segmentation)",
        input_size=(1024, 1024),
        # As inference.py of SkyTNT/anime-segmentation does.  rembg subtracts a mean.
        mean=(0.0, 0.0, 0.0),
        std=(1.0, 1.0, 1.0),
        divisor=255.0,
    ),
)


def _birefnet(
    name: str, published: str, use: str, *, sha256: str = "", md5: str = "", lite: bool = False
) -> ModelSpec:
    """A network of BiRefNet, whose output are logits."""
    return ModelSpec(
        name=name,
        file=f"{name}.onnx",
        url=f"{_REMBG}{published}.onnx",
        size=224_005_088 if lite else 972_666_916,
        memory=8_000_000_000 if lite else 10_300_000_000,
        sha256=sha256,
        md5=md5,
        licence="MIT",
        source=f"BiRefNet by Peng Zheng et al. (ZhengPeng7/BiRefNet), {use}",
        input_size=(1024, 1024),
        divisor=255.0,
        activation="sigmoid",
    )


_BIREFNET = (
    _birefnet(
        "birefnet-general",
        "BiRefNet-general-epoch_244",
        "for anything",
        sha256="58f621f00f5d756097615970a88a791584600dcf7c45b18a0a6267535a1ebd3c",
    ),
    _birefnet(
        "birefnet-general-lite",
        "BiRefNet-general-bb_swin_v1_tiny-epoch_232",
        "small network for anything",
        sha256="5600024376f572a557870a5eb0afb1e5961636bef4e1e22132025467d0f03333",
        lite=True,
    ),
    _birefnet(
        "birefnet-portrait",
        "BiRefNet-portrait-epoch_150",
        "for people",
        sha256="1ba1c8ff5a7bbfadc8d8d13fb11d7be793f91f23d9d466549e37a854f6668f99",
    ),
    _birefnet(
        "birefnet-dis",
        "BiRefNet-DIS-epoch_590",
        "trained on DIS5K",
        md5="2d4d44102b446f33a4ebb2e56c051f2b",
    ),
    _birefnet(
        "birefnet-hrsod",
        "BiRefNet-HRSOD_DHU-epoch_115",
        "for the most salient object of large photographs",
        md5="c017ade5de8a50ff0fd74d790d268dda",
    ),
    _birefnet(
        "birefnet-cod",
        "BiRefNet-COD-epoch_125",
        "for camouflaged objects",
        md5="f6d0d21ca89d287f17e7afe9f5fd3b45",
    ),
    _birefnet(
        "birefnet-massive",
        "BiRefNet-massive-TR_DIS5K_TR_TEs-epoch_420",
        "for anything, trained on more data sets",
        md5="33e726a2136a3d59eb0fdf613e31e3e9",
    ),
)

_OTHERS = (
    ModelSpec(
        name="modnet",
        file="modnet.onnx",
        url=_HUGGING_FACE + "Xenova/modnet/resolve/"
        "fa2fa546052fba4c08921230a26cc69a333fca12/onnx/model.onnx",
        size=25_888_640,
        memory=300_000_000,
        sha256="07c308cf0fc7e6e8b2065a12ed7fc07e1de8febb7dc7839d7b7f15dd66584df9",
        licence="Apache-2.0",
        source="MODNet by Zhanghan Ke et al. (ZHKKKe/MODNet), for people",
        # As onnx/inference_onnx.py of ZHKKKe/MODNet does: -1 to 1, in the photo's proportions.
        short_edge=512,
        mean=(0.5, 0.5, 0.5),
        std=(0.5, 0.5, 0.5),
        divisor=255.0,
    ),
    ModelSpec(
        name="ben2",
        file="ben2.onnx",
        url=_HUGGING_FACE + "PramaLLC/BEN2/resolve/"
        "e48a20765fb421d19dcdb0bf3cc61e802ca5ec8f/BEN2_Base.onnx",
        size=222_932_053,
        memory=7_000_000_000,
        sha256="22cea62108ff53b7ccc20f7a008bf30494228d84b1687f29ecbe76936a998101",
        licence="MIT",
        source="BEN2 Base by Prama LLC (PramaLLC/BEN2)",
        input_size=(1024, 1024),
        mean=(0.0, 0.0, 0.0),
        std=(1.0, 1.0, 1.0),
        divisor=255.0,
    ),
)

_NON_COMMERCIAL = (
    ModelSpec(
        name="bria-rmbg",
        file="bria-rmbg.onnx",
        url=_REMBG + "bria-rmbg-2.0.onnx",
        size=1_024_331_469,
        memory=10_000_000_000,
        sha256="5b486f08200f513f460da46dd701db5fbb47d79b4be4b708a19444bcd4e79958",
        licence="CC BY-NC 4.0",
        non_commercial=True,
        source="RMBG 2.0 by BRIA AI (briaai/RMBG-2.0), of the shape of BiRefNet",
        input_size=(1024, 1024),
        divisor=255.0,
    ),
    ModelSpec(
        name="bria-rmbg-1.4",
        file="bria-rmbg-1.4.onnx",
        url=_HUGGING_FACE + "briaai/RMBG-1.4/resolve/"
        "2ceba5a5efaec153162aedea169f76caf9b46cf8/onnx/model.onnx",
        size=176_153_355,
        memory=1_000_000_000,
        sha256="8cafcf770b06757c4eaced21b1a88e57fd2b66de01b8045f35f01535ba742e0f",
        licence="BRIA RMBG 1.4",
        non_commercial=True,
        source="RMBG 1.4 by BRIA AI (briaai/RMBG-1.4), of the shape of IS-Net",
        input_size=(1024, 1024),
        mean=(0.5, 0.5, 0.5),
        std=(1.0, 1.0, 1.0),
        divisor=255.0,
    ),
)

PUBLISHED = _U2NET + _ISNET + _BIREFNET + _OTHERS + _NON_COMMERCIAL
