// The row kernels for tests and benches: private, and checked for array sizes only.
#pragma once

#include <pybind11/pybind11.h>

namespace defocus::binding {

void register_rows(pybind11::module_& rows);
// The kernels that refine masks; register_rows calls it.
void register_refinements(pybind11::module_& rows);
// The kernels of 16-bit samples; register_rows calls it.
void register_samples16(pybind11::module_& rows);

}  // namespace defocus::binding
