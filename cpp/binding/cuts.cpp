#include "binding/cuts.hpp"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <mutex>
#include <variant>
#include <vector>

#include "binding/arrays.hpp"
#include "binding/constructor.hpp"
#include "core/base/samples.hpp"
#include "core/cut/geodesic.hpp"
#include "core/cut/grid_cut.hpp"
#include "core/ops/refine_ops.hpp"

namespace defocus::binding {
namespace {

using Integers = ImageView<const std::int32_t>;

// One call at a time: a second thread waits.
class LockedCut {
  public:
    explicit LockedCut(const Integers& weights)
        : height_(weights.height), width_(weights.width), cut_(weights) {}

    py::array_t<std::uint8_t> solve(const py::array& unary) {
        const Integers costs = integers(unary, "unary", {height_, width_});
        for_costs(costs, [](PixelIndex, std::int32_t cost) {
            need_within("unary", cost, -GridCut::hard, GridCut::hard);
        });
        py::array_t<std::uint8_t> subject(std::vector<py::ssize_t>{height_, width_});
        std::uint8_t* const out = subject.mutable_data();
        const py::gil_scoped_release unlocked;
        const std::lock_guard<std::mutex> one_at_a_time(mutex_);
        cut_.solve(costs, out);
        return subject;
    }

    std::int64_t energy() {
        const py::gil_scoped_release unlocked;
        const std::lock_guard<std::mutex> one_at_a_time(mutex_);
        return cut_.energy();
    }

  private:
    std::mutex mutex_;
    std::ptrdiff_t height_, width_;
    GridCut cut_;
};

std::unique_ptr<LockedCut> make_cut(const py::array& weights) {
    const Integers capacities = integers(weights, "weights", {-1, -1, 4});
    need_pixels(weights, "weights", GridCut::most_pixels);
    for_weights(capacities, [](PixelIndex, unsigned, std::int32_t weight) {
        need_within("weights", weight, 0, GridCut::greatest_weight);
    });
    const py::gil_scoped_release unlocked;
    return std::make_unique<LockedCut>(capacities);
}

py::tuple cells(const py::array& image, const py::array& small, const Isa& isa) {
    const RgbImage in = rgb_pixels(image, "image");
    const MaskView m = mask(small, "mask");
    const KernelTable& kernels = level(isa);
    const MatteCells found = [&] {
        const py::gil_scoped_release unlocked;
        return std::visit([&](const auto& view) { return matte_cells(view, m, kernels); }, in);
    }();
    const py::ssize_t width = found.grid.width, height = found.grid.height;
    py::array_t<float> colours({py::ssize_t{3}, height, width}), alpha({height, width});
    for (std::size_t plane = 0; plane < 3; ++plane)
        std::copy_n(found.colours.plane(plane), found.grid.count(),
                    colours.mutable_data(static_cast<py::ssize_t>(plane)));
    std::copy_n(found.alpha.data(), found.grid.count(), alpha.mutable_data());
    return py::make_tuple(std::move(colours), std::move(alpha), found.grid.cell);
}

py::array_t<float> distances(const py::array& costs, const py::array& seeds, float farthest) {
    const MaskView a = mask(costs, "costs"), b = mask(seeds, "seeds");
    if (!std::holds_alternative<ImageView<const float>>(a) ||
        !std::holds_alternative<ImageView<const std::uint8_t>>(b))
        throw py::type_error("expected costs of float32 and seeds of uint8");
    const auto& steps = std::get<ImageView<const float>>(a);
    const auto& starts = std::get<ImageView<const std::uint8_t>>(b);
    need_same_size(seeds, "seeds", costs);
    for (std::ptrdiff_t y = 0; y < steps.height; ++y)
        for (std::ptrdiff_t x = 0; x < steps.width; ++x)
            if (!(steps.row(y)[x * steps.pixel_stride] >= 0.0f))
                throw py::value_error("costs must be 0 or more");
    py::array_t<float> out(std::vector<py::ssize_t>{steps.height, steps.width});
    float* const into = out.mutable_data();
    const py::gil_scoped_release unlocked;
    geodesic_distances(steps, starts, farthest, into);
    return out;
}

}  // namespace

void register_cuts(py::module_& m) {
    using namespace py::literals;
    m.def("matte_cells", &cells, "image"_a, "mask"_a, py::kw_only(), "isa"_a = py::none(),
          "What the guided filter sees: mean colours float32 3 x h x w, 0..255, and the mask at the"
          " cells, float32 h x w, and the side of a cell in pixels.  A mask of that size gives the"
          " same matte.");
    m.def("geodesic_distances", &distances, "costs"_a, "seeds"_a, "farthest"_a,
          "The length of the cheapest path from each pixel to a seed; beyond `farthest` infinity.");
    py::class_<LockedCut> cut(
        m, "GridCut",
        "The cheapest division of a grid of pixels into subject and background.  `weights`:"
        " int32 H x W x 4, the cost of different labels of a pixel and its right, lower right,"
        " lower and lower left neighbour, 0 to GREATEST_WEIGHT.");
    def_constructor(cut, &make_cut, "weights"_a);
    cut.def(
        "solve", &LockedCut::solve, "unary"_a,
        "uint8 H x W, 1 for subject.  `unary`: int32 H x W, above 0 the cost of background, below"
        " 0 that of subject; HARD or -HARD fixes the label.  Of several cheapest divisions it is"
        " the one with the smallest subject.  A further call solves only what has changed.");
    cut.def_property_readonly("energy", &LockedCut::energy, "The cost of the last division.");
    cut.attr("HARD") = GridCut::hard;
    cut.attr("GREATEST_WEIGHT") = GridCut::greatest_weight;
}

}  // namespace defocus::binding
