// Functions that readers of 16-bit files and the writer of PNG need.
#pragma once

#include <pybind11/pybind11.h>

namespace defocus::binding {

void register_decoding(pybind11::module_& m);

}  // namespace defocus::binding
