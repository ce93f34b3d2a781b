// expand, upsample and shrink: from the grid to all samples, masks, and the network's input.
#include "fuzz/cases.hpp"
#include "fuzz/twins.hpp"

namespace defocus::fuzz {
namespace {

constexpr double q15 = 32768.0;

// Four positive taps that sum to 1, for each of `phases` phases, plane by plane.
Row<float> four_taps(Input& in, std::size_t phases) {
    auto taps = in.row<float>(4 * phases, 0.05, 1.0);
    for (std::size_t p = 0; p < phases; ++p) {
        double sum = 0.0;
        for (std::size_t k = 0; k < 4; ++k) sum += taps.at(k * phases + p);
        for (std::size_t k = 0; k < 4; ++k)
            taps[k * phases + p] = static_cast<float>(taps.at(k * phases + p) / sum);
    }
    return taps;
}

// The same in Q15: the sum is 1 exactly.
Row<std::int16_t> four_taps_q15(Input& in, std::size_t phases) {
    const auto exact = four_taps(in, phases);
    Row<std::int16_t> taps(4 * phases, 0);
    for (std::size_t p = 0; p < phases; ++p) {
        int left = 32768;
        for (std::size_t k = 1; k < 4; ++k) {
            taps[k * phases + p] =
                static_cast<std::int16_t>(std::lround(exact.at(k * phases + p) * q15));
            left -= taps[k * phases + p];
        }
        taps[p] = static_cast<std::int16_t>(std::min(left, 32767));
    }
    return taps;
}

std::size_t step_of_grid(Input& in) {
    return std::size_t{2} << in.number(0, 6);
}

void expand(Input& in) {
    const std::size_t step = step_of_grid(in), n = in.width(), period = step < 8 ? 8 : step;
    const auto phases = four_taps(in, step);
    Row<float> taps(4 * period, 0);
    for (std::size_t i = 0; i < taps.size(); ++i)
        taps[i] = phases[i / period * step + i % period % step];
    bool spoilt = false;
    const auto row = in.floats((n - 1) / step + 3 + 8, 0, 255, spoilt);
    const auto got = at_all_levels<float>("row", n, [&](auto& level, float* out) {
        level.expand(row.data(), taps.data(), step, n, out);
    });
    if (spoilt) return;
    expect_near("row", got, 255.0 / (1 << 21), [&](std::size_t i) {
        double sum = 0.0;
        for (std::size_t k = 0; k < 4; ++k)
            sum += taps.at(k * period + i % period) * row.at(i / step + k);
        return sum;
    });
}

void expand_q7(Input& in) {
    const std::size_t step = step_of_grid(in), width = in.width(), channels = in.channels();
    const std::size_t period = step < 32 ? 32 : step;
    const auto phases = four_taps_q15(in, step);
    Row<std::int16_t> taps(4 * period * channels, 0);
    for (std::size_t i = 0; i < taps.size(); ++i)
        taps[i] = phases[i / channels / period * step + (i / channels + step / 2) % step];
    const std::size_t last = (width + 31) / 32 * 32 - 1;
    const auto row =
        in.row<std::int16_t>(((last + step / 2) / step + 4) * channels + 31, -24000, 24000);
    const auto got =
        at_all_levels<std::int16_t>("row", width * channels, [&](auto& level, std::int16_t* out) {
            level.expand_q7(row.data(), taps.data(), step, channels, width, out);
        });
    expect_near("row", got, 2.01, [&](std::size_t i) {
        const std::size_t x = i / channels, c = i % channels;
        double sum = 0.0;
        for (std::size_t k = 0; k < 4; ++k)
            sum += taps.at((k * period + x % period) * channels + c) *
                   row.at(((x + step / 2) / step + k) * channels + c) / q15;
        return sum;
    });
}

void spline_bytes(Input& in) {
    const auto taps = four_taps_q15(in, 1);
    const std::size_t n = in.width();
    const auto plane = in.row<std::int16_t>(4 * n, -24000, 24000);
    const auto rows = rows_of(plane, 4);
    const auto got = at_all_levels<std::uint8_t>("row", n, [&](auto& level, std::uint8_t* out) {
        level.spline_bytes(rows.data(), taps.data(), n, out);
    });
    expect_near("row", got, 0.5 + 2.0 / 128, [&](std::size_t i) {
        double sum = 0.0;
        for (std::size_t k = 0; k < 4; ++k) sum += taps.at(k) / q15 * value_of_q7(rows[k][i]);
        return clamped(sum, 0, 255);
    });
}

void spline_floats(Input& in) {
    const auto taps = four_taps(in, 1);
    const std::size_t n = in.width();
    bool spoilt = false;
    const auto plane = in.floats(4 * n, 0, 255, spoilt);
    const auto rows = rows_of(plane, 4);
    const auto got = at_all_levels<float>("row", n, [&](auto& level, float* out) {
        level.spline_floats(rows.data(), taps.data(), n, out);
    });
    if (spoilt) return;
    expect_near("row", got, 255.0 / (1 << 21), [&](std::size_t i) {
        double sum = 0.0;
        for (std::size_t k = 0; k < 4; ++k) sum += taps.at(k) * static_cast<double>(rows[k][i]);
        return sum;
    });
}

// Cells in ascending order: starts[m] .. starts[m + 1] are the samples of cell m.
void lerp_columns(Input& in) {
    const std::size_t n = in.width(), cells = in.number(1, 60);
    bool spoilt = false;
    const auto row = in.floats(cells + 1, 0, 1, spoilt), t = in.row<float>(n, 0, 1);
    auto starts = in.row<std::int32_t>(cells + 1, 0, static_cast<double>(n));
    starts[0] = 0;
    starts[cells] = static_cast<std::int32_t>(n);
    std::sort(starts.data(), starts.data() + starts.size());
    const auto got = at_all_levels<float>("row", n, [&](auto& level, float* out) {
        level.lerp_columns(row.data(), starts.data(), cells, t.data(), n, out);
    });
    if (spoilt) return;
    std::size_t m = 0;
    expect_near("row", got, 2e-7, [&](std::size_t x) {
        while (starts.at(m + 1) <= static_cast<double>(x)) ++m;
        return row.at(m) + t.at(x) * (row.at(m + 1) - row.at(m));
    });
}

void lerp_columns_q14(Input& in) {
    const std::size_t n = in.width();
    auto index = in.row<std::int16_t>(n, 0, 1);
    index[0] = 0;
    for (std::size_t x = 1; x < n; ++x)
        index[x] = static_cast<std::int16_t>(index[x] + index[x - 1]);
    const auto row =
        in.row<std::int16_t>(static_cast<std::size_t>(index[n - 1]) + 2 + 32, 0, opaque);
    const auto t = in.row<std::int16_t>(n, 0, 32767);
    const auto got = at_all_levels<std::int16_t>("row", n, [&](auto& level, std::int16_t* out) {
        level.lerp_columns_q14(row.data(), index.data(), t.data(), n, out);
    });
    expect_near("row", got, 0.5, [&](std::size_t x) {
        const double from = row[static_cast<std::size_t>(index[x])];
        return from + t.at(x) / q15 * (row[static_cast<std::size_t>(index[x]) + 1] - from);
    });
}

void lerp_rows(Input& in) {
    const std::size_t n = in.width();
    const float t = in.real(0, 1);
    bool spoilt = false;
    const auto a = in.floats(n, 0, 1, spoilt), b = in.floats(n, 0, 1, spoilt);
    const auto got = at_all_levels<float>(
        "row", n, [&](auto& level, float* out) { level.lerp_rows(a.data(), b.data(), t, n, out); });
    if (spoilt) return;
    expect_near("row", got, 2e-7, [&](std::size_t i) {
        return a.at(i) + static_cast<double>(t) * (b.at(i) - a.at(i));
    });
}

void lerp_alpha(Input& in) {
    const std::size_t n = in.width();
    const auto t = static_cast<std::int16_t>(in.number(0, 32767));
    const auto a = in.row<std::int16_t>(n, 0, opaque), b = in.row<std::int16_t>(n, 0, opaque);
    const auto got = at_all_levels<std::int16_t>("row", n, [&](auto& level, std::int16_t* out) {
        level.lerp_alpha(a.data(), b.data(), t, n, out);
    });
    expect_near("row", got, 0, [&](std::size_t i) {
        return a.at(i) + std::floor((b.at(i) - a.at(i)) * t / q15 + 0.5);
    });
}

void alpha_row(Input& in) {
    bool spoilt = false;
    const auto row = in.floats(in.width(), -0.5, 1.5, spoilt);
    const auto got = at_all_levels<std::int16_t>(
        "row", row.size(),
        [&](auto& level, std::int16_t* out) { level.alpha_row(row.data(), row.size(), out); });
    expect_near("row", got, 0.501, [&](std::size_t i) {
        const double share = row.at(i) > 0 ? row.at(i) : 0;
        return opaque * std::min(share, 1.0);
    });
}

void alpha_bytes(Input& in) {
    const auto row = in.row<std::uint8_t>(in.width(), 0, 255);
    const auto got = at_all_levels<std::int16_t>(
        "row", row.size(),
        [&](auto& level, std::int16_t* out) { level.alpha_bytes(row.data(), row.size(), out); });
    expect_near("row", got, 0,
                [&](std::size_t i) { return std::floor(row.at(i) / 255.0 * opaque + 0.5); });
}

void add_ramp(Input& in) {
    const std::size_t count = in.number(1, 22), n = in.width();
    const float a = in.real(0, 1), b = in.real(-1, 1) / 22.0f * a;
    const auto plane = in.row<std::uint8_t>(count * n, 0, 255);
    const auto rows = rows_of(plane, count);
    const auto start = in.row<float>(n, 0, 255);
    const std::vector<float> before(start.data(), start.data() + n);
    const auto got = changed_at_all_levels<float>("sums", before, [&](auto& level, float* sums) {
        level.add_ramp(rows.data(), count, a, b, n, sums);
    });
    expect_near("sums", got, 2e-3, [&](std::size_t i) {
        double sum = before[i];
        for (std::size_t k = 0; k < count; ++k)
            sum += (static_cast<double>(a) + static_cast<double>(b) * static_cast<double>(k)) *
                   rows[k][i];
        return sum;
    });
}

void weigh_columns(Input& in) {
    const std::size_t taps = 8 * in.number(1, 4), n = in.width(), width = taps + in.number(0, 90);
    const float most = in.real(0, 300);
    const auto row = in.row<float>(width, 0, 255);
    const auto starts = in.row<std::int32_t>(n, 0, static_cast<double>(width - taps));
    const auto weights = in.row<float>(n * taps, 0, 1.0 / static_cast<double>(taps));
    const auto got = at_all_levels<float>("row", n, [&](auto& level, float* out) {
        level.weigh_columns(row.data(), starts.data(), weights.data(), taps, n, most, out);
    });
    expect_near("row", got, 1e-4, [&](std::size_t x) {
        double sum = 0.0;
        for (std::size_t k = 0; k < taps; ++k)
            sum += weights.at(x * taps + k) * row.at(static_cast<std::size_t>(starts[x]) + k);
        return std::min(sum, static_cast<double>(most));
    });
}

}  // namespace

std::vector<Case> expansion_cases() {
    return {{"expand", expand},
            {"expand_q7", expand_q7},
            {"spline_bytes", spline_bytes},
            {"spline_floats", spline_floats},
            {"lerp_columns", lerp_columns},
            {"lerp_columns_q14", lerp_columns_q14},
            {"lerp_rows", lerp_rows},
            {"lerp_alpha", lerp_alpha},
            {"alpha_row", alpha_row},
            {"alpha_bytes", alpha_bytes},
            {"add_ramp", add_ramp},
            {"weigh_columns", weigh_columns}};
}

}  // namespace defocus::fuzz
