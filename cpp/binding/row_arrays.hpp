// Arrays as the hooks of the row kernels take them.
#pragma once

#include <pybind11/numpy.h>

#include <cstdint>
#include <vector>

#include "core/base/samples.hpp"

namespace defocus::binding {

namespace py = pybind11;
template <typename T>
using Array = py::array_t<T, py::array::c_style>;
using Floats = Array<float>;
using Bytes = Array<std::uint8_t>;
using Shorts = Array<std::int16_t>;
using Indices = Array<std::int32_t>;

inline void need(bool condition) {
    if (!condition) throw py::value_error("row kernel: array too small");
}

// The rows of a 2-D array as the kernels take them.
template <typename T>
std::vector<const T*> rows_of(const Array<T>& array) {
    std::vector<const T*> rows;
    for (py::ssize_t k = 0; k < array.shape(0); ++k) rows.push_back(array.data(k, 0));
    return rows;
}

}  // namespace defocus::binding
