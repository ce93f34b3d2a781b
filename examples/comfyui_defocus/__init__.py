"""Two nodes for ComfyUI: Portrait blurs the background, Cutout removes it.

Copy this folder to `ComfyUI/custom_nodes/`, install `defocus` with ComfyUI's Python, and restart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

import defocus

__all__ = ["NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS"]

# torch.Tensor, float32 from 0 to 1: an IMAGE is count x height x width x 3, a MASK has no channels.
# ComfyUI brings torch.  This file does not import it, as tensors have all that is needed.
Tensor = Any
Floats = NDArray[np.float32]
Bokeh = Literal["gaussian", "disc"]

_segmenter = defocus.Segmenter()


def _each(
    images: Tensor, no_subject: str, effect: Callable[[Floats, defocus.Subject], Floats]
) -> tuple[Tensor, Tensor]:
    """Return the effect on each image of a batch, and the mattes, in which the subject is white."""
    pictures, mattes = [], []
    # Other nodes may leave values a little outside, which defocus refuses.
    for pixels in np.clip(images.cpu().numpy(), 0.0, 1.0):
        subject = defocus.find_subject(pixels, segmenter=_segmenter)
        # Without a subject the effect is an error, which ComfyUI shows at the node.
        unchanged = no_subject == "copy" and not subject.found
        pictures.append(pixels if unchanged else effect(pixels, subject))
        mattes.append(subject.matte)
    # `new_tensor` keeps the device and the dtype of the batch.
    return images.new_tensor(np.stack(pictures)), images.new_tensor(np.stack(mattes))


class Portrait:
    """Keeps the subject sharp and blurs the background."""

    CATEGORY = "image/defocus"
    FUNCTION = "make"
    RETURN_TYPES = ("IMAGE", "MASK")
    RETURN_NAMES = ("image", "matte")

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802
        """Describe the inputs of the node."""
        return {
            "required": {
                "image": ("IMAGE",),
                "aperture": ("FLOAT", {"default": 1.8, "min": 0.5, "max": 64.0, "step": 0.1}),
                "bokeh": (["gaussian", "disc"],),
                "no_subject": (["error", "copy"],),
            }
        }

    def make(
        self, image: Tensor, aperture: float, bokeh: Bokeh, no_subject: str
    ) -> tuple[Tensor, Tensor]:
        """Return the portraits and the mattes, in which the subject is white."""

        def effect(pixels: Floats, subject: defocus.Subject) -> Floats:
            return defocus.portrait(
                pixels, subject=subject, aperture=aperture, bokeh=bokeh, segmenter=_segmenter
            )

        return _each(image, no_subject, effect)


class Cutout:
    """Replaces the background by a colour, and returns the matte for other nodes."""

    CATEGORY = "image/defocus"
    FUNCTION = "make"
    RETURN_TYPES = ("IMAGE", "MASK")
    RETURN_NAMES = ("image", "matte")

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802
        """Describe the inputs of the node."""
        return {
            "required": {
                "image": ("IMAGE",),
                "background": ("STRING", {"default": "white"}),
                "no_subject": (["error", "copy"],),
            }
        }

    def make(self, image: Tensor, background: str, no_subject: str) -> tuple[Tensor, Tensor]:
        """Return the cutouts and the mattes, in which the subject is white."""

        def effect(pixels: Floats, subject: defocus.Subject) -> Floats:
            return defocus.cutout(
                pixels, subject=subject, background=background, segmenter=_segmenter
            )

        return _each(image, no_subject, effect)


NODE_CLASS_MAPPINGS: dict[str, type] = {"DefocusPortrait": Portrait, "DefocusCutout": Cutout}
NODE_DISPLAY_NAME_MAPPINGS = {
    "DefocusPortrait": "Portrait (defocus)",
    "DefocusCutout": "Cutout (defocus)",
}
