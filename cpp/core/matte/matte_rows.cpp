#include "core/matte/matte_rows.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "core/base/samples.hpp"

namespace defocus {
namespace {

// The number of mask rows that a batch of image rows lies between.
std::ptrdiff_t rows_held(std::ptrdiff_t mask_height, std::ptrdiff_t height) {
    const std::ptrdiff_t spanned = AlphaRows::batch * mask_height / height + 3;
    return std::min(spanned, 2 * AlphaRows::batch);
}

std::ptrdiff_t height_of(const MaskView& mask) {
    return std::visit([](const auto& view) { return view.height; }, mask);
}

std::ptrdiff_t width_of(const MaskView& mask) {
    return std::visit([](const auto& view) { return view.width; }, mask);
}

// Writes one sample more than the mask has, because the last one has no right neighbour.
void read_row(const MaskView& mask, std::ptrdiff_t y, float* out) {
    std::visit(
        [&](const auto& view) {
            const auto* samples = view.row(y);
            for (std::ptrdiff_t x = 0; x < view.width; ++x) {
                const auto v = samples[x * view.pixel_stride];
                if constexpr (std::is_same_v<std::remove_cv_t<decltype(v)>, float>)
                    out[x] = v;
                else
                    out[x] = static_cast<float>(v) / 255.0f;
            }
            out[view.width] = out[view.width - 1];
        },
        mask);
}

std::int16_t q15(float weight) {
    return static_cast<std::int16_t>(std::min(std::lround(weight * 32768.0f), 32767L));
}

}  // namespace

MatteRows::MatteRows(const MaskView& mask, std::size_t width, std::size_t height,
                     const KernelTable& kernels)
    : mask_(mask),
      x_(plan_bilinear(width_of(mask), signed_size(width))),
      y_(plan_bilinear(height_of(mask), signed_size(height))),
      kernels_(kernels),
      mask_row_(size(width_of(mask)) + 1),
      held_(2, width, 1) {}

const float* MatteRows::stretched(std::ptrdiff_t mask_row) {
    Planes<float>& out = held_[mask_row];
    std::ptrdiff_t& held = held_index_[mask_row % 2];
    if (held != mask_row) {
        read_row(mask_, mask_row, mask_row_.data());
        kernels_.lerp_columns(mask_row_.data(), x_.starts.data(), mask_row_.size() - 1,
                              x_.weight.data(), x_.index.size(), out.data());
    }
    held = mask_row;
    return out.data();
}

void MatteRows::read(std::ptrdiff_t y, float* out) {
    const std::ptrdiff_t upper = y_.index[size(y)];
    const float t = y_.weight[size(y)];
    const float* a = stretched(upper);
    if (t == 0.0f) {
        std::copy_n(a, x_.index.size(), out);
        return;
    }
    const float* b = stretched(upper + 1);
    kernels_.lerp_rows(a, b, t, x_.index.size(), out);
}

AlphaRows::AlphaRows(const MaskView& mask, std::size_t width, std::size_t height,
                     const KernelTable& kernels)
    : mask_(mask),
      width_(width),
      x_(plan_bilinear(width_of(mask), signed_size(width))),
      y_(plan_bilinear(height_of(mask), signed_size(height))),
      kernels_(kernels),
      mask_row_(size(width_of(mask)) + 1),
      mask_alpha_(mask_row_.size(), 1),
      held_(size(rows_held(height_of(mask), signed_size(height)))),
      mixed_(tile + over_read),
      none_(tile + over_read),
      whole_(tile + over_read, opaque) {
    for (Row& row : held_) {
        row.alpha = Planes<std::int16_t>(width, 1);
        row.kinds.resize(width / tile + 1);
    }
    // A mask larger than the image skips samples, which the 16-bit kernel cannot.
    if (mask_row_.size() <= width + 1 && mask_row_.size() <= 32767)
        for (std::size_t x = 0; x < width; ++x) {
            index_.push_back(static_cast<std::int16_t>(x_.index[x]));
            weight_.push_back(q15(x_.weight[x]));
        }
}

// The mask row itself, if it has samples of that type and the width of the image; else null.
template <typename T>
const T* AlphaRows::packed_row(std::ptrdiff_t mask_row) const {
    const auto* view = std::get_if<ImageView<const T>>(&mask_);
    return view && size(view->width) == width_ && view->rows_are_packed() ? view->row(mask_row)
                                                                          : nullptr;
}

void AlphaRows::stretch(std::ptrdiff_t mask_row, Row& row) {
    const float* const packed = packed_row<float>(mask_row);
    if (!packed || index_.empty()) read_row(mask_, mask_row, mask_row_.data());
    std::int16_t* alpha = row.alpha.data();
    if (index_.empty()) {
        std::vector<float> wide(width_);
        kernels_.lerp_columns(mask_row_.data(), x_.starts.data(), mask_row_.size() - 1,
                              x_.weight.data(), width_, wide.data());
        kernels_.alpha_row(wide.data(), width_, alpha);
        std::fill(row.kinds.begin(), row.kinds.end(), Kind::mixed);
        return;
    }
    // A mask as wide as the image needs no interpolation, only conversion.
    const bool as_wide = mask_row_.size() == width_ + 1;
    std::int16_t* small = as_wide ? alpha : mask_alpha_.data();
    kernels_.alpha_row(packed ? packed : mask_row_.data(), as_wide ? width_ : mask_row_.size(),
                       small);
    for (std::size_t x = 0, t = 0; x < width_; x += tile, ++t) {
        const std::size_t count = std::min(tile, width_ - x);
        std::int16_t least = opaque, largest = 0;
        const std::ptrdiff_t last = index_[x + count - 1] + (as_wide ? 0 : 1);
        for (std::ptrdiff_t m = index_[x]; m <= last; ++m) {
            least = std::min(least, small[m]);
            largest = std::max(largest, small[m]);
        }
        row.kinds[t] = largest == 0 ? Kind::none : least == opaque ? Kind::whole : Kind::mixed;
        if (as_wide) continue;
        // The row above or below may be mixed, so the samples are needed in any case.
        if (least == largest)
            std::fill_n(alpha + x, count, least);
        else
            kernels_.lerp_columns_q14(small, index_.data() + x, weight_.data() + x, count,
                                      alpha + x);
    }
}

const AlphaRows::Row& AlphaRows::stretched(std::ptrdiff_t mask_row) {
    Row& row = held_[size(mask_row) % held_.size()];
    if (row.index != mask_row) stretch(mask_row, row);
    row.index = mask_row;
    return row;
}

// The Q15 weight of the lower of the two mask rows that row y lies between.
std::int16_t AlphaRows::weight(std::ptrdiff_t y) const {
    return static_cast<std::int16_t>(std::min(std::lround(y_.weight[size(y)] * 32768.0f), 32767L));
}

AlphaRows::Kind AlphaRows::kind(std::ptrdiff_t y, std::size_t x, std::size_t) {
    const std::ptrdiff_t upper = y_.index[size(y)];
    if (packed_row<std::uint8_t>(upper))
        return Kind::mixed;  // to read it is as fast as to examine it
    const Kind kind = stretched(upper).kinds[x / tile];
    if (kind == Kind::mixed || weight(y) == 0) return kind;
    return stretched(upper + 1).kinds[x / tile] == kind ? kind : Kind::mixed;
}

const std::int16_t* AlphaRows::read(std::ptrdiff_t y, std::size_t x, std::size_t count) {
    const std::ptrdiff_t upper = y_.index[size(y)];
    const std::int16_t t = weight(y);
    // A matte of the size of the image needs no interpolation.
    if (const auto* bytes = packed_row<std::uint8_t>(upper); bytes && t == 0) {
        kernels_.alpha_bytes(bytes + x, count, mixed_.data());
        return mixed_.data();
    }
    const bool held_already = held_[size(upper) % held_.size()].index == upper;
    if (const auto* floats = packed_row<float>(upper); floats && t == 0 && !held_already) {
        kernels_.alpha_row(floats + x, count, mixed_.data());
        return mixed_.data();
    }
    const Kind held = kind(y, x, count);
    if (held == Kind::none) return none_.data();
    if (held == Kind::whole) return whole_.data();
    const std::int16_t* a = stretched(upper).alpha.data() + x;
    if (t == 0) return a;
    kernels_.lerp_alpha(a, stretched(upper + 1).alpha.data() + x, t, count, mixed_.data());
    return mixed_.data();
}

}  // namespace defocus
