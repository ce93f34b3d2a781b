#include "core/matte/guided_matte.hpp"

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <variant>
#include <vector>

#include "core/base/samples.hpp"

namespace defocus {
namespace {

// Measured on photos with known mattes.  The result hardly depends on these values.  Windows of
// .008 to .012 of the long edge, and a hundredfold range of epsilon, agree within .1 dB.
constexpr double window = 0.008;
constexpr float epsilon = 6.5f;  // a variance of 8-bit values that counts as noise
constexpr Ends between{0.1f, 0.9f};

}  // namespace

Planes<float> mask_of_cells(const MaskView& mask, const CellGrid& grid, std::ptrdiff_t width,
                            std::ptrdiff_t height, const KernelTable& kernels) {
    Planes<float> out(grid.count(), 1);
    std::visit(
        [&](const auto& view) {
            using T = std::remove_const_t<std::remove_pointer_t<decltype(view.data)>>;
            constexpr float full = std::is_same_v<T, float> ? 1.0f : 255.0f;
            const bool cells_already = view.width == grid.width && view.height == grid.height;
            const auto scale = [&](std::ptrdiff_t from, std::ptrdiff_t to) {
                if (cells_already) return 1.0;
                return static_cast<double>(grid.cell * from) / static_cast<double>(to);
            };
            const BilinearAxis x = plan_bilinear(view.width, grid.width, scale(view.width, width));
            const BilinearAxis y =
                plan_bilinear(view.height, grid.height, scale(view.height, height));
            const std::size_t cells = size(grid.width);
            std::vector<float> row(size(view.width) + 1);  // the last one has no right neighbour
            Planes<float> pair(cells, 2);
            const auto stretched = [&](std::ptrdiff_t index, float* into) {
                const T* samples = view.row(std::min(index, view.height - 1));
                for (std::ptrdiff_t m = 0; m < view.width; ++m)
                    row[size(m)] = static_cast<float>(samples[m * view.pixel_stride]) / full;
                row.back() = row[row.size() - 2];
                kernels.lerp_columns(row.data(), x.starts.data(), size(view.width), x.weight.data(),
                                     cells, into);
            };
            for (std::ptrdiff_t j = 0; j < grid.height; ++j) {
                stretched(y.index[size(j)], pair.plane(0));
                stretched(y.index[size(j)] + 1, pair.plane(1));
                kernels.lerp_rows(pair.plane(0), pair.plane(1), y.weight[size(j)], cells,
                                  out.data() + grid.at(j));
            }
        },
        mask);
    return out;
}

template <typename T>
GuidedMatte::GuidedMatte(const ImageView<const T>& image, const MaskView& mask,
                         const KernelTable& kernels)
    : grid_(plan_cells(image.width, image.height)),
      colours_(cell_colours(image, grid_, kernels)),
      alpha_(mask_of_cells(mask, grid_, image.width, image.height, kernels)) {
    const std::size_t cells = grid_.count(), stride = colours_.stride();
    const std::ptrdiff_t radius = grid_.radius(window);

    Planes<float> moments(cells, 9);
    std::copy_n(colours_.data(), 3 * stride, moments.data());
    kernels.guide_products(colours_.data(), stride, cells, moments.plane(3));
    const Planes<float> means = box_mean(moments, 9, grid_, radius, kernels);
    Planes<float> inverse(cells, 6);
    kernels.guide_inverse(means.data(), stride, cells, epsilon, inverse.data());

    Planes<float> products(cells, 4);
    for (const Ends& after : {between, ends}) {
        kernels.mask_products(colours_.data(), alpha_.data(), stride, cells, products.data());
        const Planes<float> masks = box_mean(products, 4, grid_, radius, kernels);
        kernels.guide_coefficients(means.data(), inverse.data(), masks.data(), stride, cells,
                                   products.data());
        coefficients_ = box_mean(products, 4, grid_, radius, kernels);
        kernels.guide_apply(coefficients_.data(), colours_.data(), stride, cells, after.low,
                            after.slope(), alpha_.data());
    }
}

template GuidedMatte::GuidedMatte(const ImageView<const std::uint8_t>&, const MaskView&,
                                  const KernelTable&);
template GuidedMatte::GuidedMatte(const ImageView<const std::uint16_t>&, const MaskView&,
                                  const KernelTable&);

}  // namespace defocus
