// unmix and samples16: the two colours of a soft edge, and images of 16 bits.
#include "fuzz/cases.hpp"
#include "fuzz/twins.hpp"

namespace defocus::fuzz {
namespace {

void part_products(Input& in) {
    const std::size_t n = in.width(), s = n + in.number(0, 20);
    bool spoilt = false;
    const auto front = in.floats(3 * s, 0, 255, spoilt), back = in.floats(3 * s, 0, 255, spoilt);
    const auto alpha = in.floats(n, 0, 1, spoilt);
    const auto got = at_all_levels<float>("planes", 7 * s, [&](auto& level, float* out) {
        level.part_products(front.data(), back.data(), alpha.data(), s, n, out);
    });
    if (spoilt) return;
    expect_near("planes", got, 3e-5, [&](std::size_t i) {
        const std::size_t p = i / s, x = i % s;
        if (x >= n) return 77.0;
        if (p == 6) return alpha.at(x);
        return p < 3 ? alpha.at(x) * front.at(i) : (1.0 - alpha.at(x)) * back.at(i - 3 * s);
    });
}

void part_colours(Input& in) {
    const std::size_t n = in.width(), s = n + in.number(0, 20);
    bool spoilt = false;
    auto means = in.floats(7 * s, 0, 255, spoilt);
    const auto alpha = in.row<float>(s, 0, 1);
    for (std::size_t x = 0; x < s; ++x) means[6 * s + x] = alpha[x];
    const auto got = at_all_levels<float>("planes", 6 * s, [&](auto& level, float* out) {
        level.part_colours(means.data(), s, n, out);
    });
    if (spoilt) return;
    for (std::size_t i = 0; i < 6 * s; ++i) {
        if (i % s >= n) continue;
        const double a = alpha.at(i % s);
        const double exact = means.at(i) / ((i < 3 * s ? a : 1.0 - a) + 1e-5);
        if (!(std::fabs(static_cast<double>(got[i]) - exact) <= 1e-2 * exact + 1e-3))
            fail("planes", "the exact number", i, static_cast<double>(got[i]), exact);
    }
}

void fuse_parts(Input& in) {
    const std::size_t n = in.width(), s = n + in.number(0, 20);
    bool spoilt = false;
    const auto guide = in.floats(3 * s, 0, 255, spoilt), parts = in.floats(6 * s, 0, 255, spoilt);
    const auto alpha = in.floats(n, 0, 1, spoilt);
    const auto got = at_all_levels<float>("planes", 3 * s, [&](auto& level, float* out) {
        level.fuse_parts(guide.data(), alpha.data(), parts.data(), s, n, out);
    });
    if (spoilt) return;
    expect_near("planes", got, 2e-4, [&](std::size_t i) {
        if (i % s >= n) return 77.0;
        return clamped(fused_parts(guide.at(i), alpha.at(i % s), parts.at(i), parts.at(i + 3 * s)),
                       0, 255);
    });
}

// T is the type of the samples, of which `unit` make an 8-bit value.
template <typename T, typename Kernel>
void unmix_foreground(Input& in, Kernel kernel, double unit, double bound) {
    const std::size_t n = in.width(), s = n + in.number(0, 20);
    const auto pixels = in.row<T>(3 * n, 0, 255 * unit);
    const auto alpha = in.row<std::int16_t>(n, 0, opaque);
    const auto parts = in.row<float>(6 * s, 0, 255);
    const auto got = at_all_levels<T>("row", 3 * n, [&](auto& level, T* out) {
        (level.*kernel)(pixels.data(), alpha.data(), parts.data(), s, n, out);
    });
    expect_near("row", got, bound, [&](std::size_t i) {
        const std::size_t x = i / 3, at = i % 3 * s + x;
        const double a = share_of(alpha.at(x));
        if (alpha[x] == 0) return pixels.at(i);
        return unit *
               clamped(fused_parts(pixels.at(i) / unit, a, parts.at(at), parts.at(at + 3 * s)), 0,
                       255);
    });
}

void unmix_foreground_8(Input& in) {
    unmix_foreground<std::uint8_t>(in, &KernelTable::unmix_foreground, 1, 0.501);
}
void unmix_foreground_16(Input& in) {
    unmix_foreground<std::uint16_t>(in, &KernelTable::unmix_foreground_16, 257, 0.55);
}

// Judged in light, multiplied by 1 - alpha: the quotient makes small errors large.
template <typename T, typename Kernel>
void unmix_background(Input& in, Kernel kernel, double unit, double bound, double more) {
    const std::size_t n = in.width();
    const auto pixels = in.row<T>(3 * n, 0, 255 * unit), front = in.row<T>(3 * n, 0, 255 * unit);
    const auto alpha = in.row<std::int16_t>(n + (unit == 1 ? alpha_over_read : 0), 0, opaque);
    const auto got = at_all_levels<T>("row", 3 * n, [&](auto& level, T* out) {
        (level.*kernel)(pixels.data(), front.data(), alpha.data(), n, out);
    });
    for (std::size_t i = 0; i < 3 * n; ++i) {
        const double a = share_of(alpha.at(i / 3));
        if (a == 0.0 || a == 1.0) {
            if (got[i] != pixels[i]) fail("a sure pixel", "itself", i, got[i], pixels.at(i));
            continue;
        }
        const double rest =
            light_of_value(pixels.at(i) / unit) - a * light_of_value(front.at(i) / unit);
        const double light = clamped(rest / (1.0 - a), 0, 1);
        const double off = (1.0 - a) * std::fabs(light_of_value(got[i] / unit) - light);
        if (!(off <= bound + more * (1.0 - a)))
            fail("row", "the exact number", i, got[i], unit * value_of_light(light));
    }
}

void unmix_background_8(Input& in) {
    unmix_background<std::uint8_t>(in, &KernelTable::unmix_background, 1, 0.0009, 0.0046);
}
void unmix_background_16(Input& in) {
    unmix_background<std::uint16_t>(in, &KernelTable::unmix_background_16, 257, 1e-5, 4e-5);
}

void bytes_from_16(Input& in) {
    const auto row = in.row<std::uint16_t>(in.width(), 0, 65535);
    const auto got = at_all_levels<std::uint8_t>(
        "row", row.size(),
        [&](auto& level, std::uint8_t* out) { level.bytes_from_16(row.data(), row.size(), out); });
    expect_near("row", got, 0, [&](std::size_t i) { return std::floor(row.at(i) / 257.0 + 0.5); });
}

void background_16(Input& in) {
    const std::size_t n = in.width();
    const bool linear = in.flag();
    const auto row = in.row<std::uint16_t>(3 * n, 0, 65535);
    const auto alpha = in.row<std::int16_t>(n, 0, opaque);
    std::vector<float> other(3 * n);
    const auto colours = at_all_levels<float>("colours", 3 * n, [&](auto& level, float* out) {
        level.background_16(row.data(), alpha.data(), n, linear, out, other.data());
    });
    const auto weights = at_all_levels<float>("weights", n, [&](auto& level, float* out) {
        level.background_16(row.data(), alpha.data(), n, linear, other.data(), out);
    });
    const auto weight = [&](std::size_t x) { return q7_white * (1.0 - share_of(alpha.at(x))); };
    expect_near("colours", colours, linear ? 0.5 : 0.01, [&](std::size_t i) {
        const double value = row.at(i) / 257.0;
        return weight(i / 3) * (linear ? light_of_value(value) : value / 255.0);
    });
    expect_near("weights", weights, 0.004, weight);
}

void guided_alpha_16(Input& in) {
    const std::size_t n = in.width(), s = n + in.number(0, 20);
    bool spoilt = false;
    const auto lines = in.floats(4 * s, -0.01, 0.01, spoilt);
    const auto pixels = in.row<std::uint16_t>(3 * n, 0, 65535);
    const float low = in.real(0, 0.4), slope = in.real(1, 5);
    const auto got = at_all_levels<std::int16_t>("row", n, [&](auto& level, std::int16_t* out) {
        level.guided_alpha_16(pixels.data(), lines.data(), s, n, low, slope, out);
    });
    if (spoilt) return;
    expect_near("row", got, 0.7, [&](std::size_t x) {
        double sum = lines.at(3 * s + x);
        for (std::size_t c = 0; c < 3; ++c) sum += lines.at(c * s + x) * pixels.at(3 * x + c) / 257;
        return opaque * step_of(sum, static_cast<double>(low), static_cast<double>(slope));
    });
}

void spline_blend_16(Input& in) {
    const std::size_t n = in.width(), s = n + in.number(0, 20);
    const bool linear = in.flag();
    const float a = in.real(0, 0.5), b = in.real(0, 0.5);
    const float taps[] = {0.5f * a, 0.5f - 0.5f * a, 0.5f - 0.5f * b, 0.5f * b};
    const auto planes = in.row<float>(4 * 3 * s, -20, 275);
    const auto rows = rows_of(planes, 4);
    const auto front = in.row<std::uint16_t>(3 * n, 0, 65535);
    const auto alpha = in.row<std::int16_t>(n, 0, opaque);
    const auto got =
        at_all_levels<std::uint16_t>("row", 3 * n, [&](auto& level, std::uint16_t* out) {
            level.spline_blend_16(rows.data(), s, taps, front.data(), alpha.data(), n, linear, out);
        });
    expect_near("row", got, linear ? 1.4 : 0.55, [&](std::size_t i) {
        double back = 0.0;
        for (std::size_t k = 0; k < 4; ++k)
            back += static_cast<double>(taps[k]) * static_cast<double>(rows[k][i % 3 * s + i / 3]);
        const double share = share_of(alpha.at(i / 3));
        return 257.0 * mixed(front.at(i) / 257.0, clamped(back, 0, 255), share, linear);
    });
}

void attach_alpha_16(Input& in) {
    const std::size_t n = in.width();
    const auto rgb = in.row<std::uint16_t>(3 * n, 0, 65535);
    const auto alpha = in.row<std::int16_t>(n, 0, opaque);
    const auto got =
        at_all_levels<std::uint16_t>("row", 4 * n, [&](auto& level, std::uint16_t* out) {
            level.attach_alpha_16(rgb.data(), alpha.data(), n, out);
        });
    expect_near("row", got, 0, [&](std::size_t i) {
        const std::size_t x = i / 4, c = i % 4;
        return c < 3 ? rgb.at(3 * x + c) : std::floor(65535.0 * share_of(alpha.at(x)) + 0.5);
    });
}

}  // namespace

std::vector<Case> part_cases() {
    return {{"part_products", part_products},
            {"part_colours", part_colours},
            {"fuse_parts", fuse_parts},
            {"unmix_foreground", unmix_foreground_8},
            {"unmix_background", unmix_background_8},
            {"bytes_from_16", bytes_from_16},
            {"background_16", background_16},
            {"guided_alpha_16", guided_alpha_16},
            {"unmix_foreground_16", unmix_foreground_16},
            {"unmix_background_16", unmix_background_16},
            {"spline_blend_16", spline_blend_16},
            {"attach_alpha_16", attach_alpha_16}};
}

}  // namespace defocus::fuzz
