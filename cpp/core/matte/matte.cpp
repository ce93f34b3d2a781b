#include "core/matte/matte.hpp"

#include "core/base/samples.hpp"
#include "core/matte/guided_rows.hpp"

namespace defocus {
template <typename T>
Matte<T>::Matte(const ImageView<const T>& image, const MaskView& mask, const MatteRecipe& recipe,
                const KernelTable& kernels)
    : image_(image), mask_(mask), kernels_(kernels) {
    if (recipe.guided) guided_.emplace(image, mask, kernels);
    if (!recipe.unmixed) return;
    if (guided_) {
        grid_ = guided_->grid();
        parts_ = blend_parts(guided_->colours(), guided_->alpha(), *grid_, kernels);
        return;
    }
    grid_ = plan_cells(image.width, image.height);
    parts_ =
        blend_parts(cell_colours(image, *grid_, kernels),
                    cell_alpha(mask, image.width, image.height, *grid_, kernels), *grid_, kernels);
}

template <typename T>
std::unique_ptr<AlphaReader> Matte<T>::reader() const {
    if (guided_) return std::make_unique<GuidedAlphaRows<T>>(image_, *guided_, kernels_);
    return std::make_unique<AlphaRows>(mask_, size(image_.width), size(image_.height), kernels_);
}

template <typename T>
std::unique_ptr<UnmixedRows> Matte<T>::unmixer() const {
    return grid_ ? std::make_unique<UnmixedRows>(*grid_, parts_, kernels_) : nullptr;
}

template <typename T>
ForegroundRows<T>::ForegroundRows(const ImageView<const T>& image, const Matte<T>& matte)
    : image_(image),
      alpha_(matte.reader()),
      unmixer_(matte.unmixer()),
      packed_(image.rows_are_packed() ? 0 : 3 * AlphaReader::tile),
      unmixed_(unmixer_ ? 3 * AlphaReader::tile : 0) {}

template <typename T>
typename ForegroundRows<T>::Run ForegroundRows<T>::read(std::ptrdiff_t y, std::size_t x,
                                                        std::size_t count) {
    const T* pixels = packed_run(image_, y, signed_size(x), signed_size(count), packed_.data());
    const std::int16_t* alpha = alpha_->read(y, x, count);
    if (!unmixer_ || alpha_->kind(y, x, count) != AlphaReader::Kind::mixed) return {pixels, alpha};
    unmixer_->read(y, x, count, pixels, alpha, unmixed_.data(), static_cast<T*>(nullptr));
    return {unmixed_.data(), alpha};
}

template class Matte<std::uint8_t>;
template class Matte<std::uint16_t>;
template class ForegroundRows<std::uint8_t>;
template class ForegroundRows<std::uint16_t>;

}  // namespace defocus
