// convert and reduce: planes and pixels, and the way down to the grid.
#include "fuzz/cases.hpp"
#include "fuzz/twins.hpp"

namespace defocus::fuzz {
namespace {

constexpr double q7 = q7_centre;

// planes[c][x] and pixels[x * channels + c], each way.
template <typename T, typename Kernel>
void split(Input& in, Kernel kernel) {
    const std::size_t channels = in.channels(), width = in.width();
    const std::size_t stride = width + in.number(0, 40);
    const auto pixels = in.row<T>(width * channels, -q7, q7);
    const auto planes = at_all_levels<T>("planes", stride * channels, [&](auto& level, T* out) {
        (level.*kernel)(pixels.data(), width, channels, out, stride);
    });
    expect_near("planes", planes, 0, [&](std::size_t i) {
        const std::size_t x = i % stride;
        return x < width ? pixels.at(x * channels + i / stride) : 77.0;
    });
}

template <typename T, typename Kernel>
void merge(Input& in, Kernel kernel) {
    const std::size_t channels = in.channels(), width = in.width();
    const std::size_t stride = width + in.number(0, 40);
    const auto planes = in.row<T>(stride * channels, -q7, q7);
    const auto pixels = at_all_levels<T>("pixels", width * channels, [&](auto& level, T* out) {
        (level.*kernel)(planes.data(), stride, width, channels, out);
    });
    expect_near("pixels", pixels, 0,
                [&](std::size_t i) { return planes.at(i % channels * stride + i / channels); });
}

void split_q7(Input& in) {
    split<std::int16_t>(in, &KernelTable::split_q7);
}
void split_floats(Input& in) {
    split<float>(in, &KernelTable::split_floats);
}
void merge_q7(Input& in) {
    merge<std::int16_t>(in, &KernelTable::merge_q7);
}
void merge_floats(Input& in) {
    merge<float>(in, &KernelTable::merge_floats);
}

void centre_bytes(Input& in) {
    const std::size_t n = in.width();
    const auto row = in.row<std::uint8_t>(n, 0, 255);
    const auto got = at_all_levels<std::int16_t>(
        "row", n, [&](auto& level, std::int16_t* out) { level.centre_bytes(row.data(), n, out); });
    expect_near("row", got, 0, [&](std::size_t i) { return 128.0 * row.at(i) - q7; });
}

void open_q7(Input& in) {
    const std::size_t n = in.width();
    const auto row = in.row<std::int16_t>(n, -q7, q7);
    const auto got = at_all_levels<float>(
        "row", n, [&](auto& level, float* out) { level.open_q7(row.data(), n, out); });
    expect_near("row", got, 0, [&](std::size_t i) { return row.at(i) + q7; });
}

void to_q7(Input& in) {
    const std::size_t n = in.width();
    bool spoilt = false;
    const auto row = in.floats(n, -70, 330, spoilt);
    const auto got = at_all_levels<std::int16_t>(
        "row", n, [&](auto& level, std::int16_t* out) { level.to_q7(row.data(), n, out); });
    if (spoilt) return;
    expect_near("row", got, 0.51,
                [&](std::size_t i) { return 128.0 * clamped(row.at(i), -60, 315) - q7; });
}

double eighths(double a, double b, double c, double d) {
    return (a + 3.0 * b + 3.0 * c + d) / 8.0;
}

template <typename T, typename Out, typename Kernel, typename As>
void halve_rows_of(const Row<T>& plane, Kernel kernel, double bound, bool judged, As as) {
    const std::size_t n = plane.size() / 4;
    const auto rows = rows_of(plane, 4);
    const auto got = at_all_levels<Out>(
        "row", n, [&](auto& level, Out* out) { (level.*kernel)(rows.data(), n, out); });
    if (!judged) return;
    expect_near("row", got, bound, [&](std::size_t i) {
        return as(eighths(rows[0][i], rows[1][i], rows[2][i], rows[3][i]));
    });
}

void halve_bytes(Input& in) {
    const auto plane = in.row<std::uint8_t>(4 * in.width(), 0, 255);
    halve_rows_of<std::uint8_t, std::int16_t>(plane, &KernelTable::halve_bytes, 0, true,
                                              [](double v) { return 128.0 * v - q7; });
}

void halve_rows(Input& in) {
    const auto plane = in.row<std::int16_t>(4 * in.width(), -q7, q7);
    halve_rows_of<std::int16_t, std::int16_t>(plane, &KernelTable::halve_rows, 1, true,
                                              [](double v) { return v; });
}

void halve_rows_floats(Input& in) {
    bool spoilt = false;
    const auto plane = in.floats(4 * in.width(), 0, 255, spoilt);
    halve_rows_of<float, float>(plane, &KernelTable::halve_rows_floats, 255.0 / (1 << 22), !spoilt,
                                [](double v) { return v; });
}

void halve_q7(Input& in) {
    const std::size_t n = in.width();
    const auto row = in.row<std::int16_t>(2 * n + 2, -q7, q7);
    const auto got = at_all_levels<std::int16_t>(
        "row", n, [&](auto& level, std::int16_t* out) { level.halve_q7(row.data(), n, out); });
    expect_near("row", got, 0, [&](std::size_t i) {
        const double exact =
            eighths(row.at(2 * i), row.at(2 * i + 1), row.at(2 * i + 2), row.at(2 * i + 3));
        return std::floor(exact + 0.5);
    });
}

void halve(Input& in) {
    const std::size_t n = in.width();
    bool spoilt = false;
    const auto row = in.floats(2 * n + 2, 0, 255, spoilt);
    const auto got = at_all_levels<float>(
        "row", n, [&](auto& level, float* out) { level.halve(row.data(), n, out); });
    if (spoilt) return;
    expect_near("row", got, 255.0 / (1 << 22), [&](std::size_t i) {
        return eighths(row.at(2 * i), row.at(2 * i + 1), row.at(2 * i + 2), row.at(2 * i + 3));
    });
}

void background(Input& in) {
    const std::size_t n = in.width();
    const bool linear = in.flag();
    const auto row = in.row<std::uint8_t>(3 * n, 0, 255);
    const auto alpha = in.row<std::int16_t>(n + alpha_over_read, 0, opaque);
    std::vector<std::int16_t> other(3 * n);
    const auto colours =
        at_all_levels<std::int16_t>("colours", 3 * n, [&](auto& level, std::int16_t* out) {
            level.background(row.data(), alpha.data(), n, linear, out, other.data());
        });
    const auto weights =
        at_all_levels<std::int16_t>("weights", n, [&](auto& level, std::int16_t* out) {
            level.background(row.data(), alpha.data(), n, linear, other.data(), out);
        });
    expect_near("colours", colours, linear ? 12.51 : 0.51, [&](std::size_t i) {
        const double value = linear ? light_of_value(row.at(i)) : row.at(i) / 255.0;
        return q7_white * (1.0 - share_of(alpha.at(i / 3))) * value - q7;
    });
    expect_near("weights", weights, 0.51,
                [&](std::size_t i) { return q7_white * (1.0 - share_of(alpha.at(i))) - q7; });
}

}  // namespace

std::vector<Case> conversion_cases() {
    return {{"split_q7", split_q7},
            {"split_floats", split_floats},
            {"merge_q7", merge_q7},
            {"merge_floats", merge_floats},
            {"centre_bytes", centre_bytes},
            {"open_q7", open_q7},
            {"to_q7", to_q7},
            {"halve_bytes", halve_bytes},
            {"halve_rows", halve_rows},
            {"halve_rows_floats", halve_rows_floats},
            {"halve_q7", halve_q7},
            {"halve", halve},
            {"background", background}};
}

}  // namespace defocus::fuzz
