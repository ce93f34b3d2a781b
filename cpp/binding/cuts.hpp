// What the editing of a mask needs: cells, distances and the minimum cut.
#pragma once

#include <pybind11/pybind11.h>

namespace defocus::binding {

void register_cuts(pybind11::module_& m);

}  // namespace defocus::binding
