#include <cstdint>
#include <string>

#include "binding/row_arrays.hpp"
#include "binding/rows.hpp"
#include "dispatch/dispatch.hpp"

namespace defocus::binding {
namespace {

using Samples16 = Array<std::uint16_t>;

// Planes of n cells: one for each pixel.
void need_planes(const Floats& array, py::ssize_t planes, py::ssize_t n) {
    need(array.ndim() == 2 && array.shape(0) == planes && array.shape(1) == n);
}

}  // namespace

void register_samples16(py::module_& m) {
    m.def("bytes_from_16", [](const Samples16& row, Bytes& out, const std::string& isa) {
        need(out.size() >= row.size());
        level_named(isa).bytes_from_16(row.data(), size(row.size()), out.mutable_data());
    });
    m.def("background_16", [](const Samples16& row, const Shorts& alpha, bool linear,
                              Floats& colours, Floats& weights, const std::string& isa) {
        const py::ssize_t n = alpha.size();
        need(row.size() >= 3 * n && colours.size() >= 3 * n && weights.size() >= n);
        level_named(isa).background_16(row.data(), alpha.data(), size(n), linear,
                                       colours.mutable_data(), weights.mutable_data());
    });
    m.def("guided_alpha_16", [](const Samples16& pixels, const Floats& coefficients, float low,
                                float slope, Shorts& out, const std::string& isa) {
        need_planes(coefficients, 4, out.size());
        need(pixels.size() >= 3 * out.size());
        const std::size_t n = size(out.size());
        level_named(isa).guided_alpha_16(pixels.data(), coefficients.data(), n, n, low, slope,
                                         out.mutable_data());
    });
    m.def("unmix_foreground_16", [](const Samples16& pixels, const Shorts& alpha,
                                    const Floats& parts, Samples16& out, const std::string& isa) {
        need_planes(parts, 6, alpha.size());
        need(pixels.size() >= 3 * alpha.size() && out.size() >= 3 * alpha.size());
        const std::size_t n = size(alpha.size());
        level_named(isa).unmix_foreground_16(pixels.data(), alpha.data(), parts.data(), n, n,
                                             out.mutable_data());
    });
    m.def("unmix_background_16", [](const Samples16& pixels, const Samples16& foreground,
                                    const Shorts& alpha, Samples16& out, const std::string& isa) {
        const py::ssize_t n = 3 * alpha.size();
        need(pixels.size() >= n && foreground.size() >= n && out.size() >= n);
        level_named(isa).unmix_background_16(pixels.data(), foreground.data(), alpha.data(),
                                             size(alpha.size()), out.mutable_data());
    });
    // `rows` is (4, 3, stride).
    m.def("spline_blend_16", [](const Floats& rows, const Floats& taps, const Samples16& foreground,
                                const Shorts& alpha, bool linear, Samples16& out,
                                const std::string& isa) {
        const py::ssize_t n = alpha.size();
        need(rows.ndim() == 3 && rows.shape(0) == 4 && rows.shape(1) == 3 && rows.shape(2) >= n &&
             taps.size() == 4 && foreground.size() >= 3 * n && out.size() >= 3 * n);
        const float* four[4];
        for (py::ssize_t k = 0; k < 4; ++k) four[k] = rows.data(k, 0, 0);
        level_named(isa).spline_blend_16(four, size(rows.shape(2)), taps.data(), foreground.data(),
                                         alpha.data(), size(n), linear, out.mutable_data());
    });
    m.def("attach_alpha_16",
          [](const Samples16& rgb, const Shorts& alpha, Samples16& out, const std::string& isa) {
              need(rgb.size() >= 3 * alpha.size() && out.size() >= 4 * alpha.size());
              level_named(isa).attach_alpha_16(rgb.data(), alpha.data(), size(alpha.size()),
                                               out.mutable_data());
          });
}

}  // namespace defocus::binding
