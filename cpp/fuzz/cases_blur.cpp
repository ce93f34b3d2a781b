// blur: symmetric FIRs, apertures, and the division by the weights.
#include "fuzz/cases.hpp"
#include "fuzz/twins.hpp"

namespace defocus::fuzz {
namespace {

constexpr double q7 = q7_centre, q15 = 32768.0;
constexpr double float_rounding = 255.0 / (1 << 20);

// The middle tap and one half of a positive FIR that sums to 1.
Row<float> half_taps(Input& in) {
    auto taps = in.row<float>(1 + in.number(0, 17), 0.1, 1.0);
    double sum = 0.0;
    for (std::size_t k = 0; k < taps.size(); ++k) sum += (k == 0 ? 1.0 : 2.0) * taps.at(k);
    for (std::size_t k = 0; k < taps.size(); ++k) taps[k] = static_cast<float>(taps.at(k) / sum);
    return taps;
}

// The same in Q15.
Row<std::int16_t> half_taps_q15(Input& in) {
    const auto exact = half_taps(in);
    Row<std::int16_t> taps(exact.size(), 0);
    int left = 32768;
    for (std::size_t k = 1; k < taps.size(); ++k) {
        taps[k] = static_cast<std::int16_t>(std::lround(exact.at(k) * q15));
        left -= 2 * taps[k];
    }
    taps[0] = static_cast<std::int16_t>(std::min(left, 32767));
    return taps;
}

// at(k) is the sample under tap k of the whole FIR.
template <typename Taps, typename At>
double fir(const Taps& taps, At at) {
    const std::size_t radius = taps.size() - 1;
    double sum = taps.at(0) * at(radius);
    for (std::size_t k = 1; k <= radius; ++k)
        sum += taps.at(k) * (static_cast<double>(at(radius - k)) + at(radius + k));
    return sum;
}

double q7_rounding(std::size_t taps) {
    return 0.5 * static_cast<double>(taps) + 0.01;
}

template <typename T, typename Kernel, typename Taps>
std::vector<T> columns(Kernel kernel, const Row<T>& plane, const Taps& taps, std::size_t count,
                       std::size_t n) {
    const auto rows = rows_of(plane, 2 * (taps.size() - 1) + count);
    return at_all_levels<T>("rows", count * n, [&](auto& level, T* out) {
        std::vector<T*> outs;
        for (std::size_t j = 0; j < count; ++j) outs.push_back(out + j * n);
        (level.*kernel)(rows.data(), taps.data(), taps.size() - 1, n, outs.data(), count);
    });
}

void fir_columns(Input& in) {
    const auto taps = half_taps(in);
    const std::size_t count = in.number(1, 8), n = in.width();
    bool spoilt = false;
    const auto plane = in.floats((2 * (taps.size() - 1) + count) * n, 0, 255, spoilt);
    const auto got = columns(&KernelTable::fir_columns, plane, taps, count, n);
    if (spoilt) return;
    expect_near("rows", got, float_rounding, [&](std::size_t i) {
        return fir(taps, [&](std::size_t k) { return plane[(i / n + k) * n + i % n]; });
    });
}

void fir_columns_q7(Input& in) {
    const auto taps = half_taps_q15(in);
    const std::size_t count = in.number(1, 8), n = in.width();
    const auto plane = in.row<std::int16_t>((2 * (taps.size() - 1) + count) * n, -q7, q7);
    const auto got = columns(&KernelTable::fir_columns_q7, plane, taps, count, n);
    expect_near("rows", got, q7_rounding(taps.size()), [&](std::size_t i) {
        return fir(taps, [&](std::size_t k) { return plane[(i / n + k) * n + i % n]; }) / q15;
    });
}

void fir_columns_bytes(Input& in) {
    const auto taps = half_taps_q15(in);
    const std::size_t radius = taps.size() - 1, n = in.width();
    const auto plane = in.row<std::uint8_t>((2 * radius + 1) * n, 0, 255);
    const auto rows = rows_of(plane, 2 * radius + 1);
    const auto got = at_all_levels<std::int16_t>("row", n, [&](auto& level, std::int16_t* out) {
        level.fir_columns_bytes(rows.data(), taps.data(), radius, n, out);
    });
    expect_near("row", got, q7_rounding(taps.size()), [&](std::size_t i) {
        return fir(taps, [&](std::size_t k) { return 128.0 * rows[k][i] - q7; }) / q15;
    });
}

void fir_row(Input& in) {
    const auto taps = half_taps(in);
    const std::size_t n = in.width();
    bool spoilt = false;
    const auto row = in.floats(n + 2 * (taps.size() - 1), 0, 255, spoilt);
    const auto got = at_all_levels<float>("row", n, [&](auto& level, float* out) {
        level.fir_row(row.data(), taps.data(), taps.size() - 1, n, out);
    });
    if (spoilt) return;
    expect_near("row", got, float_rounding, [&](std::size_t i) {
        return fir(taps, [&](std::size_t k) { return row[i + k]; });
    });
}

void fir_row_q7(Input& in) {
    const auto taps = half_taps_q15(in);
    const std::size_t channels = in.number(1, 4), n = in.width(), radius = taps.size() - 1;
    const auto row = in.row<std::int16_t>(n + 2 * radius * channels, -q7, q7);
    const auto got = at_all_levels<std::int16_t>("row", n, [&](auto& level, std::int16_t* out) {
        level.fir_row_q7(row.data(), taps.data(), radius, channels, n, out);
    });
    expect_near("row", got, q7_rounding(taps.size()), [&](std::size_t i) {
        return fir(taps, [&](std::size_t k) { return row[i + k * channels]; }) / q15;
    });
}

void sum_columns(Input& in) {
    const std::size_t radius = in.number(0, 13), n = in.width(), stride = n + in.number(0, 20);
    bool spoilt = false;
    const auto plane = in.floats((2 * radius + 1) * n, 0, 255, spoilt);
    const auto rows = rows_of(plane, 2 * radius + 1);
    const auto got = at_all_levels<float>(
        "sums", (radius + 1) * stride,
        [&](auto& level, float* out) { level.sum_columns(rows.data(), radius, n, out, stride); });
    if (spoilt) return;
    const double bound = 255.0 * static_cast<double>(2 * radius + 1) / (1 << 22);
    expect_near("sums", got, bound, [&](std::size_t i) {
        const std::size_t h = i / stride, x = i % stride;
        if (x >= n) return 77.0;
        double sum = 0.0;
        for (std::size_t k = radius - h; k <= radius + h; ++k) sum += rows[k][x];
        return sum;
    });
}

void gather(Input& in) {
    const std::size_t n = in.width(), farthest = in.number(0, 300), count = in.number(1, 40);
    bool spoilt = false;
    const auto samples = in.floats(farthest + n, 0, 255, spoilt);
    auto offsets = in.row<std::int32_t>(count, 0, static_cast<double>(farthest));
    offsets[count - 1] = static_cast<std::int32_t>(farthest);
    const auto weights = in.row<float>(count, 0.0, 1.0 / static_cast<double>(count));
    const auto got = at_all_levels<float>("row", n, [&](auto& level, float* out) {
        level.gather(samples.data(), offsets.data(), weights.data(), count, n, out);
    });
    if (spoilt) return;
    const double bound = 255.0 * static_cast<double>(count + 1) / (1 << 23);
    expect_near("row", got, bound, [&](std::size_t i) {
        double sum = 0.0;
        for (std::size_t t = 0; t < count; ++t)
            sum += weights.at(t) * samples.at(static_cast<std::size_t>(offsets[t]) + i);
        return sum;
    });
}

void normalise(Input& in) {
    const bool linear = in.flag();
    const std::size_t n = in.width(), stride = n + in.number(0, 20);
    bool spoilt = false;
    auto planes = in.floats(4 * stride, 0, q7_white, spoilt);
    // A share that rounding has made larger than its weight is all of it.
    for (std::size_t i = 0; i < 3 * stride; ++i)
        planes[i] = planes[i] * (planes[3 * stride + i % stride] / static_cast<float>(q7_white));
    const auto got = at_all_levels<float>("planes", 3 * stride, [&](auto& level, float* out) {
        level.normalise(planes.data(), stride, n, linear, out);
    });
    if (spoilt) return;
    expect_near("planes", got, linear ? 0.003 : 1e-4, [&](std::size_t i) {
        const double weight = planes.at(3 * stride + i % stride);
        if (i % stride >= n) return 77.0;
        const double share = weight > 0.0 ? std::min(planes.at(i) / weight, 1.0) : 0.0;
        return linear ? value_of_light(share) : 255.0 * share;
    });
}

}  // namespace

std::vector<Case> blur_cases() {
    return {{"fir_columns", fir_columns},
            {"fir_columns_q7", fir_columns_q7},
            {"fir_columns_bytes", fir_columns_bytes},
            {"fir_row", fir_row},
            {"fir_row_q7", fir_row_q7},
            {"sum_columns", sum_columns},
            {"gather", gather},
            {"normalise", normalise}};
}

}  // namespace defocus::fuzz
