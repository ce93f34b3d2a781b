// What reading and showing pictures of 16 bits takes, apart from the stages.
#pragma once

#include <pybind11/pybind11.h>

namespace defocus::binding {

void register_deep(pybind11::module_& m);

}  // namespace defocus::binding
