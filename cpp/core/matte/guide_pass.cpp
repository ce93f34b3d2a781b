#include "core/matte/guide_pass.hpp"

namespace defocus {

void GuidePass::multiply(std::ptrdiff_t y, const float* alpha, Planes<float>& into) {
    cells_.models.reads.runs(y, [&](std::size_t first, std::size_t last) {
        copy_cells(guide_.grid, guide_.colours, 3, y, first, last, colours_);
        guide_.kernels.mask_products(colours_.data() + first, alpha + first, colours_.stride(),
                                     last - first, into.data() + first);
    });
}

void GuidePass::model(std::ptrdiff_t y, Planes<float>& into) {
    const Planes<float>& known = windows_.at(y);
    cells_.models.wanted.runs(y, [&](std::size_t first, std::size_t last) {
        guide_.kernels.guide_coefficients(known.data() + first, known.plane(9) + first,
                                          mask_.data() + first, mask_.stride(), last - first,
                                          into.data() + first);
    });
}

void GuidePass::apply(float* alpha) {
    const float* const mask = guide_.mask.data() + guide_.grid.at(made_);
    const auto explain = [&](std::size_t first, std::size_t last) {
        copy_cells(guide_.grid, guide_.colours, 3, made_, first, last, colours_);
        guide_.kernels.guide_apply(coefficients_.data() + first, colours_.data() + first,
                                   coefficients_.stride(), last - first, after_.low, after_.slope(),
                                   alpha + first);
    };
    const auto settle = [&](std::size_t first, std::size_t last) {
        for (std::size_t m = first; m < last; ++m) alpha[m] = mask[m] < 0.5f ? 0.0f : 1.0f;
    };
    cells_.means.wanted.runs(made_, explain, settle);
}

}  // namespace defocus
