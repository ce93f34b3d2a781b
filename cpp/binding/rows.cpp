#include "binding/rows.hpp"

#include <pybind11/numpy.h>

#include <cstdint>
#include <string>
#include <vector>

#include "dispatch/dispatch.hpp"

namespace defocus::binding {
namespace {

namespace py = pybind11;
template <typename T>
using Row = py::array_t<T, py::array::c_style>;
using Floats = Row<float>;
using Bytes = Row<std::uint8_t>;

std::size_t size(py::ssize_t n) {
    return static_cast<std::size_t>(n);
}

void need(bool condition) {
    if (!condition) throw py::value_error("row kernel: array too small");
}

}  // namespace

void register_rows(py::module_& m) {
    // Planes are (channels, stride) arrays of which the first `width` columns are used.
    m.def("split", [](const Bytes& pixels, Floats& planes, const std::string& isa) {
        need(planes.shape(1) >= pixels.shape(0) && planes.shape(0) >= pixels.shape(1));
        level_named(isa).split(pixels.data(), size(pixels.shape(0)), size(pixels.shape(1)),
                               planes.mutable_data(), size(planes.shape(1)));
    });
    m.def("split_float", [](const Floats& pixels, Floats& planes, const std::string& isa) {
        need(planes.shape(1) >= pixels.shape(0) && planes.shape(0) >= pixels.shape(1));
        level_named(isa).split_float(pixels.data(), size(pixels.shape(0)), size(pixels.shape(1)),
                                     planes.mutable_data(), size(planes.shape(1)));
    });
    m.def("merge", [](const Floats& planes, Bytes& pixels, const std::string& isa) {
        need(planes.shape(1) >= pixels.shape(0) && planes.shape(0) >= pixels.shape(1));
        level_named(isa).merge(planes.data(), size(planes.shape(1)), size(pixels.shape(0)),
                               size(pixels.shape(1)), pixels.mutable_data());
    });
    m.def("merge_float", [](const Floats& planes, Floats& pixels, const std::string& isa) {
        need(planes.shape(1) >= pixels.shape(0) && planes.shape(0) >= pixels.shape(1));
        level_named(isa).merge_float(planes.data(), size(planes.shape(1)), size(pixels.shape(0)),
                                     size(pixels.shape(1)), pixels.mutable_data());
    });
    m.def("sum_rows",
          [](const Floats& rows, const Floats& taps, Floats& out, const std::string& isa) {
              need(out.size() >= rows.shape(1) && taps.size() <= rows.shape(0));
              std::vector<const float*> pointers;
              for (py::ssize_t k = 0; k < taps.size(); ++k) pointers.push_back(rows.data(k, 0));
              level_named(isa).sum_rows(pointers.data(), taps.data(), pointers.size(),
                                        size(rows.shape(1)), out.mutable_data());
          });
    m.def("accumulate",
          [](const Floats& row, const Floats& weights, Floats& sums, const std::string& isa) {
              need(sums.shape(1) >= row.size() && sums.shape(0) == 3 && weights.size() == 3);
              float* pointers[3];
              for (py::ssize_t k = 0; k < 3; ++k) pointers[k] = sums.mutable_data(k, 0);
              level_named(isa).accumulate(row.data(), size(row.size()), weights.data(), pointers);
          });
    m.def("decimate", [](const Floats& row, const Floats& taps, py::ssize_t step, py::ssize_t n,
                         Floats& out, const std::string& isa) {
        need(out.size() >= n && row.size() >= (n - 1) * step + taps.size());
        level_named(isa).decimate(row.data(), taps.data(), size(taps.size()), size(step), size(n),
                                  out.mutable_data());
    });
    m.def("convolve", [](const Floats& row, const Floats& taps, py::ssize_t n, Floats& out,
                         const std::string& isa) {
        need(out.size() >= n && row.size() >= n - 1 + taps.size());
        level_named(isa).convolve(row.data(), taps.data(), size(taps.size()), size(n),
                                  out.mutable_data());
    });
    m.def("expand", [](const Floats& row, const Floats& taps, py::ssize_t n, Floats& out,
                       const std::string& isa) {
        const py::ssize_t step = taps.shape(1);
        need(taps.shape(0) == 4 && out.size() >= n && row.size() >= (n - 1) / step + 4);
        level_named(isa).expand(row.data(), taps.data(), size(step), size(n), out.mutable_data());
    });
    m.def("lerp_rows",
          [](const Floats& a, const Floats& b, float t, Floats& out, const std::string& isa) {
              need(b.size() >= a.size() && out.size() >= a.size());
              level_named(isa).lerp_rows(a.data(), b.data(), t, size(a.size()), out.mutable_data());
          });
    m.def("lerp_columns", [](const Floats& row, const Row<std::int32_t>& index, const Floats& t,
                             Floats& out, const std::string& isa) {
        need(t.size() >= index.size() && out.size() >= index.size());
        for (py::ssize_t i = 0; i < index.size(); ++i)
            need(index.at(i) >= 0 && index.at(i) + 1 < row.size());
        level_named(isa).lerp_columns(row.data(), index.data(), t.data(), size(index.size()),
                                      out.mutable_data());
    });
    m.def("premultiply_background",
          [](Floats& planes, const Floats& alpha, const std::string& isa) {
              need(planes.shape(0) == 4 && planes.shape(1) >= alpha.size());
              level_named(isa).premultiply_background(planes.mutable_data(), size(planes.shape(1)),
                                                      alpha.data(), size(alpha.size()));
          });
    m.def("blend_normalised", [](const Bytes& foreground, const Floats& background,
                                 const Floats& alpha, Bytes& out, const std::string& isa) {
        need(background.shape(0) == 4 && background.shape(1) >= alpha.size() &&
             foreground.size() >= 3 * alpha.size() && out.size() >= 3 * alpha.size());
        level_named(isa).blend_normalised(foreground.data(), background.data(),
                                          size(background.shape(1)), alpha.data(),
                                          size(alpha.size()), out.mutable_data());
    });
    m.def("blend", [](const Bytes& foreground, const Bytes& background, const Floats& alpha,
                      Bytes& out, const std::string& isa) {
        need(foreground.size() >= 3 * alpha.size() && background.size() >= 3 * alpha.size() &&
             out.size() >= 3 * alpha.size());
        level_named(isa).blend(foreground.data(), background.data(), alpha.data(),
                               size(alpha.size()), out.mutable_data());
    });
    m.def("attach_alpha",
          [](const Bytes& rgb, const Floats& alpha, Bytes& out, const std::string& isa) {
              need(rgb.size() >= 3 * alpha.size() && out.size() >= 4 * alpha.size());
              level_named(isa).attach_alpha(rgb.data(), alpha.data(), size(alpha.size()),
                                            out.mutable_data());
          });
}

}  // namespace defocus::binding
