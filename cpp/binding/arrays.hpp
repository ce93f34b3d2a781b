// numpy arrays to image views, and all checks of arguments.  A wrong dtype is a TypeError, a wrong
// shape or number a ValueError.  No array is copied silently.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/image_view.hpp"
#include "dispatch/dispatch.hpp"

namespace defocus::binding {

namespace py = pybind11;

using RgbImage = std::variant<ImageView<const std::uint8_t>, ImageView<const std::uint16_t>>;
using AnyImage = std::variant<ImageView<const std::uint8_t>, ImageView<const float>>;

// uint8, H x W x 3.
ImageView<const std::uint8_t> rgb_image(const py::array& array, const std::string& name);

// uint8 or uint16, H x W x 3.
RgbImage rgb_pixels(const py::array& array, const std::string& name);

// uint8 or float32, H x W or H x W x C with C of 1, 3 or 4.
AnyImage any_image(const py::array& array, const std::string& name);

// uint8 or uint16, H x W or H x W x C with C of 1 to 4.
RgbImage png_image(const py::array& array, const std::string& name);

// uint8 or float32, h x w.
MaskView mask(const py::array& array, const std::string& name);

// int32 of that shape, in which -1 is any length.
ImageView<const std::int32_t> integers(const py::array& array, const std::string& name,
                                       const std::vector<py::ssize_t>& shape);

// The `out` of the caller, checked for shape and dtype, or a new array if `out` is None.  Rows must
// be packed.  It must not share memory with any of `inputs`.
template <typename T>
py::array_t<T> output(const py::object& out, const std::vector<py::ssize_t>& shape,
                      const std::vector<py::array>& inputs);

template <typename T>
ImageView<T> writable_view(py::array_t<T>& array);

// The level of that name, or the active one.
using Isa = std::optional<std::string>;
const KernelTable& level(const Isa& isa);

// Each of these throws if the condition in its name does not hold.
void need_sigma(double sigma);
void need_least_cost(std::size_t least_cost);  // of Threads: 1 or more
void need_blades(int blades);
void need_highlights(double highlights);
void need_one_of(const char* name, const std::string& value, const char* one, const char* other);
void need_sides(py::ssize_t a, const char* a_name, py::ssize_t b, const char* b_name);
void need_same_size(const py::array& a, const char* name, const py::array& image);
void need_alike(const py::array& a, const char* name, const py::array& image);  // dtype and size
// A recipe for the mask has no meaning where a front or an excluded area is given.
void need_whole_recipe(bool parts, bool recipe);
// `filtered` has one byte more in a row than `above`; `pixel` is at least 1.
void need_png_rows(const py::array& filtered, const py::array& above, py::ssize_t pixel);
// At least one row, and all of them in the image.
void need_rows(py::ssize_t first, py::ssize_t last, const py::array& image);
// uint8 or uint16, H x W or H x W x C without gaps, and the number of channels is `possible`.
void need_turnable(const py::array& image, bool possible);

void need_within(const char* name, std::int32_t value, std::int32_t low, std::int32_t high);
void need_pixels(const py::array& array, const std::string& name, std::ptrdiff_t most);

}  // namespace defocus::binding
