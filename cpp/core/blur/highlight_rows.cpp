#include "core/blur/highlight_rows.hpp"

#include <algorithm>

#include "core/base/samples.hpp"

namespace defocus {
namespace {

// The weights of the prefilter: grid sample m is made of 3 D - 2 samples from (m - 1) D + 1 on.
std::vector<float> prefilter(std::ptrdiff_t stride) {
    std::vector<double> taps{1.0};
    for (std::ptrdiff_t d = 1; d < stride; d *= 2) {
        std::vector<double> longer(taps.size() + size(3 * d));
        const double binomial[4] = {0.125, 0.375, 0.375, 0.125};
        for (std::size_t k = 0; k < 4; ++k)
            for (std::size_t i = 0; i < taps.size(); ++i)
                longer[i + k * size(d)] += binomial[k] * taps[i];
        taps = longer;
    }
    return {taps.begin(), taps.end()};
}

}  // namespace

HighlightRows::HighlightRows(const Highlights& highlights, const AxisPlan& x, const AxisPlan& y)
    : highlights_(highlights), x_(x), y_(y), prefilter_(prefilter(x.stride)) {}

void HighlightRows::add(std::ptrdiff_t m, Planes<float>& row, std::size_t planes,
                        float white) const {
    const std::ptrdiff_t d = x_.stride;
    const auto reach = signed_size(prefilter_.size());
    const std::ptrdiff_t top = (m - 1) * d + 1;
    const std::ptrdiff_t first_cell = x_.grid_first_before_fir(0);
    for (std::ptrdiff_t y = std::max(top, std::ptrdiff_t{0}); y < std::min(top + reach, y_.length);
         ++y)
        for (const Highlights::Pixel& pixel : highlights_.rows[size(y)]) {
            const float light = white * prefilter_[size(y - top)] * pixel.light;
            // All cells whose prefilter reaches the pixel.
            const std::ptrdiff_t last = (pixel.x - 1 + d) / d;
            for (std::ptrdiff_t cell = last; (cell - 1) * d + 1 + reach > pixel.x; --cell) {
                const float share = prefilter_[size(pixel.x - ((cell - 1) * d + 1))];
                for (std::size_t p = 0; p < planes; ++p)
                    row.plane(p)[cell - first_cell] += light * share;
            }
        }
}

}  // namespace defocus
