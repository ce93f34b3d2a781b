// cells, box and guide: an image on a grid, and the guided filter there.
#include "fuzz/cases.hpp"
#include "fuzz/twins.hpp"

namespace defocus::fuzz {
namespace {

void add_rows(Input& in) {
    const std::size_t count = in.number(1, 7), n = in.width();
    const auto plane = in.row<std::uint8_t>(count * n, 0, 255);
    const auto rows = rows_of(plane, count);
    const auto got = at_all_levels<std::uint16_t>("sums", n, [&](auto& level, std::uint16_t* out) {
        level.add_rows(rows.data(), count, n, out);
    });
    expect_near("sums", got, 0, [&](std::size_t i) {
        double sum = 0.0;
        for (const std::uint8_t* row : rows) sum += row[i];
        return sum;
    });
}

void fold_cells(Input& in) {
    const std::size_t cells = in.width(), side = in.number(1, 20),
                      stride = cells + in.number(0, 20);
    const auto sums = in.row<std::uint16_t>(3 * cells * side, 0, 1785);
    const auto got = at_all_levels<float>("planes", 3 * stride, [&](auto& level, float* out) {
        level.fold_cells(sums.data(), cells, side, 0.25f, out, stride);
    });
    expect_near("planes", got, 0, [&](std::size_t i) {
        const std::size_t m = i % stride;
        if (m >= cells) return 77.0;
        double sum = 0.0;
        for (std::size_t k = 0; k < side; ++k) sum += sums.at(3 * (m * side + k) + i / stride);
        return 0.25 * sum;
    });
}

void fold_alpha(Input& in) {
    const std::size_t cells = in.width(), side = in.number(1, 20);
    const auto alpha = in.row<std::int16_t>(cells * side, 0, opaque);
    const auto scale = 1.0f / static_cast<float>(side);
    const std::vector<float> start(cells, in.real(0, 1));
    const auto got = changed_at_all_levels<float>("cells", start, [&](auto& level, float* out) {
        level.fold_alpha(alpha.data(), cells, side, scale, out);
    });
    expect_near("cells", got, 3e-7, [&](std::size_t m) {
        double sum = 0.0;
        for (std::size_t k = 0; k < side; ++k) sum += share_of(alpha.at(m * side + k));
        return static_cast<double>(start[m]) + sum / static_cast<double>(side);
    });
}

// Sums of windows, as kernel_table.hpp describes them.
struct Sums {
    std::size_t planes, n, stride, radius;
    explicit Sums(Input& in)
        : planes(in.number(1, 14)),
          n(in.width()),
          stride(n + in.number(0, 20)),
          radius(in.number(0, 40)) {}
    std::size_t group() const { return box_planes * (n + 2 * radius); }
    std::size_t count() const { return (planes + box_planes - 1) / box_planes * group(); }
    std::size_t index(std::size_t p, std::size_t x) const {
        return p / box_planes * group() + box_planes * (x + radius) + p % box_planes;
    }
};

void slide_window(Input& in) {
    const Sums at(in);
    bool spoilt = false;
    const std::size_t count = at.planes * at.stride;
    const auto add = in.floats(count, 0, 65025, spoilt), drop = in.floats(count, 0, 65025, spoilt);
    const std::vector<double> start(at.count(), static_cast<double>(in.real(0, 1e6)));
    const auto got = changed_at_all_levels<double>("sums", start, [&](auto& level, double* sums) {
        level.slide_window(add.data(), drop.data(), at.stride, at.planes, at.n, at.group(),
                           sums + box_planes * at.radius);
    });
    if (spoilt) return;
    std::vector<double> want = start;
    for (std::size_t p = 0; p < at.planes; ++p)
        for (std::size_t x = 0; x < at.n; ++x)
            want[at.index(p, x)] += add.at(p * at.stride + x) - drop.at(p * at.stride + x);
    expect_near("sums", got, 0, [&](std::size_t i) { return want[i]; });
}

void box_row(Input& in) {
    const Sums at(in);
    const std::size_t planes = at.planes, n = at.n, stride = at.stride, radius = at.radius;
    const auto values = in.row<double>(planes * n, 0, 65025);
    Row<double> sums(at.count(), 0);
    for (std::size_t p = 0; p < planes; ++p)
        for (std::size_t x = 0; x < n; ++x) sums[at.index(p, x)] = values.at(p * n + x);
    const auto within = [&](std::size_t x) {
        return std::make_pair(x < radius ? 0 : x - radius, std::min(x + radius + 1, n));
    };
    Row<double> shares(n, 0);
    for (std::size_t x = 0; x < n; ++x)
        shares[x] = 1.0 / static_cast<double>(within(x).second - within(x).first);
    const auto got = at_all_levels<float>("planes", planes * stride, [&](auto& level, float* out) {
        level.box_row(sums.data(), planes, n, radius, at.group(), shares.data(), 0.5, out, stride);
    });
    expect_near("planes", got, 65025 * 1e-6, [&](std::size_t i) {
        const std::size_t x = i % stride;
        if (x >= n) return 77.0;
        double sum = 0.0;
        for (std::size_t k = within(x).first; k < within(x).second; ++k)
            sum += values.at(i / stride * n + k);
        return 0.5 * shares[x] * sum;
    });
}

void lerp_cells(Input& in) {
    const std::size_t planes = in.number(0, 1) == 0 ? 4 : 6, n = in.width();
    const std::size_t stride = n + in.number(0, 20), cells = in.number(1, 40);
    const std::size_t columns = cells + in.number(0, 1);
    bool spoilt = false;
    const auto upper = in.floats(planes * columns + 4, 0, 1, spoilt);
    const auto lower = in.floats(planes * columns + 4, 0, 1, spoilt);
    const auto t = in.row<float>(n, 0, 1);
    const float down = in.real(0, 1);
    auto starts = in.row<std::int32_t>(cells + 1, 0, static_cast<double>(n));
    starts[0] = 0;
    starts[cells] = static_cast<std::int32_t>(n);
    std::sort(starts.data(), starts.data() + starts.size());
    const auto got = at_all_levels<float>("planes", planes * stride, [&](auto& level, float* out) {
        level.lerp_cells(upper.data(), lower.data(), down, columns, starts.data(), cells, planes,
                         t.data(), n, out, stride);
    });
    if (spoilt) return;
    const auto node = [&](std::size_t m, std::size_t p) {
        const std::size_t at = planes * std::min(m, columns - 1) + p;
        return upper.at(at) + static_cast<double>(down) * (lower.at(at) - upper.at(at));
    };
    expect_near("planes", got, 5e-7, [&](std::size_t i) {
        const std::size_t x = i % stride, p = i / stride;
        if (x >= n) return 77.0;
        std::size_t m = 0;
        while (starts.at(m + 1) <= static_cast<double>(x)) ++m;
        return node(m, p) + t.at(x) * (node(m + 1, p) - node(m, p));
    });
}

// Planes of which the samples beyond n are not touched.
struct Grid {
    std::size_t n, stride;
    explicit Grid(Input& in) : n(in.width()), stride(n + in.number(0, 20)) {}

    template <typename Want>
    void expect(const std::vector<float>& got, double relative, double absolute, Want want) const {
        for (std::size_t i = 0; i < got.size(); ++i) {
            const std::size_t x = i % stride;
            const double exact = x < n ? want(i / stride, x) : 77.0;
            const double off = std::fabs(static_cast<double>(got[i]) - exact);
            if (!(off <= relative * std::fabs(exact) + absolute))
                fail("planes", "the exact number", i, static_cast<double>(got[i]), exact);
        }
    }
};

constexpr std::size_t first_of_pair[] = {0, 0, 0, 1, 1, 2}, second_of_pair[] = {0, 1, 2, 1, 2, 2};

void guide_products(Input& in) {
    const Grid grid(in);
    bool spoilt = false;
    const auto guide = in.floats(3 * grid.stride, 0, 255, spoilt);
    const auto got = at_all_levels<float>("planes", 6 * grid.stride, [&](auto& level, float* out) {
        level.guide_products(guide.data(), grid.stride, grid.n, out);
    });
    if (spoilt) return;
    grid.expect(got, 1e-7, 0, [&](std::size_t p, std::size_t x) {
        return guide.at(first_of_pair[p] * grid.stride + x) *
               guide.at(second_of_pair[p] * grid.stride + x);
    });
}

// Of any numbers: the levels are compared, as no bound holds for the inverse of a matrix near 0.
void guide_inverse(Input& in) {
    const Grid grid(in);
    bool spoilt = false;
    const auto means = in.floats(9 * grid.stride, 0, 65025, spoilt);
    at_all_levels<float>("planes", 6 * grid.stride, [&](auto& level, float* out) {
        level.guide_inverse(means.data(), grid.stride, grid.n, 6.5f, out);
    });
}

void mask_products(Input& in) {
    const Grid grid(in);
    bool spoilt = false;
    const auto guide = in.floats(3 * grid.stride, 0, 255, spoilt);
    const auto mask = in.floats(grid.n, 0, 1, spoilt);
    const auto got = at_all_levels<float>("planes", 4 * grid.stride, [&](auto& level, float* out) {
        level.mask_products(guide.data(), mask.data(), grid.stride, grid.n, out);
    });
    if (spoilt) return;
    grid.expect(got, 1e-7, 1e-30, [&](std::size_t p, std::size_t x) {
        return mask.at(x) * (p == 0 ? 1.0 : guide.at((p - 1) * grid.stride + x));
    });
}

void guide_coefficients(Input& in) {
    const Grid grid(in);
    bool spoilt = false;
    const std::size_t s = grid.stride;
    const auto means = in.floats(3 * s, 0, 255, spoilt);
    const auto inverse = in.floats(6 * s, -0.1, 0.1, spoilt);
    const auto mask = in.floats(4 * s, 0, 1, spoilt);
    const auto got = at_all_levels<float>("planes", 4 * s, [&](auto& level, float* out) {
        level.guide_coefficients(means.data(), inverse.data(), mask.data(), s, grid.n, out);
    });
    if (spoilt) return;
    constexpr std::size_t plane_of[3][3] = {{0, 1, 2}, {1, 3, 4}, {2, 4, 5}};
    const auto slope = [&](std::size_t i, std::size_t x) {
        double sum = 0.0;
        for (std::size_t j = 0; j < 3; ++j)
            sum += inverse.at(plane_of[i][j] * s + x) *
                   (mask.at((j + 1) * s + x) - means.at(j * s + x) * mask.at(x));
        return sum;
    };
    grid.expect(got, 1e-6, 1e-6, [&](std::size_t p, std::size_t x) {
        if (p < 3) return slope(p, x);
        double rest = mask.at(x);
        for (std::size_t j = 0; j < 3; ++j) rest -= slope(j, x) * means.at(j * s + x);
        return rest;
    });
}

void guide_apply(Input& in) {
    const Grid grid(in);
    bool spoilt = false;
    const std::size_t s = grid.stride;
    const auto lines = in.floats(4 * s, -0.01, 0.01, spoilt);
    const auto guide = in.floats(3 * s, 0, 255, spoilt);
    const float low = in.real(0, 0.4), slope = in.real(1, 5);
    const auto got = at_all_levels<float>("row", grid.n, [&](auto& level, float* out) {
        level.guide_apply(lines.data(), guide.data(), s, grid.n, low, slope, out);
    });
    if (spoilt) return;
    expect_near("row", got, 1e-5, [&](std::size_t x) {
        double sum = lines.at(3 * s + x);
        for (std::size_t c = 0; c < 3; ++c) sum += lines.at(c * s + x) * guide.at(c * s + x);
        return step_of(sum, static_cast<double>(low), static_cast<double>(slope));
    });
}

void guided_alpha(Input& in) {
    const Grid grid(in);
    bool spoilt = false;
    const std::size_t s = grid.stride;
    const auto lines = in.floats(4 * s, -0.01, 0.01, spoilt);
    const auto pixels = in.row<std::uint8_t>(3 * grid.n, 0, 255);
    const float low = in.real(0, 0.4), slope = in.real(1, 5);
    const auto got =
        at_all_levels<std::int16_t>("row", grid.n, [&](auto& level, std::int16_t* out) {
            level.guided_alpha(pixels.data(), lines.data(), s, grid.n, low, slope, out);
        });
    if (spoilt) return;
    expect_near("row", got, 0.7, [&](std::size_t x) {
        double sum = lines.at(3 * s + x);
        for (std::size_t c = 0; c < 3; ++c) sum += lines.at(c * s + x) * pixels.at(3 * x + c);
        return opaque * step_of(sum, static_cast<double>(low), static_cast<double>(slope));
    });
}

void alpha_floats(Input& in) {
    const auto alpha = in.row<std::int16_t>(in.width(), 0, opaque);
    const auto got = at_all_levels<float>("row", alpha.size(), [&](auto& level, float* out) {
        level.alpha_floats(alpha.data(), alpha.size(), out);
    });
    expect_near("row", got, 0, [&](std::size_t i) { return share_of(alpha.at(i)); });
}

}  // namespace

std::vector<Case> grid_cases() {
    return {{"add_rows", add_rows},
            {"fold_cells", fold_cells},
            {"fold_alpha", fold_alpha},
            {"slide_window", slide_window},
            {"box_row", box_row},
            {"lerp_cells", lerp_cells},
            {"guide_products", guide_products},
            {"guide_inverse", guide_inverse},
            {"mask_products", mask_products},
            {"guide_coefficients", guide_coefficients},
            {"guide_apply", guide_apply},
            {"guided_alpha", guided_alpha},
            {"alpha_floats", alpha_floats}};
}

}  // namespace defocus::fuzz
