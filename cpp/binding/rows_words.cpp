#include <cstdint>
#include <string>

#include "binding/row_arrays.hpp"
#include "binding/rows.hpp"
#include "dispatch/dispatch.hpp"

namespace defocus::binding {
namespace {

using Words = Array<std::uint16_t>;

// Planes of as many cells as there are pixels.
void need_planes(const Floats& array, py::ssize_t planes, py::ssize_t n) {
    need(array.ndim() == 2 && array.shape(0) == planes && array.shape(1) == n);
}

}  // namespace

void register_words(py::module_& m) {
    m.def("words_to_bytes", [](const Words& row, Bytes& out, const std::string& isa) {
        need(out.size() >= row.size());
        level_named(isa).words_to_bytes(row.data(), size(row.size()), out.mutable_data());
    });
    m.def("background_words", [](const Words& row, const Shorts& alpha, bool linear,
                                 Floats& colours, Floats& weights, const std::string& isa) {
        const py::ssize_t n = alpha.size();
        need(row.size() >= 3 * n && colours.size() >= 3 * n && weights.size() >= n);
        level_named(isa).background_words(row.data(), alpha.data(), size(n), linear,
                                          colours.mutable_data(), weights.mutable_data());
    });
    m.def("guided_alpha_words", [](const Words& pixels, const Floats& coefficients, float low,
                                   float slope, Shorts& out, const std::string& isa) {
        need_planes(coefficients, 4, out.size());
        need(pixels.size() >= 3 * out.size());
        const std::size_t n = size(out.size());
        level_named(isa).guided_alpha_words(pixels.data(), coefficients.data(), n, n, low, slope,
                                            out.mutable_data());
    });
    m.def("unmix_foreground_words", [](const Words& pixels, const Shorts& alpha,
                                       const Floats& parts, Words& out, const std::string& isa) {
        need_planes(parts, 6, alpha.size());
        need(pixels.size() >= 3 * alpha.size() && out.size() >= 3 * alpha.size());
        const std::size_t n = size(alpha.size());
        level_named(isa).unmix_foreground_words(pixels.data(), alpha.data(), parts.data(), n, n,
                                                out.mutable_data());
    });
    m.def("unmix_background_words", [](const Words& pixels, const Words& foreground,
                                       const Shorts& alpha, Words& out, const std::string& isa) {
        const py::ssize_t n = 3 * alpha.size();
        need(pixels.size() >= n && foreground.size() >= n && out.size() >= n);
        level_named(isa).unmix_background_words(pixels.data(), foreground.data(), alpha.data(),
                                                size(alpha.size()), out.mutable_data());
    });
    // `rows` is (4, 3, stride).
    m.def("spline_blend_words", [](const Floats& rows, const Floats& taps, const Words& foreground,
                                   const Shorts& alpha, bool linear, Words& out,
                                   const std::string& isa) {
        const py::ssize_t n = alpha.size();
        need(rows.ndim() == 3 && rows.shape(0) == 4 && rows.shape(1) == 3 && rows.shape(2) >= n &&
             taps.size() == 4 && foreground.size() >= 3 * n && out.size() >= 3 * n);
        const float* four[4];
        for (py::ssize_t k = 0; k < 4; ++k) four[k] = rows.data(k, 0, 0);
        level_named(isa).spline_blend_words(four, size(rows.shape(2)), taps.data(),
                                            foreground.data(), alpha.data(), size(n), linear,
                                            out.mutable_data());
    });
    m.def("attach_alpha_words",
          [](const Words& rgb, const Shorts& alpha, Words& out, const std::string& isa) {
              need(rgb.size() >= 3 * alpha.size() && out.size() >= 4 * alpha.size());
              level_named(isa).attach_alpha_words(rgb.data(), alpha.data(), size(alpha.size()),
                                                  out.mutable_data());
          });
}

}  // namespace defocus::binding
