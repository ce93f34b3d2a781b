// One ISA level: includes the kernels and exports their table, nothing else.
#include "kernels/blend-inl.hpp"
#include "kernels/blur-inl.hpp"
#include "kernels/convert-inl.hpp"
#include "kernels/expand-inl.hpp"
#include "kernels/kernel_table.hpp"
#include "kernels/light-inl.hpp"
#include "kernels/reduce-inl.hpp"
#include "kernels/shrink-inl.hpp"
#include "kernels/upsample-inl.hpp"

namespace defocus {

extern const KernelTable DEFOCUS_LEVEL_SYMBOL;
const KernelTable DEFOCUS_LEVEL_SYMBOL = {
    DEFOCUS_LEVEL_NAME,
    DEFOCUS_VECTOR_BYTES,
    split_bytes,
    split_floats,
    merge_q7,
    merge_floats,
    reduce_bytes,
    reduce_floats,
    reduce_background,
    reduce_weights,
    halve,
    fir_columns,
    fir_row,
    fir_columns_q6,
    fir_row_q7,
    expand,
    expand_q7,
    to_q7,
    spline_bytes,
    spline_floats,
    normalise,
    mix_taps,
    lerp_columns,
    lerp_rows,
    lerp_alpha,
    alpha_row,
    alpha_bytes,
    premultiply_background,
    background_weights,
    blend,
    spline_blend,
    spline_blend_mixed,
    light_blend,
    light_blend_mixed,
    attach_alpha,
    add_ramp,
    weigh_columns,
    raise_to_row,
    scale_row,
};

}  // namespace defocus
