// blend: foreground over background, in sRGB and in light.
#include "fuzz/cases.hpp"
#include "fuzz/twins.hpp"

namespace defocus::fuzz {
namespace {

using Bytes = Row<std::uint8_t>;
using Alpha = Row<std::int16_t>;

Alpha alpha_of(Input& in, std::size_t pixels) {
    return in.row<std::int16_t>(pixels + alpha_over_read, 0, opaque);
}

void blend(Input& in) {
    const std::size_t n = in.width();
    const Bytes front = in.row<std::uint8_t>(3 * n, 0, 255),
                back = in.row<std::uint8_t>(3 * n, 0, 255);
    const Alpha alpha = alpha_of(in, n);
    const auto got = at_all_levels<std::uint8_t>("row", 3 * n, [&](auto& level, std::uint8_t* out) {
        level.blend(front.data(), back.data(), alpha.data(), n, out);
    });
    expect_near("row", got, 0.5 + 1.0 / 128, [&](std::size_t i) {
        return mixed(front.at(i), back.at(i), share_of(alpha.at(i / 3)), false);
    });
}

void spline_blend(Input& in) {
    const std::size_t n = in.width();
    const bool linear = in.flag();
    // Q15 taps of a spline: positive, and of sum 1.
    const int first = static_cast<int>(in.number(0, 10000)),
              second = static_cast<int>(in.number(0, 10000));
    const std::int16_t taps[] = {static_cast<std::int16_t>(first),
                                 static_cast<std::int16_t>(second),
                                 static_cast<std::int16_t>(12768 - first / 2),
                                 static_cast<std::int16_t>(20000 - second - first + first / 2)};
    const auto plane = in.row<std::int16_t>(4 * 3 * n, -24000, 24000);
    const auto rows = rows_of(plane, 4);
    const Bytes front = in.row<std::uint8_t>(3 * n, 0, 255);
    const Alpha alpha = alpha_of(in, n);
    const auto got = at_all_levels<std::uint8_t>("row", 3 * n, [&](auto& level, std::uint8_t* out) {
        level.spline_blend(rows.data(), taps, front.data(), alpha.data(), n, linear, out);
    });
    expect_near("row", got, linear ? 0.65 + 2.0 / 128 : 0.5 + 4.0 / 128, [&](std::size_t i) {
        double back = 0.0;
        for (std::size_t k = 0; k < 4; ++k) back += taps[k] / 32768.0 * value_of_q7(rows[k][i]);
        return mixed(front.at(i), clamped(back, 0, 255), share_of(alpha.at(i / 3)), linear);
    });
    for (std::size_t i = 0; i < 3 * n; ++i)
        if (alpha[i / 3] == opaque && got[i] != front[i])
            fail("subject", "its pixel", i, got[i], front[i]);
}

void attach_alpha(Input& in) {
    const std::size_t n = in.width();
    const Bytes rgb = in.row<std::uint8_t>(3 * n, 0, 255);
    const Alpha alpha = in.row<std::int16_t>(n, 0, opaque);
    const auto got = at_all_levels<std::uint8_t>("row", 4 * n, [&](auto& level, std::uint8_t* out) {
        level.attach_alpha(rgb.data(), alpha.data(), n, out);
    });
    expect_near("row", got, 0, [&](std::size_t i) {
        const std::size_t x = i / 4, c = i % 4;
        return c < 3 ? rgb.at(3 * x + c) : std::floor(255.0 * share_of(alpha.at(x)) + 0.5);
    });
}

}  // namespace

std::vector<Case> blend_cases() {
    return {{"blend", blend}, {"spline_blend", spline_blend}, {"attach_alpha", attach_alpha}};
}

}  // namespace defocus::fuzz
