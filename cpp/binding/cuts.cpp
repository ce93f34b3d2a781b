#include "binding/cuts.hpp"

#include <pybind11/numpy.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "binding/arrays.hpp"
#include "core/cut/grid_cut.hpp"

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

}  // namespace

void register_cuts(py::module_& m) {
    using namespace py::literals;
    py::class_<LockedCut> cut(
        m, "GridCut",
        "The cheapest division of a grid of pixels into subject and background.  `weights`:"
        " int32 H x W x 4, the cost of different labels of a pixel and its right, lower right,"
        " lower and lower left neighbour, 0 to GREATEST_WEIGHT.");
    cut.def(py::init(&make_cut), "weights"_a);
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
