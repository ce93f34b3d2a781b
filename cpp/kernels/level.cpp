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
#include "kernels/samples16-inl.hpp"
#include "kernels/shrink-inl.hpp"
#include "kernels/unmix-inl.hpp"
#include "kernels/upsample-inl.hpp"

// Every row function of the table, by name.  The order does not matter.
#define DEFOCUS_KERNELS(KERNEL) \
    KERNEL(split_q7)            \
    KERNEL(split_floats)        \
    KERNEL(merge_q7)            \
    KERNEL(merge_floats)        \
    KERNEL(centre_bytes)        \
    KERNEL(open_q7)             \
    KERNEL(to_q7)               \
    KERNEL(halve_bytes)         \
    KERNEL(halve_rows)          \
    KERNEL(halve_rows_floats)   \
    KERNEL(halve_q7)            \
    KERNEL(halve)               \
    KERNEL(background)          \
    KERNEL(fir_columns)         \
    KERNEL(fir_columns_q7)      \
    KERNEL(fir_columns_bytes)   \
    KERNEL(fir_row)             \
    KERNEL(fir_row_q7)          \
    KERNEL(sum_columns)         \
    KERNEL(gather)              \
    KERNEL(normalise)           \
    KERNEL(expand)              \
    KERNEL(expand_q7)           \
    KERNEL(spline_bytes)        \
    KERNEL(spline_floats)       \
    KERNEL(lerp_columns)        \
    KERNEL(lerp_cells)          \
    KERNEL(lerp_columns_q14)    \
    KERNEL(lerp_rows)           \
    KERNEL(lerp_alpha)          \
    KERNEL(alpha_row)           \
    KERNEL(alpha_bytes)         \
    KERNEL(blend)               \
    KERNEL(spline_blend)        \
    KERNEL(attach_alpha)        \
    KERNEL(add_ramp)            \
    KERNEL(weigh_columns)       \
    KERNEL(add_rows)            \
    KERNEL(fold_cells)          \
    KERNEL(fold_alpha)          \
    KERNEL(slide_window)        \
    KERNEL(box_row)             \
    KERNEL(guide_products)      \
    KERNEL(guide_inverse)       \
    KERNEL(mask_products)       \
    KERNEL(guide_coefficients)  \
    KERNEL(guide_apply)         \
    KERNEL(guided_alpha)        \
    KERNEL(alpha_floats)        \
    KERNEL(part_products)       \
    KERNEL(part_colours)        \
    KERNEL(fuse_parts)          \
    KERNEL(unmix_foreground)    \
    KERNEL(unmix_background)    \
    KERNEL(bytes_from_16)       \
    KERNEL(background_16)       \
    KERNEL(guided_alpha_16)     \
    KERNEL(unmix_foreground_16) \
    KERNEL(unmix_background_16) \
    KERNEL(spline_blend_16)     \
    KERNEL(attach_alpha_16)

namespace defocus {
namespace {

// No function is listed twice: its name here would be defined twice.
#define DEFOCUS_NAME(name) kernel_##name,
enum Names { DEFOCUS_KERNELS(DEFOCUS_NAME) kernel_count };
#undef DEFOCUS_NAME

// No function is missing: the table has as many members as the list has names.
static_assert(sizeof(KernelTable) ==
                  offsetof(KernelTable, split_q7) + kernel_count * sizeof(KernelTable::split_q7),
              "a row function of the table is missing in the list");

constexpr KernelTable filled_table() noexcept {
    KernelTable table{};
    table.level = DEFOCUS_LEVEL_NAME;
    table.vector_bytes = DEFOCUS_VECTOR_BYTES;
#define DEFOCUS_FILL(name) table.name = ::name;
    DEFOCUS_KERNELS(DEFOCUS_FILL)
#undef DEFOCUS_FILL
    return table;
}

}  // namespace

extern const KernelTable DEFOCUS_LEVEL_SYMBOL;
constexpr KernelTable DEFOCUS_LEVEL_SYMBOL = filled_table();

}  // namespace defocus
