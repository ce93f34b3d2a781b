#include <cstdint>
#include <string>

#include "binding/row_arrays.hpp"
#include "binding/rows.hpp"
#include "dispatch/dispatch.hpp"

namespace defocus::binding {
namespace {

using Counts = Array<std::uint16_t>;
using Doubles = Array<double>;

// `planes` planes of `cells` cells, without gaps between them.
void need_cells(const Floats& array, py::ssize_t planes, py::ssize_t cells) {
    need(array.ndim() == 2 && array.shape(0) == planes && array.shape(1) == cells);
}

// Sums of windows, in groups of planes: see kernel_table.hpp.
void need_sums(const Doubles& sums, py::ssize_t planes, py::ssize_t n, py::ssize_t radius) {
    constexpr py::ssize_t group{box_planes};
    need(radius >= 0 && sums.ndim() == 3 && sums.shape(0) == (planes + group - 1) / group &&
         sums.shape(1) == n + 2 * radius && sums.shape(2) == group);
}

void register_cells(py::module_& m) {
    m.def("add_rows", [](const Bytes& rows, Counts& out, const std::string& isa) {
        need(rows.shape(0) >= 1 && rows.shape(0) <= 7 && out.size() >= rows.shape(1));
        level_named(isa).add_rows(rows_of(rows).data(), size(rows.shape(0)), size(rows.shape(1)),
                                  out.mutable_data());
    });
    m.def("fold_cells", [](const Counts& sums, py::ssize_t cell, float scale, Floats& out,
                           const std::string& isa) {
        need(cell > 0 && out.shape(0) == 3 && sums.size() >= 3 * cell * out.shape(1));
        level_named(isa).fold_cells(sums.data(), size(out.shape(1)), size(cell), scale,
                                    out.mutable_data(), size(out.shape(1)));
    });
    m.def("fold_alpha", [](const Shorts& alpha, py::ssize_t cell, float scale, Floats& out,
                           const std::string& isa) {
        need(cell > 0 && alpha.size() >= cell * out.size());
        level_named(isa).fold_alpha(alpha.data(), size(out.size()), size(cell), scale,
                                    out.mutable_data());
    });
    // `sums` is (groups, radius + n + radius, box_planes).
    m.def("slide_window", [](const Floats& add, const Floats& drop, py::ssize_t radius,
                             Doubles& sums, const std::string& isa) {
        const py::ssize_t planes = add.shape(0), n = add.shape(1);
        need_cells(drop, planes, n);
        need_sums(sums, planes, n, radius);
        level_named(isa).slide_window(add.data(), drop.data(), size(n), size(planes), size(n),
                                      box_planes * size(n + 2 * radius),
                                      sums.mutable_data() + box_planes * size(radius));
    });
    m.def("box_row", [](const Doubles& sums, py::ssize_t radius, const Doubles& shares,
                        double share, Floats& out, const std::string& isa) {
        const py::ssize_t planes = out.shape(0), n = out.shape(1);
        need(shares.size() == n);
        need_sums(sums, planes, n, radius);
        level_named(isa).box_row(sums.data(), size(planes), size(n), size(radius),
                                 box_planes * size(n + 2 * radius), shares.data(), share,
                                 out.mutable_data(), size(n));
    });
}

void register_cell_rows(py::module_& m) {
    // `upper` and `lower` have the values of `columns` cells, and 4 more; `out` is (planes, n).
    m.def("lerp_cells",
          [](const Floats& upper, const Floats& lower, float down, py::ssize_t columns,
             const Indices& starts, const Floats& t, Floats& out, const std::string& isa) {
              const py::ssize_t cells = starts.size() - 1, planes = out.shape(0), n = t.size();
              need((planes == 4 || planes == 6) && out.shape(1) == n && columns >= cells);
              need(upper.size() >= planes * columns + 4 && lower.size() >= planes * columns + 4);
              need(starts.at(0) >= 0 && starts.at(cells) <= n);
              level_named(isa).lerp_cells(upper.data(), lower.data(), down, size(columns),
                                          starts.data(), size(cells), size(planes), t.data(),
                                          size(n), out.mutable_data(), size(n));
          });
}

void register_guides(py::module_& m) {
    m.def("guide_products", [](const Floats& guide, Floats& out, const std::string& isa) {
        need_cells(guide, 3, out.shape(1));
        need_cells(out, 6, guide.shape(1));
        const std::size_t n = size(guide.shape(1));
        level_named(isa).guide_products(guide.data(), n, n, out.mutable_data());
    });
    m.def("guide_inverse",
          [](const Floats& means, float epsilon, Floats& out, const std::string& isa) {
              need_cells(means, 9, out.shape(1));
              need_cells(out, 6, means.shape(1));
              const std::size_t n = size(means.shape(1));
              level_named(isa).guide_inverse(means.data(), n, n, epsilon, out.mutable_data());
          });
    m.def("mask_products",
          [](const Floats& guide, const Floats& mask, Floats& out, const std::string& isa) {
              need_cells(guide, 3, mask.size());
              need_cells(out, 4, mask.size());
              const std::size_t n = size(mask.size());
              level_named(isa).mask_products(guide.data(), mask.data(), n, n, out.mutable_data());
          });
    m.def("guide_coefficients", [](const Floats& means, const Floats& inverse, const Floats& mask,
                                   Floats& out, const std::string& isa) {
        need(means.shape(0) >= 3 && means.shape(1) == out.shape(1));
        need_cells(inverse, 6, out.shape(1));
        need_cells(mask, 4, out.shape(1));
        need_cells(out, 4, means.shape(1));
        const std::size_t n = size(means.shape(1));
        level_named(isa).guide_coefficients(means.data(), inverse.data(), mask.data(), n, n,
                                            out.mutable_data());
    });
    m.def("guide_apply", [](const Floats& coefficients, const Floats& guide, float low, float slope,
                            Floats& out, const std::string& isa) {
        need_cells(coefficients, 4, out.size());
        need_cells(guide, 3, out.size());
        const std::size_t n = size(out.size());
        level_named(isa).guide_apply(coefficients.data(), guide.data(), n, n, low, slope,
                                     out.mutable_data());
    });
    m.def("guided_alpha", [](const Bytes& pixels, const Floats& coefficients, float low,
                             float slope, Shorts& out, const std::string& isa) {
        need_cells(coefficients, 4, out.size());
        need(pixels.size() >= 3 * out.size());
        const std::size_t n = size(out.size());
        level_named(isa).guided_alpha(pixels.data(), coefficients.data(), n, n, low, slope,
                                      out.mutable_data());
    });
    m.def("alpha_floats", [](const Shorts& alpha, Floats& out, const std::string& isa) {
        need(out.size() >= alpha.size());
        level_named(isa).alpha_floats(alpha.data(), size(alpha.size()), out.mutable_data());
    });
}

void register_parts(py::module_& m) {
    m.def("part_products", [](const Floats& front, const Floats& back, const Floats& alpha,
                              Floats& out, const std::string& isa) {
        need_cells(front, 3, alpha.size());
        need_cells(back, 3, alpha.size());
        need_cells(out, 7, alpha.size());
        const std::size_t n = size(alpha.size());
        level_named(isa).part_products(front.data(), back.data(), alpha.data(), n, n,
                                       out.mutable_data());
    });
    m.def("part_colours", [](const Floats& means, Floats& out, const std::string& isa) {
        need_cells(means, 7, out.shape(1));
        need_cells(out, 6, means.shape(1));
        const std::size_t n = size(means.shape(1));
        level_named(isa).part_colours(means.data(), n, n, out.mutable_data());
    });
    m.def("fuse_parts", [](const Floats& guide, const Floats& alpha, const Floats& parts,
                           Floats& out, const std::string& isa) {
        need_cells(guide, 3, alpha.size());
        need_cells(parts, 6, alpha.size());
        need_cells(out, 3, alpha.size());
        const std::size_t n = size(alpha.size());
        level_named(isa).fuse_parts(guide.data(), alpha.data(), parts.data(), n, n,
                                    out.mutable_data());
    });
    m.def("unmix_foreground", [](const Bytes& pixels, const Shorts& alpha, const Floats& parts,
                                 Bytes& out, const std::string& isa) {
        need_cells(parts, 6, alpha.size());
        need(pixels.size() >= 3 * alpha.size() && out.size() >= 3 * alpha.size());
        const std::size_t n = size(alpha.size());
        level_named(isa).unmix_foreground(pixels.data(), alpha.data(), parts.data(), n, n,
                                          out.mutable_data());
    });
    m.def("unmix_background", [](const Bytes& pixels, const Bytes& foreground, const Shorts& alpha,
                                 Bytes& out, const std::string& isa) {
        const py::ssize_t n = pixels.size() / 3;
        need(foreground.size() >= 3 * n && alpha.size() >= n + alpha_over_read &&
             out.size() >= 3 * n);
        level_named(isa).unmix_background(pixels.data(), foreground.data(), alpha.data(), size(n),
                                          out.mutable_data());
    });
}

}  // namespace

void register_refinements(py::module_& m) {
    register_cells(m);
    register_cell_rows(m);
    register_guides(m);
    register_parts(m);
}

}  // namespace defocus::binding
