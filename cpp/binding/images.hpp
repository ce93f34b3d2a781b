// The operations on whole images: blur, resize, blend, portrait, cutout, the input of a network.
#pragma once

#include <pybind11/pybind11.h>

namespace defocus::binding {

void register_images(pybind11::module_& m);

}  // namespace defocus::binding
