#include "binding/rows.hpp"

#include <cstdint>
#include <string>

#include "binding/row_arrays.hpp"
#include "dispatch/dispatch.hpp"

namespace defocus::binding {
namespace {

// Planes are (channels, stride) arrays, pixels (width, channels) ones with width <= stride.
template <typename P, typename Q>
void need_planes(const Array<P>& planes, const Array<Q>& pixels) {
    need(planes.shape(1) >= pixels.shape(0) && planes.shape(0) >= pixels.shape(1));
}

template <typename T, typename Kernel>
void split(Kernel kernel, const Array<T>& pixels, Array<T>& planes) {
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

template <typename T, typename Out, typename Kernel>
void halve_rows(Kernel kernel, const Array<T>& rows, Array<Out>& out) {
    need(rows.shape(0) == 4 && out.size() >= rows.shape(1));
    kernel(rows_of(rows).data(), size(rows.shape(1)), out.mutable_data());
}

template <typename T, typename Kernel>
void halve(Kernel kernel, const Array<T>& row, py::ssize_t n, Array<T>& out) {
    need(row.size() >= 2 * n + 2 && out.size() >= n);
    kernel(row.data(), size(n), out.mutable_data());
}

// `taps` is the middle tap and one half, radius + 1 in all.  `out` has a row for each output.
template <typename T, typename Tap, typename Kernel>
void fir_columns(Kernel kernel, const Array<T>& rows, const Array<Tap>& taps, Array<T>& out) {
    need(out.shape(1) >= rows.shape(1) && rows.shape(0) == 2 * (taps.size() - 1) + out.shape(0));
    std::vector<T*> outs;
    for (py::ssize_t j = 0; j < out.shape(0); ++j) outs.push_back(out.mutable_data(j, 0));
    kernel(rows_of(rows).data(), taps.data(), size(taps.size() - 1), size(rows.shape(1)),
           outs.data(), outs.size());
}

void register_conversions(py::module_& m) {
    m.def("split_q7", [](const Shorts& pixels, Shorts& planes, const std::string& isa) {
        split(level_named(isa).split_q7, pixels, planes);
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
    m.def("centre_bytes", [](const Bytes& row, Shorts& out, const std::string& isa) {
        need(out.size() >= row.size());
        level_named(isa).centre_bytes(row.data(), size(row.size()), out.mutable_data());
    });
    m.def("open_q7", [](const Shorts& row, Floats& out, const std::string& isa) {
        need(out.size() >= row.size());
        level_named(isa).open_q7(row.data(), size(row.size()), out.mutable_data());
    });
    m.def("to_q7", [](const Floats& row, Shorts& out, const std::string& isa) {
        need(out.size() >= row.size());
        level_named(isa).to_q7(row.data(), size(row.size()), out.mutable_data());
    });
    m.def("halve_bytes", [](const Bytes& rows, Shorts& out, const std::string& isa) {
        halve_rows(level_named(isa).halve_bytes, rows, out);
    });
    m.def("halve_rows", [](const Shorts& rows, Shorts& out, const std::string& isa) {
        halve_rows(level_named(isa).halve_rows, rows, out);
    });
    m.def("halve_rows_floats", [](const Floats& rows, Floats& out, const std::string& isa) {
        halve_rows(level_named(isa).halve_rows_floats, rows, out);
    });
    m.def("halve_q7", [](const Shorts& row, py::ssize_t n, Shorts& out, const std::string& isa) {
        halve(level_named(isa).halve_q7, row, n, out);
    });
    m.def("halve", [](const Floats& row, py::ssize_t n, Floats& out, const std::string& isa) {
        halve(level_named(isa).halve, row, n, out);
    });
    m.def("background", [](const Bytes& row, const Shorts& alpha, bool linear, Shorts& colours,
                           Shorts& weights, const std::string& isa) {
        const py::ssize_t width = row.size() / 3;
        need(alpha.size() >= width + alpha_over_read && colours.size() >= 3 * width &&
             weights.size() >= width);
        level_named(isa).background(row.data(), alpha.data(), size(width), linear,
                                    colours.mutable_data(), weights.mutable_data());
    });
    // `planes` is (4, stride), `out` (3, stride).
    m.def("normalise", [](const Floats& planes, py::ssize_t width, bool linear, Floats& out,
                          const std::string& isa) {
        need(planes.shape(0) == 4 && out.shape(0) == 3 && planes.shape(1) >= width &&
             out.shape(1) == planes.shape(1));
        level_named(isa).normalise(planes.data(), size(planes.shape(1)), size(width), linear,
                                   out.mutable_data());
    });
}

void register_firs(py::module_& m) {
    m.def("fir_columns",
          [](const Floats& rows, const Floats& taps, Floats& out, const std::string& isa) {
              fir_columns(level_named(isa).fir_columns, rows, taps, out);
          });
    m.def("fir_columns_q7",
          [](const Shorts& rows, const Shorts& taps, Shorts& out, const std::string& isa) {
              fir_columns(level_named(isa).fir_columns_q7, rows, taps, out);
          });
    m.def("fir_columns_bytes", [](const Bytes& rows, const Shorts& taps, Shorts& out,
                                  const std::string& isa) {
        need(out.size() >= rows.shape(1) && rows.shape(0) == 2 * taps.size() - 1);
        level_named(isa).fir_columns_bytes(rows_of(rows).data(), taps.data(), size(taps.size() - 1),
                                           size(rows.shape(1)), out.mutable_data());
    });
    m.def("fir_row", [](const Floats& row, const Floats& taps, py::ssize_t n, Floats& out,
                        const std::string& isa) {
        need(out.size() >= n && row.size() >= n + 2 * (taps.size() - 1));
        level_named(isa).fir_row(row.data(), taps.data(), size(taps.size() - 1), size(n),
                                 out.mutable_data());
    });
    m.def("fir_row_q7", [](const Shorts& row, const Shorts& taps, py::ssize_t channels,
                           py::ssize_t n, Shorts& out, const std::string& isa) {
        need(out.size() >= n && row.size() >= n + 2 * channels * (taps.size() - 1));
        level_named(isa).fir_row_q7(row.data(), taps.data(), size(taps.size() - 1), size(channels),
                                    size(n), out.mutable_data());
    });
}

void register_apertures(py::module_& m) {
    // `sums` is (radius + 1, stride).
    m.def("sum_columns", [](const Floats& rows, Floats& sums, const std::string& isa) {
        need(rows.shape(0) == 2 * sums.shape(0) - 1 && sums.shape(1) >= rows.shape(1));
        level_named(isa).sum_columns(rows_of(rows).data(), size(sums.shape(0) - 1),
                                     size(rows.shape(1)), sums.mutable_data(), size(sums.shape(1)));
    });
    m.def("gather", [](const Floats& samples, const Indices& offsets, const Floats& weights,
                       py::ssize_t n, Floats& out, const std::string& isa) {
        need(offsets.size() == weights.size() && out.size() >= n);
        for (py::ssize_t t = 0; t < offsets.size(); ++t)
            need(offsets.at(t) >= 0 && offsets.at(t) + n <= samples.size());
        level_named(isa).gather(samples.data(), offsets.data(), weights.data(),
                                size(offsets.size()), size(n), out.mutable_data());
    });
}

void register_expansions(py::module_& m) {
    m.def("expand", [](const Floats& row, const Floats& taps, py::ssize_t step, py::ssize_t n,
                       Floats& out, const std::string& isa) {
        need(taps.shape(0) == 4 && taps.shape(1) == (step < 8 ? 8 : step) && out.size() >= n &&
             row.size() >= (n - 1) / step + 3 + 8);
        level_named(isa).expand(row.data(), taps.data(), size(step), size(n), out.mutable_data());
    });
    m.def("expand_q7",
          [](const Shorts& row, const Shorts& taps, py::ssize_t step, py::ssize_t channels,
             py::ssize_t width, Shorts& out, const std::string& isa) {
              const py::ssize_t period = step < 32 ? 32 : step;
              const py::ssize_t last = (width + 31) / 32 * 32 - 1;
              need(taps.shape(0) == 4 && taps.shape(1) == period * channels &&
                   out.size() >= width * channels &&
                   row.size() >= ((last + step / 2) / step + 4) * channels + 31);
              level_named(isa).expand_q7(row.data(), taps.data(), size(step), size(channels),
                                         size(width), out.mutable_data());
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
}

void register_shrinking(py::module_& m) {
    m.def("add_ramp",
          [](const Bytes& rows, float a, float b, Floats& sums, const std::string& isa) {
              need(sums.size() >= rows.shape(1) && rows.shape(0) <= 22);
              level_named(isa).add_ramp(rows_of(rows).data(), size(rows.shape(0)), a, b,
                                        size(rows.shape(1)), sums.mutable_data());
          });
    m.def("weigh_columns", [](const Floats& row, const Indices& starts, const Floats& weights,
                              float most, Floats& out, const std::string& isa) {
        const py::ssize_t n = starts.size(), taps = weights.shape(1);
        need(weights.shape(0) == n && taps % 8 == 0 && out.size() >= n);
        for (py::ssize_t x = 0; x < n; ++x)
            need(starts.at(x) >= 0 && starts.at(x) + taps <= row.size());
        level_named(isa).weigh_columns(row.data(), starts.data(), weights.data(), size(taps),
                                       size(n), most, out.mutable_data());
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
    m.def("lerp_columns_q14", [](const Shorts& row, const Shorts& index, const Shorts& t,
                                 Shorts& out, const std::string& isa) {
        const py::ssize_t n = index.size();
        need(t.size() >= n && out.size() >= n && row.size() >= index.at(n - 1) + 2 + 32);
        level_named(isa).lerp_columns_q14(row.data(), index.data(), t.data(), size(n),
                                          out.mutable_data());
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
    m.def("blend", [](const Bytes& foreground, const Bytes& background, const Shorts& alpha,
                      Bytes& out, const std::string& isa) {
        const py::ssize_t width = foreground.size() / 3;
        need(background.size() >= 3 * width && alpha.size() >= width + alpha_over_read &&
             out.size() >= 3 * width);
        level_named(isa).blend(foreground.data(), background.data(), alpha.data(), size(width),
                               out.mutable_data());
    });
    m.def("spline_blend", [](const Shorts& rows, const Shorts& taps, const Bytes& foreground,
                             const Shorts& alpha, bool linear, Bytes& out, const std::string& isa) {
        const py::ssize_t n = rows.shape(1);
        need(rows.shape(0) == 4 && taps.size() == 4 && foreground.size() >= n &&
             alpha.size() >= n / 3 + alpha_over_read && out.size() >= n);
        level_named(isa).spline_blend(rows_of(rows).data(), taps.data(), foreground.data(),
                                      alpha.data(), size(n / 3), linear, out.mutable_data());
    });
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
    register_firs(m);
    register_apertures(m);
    register_expansions(m);
    register_shrinking(m);
    register_mattes(m);
    register_refinements(m);
    register_samples16(m);
}

}  // namespace defocus::binding
