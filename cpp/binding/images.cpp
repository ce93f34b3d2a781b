#include "binding/images.hpp"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "binding/arrays.hpp"
#include "binding/thread_count.hpp"
#include "core/base/parallel.hpp"
#include "core/ops/cutout.hpp"
#include "core/ops/image_ops.hpp"
#include "core/ops/refine_ops.hpp"
#include "core/ops/shrink_planes.hpp"
#include "core/plan/shrink_plan.hpp"
#include "core/portrait/portrait.hpp"

namespace defocus::binding {
namespace {

// The samples of a view.
template <typename View>
using Sample = std::remove_const_t<std::remove_pointer_t<decltype(std::decay_t<View>::data)>>;

std::vector<py::ssize_t> shape(const py::array& array) {
    return {array.shape(), array.shape() + array.ndim()};
}

py::object blur(const py::array& image, double sigma, const py::object& out,
                const ThreadCount& threads, const Isa& isa) {
    need_sigma(sigma);
    const KernelTable& kernels = level(isa);
    return std::visit(
        [&](const auto& in) -> py::object {
            using T = Sample<decltype(in)>;
            auto result = output<T>(out, shape(image), {image});
            const auto target = writable_view(result);
            const py::gil_scoped_release unlocked;
            gaussian_blur<T>(in, sigma, target, threads, kernels);
            return std::move(result);
        },
        any_image(image, "image"));
}

py::object resize(const py::array& small, py::ssize_t width, py::ssize_t height,
                  const py::object& out, const ThreadCount& threads, const Isa& isa) {
    need_sides(width, "width", height, "height");
    const MaskView in = mask(small, "mask");
    auto result = output<float>(out, {height, width}, {small});
    const auto target = writable_view(result);
    const KernelTable& kernels = level(isa);
    const py::gil_scoped_release unlocked;
    resize_bilinear(in, target, threads, kernels);
    return std::move(result);
}

py::object guide_mask(const py::array& image, const py::array& small, const py::object& out,
                      const ThreadCount& threads, const Isa& isa) {
    const RgbImage in = rgb_pixels(image, "image");
    const MaskView m = mask(small, "mask");
    auto result = output<float>(out, {image.shape(0), image.shape(1)}, {image, small});
    const auto target = writable_view(result);
    const KernelTable& kernels = level(isa);
    const py::gil_scoped_release unlocked;
    std::visit([&](const auto& view) { guided_matte(view, m, target, threads, kernels); }, in);
    return std::move(result);
}

py::tuple unmix_image(const py::array& image, const py::array& matte, const ThreadCount& threads,
                      const Isa& isa) {
    const auto in = rgb_image(image, "image");
    const MaskView m = mask(matte, "matte");
    auto front = output<std::uint8_t>(py::none(), shape(image), {});
    auto back = output<std::uint8_t>(py::none(), shape(image), {});
    const auto foreground = writable_view(front), background = writable_view(back);
    const KernelTable& kernels = level(isa);
    {
        const py::gil_scoped_release unlocked;
        unmix(in, m, foreground, background, threads, kernels);
    }
    return py::make_tuple(std::move(front), std::move(back));
}

py::object blend_images(const py::array& foreground, const py::array& background,
                        const py::array& alpha, const py::object& out, const ThreadCount& threads,
                        const Isa& isa) {
    const auto front = rgb_image(foreground, "foreground");
    const auto back = rgb_image(background, "background");
    const MaskView a = mask(alpha, "alpha");
    need_same_size(background, "background", foreground);
    need_same_size(alpha, "alpha", foreground);
    auto result = output<std::uint8_t>(out, shape(foreground), {foreground, background, alpha});
    const auto target = writable_view(result);
    const KernelTable& kernels = level(isa);
    const py::gil_scoped_release unlocked;
    blend(front, back, a, target, threads, kernels);
    return std::move(result);
}

py::object portrait(const py::array& image, const py::array& small, double sigma, bool masked,
                    const std::string& light, const std::string& bokeh, int blades,
                    double highlights, const std::optional<py::array>& front,
                    const std::optional<py::array>& excluded, bool guided, bool unmixed, bool rgbx,
                    const py::object& out, const ThreadCount& threads, const Isa& isa) {
    need_sigma(sigma);
    need_one_of("light", light, "linear", "srgb");
    need_one_of("bokeh", bokeh, "gaussian", "disc");
    need_whole_recipe(front || excluded, guided || unmixed);
    need_blades(blades);
    need_highlights(highlights);
    const RgbImage image_view = rgb_pixels(image, "image");
    const RgbImage front_view = front ? rgb_pixels(*front, "front") : image_view;
    if (front) need_alike(*front, "front", image);
    if (rgbx) static_cast<void>(rgb_image(image, "image"));  // uint8 only
    const MaskView m = mask(small, "mask");
    const MaskView left_out = excluded ? mask(*excluded, "excluded") : m;
    const KernelTable& kernels = level(isa);
    const PortraitRecipe recipe{sigma,  masked,     light == "linear", bokeh == "disc",
                                blades, highlights, {guided, unmixed}, !front && !excluded};
    return std::visit(
        [&](const auto& in) -> py::object {
            using T = Sample<decltype(in)>;
            const auto& over = std::get<ImageView<const T>>(front_view);
            const std::vector<py::ssize_t> full{image.shape(0), image.shape(1), rgbx ? 4 : 3};
            auto result = output<T>(
                out, full, {image, small, front.value_or(image), excluded.value_or(small)});
            const auto target = writable_view(result);
            const py::gil_scoped_release unlocked;
            portrait_stage<T>(in, over, m, left_out, recipe, target, threads, kernels);
            return std::move(result);
        },
        image_view);
}

py::object cutout(const py::array& image, const py::array& small, bool guided, bool unmixed,
                  const py::object& out, const ThreadCount& threads, const Isa& isa) {
    const RgbImage image_view = rgb_pixels(image, "image");
    const MaskView m = mask(small, "mask");
    const KernelTable& kernels = level(isa);
    return std::visit(
        [&](const auto& in) -> py::object {
            using T = Sample<decltype(in)>;
            auto result = output<T>(out, {image.shape(0), image.shape(1), 4}, {image, small});
            const auto target = writable_view(result);
            const py::gil_scoped_release unlocked;
            cutout_stage<T>(in, m, {guided, unmixed}, target, threads, kernels);
            return std::move(result);
        },
        image_view);
}

py::array_t<float> shrunk(const py::array& image, py::ssize_t width, py::ssize_t height,
                          const ThreadCount& threads, const Isa& isa) {
    need_sides(width, "width", height, "height");
    const auto in = rgb_image(image, "image");
    py::array_t<float> result(std::vector<py::ssize_t>{3, height, width});
    float* const out = result.mutable_data();
    const KernelTable& kernels = level(isa);
    const py::gil_scoped_release unlocked;
    shrink_planes(in, width, height, out, threads, kernels);
    return result;
}

py::tuple columns_of(py::ssize_t source, py::ssize_t target) {
    need_sides(source, "source", target, "target");
    const WeightedColumns plan = plan_columns(source, target);
    const auto taps = static_cast<py::ssize_t>(plan.taps);
    return py::make_tuple(
        py::array_t<std::int32_t>(target, plan.starts.data()),
        py::array_t<float>(std::vector<py::ssize_t>{target, taps}, plan.weights.data()));
}

}  // namespace

void register_images(py::module_& m) {
    using namespace py::literals;
    m.def("gaussian_blur", &blur, "image"_a, "sigma"_a, py::kw_only(), "out"_a = py::none(),
          "threads"_a = 1, "isa"_a = py::none(),
          "Gaussian blur of a uint8 or float32 image, H x W or H x W x {1, 3, 4}.");
    m.def("resize_bilinear", &resize, "mask"_a, "width"_a, "height"_a, py::kw_only(),
          "out"_a = py::none(), "threads"_a = 1, "isa"_a = py::none(),
          "A uint8 or float32 mask at another size, as float32 0..1.");
    m.def("guided_matte", &guide_mask, "image"_a, "mask"_a, py::kw_only(), "out"_a = py::none(),
          "threads"_a = 1, "isa"_a = py::none(),
          "A network's mask as a float32 matte whose edges follow the image's.");
    m.def("unmix", &unmix_image, "image"_a, "matte"_a, py::kw_only(), "threads"_a = 1,
          "isa"_a = py::none(),
          "The foreground's and the background's colours, both uint8 H x W x 3.");
    m.def("blend", &blend_images, "foreground"_a, "background"_a, "alpha"_a, py::kw_only(),
          "out"_a = py::none(), "threads"_a = 1, "isa"_a = py::none(),
          "alpha * foreground + (1 - alpha) * background for uint8 RGB.");
    m.def("portrait", &portrait, "image"_a, "mask"_a, "sigma"_a, py::kw_only(), "masked"_a = true,
          "light"_a = "linear", "bokeh"_a = "gaussian", "blades"_a = 0, "highlights"_a = 0.0,
          "front"_a = py::none(), "excluded"_a = py::none(), "guided"_a = false,
          "unmixed"_a = false, "rgbx"_a = false, "out"_a = py::none(), "threads"_a = 1,
          "isa"_a = py::none(),
          "The image with its background blurred; the mask may be smaller than the image.  With"
          " `rgbx` it has 255 as a fourth channel.");
    m.def("cutout", &cutout, "image"_a, "mask"_a, py::kw_only(), "guided"_a = false,
          "unmixed"_a = false, "out"_a = py::none(), "threads"_a = 1, "isa"_a = py::none(),
          "The image with the mask as straight alpha, RGBA.");
    m.def("shrink_planes", &shrunk, "image"_a, "width"_a, "height"_a, py::kw_only(),
          "threads"_a = 1, "isa"_a = py::none(),
          "Red, green and blue of a uint8 image at another size, as float32 0..255.");
    m.def("plan_columns", &columns_of, "source"_a, "target"_a,
          "Where the weights of shrink_planes along a row begin, and the weights; for tests.");
}

}  // namespace defocus::binding
