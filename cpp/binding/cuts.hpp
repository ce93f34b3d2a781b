// Functions that readers of 16-bit files need.
#pragma once

#include <pybind11/pybind11.h>

namespace defocus::binding {

void register_cuts(pybind11::module_& m);

}  // namespace defocus::binding
