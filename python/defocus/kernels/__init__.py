"""The pixel kernels on their own: Gaussian blur, bilinear resize, blend and the fused stages.

These rules hold for all of them:

- Inputs are numpy arrays with any strides.  They are read in place and never modified.
  No side may be 0.
- A mask or an alpha is bool, an unsigned integer from 0 to its full scale, or a float from 0 to 1.
  uint8 and float32 are read in place.  Other types are converted first.
- `out` receives the result and is returned.  By default a new array is made.
  The pixels of a row must be contiguous.  `out` must not share memory with an input.
- `threads` is the largest number of threads, 1 or more.  It is limited to what the process may use,
  which is also the default.  The result depends neither on it nor on the CPU.
- The GIL is released while a kernel works.
- Bad arrays raise ImageTypeError or ImageValueError.
  Bad options raise OptionTypeError or OptionError.  All of these are DefocusError.
"""

from defocus.kernels.images import blend, gaussian_blur, resize_bilinear
from defocus.kernels.stages import cutout_stage, portrait_stage

__all__ = ["blend", "cutout_stage", "gaussian_blur", "portrait_stage", "resize_bilinear"]
