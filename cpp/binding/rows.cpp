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
using Array = py::array_t<T, py::array::c_style>;
using Floats = Array<float>;
using Bytes = Array<std::uint8_t>;
using Shorts = Array<std::int16_t>;
using Indices = Array<std::int32_t>;

std::size_t size(py::ssize_t n) {
    return static_cast<std::size_t>(n);
}

// What kernels may read beyond the last alpha or tap of a row.
constexpr py::ssize_t over_read = 8;

void need(bool condition) {
    if (!condition) throw py::value_error("row kernel: array too small");
}

// The rows of a 2-D array as the kernels take them.
template <typename T>
std::vector<const T*> rows_of(const Array<T>& array) {
    std::vector<const T*> rows;
    for (py::ssize_t k = 0; k < array.shape(0); ++k) rows.push_back(array.data(k, 0));
    return rows;
}

std::vector<float*> windows_of(Floats& array) {
    std::vector<float*> rows;
    for (py::ssize_t k = 0; k < 3; ++k) rows.push_back(array.mutable_data(k, 0));
    return rows;
}

// Planes are (channels, stride) arrays, pixels (width, channels) ones with width <= stride.
template <typename P, typename Q>
void need_planes(const Array<P>& planes, const Array<Q>& pixels) {
    need(planes.shape(1) >= pixels.shape(0) && planes.shape(0) >= pixels.shape(1));
}

template <typename T, typename Kernel>
void split(Kernel kernel, const Array<T>& pixels, Floats& planes) {
    need_planes(planes, pixels);
    kernel(pixels.data(), size(pixels.shape(0)), size(pixels.shape(1)), planes.mutable_data(),
           size(planes.shape(1)));
}

template <typename T, typename Kernel>
void merge(Kernel kernel, const Array<T>& planes, Array<T>& pixels) {
    need_planes(planes, pixels);
    kernel(planes.data(), size(planes.shape(1)), size(pixels.shape(0)), size(pixels.shape(1)),
           pixels.mutable_data());
}

template <typename T, typename Kernel>
void reduce(Kernel kernel, const Array<T>& rows, const Floats& factors, Floats& sums) {
    need(factors.size() == 9 && sums.shape(0) == 3 && sums.shape(1) >= rows.shape(1));
    kernel(rows_of(rows).data(), size(rows.shape(0)), size(rows.shape(1)), factors.data(),
           windows_of(sums).data());
}

template <typename T, typename Kernel>
void expand(Kernel kernel, const Floats& row, const Floats& taps, py::ssize_t step, py::ssize_t n,
            Array<T>& out) {
    need(taps.shape(0) == 4 && taps.shape(1) == (step < 8 ? 8 : step) && out.size() >= n &&
         row.size() >= (n - 1) / step + 3 + 8);
    kernel(row.data(), taps.data(), size(step), size(n), out.mutable_data());
}

void need_blend(const Shorts& rows, const Bytes& foreground, const Shorts& alpha,
                const Bytes& out) {
    const py::ssize_t n = rows.shape(1);
    need(rows.shape(0) == 4 && foreground.size() >= n && alpha.size() >= n / 3 + over_read &&
         out.size() >= n);
}

void register_conversions(py::module_& m) {
    m.def("split_bytes", [](const Bytes& pixels, Floats& planes, const std::string& isa) {
        split(level_named(isa).split_bytes, pixels, planes);
    });
    m.def("split_floats", [](const Floats& pixels, Floats& planes, const std::string& isa) {
        split(level_named(isa).split_floats, pixels, planes);
    });
    m.def("merge_q7", [](const Shorts& planes, Shorts& pixels, const std::string& isa) {
        merge(level_named(isa).merge_q7, planes, pixels);
    });
    m.def("merge_floats", [](const Floats& planes, Floats& pixels, const std::string& isa) {
        merge(level_named(isa).merge_floats, planes, pixels);
    });
}

void register_reductions(py::module_& m) {
    m.def("reduce_bytes",
          [](const Bytes& rows, const Floats& factors, Floats& sums, const std::string& isa) {
              reduce(level_named(isa).reduce_bytes, rows, factors, sums);
          });
    m.def("reduce_floats",
          [](const Floats& rows, const Floats& factors, Floats& sums, const std::string& isa) {
              reduce(level_named(isa).reduce_floats, rows, factors, sums);
          });
    m.def("reduce_background", [](const Bytes& rows, const Shorts& alphas, const Floats& factors,
                                  Floats& sums, bool linear, const std::string& isa) {
        const py::ssize_t width = rows.shape(1) / 3;
        need(alphas.shape(1) >= width + over_read && alphas.shape(0) == rows.shape(0) &&
             sums.shape(1) >= 3 * width && sums.shape(0) == 3 && factors.size() == 9);
        level_named(isa).reduce_background(rows_of(rows).data(), rows_of(alphas).data(),
                                           size(rows.shape(0)), size(width), factors.data(),
                                           windows_of(sums).data(), linear);
    });
    m.def("reduce_weights",
          [](const Shorts& alphas, const Floats& factors, Floats& sums, const std::string& isa) {
              reduce(level_named(isa).reduce_weights, alphas, factors, sums);
          });
    m.def("halve", [](const Floats& row, py::ssize_t n, Floats& out, const std::string& isa) {
        need(row.size() >= 2 * n + 2 && out.size() >= n);
        level_named(isa).halve(row.data(), size(n), out.mutable_data());
    });
    // `taps` is the middle one and one half, radius + 1 in all.
    m.def("fir_columns",
          [](const Floats& rows, const Floats& taps, Floats& out, const std::string& isa) {
              need(out.size() >= rows.shape(1) && rows.shape(0) == 2 * taps.size() - 1);
              level_named(isa).fir_columns(rows_of(rows).data(), taps.data(), size(taps.size() - 1),
                                           size(rows.shape(1)), out.mutable_data());
          });
    m.def("fir_row", [](const Floats& row, const Floats& taps, py::ssize_t n, Floats& out,
                        const std::string& isa) {
        need(out.size() >= n && row.size() >= n + 2 * (taps.size() - 1));
        level_named(isa).fir_row(row.data(), taps.data(), size(taps.size() - 1), size(n),
                                 out.mutable_data());
    });
    m.def("fir_columns_q6", [](const Bytes& rows, const Shorts& taps, Shorts& out,
                               const std::string& isa) {
        need(out.size() >= rows.shape(1) && rows.shape(0) == 2 * taps.size() - 1);
        level_named(isa).fir_columns_q6(rows_of(rows).data(), taps.data(), size(taps.size() - 1),
                                        size(rows.shape(1)), out.mutable_data());
    });
    m.def("fir_row_q7", [](const Shorts& row, const Shorts& taps, py::ssize_t channels,
                           py::ssize_t n, Shorts& out, const std::string& isa) {
        need(out.size() >= n && row.size() >= n + 2 * channels * (taps.size() - 1));
        level_named(isa).fir_row_q7(row.data(), taps.data(), size(taps.size() - 1), size(channels),
                                    size(n), out.mutable_data());
    });
}

void register_expansions(py::module_& m) {
    m.def("expand",
          [](const Floats& row, const Floats& taps, py::ssize_t step, py::ssize_t n, Floats& out,
             const std::string& isa) { expand(level_named(isa).expand, row, taps, step, n, out); });
    m.def("expand_q7", [](const Floats& row, const Floats& taps, py::ssize_t step, py::ssize_t n,
                          Shorts& out, const std::string& isa) {
        expand(level_named(isa).expand_q7, row, taps, step, n, out);
    });
    m.def("to_q7", [](const Floats& row, Shorts& out, const std::string& isa) {
        need(out.size() >= row.size());
        level_named(isa).to_q7(row.data(), size(row.size()), out.mutable_data());
    });
    m.def("spline_bytes",
          [](const Shorts& rows, const Shorts& taps, Bytes& out, const std::string& isa) {
              need(rows.shape(0) == 4 && taps.size() == 4 && out.size() >= rows.shape(1));
              level_named(isa).spline_bytes(rows_of(rows).data(), taps.data(), size(rows.shape(1)),
                                            out.mutable_data());
          });
    m.def("spline_floats",
          [](const Floats& rows, const Floats& taps, Floats& out, const std::string& isa) {
              need(rows.shape(0) == 4 && taps.size() == 4 && out.size() >= rows.shape(1));
              level_named(isa).spline_floats(rows_of(rows).data(), taps.data(), size(rows.shape(1)),
                                             out.mutable_data());
          });
    // `planes` is (4, stride), `out` (3, stride).
    m.def("normalise", [](const Floats& planes, py::ssize_t width, float scale, Shorts& out,
                          const std::string& isa) {
        need(planes.shape(0) == 4 && out.shape(0) == 3 && planes.shape(1) >= width &&
             out.shape(1) == planes.shape(1));
        level_named(isa).normalise(planes.data(), size(planes.shape(1)), size(width), scale,
                                   out.mutable_data());
    });
    // `out` is (4, stride).
    m.def("mix_taps", [](const Floats& weights, const Floats& taps, Shorts& out,
                         const std::string& isa) {
        need(weights.shape(0) == 4 && taps.size() == 4 && out.shape(0) == 4 &&
             out.shape(1) >= weights.shape(1));
        level_named(isa).mix_taps(rows_of(weights).data(), taps.data(), size(weights.shape(1)),
                                  out.mutable_data(), size(out.shape(1)));
    });
}

void register_shrinking(py::module_& m) {
    m.def("add_ramp",
          [](const Bytes& rows, float a, float b, Floats& sums, const std::string& isa) {
              need(sums.size() >= rows.shape(1) && rows.shape(0) <= 22);
              level_named(isa).add_ramp(rows_of(rows).data(), size(rows.shape(0)), a, b,
                                        size(rows.shape(1)), sums.mutable_data());
          });
    m.def("weigh_columns", [](const Floats& row, const Indices& starts, const Floats& weights,
                              Floats& out, const std::string& isa) {
        const py::ssize_t n = starts.size(), taps = weights.shape(1);
        need(weights.shape(0) == n && taps % 8 == 0 && out.size() >= n);
        for (py::ssize_t x = 0; x < n; ++x)
            need(starts.at(x) >= 0 && starts.at(x) + taps <= row.size());
        level_named(isa).weigh_columns(row.data(), starts.data(), weights.data(), size(taps),
                                       size(n), out.mutable_data());
    });
    m.def("raise_to_row", [](const Floats& row, Floats& peak, const std::string& isa) {
        need(peak.size() == 1);
        level_named(isa).raise_to_row(row.data(), size(row.size()), peak.mutable_data());
    });
    m.def("scale_row", [](Floats& row, float scale, float offset, const std::string& isa) {
        level_named(isa).scale_row(row.mutable_data(), size(row.size()), scale, offset);
    });
}

void register_mattes(py::module_& m) {
    m.def("lerp_columns", [](const Floats& row, const Indices& starts, const Floats& t, Floats& out,
                             const std::string& isa) {
        const py::ssize_t cells = starts.size() - 1;
        need(row.size() > cells && out.size() >= t.size() && starts.at(0) == 0 &&
             starts.at(cells) == t.size());
        level_named(isa).lerp_columns(row.data(), starts.data(), size(cells), t.data(),
                                      size(t.size()), out.mutable_data());
    });
    m.def("lerp_rows",
          [](const Floats& a, const Floats& b, float t, Floats& out, const std::string& isa) {
              need(b.size() >= a.size() && out.size() >= a.size());
              level_named(isa).lerp_rows(a.data(), b.data(), t, size(a.size()), out.mutable_data());
          });
    m.def("lerp_alpha", [](const Shorts& a, const Shorts& b, std::int16_t t, Shorts& out,
                           const std::string& isa) {
        need(b.size() >= a.size() && out.size() >= a.size());
        level_named(isa).lerp_alpha(a.data(), b.data(), t, size(a.size()), out.mutable_data());
    });
    m.def("alpha_row", [](const Floats& row, Shorts& out, const std::string& isa) {
        need(out.size() >= row.size());
        level_named(isa).alpha_row(row.data(), size(row.size()), out.mutable_data());
    });
    m.def("alpha_bytes", [](const Bytes& row, Shorts& out, const std::string& isa) {
        need(out.size() >= row.size());
        level_named(isa).alpha_bytes(row.data(), size(row.size()), out.mutable_data());
    });
    m.def("premultiply_background", [](const Bytes& row, const Shorts& alpha, Floats& out,
                                       bool linear, const std::string& isa) {
        need(alpha.size() >= row.size() / 3 + over_read && out.size() >= row.size());
        level_named(isa).premultiply_background(row.data(), alpha.data(), size(row.size() / 3),
                                                out.mutable_data(), linear);
    });
    m.def("background_weights", [](const Shorts& alpha, Floats& out, const std::string& isa) {
        need(out.size() >= alpha.size());
        level_named(isa).background_weights(alpha.data(), size(alpha.size()), out.mutable_data());
    });
    m.def("blend", [](const Bytes& foreground, const Bytes& background, const Shorts& alpha,
                      Bytes& out, const std::string& isa) {
        const py::ssize_t width = foreground.size() / 3;
        need(background.size() >= 3 * width && alpha.size() >= width + over_read &&
             out.size() >= 3 * width);
        level_named(isa).blend(foreground.data(), background.data(), alpha.data(), size(width),
                               out.mutable_data());
    });
    // Taps are four, or (4, pixels) for the mixed ones.
    for (const bool light : {false, true}) {
        m.def(light ? "light_blend" : "spline_blend",
              [light](const Shorts& rows, const Shorts& taps, const Bytes& foreground,
                      const Shorts& alpha, Bytes& out, const std::string& isa) {
                  const KernelTable& table = level_named(isa);
                  need_blend(rows, foreground, alpha, out);
                  need(taps.size() == 4);
                  (light ? table.light_blend : table.spline_blend)(
                      rows_of(rows).data(), taps.data(), foreground.data(), alpha.data(),
                      size(rows.shape(1) / 3), out.mutable_data());
              });
        m.def(light ? "light_blend_mixed" : "spline_blend_mixed",
              [light](const Shorts& rows, const Shorts& taps, const Bytes& foreground,
                      const Shorts& alpha, Bytes& out, const std::string& isa) {
                  const KernelTable& table = level_named(isa);
                  need_blend(rows, foreground, alpha, out);
                  need(taps.shape(0) == 4 && taps.shape(1) >= rows.shape(1) / 3 + over_read);
                  (light ? table.light_blend_mixed : table.spline_blend_mixed)(
                      rows_of(rows).data(), taps.data(), size(taps.shape(1)), foreground.data(),
                      alpha.data(), size(rows.shape(1) / 3), out.mutable_data());
              });
    }
    m.def("attach_alpha",
          [](const Bytes& rgb, const Shorts& alpha, Bytes& out, const std::string& isa) {
              need(rgb.size() >= 3 * alpha.size() && out.size() >= 4 * alpha.size());
              level_named(isa).attach_alpha(rgb.data(), alpha.data(), size(alpha.size()),
                                            out.mutable_data());
          });
}

}  // namespace

void register_rows(py::module_& m) {
    register_conversions(m);
    register_reductions(m);
    register_expansions(m);
    register_shrinking(m);
    register_mattes(m);
}

}  // namespace defocus::binding
