// The row kernels themselves, for the tests and benches: private, hardly checked.
#pragma once

#include <pybind11/pybind11.h>

namespace defocus::binding {

void register_rows(pybind11::module_& rows);
// Those that refine masks; register_rows calls it.
void register_refinements(pybind11::module_& rows);
// Those of words likewise.
void register_words(pybind11::module_& rows);

}  // namespace defocus::binding
