#include "binding/decoding.hpp"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "binding/arrays.hpp"
#include "binding/thread_count.hpp"
#include "core/base/parallel.hpp"
#include "core/base/samples.hpp"
#include "core/ops/png_rows.hpp"
#include "core/ops/turn.hpp"

namespace defocus::binding {
namespace {

// Without gaps, and at addresses that are multiples of two: other arrays are copied.
using Samples16 =
    py::array_t<std::uint16_t, py::array::c_style | py::detail::npy_api::NPY_ARRAY_ALIGNED_>;

py::array_t<std::uint8_t> to_bytes(const Samples16& samples, const ThreadCount& threads,
                                   const Isa& isa) {
    py::array_t<std::uint8_t> result(
        std::vector<py::ssize_t>{samples.shape(), samples.shape() + samples.ndim()});
    const std::uint16_t* in = samples.data();
    std::uint8_t* const out = result.mutable_data();
    const py::ssize_t rows = samples.ndim() > 0 ? samples.shape(0) : 1;
    const py::ssize_t row = rows > 0 ? samples.size() / rows : 0;
    const KernelTable& kernels = level(isa);
    const py::gil_scoped_release unlocked;
    for_row_bands(rows, size(row), threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        kernels.bytes_from_16(in + first * row, size((last - first) * row), out + first * row);
    });
    return result;
}

py::array_t<std::uint8_t> unfilter_png(
    const py::array_t<std::uint8_t, py::array::c_style>& filtered,
    const py::array_t<std::uint8_t, py::array::c_style>& above, py::ssize_t pixel) {
    need_png_rows(filtered, above, pixel);
    const py::ssize_t rows = filtered.shape(0), length = above.shape(0);
    py::array_t<std::uint8_t> result(std::vector<py::ssize_t>{rows, length});
    const std::uint8_t *in = filtered.data(), *over = above.data();
    std::uint8_t* const out = result.mutable_data();
    bool known = false;
    {
        const py::gil_scoped_release unlocked;
        known = unfilter_png_rows(in, size(rows), size(length), size(pixel), over, out);
    }
    if (!known) throw py::value_error("filtered: a row has a filter that PNG does not know");
    return result;
}

py::array_t<std::uint8_t> filter_png(const py::array& image, py::ssize_t first, py::ssize_t last) {
    const RgbImage view = png_image(image, "image");
    need_rows(first, last, image);
    const py::ssize_t length = image.size() / image.shape(0) * image.itemsize();
    py::array_t<std::uint8_t> result(std::vector<py::ssize_t>{last - first, length + 1});
    std::uint8_t* const out = result.mutable_data();
    const py::gil_scoped_release unlocked;
    std::visit([&](const auto& in) { filter_png_rows(in, first, last, out); }, view);
    return result;
}

py::array turned(const py::array& image, bool transposed, bool upside_down, bool mirrored,
                 const ThreadCount& threads) {
    const std::size_t pixel = size(image.itemsize() * (image.ndim() == 3 ? image.shape(2) : 1));
    need_turnable(image, can_turn(pixel));
    std::vector<py::ssize_t> shape{image.shape(), image.shape() + image.ndim()};
    if (transposed) std::swap(shape[0], shape[1]);
    py::array result(image.dtype(), shape);
    const py::ssize_t height = image.shape(0), width = image.shape(1);
    const auto* in = static_cast<const std::uint8_t*>(image.data());
    auto* const out = static_cast<std::uint8_t*>(result.mutable_data());
    const py::gil_scoped_release unlocked;
    turn(in, height, width, pixel, {transposed, upside_down, mirrored}, out, threads);
    return result;
}

}  // namespace

void register_decoding(py::module_& m) {
    using namespace py::literals;
    m.def("to_bytes", &to_bytes, "samples"_a, py::kw_only(), "threads"_a = 1, "isa"_a = py::none(),
          "uint16 0..65535 as the nearest uint8 0..255.");
    m.def("filter_png", &filter_png, "image"_a, "first"_a, "last"_a,
          "Rows first to last - 1 as a PNG's, each its filter's number and its filtered bytes.");
    m.def("unfilter_png", &unfilter_png, "filtered"_a, "above"_a, "pixel"_a,
          "A PNG's rows, each its filter's number and its bytes, without the filter.");
    m.def("turn", &turned, "image"_a, "transposed"_a, "upside_down"_a, "mirrored"_a, py::kw_only(),
          "threads"_a = 1, "A uint8 or uint16 image, transposed and then flipped.");
}

}  // namespace defocus::binding
