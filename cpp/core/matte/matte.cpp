#include "core/matte/matte.hpp"

#include <algorithm>

#include "core/base/samples.hpp"
#include "core/matte/guided_rows.hpp"

namespace defocus {
template <typename T>
Matte<T>::Matte(const ImageView<const T>& image, const MaskView& mask, const MatteRecipe& recipe,
                const Threads& threads, const KernelTable& kernels)
    : image_(image), mask_(mask), kernels_(kernels) {
    if (recipe.guided) guided_.emplace(image, mask, threads, kernels);
    if (!recipe.unmixed) return;
    if (guided_) {
        grid_ = guided_->grid();
        parts_ = blend_parts(guided_->colours(), guided_->alpha(), *grid_,
                             guided_->kinds().mixed(*grid_), threads, kernels);
        return;
    }
    grid_ = plan_cells(image.width, image.height);
    parts_ = blend_parts(cell_colours(image, *grid_, threads, kernels),
                         cell_alpha(mask, image.width, image.height, *grid_, kernels), *grid_,
                         CellSet(grid_->width, grid_->height, true), threads, kernels);
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
MatteTiles<T>::MatteTiles(const ImageView<const T>& image, const Matte<T>& matte,
                          std::ptrdiff_t kept)
    : image_(image),
      alpha_(matte.reader()),
      unmixer_(matte.unmixer()),
      tiles_across_(size(image.width) / AlphaReader::tile + 1),
      tiles_(size(kept) * tiles_across_),
      packed_(image.rows_are_packed() ? 0 : 3 * AlphaReader::tile),
      foreground_(unmixer_ ? 3 * AlphaReader::tile : 0),
      background_(foreground_.size()) {}

// Where a tile of row y is kept, or is to be kept.
template <typename T>
typename MatteTiles<T>::Tile* MatteTiles<T>::kept_tile(std::ptrdiff_t y, std::size_t x) noexcept {
    if (tiles_.empty()) return nullptr;
    const std::size_t rows = tiles_.size() / tiles_across_;
    return &tiles_[size(y) % rows * tiles_across_ + x / AlphaReader::tile];
}

template <typename T>
typename MatteTiles<T>::Run MatteTiles<T>::foreground(std::ptrdiff_t y, std::size_t x,
                                                      std::size_t count) {
    const T* pixels = packed_run(image_, y, signed_size(x), signed_size(count), packed_.data());
    if (const Tile* const tile = kept_tile(y, x); tile && tile->row == y)
        return {unmixer_ ? tile->foreground.data() : pixels, tile->alpha.data()};
    const std::int16_t* alpha = alpha_->read(y, x, count);
    if (!unmixer_ || kind(y, x, count) != Kind::mixed) return {pixels, alpha};
    unmixer_->read(y, x, count, pixels, alpha, foreground_.data(), static_cast<T*>(nullptr));
    return {foreground_.data(), alpha};
}

template <typename T>
typename MatteTiles<T>::Run MatteTiles<T>::background(std::ptrdiff_t y, std::size_t x,
                                                      std::size_t count) {
    const T* pixels = packed_run(image_, y, signed_size(x), signed_size(count), packed_.data());
    const std::int16_t* alpha = alpha_->read(y, x, count);
    Tile* const tile = kept_tile(y, x);
    if ((!unmixer_ && !tile) || kind(y, x, count) != Kind::mixed) return {pixels, alpha};
    if (tile) {
        tile->row = y;
        tile->alpha.resize(AlphaReader::tile + over_read);
        tile->foreground.resize(foreground_.size());
        std::copy_n(alpha, count, tile->alpha.data());
    }
    if (!unmixer_) return {pixels, alpha};
    unmixer_->read(y, x, count, pixels, alpha, tile ? tile->foreground.data() : foreground_.data(),
                   background_.data());
    return {background_.data(), alpha};
}

template class Matte<std::uint8_t>;
template class Matte<std::uint16_t>;
template class MatteTiles<std::uint8_t>;
template class MatteTiles<std::uint16_t>;

}  // namespace defocus
