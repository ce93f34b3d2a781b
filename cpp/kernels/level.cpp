// One ISA level: includes the kernels and exports their table, nothing else.
#include "kernels/blend-inl.hpp"
#include "kernels/blur-inl.hpp"
#include "kernels/convert-inl.hpp"
#include "kernels/kernel_table.hpp"
#include "kernels/upsample-inl.hpp"

namespace defocus {

extern const KernelTable DEFOCUS_LEVEL_SYMBOL;
const KernelTable DEFOCUS_LEVEL_SYMBOL = {
    DEFOCUS_LEVEL_NAME,
    sizeof(Vec),
    split,
    split_float,
    merge,
    merge_float,
    sum_rows,
    accumulate,
    decimate,
    convolve,
    expand,
    lerp_rows,
    lerp_columns,
    premultiply_background,
    blend_normalised,
    blend,
    attach_alpha,
};

}  // namespace defocus
