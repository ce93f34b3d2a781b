#include "core/matte_rows.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

namespace defocus {
namespace {

std::size_t size(std::ptrdiff_t n) noexcept {
    return static_cast<std::size_t>(n);
}

constexpr std::int16_t opaque = 16384;  // 1 in Q14

// Mask rows that a batch of the picture's rows lies between.
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

}  // namespace

StretchedRows::StretchedRows(const MaskView& mask, std::size_t width, const KernelTable& kernels)
    : mask_(mask),
      kernels_(kernels),
      x_(plan_bilinear(width_of(mask), static_cast<std::ptrdiff_t>(width))),
      same_width_(width_of(mask) == static_cast<std::ptrdiff_t>(width)),
      // One sample more than the mask has: the last one has no right neighbour.
      row_(size(width_of(mask)) + 1) {}

const std::uint8_t* StretchedRows::packed_bytes(std::ptrdiff_t mask_row) const {
    const auto* view = std::get_if<ImageView<const std::uint8_t>>(&mask_);
    return view && same_width_ && view->rows_are_packed() ? view->row(mask_row) : nullptr;
}

void StretchedRows::read(std::ptrdiff_t mask_row, float* out) {
    float* row = same_width_ ? out : row_.data();
    std::visit(
        [&](const auto& view) {
            const auto* samples = view.row(mask_row);
            for (std::ptrdiff_t x = 0; x < view.width; ++x) {
                const auto v = samples[x * view.pixel_stride];
                if constexpr (std::is_same_v<std::remove_cv_t<decltype(v)>, float>)
                    row[x] = v;
                else
                    row[x] = static_cast<float>(v) / 255.0f;
            }
        },
        mask_);
    if (same_width_) return;
    row_.back() = row_[row_.size() - 2];
    kernels_.lerp_columns(row_.data(), x_.starts.data(), row_.size() - 1, x_.weight.data(), width(),
                          out);
}

MatteRows::MatteRows(const MaskView& mask, std::size_t width, std::size_t height,
                     const KernelTable& kernels)
    : rows_(mask, width, kernels),
      y_(plan_bilinear(height_of(mask), static_cast<std::ptrdiff_t>(height))),
      kernels_(kernels),
      held_(2, width, 1) {}

const float* MatteRows::stretched(std::ptrdiff_t mask_row) {
    Planes<float>& out = held_[mask_row];
    std::ptrdiff_t& held = held_index_[mask_row % 2];
    if (held != mask_row) rows_.read(mask_row, out.data());
    held = mask_row;
    return out.data();
}

void MatteRows::read(std::ptrdiff_t y, float* out) {
    const std::ptrdiff_t upper = y_.index[size(y)];
    const float t = y_.weight[size(y)];
    const float* a = stretched(upper);
    if (t == 0.0f) {
        std::copy_n(a, rows_.width(), out);
        return;
    }
    const float* b = stretched(upper + 1);
    kernels_.lerp_rows(a, b, t, rows_.width(), out);
}

AlphaRows::AlphaRows(const MaskView& mask, std::size_t width, std::size_t height,
                     const KernelTable& kernels)
    : rows_(mask, width, kernels),
      y_(plan_bilinear(height_of(mask), static_cast<std::ptrdiff_t>(height))),
      kernels_(kernels),
      float_row_(width),
      held_(size(rows_held(height_of(mask), static_cast<std::ptrdiff_t>(height)))),
      mixed_(tile + over_read),
      none_(tile + over_read),
      whole_(tile + over_read, opaque) {
    for (Row& row : held_) {
        row.alpha = Planes<std::int16_t>(width, 1);
        row.kinds.resize(width / tile + 1);
    }
}

const AlphaRows::Row& AlphaRows::stretched(std::ptrdiff_t mask_row) {
    Row& row = held_[size(mask_row) % held_.size()];
    if (row.index == mask_row) return row;
    row.index = mask_row;
    std::int16_t* alpha = row.alpha.data();
    rows_.read(mask_row, float_row_.data());
    kernels_.alpha_row(float_row_.data(), rows_.width(), alpha);
    for (std::size_t t = 0; t < row.kinds.size(); ++t) {
        std::int16_t least = opaque, largest = 0;
        for (std::size_t x = t * tile; x < std::min((t + 1) * tile, rows_.width()); ++x) {
            least = std::min(least, alpha[x]);
            largest = std::max(largest, alpha[x]);
        }
        row.kinds[t] = largest == 0 ? Kind::none : least == opaque ? Kind::whole : Kind::mixed;
    }
    return row;
}

// Of the lower of the two mask rows that row y lies between, in Q15.
std::int16_t AlphaRows::weight(std::ptrdiff_t y) const {
    return static_cast<std::int16_t>(std::min(std::lround(y_.weight[size(y)] * 32768.0f), 32767L));
}

AlphaRows::Kind AlphaRows::kind(std::ptrdiff_t y, std::size_t x) {
    const std::ptrdiff_t upper = y_.index[size(y)];
    if (rows_.packed_bytes(upper)) return Kind::mixed;  // as fast to read as to tell
    const Kind kind = stretched(upper).kinds[x / tile];
    if (kind == Kind::mixed || weight(y) == 0) return kind;
    return stretched(upper + 1).kinds[x / tile] == kind ? kind : Kind::mixed;
}

const std::int16_t* AlphaRows::read(std::ptrdiff_t y, std::size_t x, std::size_t count) {
    const std::ptrdiff_t upper = y_.index[size(y)];
    const std::int16_t t = weight(y);
    if (const std::uint8_t* bytes = rows_.packed_bytes(upper); bytes && t == 0) {
        // A matte of the picture's own size needs no stretching.
        kernels_.alpha_bytes(bytes + x, count, mixed_.data());
        return mixed_.data();
    }
    const Kind held = kind(y, x);
    if (held == Kind::none) return none_.data();
    if (held == Kind::whole) return whole_.data();
    const std::int16_t* a = stretched(upper).alpha.data() + x;
    if (t == 0) return a;
    kernels_.lerp_alpha(a, stretched(upper + 1).alpha.data() + x, t, count, mixed_.data());
    return mixed_.data();
}

}  // namespace defocus
