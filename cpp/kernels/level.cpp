// One ISA level: includes the kernels and exports their table, nothing else.
#include "kernels/aperture-inl.hpp"
#include "kernels/blend-inl.hpp"
#include "kernels/blur-inl.hpp"
#include "kernels/box-inl.hpp"
#include "kernels/cells-inl.hpp"
#include "kernels/convert-inl.hpp"
#include "kernels/expand-inl.hpp"
#include "kernels/guide-inl.hpp"
#include "kernels/kernel_table.hpp"
#include "kernels/light-inl.hpp"
#include "kernels/reduce-inl.hpp"
#include "kernels/shrink-inl.hpp"
#include "kernels/unmix-inl.hpp"
#include "kernels/upsample-inl.hpp"
#include "kernels/words-inl.hpp"

namespace defocus {

extern const KernelTable DEFOCUS_LEVEL_SYMBOL;
const KernelTable DEFOCUS_LEVEL_SYMBOL = {
    DEFOCUS_LEVEL_NAME,
    DEFOCUS_VECTOR_BYTES,
    split_q7,
    split_floats,
    merge_q7,
    merge_floats,
    centre_bytes,
    open_q7,
    to_q7,
    halve_bytes,
    halve_rows,
    halve_rows_floats,
    halve_q7,
    halve,
    background,
    fir_columns,
    fir_columns_q7,
    fir_columns_bytes,
    fir_row,
    fir_row_q7,
    sum_columns,
    gather,
    normalise,
    expand,
    expand_q7,
    spline_bytes,
    spline_floats,
    lerp_columns,
    lerp_columns_q14,
    lerp_rows,
    lerp_alpha,
    alpha_row,
    alpha_bytes,
    blend,
    spline_blend,
    attach_alpha,
    add_ramp,
    weigh_columns,
    raise_to_row,
    scale_row,
    add_rows,
    fold_cells,
    fold_alpha,
    slide_window,
    box_row,
    guide_products,
    guide_inverse,
    mask_products,
    guide_coefficients,
    guide_apply,
    guided_alpha,
    alpha_floats,
    part_products,
    part_colours,
    fuse_parts,
    unmix_foreground,
    unmix_background,
    words_to_bytes,
    background_words,
    guided_alpha_words,
    unmix_foreground_words,
    unmix_background_words,
    spline_blend_words,
    attach_alpha_words,
};

}  // namespace defocus
