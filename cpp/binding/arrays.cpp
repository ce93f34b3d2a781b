#include "binding/arrays.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

namespace defocus::binding {
namespace {

std::string lengths(const std::vector<py::ssize_t>& shape) {
    std::string text = "(";
    for (std::size_t i = 0; i < shape.size(); ++i)
        text += (i ? ", " : "") + (shape[i] < 0 ? "any" : std::to_string(shape[i]));
    return text + ")";
}

std::string shape_of(const py::array& array) {
    return lengths({array.shape(), array.shape() + array.ndim()});
}

std::string dtype_of(const py::array& array) {
    return py::str(array.dtype());
}

[[noreturn]] void bad_shape(const py::array& array, const std::string& name,
                            const std::string& expected) {
    throw py::value_error(name + ": expected shape " + expected + " with no side 0, got " +
                          shape_of(array));
}

std::string number(double value) {
    return py::str(py::float_(value));
}

template <typename T>
bool is(const py::array& array) {
    return py::isinstance<py::array_t<T>>(array);
}

// Strides in samples.  A stride that is no whole number of samples is refused.
template <typename T>
std::ptrdiff_t stride(const py::array& array, py::ssize_t axis, const std::string& name) {
    const auto item = static_cast<py::ssize_t>(sizeof(T));
    if (array.strides(axis) % item != 0)
        throw py::value_error(name +
                              ": strides are not a multiple of the sample size; pass a "
                              "copy (numpy.ascontiguousarray)");
    return array.strides(axis) / item;
}

template <typename T>
ImageView<T> view(const py::array& array, T* data, const std::string& name) {
    using Sample = std::remove_const_t<T>;
    if (reinterpret_cast<std::uintptr_t>(data) % alignof(Sample) != 0)
        throw py::value_error(name +
                              ": samples are not aligned; pass a copy "
                              "(numpy.ascontiguousarray)");
    ImageView<T> v;
    v.data = data;
    v.height = array.shape(0);
    v.width = array.shape(1);
    v.channels = array.ndim() == 3 ? array.shape(2) : 1;
    v.row_stride = stride<Sample>(array, 0, name);
    v.pixel_stride = stride<Sample>(array, 1, name);
    v.channel_stride = array.ndim() == 3 ? stride<Sample>(array, 2, name) : 1;
    return v;
}

bool sides_fit(const py::array& array) {
    // Indices into a row have 32 bits.
    for (py::ssize_t i = 0; i < array.ndim(); ++i)
        if (array.shape(i) < 1 || array.shape(i) > std::numeric_limits<std::int32_t>::max() / 8)
            return false;
    return true;
}

template <typename T>
ImageView<const T> input(const py::array& array, const std::string& name) {
    return view<const T>(array, static_cast<const T*>(array.data()), name);
}

// The first byte that an array touches, and one past the last.
std::pair<std::uintptr_t, std::uintptr_t> extent(const py::array& array) {
    auto low = reinterpret_cast<std::uintptr_t>(array.data());
    auto high = low + static_cast<std::uintptr_t>(array.itemsize());
    for (py::ssize_t i = 0; i < array.ndim(); ++i) {
        const auto reach = array.strides(i) * (array.shape(i) - 1);
        if (reach < 0)
            low -= static_cast<std::uintptr_t>(-reach);
        else
            high += static_cast<std::uintptr_t>(reach);
    }
    return {low, high};
}

}  // namespace

ImageView<const std::uint8_t> rgb_image(const py::array& array, const std::string& name) {
    if (!is<std::uint8_t>(array))
        throw py::type_error(name + ": expected dtype uint8, got " + dtype_of(array));
    if (array.ndim() != 3 || array.shape(2) != 3 || !sides_fit(array))
        bad_shape(array, name, "(height, width, 3)");
    return input<std::uint8_t>(array, name);
}

RgbImage rgb_pixels(const py::array& array, const std::string& name) {
    if (!is<std::uint16_t>(array)) {
        if (!is<std::uint8_t>(array))
            throw py::type_error(name + ": expected dtype uint8 or uint16, got " + dtype_of(array));
        return rgb_image(array, name);
    }
    if (array.ndim() != 3 || array.shape(2) != 3 || !sides_fit(array))
        bad_shape(array, name, "(height, width, 3)");
    return input<std::uint16_t>(array, name);
}

AnyImage any_image(const py::array& array, const std::string& name) {
    const bool bytes = is<std::uint8_t>(array);
    if (!bytes && !is<float>(array))
        throw py::type_error(name + ": expected dtype uint8 or float32, got " + dtype_of(array));
    const bool grey = array.ndim() == 2;
    const bool colour =
        array.ndim() == 3 && (array.shape(2) == 1 || array.shape(2) == 3 || array.shape(2) == 4);
    if ((!grey && !colour) || !sides_fit(array))
        bad_shape(array, name, "(height, width) or (height, width, 1, 3 or 4)");
    if (bytes) return input<std::uint8_t>(array, name);
    return input<float>(array, name);
}

RgbImage png_image(const py::array& array, const std::string& name) {
    const bool bytes = is<std::uint8_t>(array);
    if (!bytes && !is<std::uint16_t>(array))
        throw py::type_error(name + ": expected dtype uint8 or uint16, got " + dtype_of(array));
    const bool colour = array.ndim() == 3 && array.shape(2) <= 4;
    if ((array.ndim() != 2 && !colour) || array.size() == 0)
        bad_shape(array, name, "(any, any) or (any, any, 1 to 4)");
    if (bytes) return input<std::uint8_t>(array, name);
    return input<std::uint16_t>(array, name);
}

MaskView mask(const py::array& array, const std::string& name) {
    const bool bytes = is<std::uint8_t>(array);
    if (!bytes && !is<float>(array))
        throw py::type_error(name + ": expected dtype uint8 or float32, got " + dtype_of(array));
    if (array.ndim() != 2 || !sides_fit(array)) bad_shape(array, name, "(height, width)");
    if (bytes) return input<std::uint8_t>(array, name);
    return input<float>(array, name);
}

ImageView<const std::int32_t> integers(const py::array& array, const std::string& name,
                                       const std::vector<py::ssize_t>& shape) {
    if (!is<std::int32_t>(array))
        throw py::type_error(name + ": expected dtype int32, got " + dtype_of(array));
    const bool fits =
        std::equal(shape.begin(), shape.end(), array.shape(), array.shape() + array.ndim(),
                   [](auto expected, auto length) { return expected == -1 || expected == length; });
    if (!fits || !sides_fit(array)) bad_shape(array, name, lengths(shape));
    return input<std::int32_t>(array, name);
}

template <typename T>
py::array_t<T> output(const py::object& out, const std::vector<py::ssize_t>& shape,
                      const std::vector<py::array>& inputs) {
    if (out.is_none()) return py::array_t<T>(shape);
    if (!py::isinstance<py::array>(out))
        throw py::type_error("out: expected a numpy array, got " +
                             std::string(py::str(py::type::of(out))));
    auto array = py::reinterpret_borrow<py::array>(out);
    if (!is<T>(array))
        throw py::type_error("out: expected dtype " + std::string(py::str(py::dtype::of<T>())) +
                             ", got " + dtype_of(array));
    const std::vector<py::ssize_t> actual(array.shape(), array.shape() + array.ndim());
    if (actual != shape)
        throw py::value_error("out: expected shape " + shape_of(py::array_t<T>(shape)) + ", got " +
                              shape_of(array));
    if (!array.writeable()) throw py::value_error("out: array is read-only");
    const auto rows = view<const T>(array, static_cast<const T*>(array.data()), "out");
    if (!rows.rows_are_packed()) throw py::value_error("out: pixels of a row must be contiguous");
    if (rows.height > 1 && std::abs(rows.row_stride) < rows.width * rows.channels)
        throw py::value_error("out: its rows overlap each other");
    const auto [low, high] = extent(array);
    for (const py::array& other : inputs) {
        const auto [other_low, other_high] = extent(other);
        if (low < other_high && other_low < high)
            throw py::value_error("out: shares memory with an input; pass a separate array");
    }
    return py::reinterpret_borrow<py::array_t<T>>(out);
}

template py::array_t<std::uint8_t> output(const py::object&, const std::vector<py::ssize_t>&,
                                          const std::vector<py::array>&);
template py::array_t<std::uint16_t> output(const py::object&, const std::vector<py::ssize_t>&,
                                           const std::vector<py::array>&);
template py::array_t<float> output(const py::object&, const std::vector<py::ssize_t>&,
                                   const std::vector<py::array>&);

template <typename T>
ImageView<T> writable_view(py::array_t<T>& array) {
    return view<T>(array, array.mutable_data(), "out");
}

template ImageView<std::uint8_t> writable_view(py::array_t<std::uint8_t>&);
template ImageView<std::uint16_t> writable_view(py::array_t<std::uint16_t>&);
template ImageView<float> writable_view(py::array_t<float>&);

const KernelTable& level(const Isa& isa) {
    return isa ? level_named(*isa) : active_level();
}

void need_sigma(double sigma) {
    if (!(sigma > 0.0) || !std::isfinite(sigma))
        throw py::value_error("sigma: expected a finite number > 0, got " + number(sigma));
}

void need_least_cost(std::size_t least_cost) {
    if (least_cost < 1) throw py::value_error("least_cost: expected 1 or more");
}

void need_blades(int blades) {
    if (blades != 0 && (blades < 5 || blades > 9))
        throw py::value_error("blades: expected 0 or 5 to 9, got " + std::to_string(blades));
}

void need_highlights(double highlights) {
    if (!(highlights >= 0.0 && highlights <= 100.0))
        throw py::value_error("highlights: expected 0 to 100, got " + number(highlights));
}

void need_one_of(const char* name, const std::string& value, const char* one, const char* other) {
    if (value != one && value != other)
        throw py::value_error(std::string(name) + ": expected '" + one + "' or '" + other +
                              "', got '" + value + "'");
}

void need_sides(py::ssize_t a, const char* a_name, py::ssize_t b, const char* b_name) {
    if (a < 1 || b < 1)
        throw py::value_error(std::string("size: ") + a_name + " and " + b_name + " must be >= 1");
}

void need_same_size(const py::array& a, const char* name, const py::array& image) {
    if (a.shape(0) != image.shape(0) || a.shape(1) != image.shape(1))
        throw py::value_error(std::string(name) + ": height and width differ from the image's");
}

void need_alike(const py::array& a, const char* name, const py::array& image) {
    need_same_size(a, name, image);
    if (!a.dtype().equal(image.dtype()))
        throw py::type_error(std::string(name) + ": its dtype differs from the image's");
}

void need_whole_recipe(bool parts, bool recipe) {
    if (parts && recipe) throw py::value_error("guided and unmixed: not with front or excluded");
}

void need_png_rows(const py::array& filtered, const py::array& above, py::ssize_t pixel) {
    if (filtered.ndim() != 2 || above.ndim() != 1 || filtered.shape(1) != above.shape(0) + 1)
        throw py::value_error("filtered: expected rows of one byte more than `above` has");
    if (pixel < 1) throw py::value_error("pixel: expected 1 or more bytes");
}

void need_rows(py::ssize_t first, py::ssize_t last, const py::array& image) {
    if (first < 0 || last <= first || last > image.shape(0))
        throw py::value_error("rows: expected 0 <= first < last <= height, got " +
                              std::to_string(first) + " and " + std::to_string(last));
}

void need_turnable(const py::array& image, bool possible) {
    if (!is<std::uint8_t>(image) && !is<std::uint16_t>(image))
        throw py::type_error("image: expected uint8 or uint16, got " + dtype_of(image));
    const bool packed = (image.flags() & py::array::c_style) != 0;
    if ((image.ndim() != 2 && image.ndim() != 3) || image.size() == 0 || !possible || !packed)
        bad_shape(image, "image", "(any, any) or (any, any, 1 to 4), without gaps,");
}

void need_within(const char* name, std::int32_t value, std::int32_t low, std::int32_t high) {
    if (value < low || value > high)
        throw py::value_error(std::string(name) + ": expected " + std::to_string(low) + " to " +
                              std::to_string(high) + ", got " + std::to_string(value));
}

void need_pixels(const py::array& array, const std::string& name, std::ptrdiff_t most) {
    if (array.shape(0) > most / array.shape(1))
        throw py::value_error(name + ": expected at most " + std::to_string(most) +
                              " pixels, got " + shape_of(array));
}

}  // namespace defocus::binding
