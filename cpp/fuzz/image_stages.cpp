// The fused passes and the matte: each way through them gives the same, and keeps what it promises.
#include "core/ops/cutout.hpp"
#include "core/ops/refine_ops.hpp"
#include "core/portrait/portrait.hpp"
#include "fuzz/cases.hpp"
#include "fuzz/picture.hpp"
#include "fuzz/twins.hpp"

namespace defocus::fuzz {
namespace {

// A mask of bytes or floats.  Half of them have the size of the image.
struct Mask {
    Picture<std::uint8_t> bytes;
    Picture<float> floats;
    bool of_bytes, whole;
    MaskView view() const { return of_bytes ? MaskView(bytes.view) : MaskView(floats.view); }
    double at(std::ptrdiff_t y, std::ptrdiff_t x) const {
        return of_bytes ? sample(bytes.view, y, x) / 255.0
                        : static_cast<double>(sample(floats.view, y, x));
    }
};

Mask mask_of(Input& in, const Size& image) {
    const bool of_bytes = in.flag(), whole = in.flag();
    const Size size = whole ? image : size_of_image(in), least{1, 1};
    return {picture<std::uint8_t>(in, of_bytes ? size : least, 1, 0, 255),
            picture<float>(in, of_bytes ? least : size, 1, 0, 1), of_bytes, whole};
}

PortraitRecipe recipe_of(Input& in) {
    PortraitRecipe recipe;
    recipe.sigma = std::exp(static_cast<double>(in.real(-1.5, 4.5)));
    recipe.masked = in.flag();
    recipe.linear = in.flag();
    recipe.aperture = in.flag();
    recipe.blades = in.flag() ? static_cast<int>(in.number(5, 9)) : 0;
    recipe.highlights = in.flag() ? static_cast<double>(in.real(0, 100)) : 0.0;
    recipe.matte = {in.flag(), in.flag()};
    return recipe;
}

// Pixels that the matte calls fully subject keep their samples, wherever the matte is the mask.
template <typename T>
void expect_subject(const ImageView<const T>& front, const Mask& mask, std::size_t channels,
                    const std::vector<T>& got) {
    for (std::ptrdiff_t y = 0; y < front.height; ++y)
        for (std::ptrdiff_t x = 0; x < front.width; ++x)
            for (std::ptrdiff_t c = 0; mask.at(y, x) == 1.0 && c < 3; ++c) {
                const std::size_t i = size(y * front.width + x) * channels + size(c);
                const T own = sample(front, y, x, c);
                if (got[i] != own)
                    fail("subject", "its own sample", i, static_cast<double>(got[i]), own);
            }
}

template <typename T>
void portrait_of(Input& in, double full) {
    const Size size = size_of_image(in);
    PortraitRecipe recipe = recipe_of(in);
    const bool parts = in.flag();
    if (parts) recipe.matte = {};
    recipe.one_matte = !parts;
    const auto image = picture<T>(in, size, 3, 0, full);
    const auto other = picture<T>(in, parts ? size : Size{1, 1}, 3, 0, full);
    const ImageView<const T>& front = parts ? other.view : image.view;
    const Mask mask = mask_of(in, size), excluded = mask_of(in, parts ? size : Size{1, 1});
    const MaskView left_out = parts ? excluded.view() : mask.view();
    const auto made = [&](const ImageView<const T>& view, const ImageView<const T>& over,
                          std::ptrdiff_t channels = 3) {
        return everywhere<T>(in, "image", size, channels, [&](auto out, auto threads, auto& level) {
            portrait_stage<T>(view, over, mask.view(), left_out, recipe, out, threads, level);
        });
    };
    const auto got = made(image.view, front);
    const auto copy = packed(image.view), copy_of_front = packed(front);
    expect_same("image", "that of packed copies", got, made(copy.view, copy_of_front.view));
    if (mask.whole && !recipe.matte.guided) expect_subject(front, mask, 3, got);
    if constexpr (std::is_same_v<T, std::uint8_t>) {
        std::vector<T> padded;
        for (std::size_t i = 0; i < got.size(); i += 3)
            padded.insert(padded.end(), {got[i], got[i + 1], got[i + 2], 255});
        expect_same("image", "that of three bytes", made(image.view, front, 4), padded);
    }
}

template <typename T>
void cutout_of(Input& in, double full) {
    const Size size = size_of_image(in);
    const MatteRecipe recipe{in.flag(), in.flag()};
    const auto image = picture<T>(in, size, 3, 0, full);
    const Mask mask = mask_of(in, size);
    const auto got = everywhere<T>(in, "image", size, 4, [&](auto out, auto threads, auto& level) {
        cutout_stage<T>(image.view, mask.view(), recipe, out, threads, level);
    });
    if (!mask.whole || recipe.guided) return;
    expect_subject(image.view, mask, 4, got);
    for (std::size_t i = 3; i < got.size(); i += 4) {
        const auto at = signed_size(i / 4);
        const double exact = full * mask.at(at / size.width, at % size.width);
        if (!(std::fabs(static_cast<double>(got[i]) - exact) <= 0.5 + 2.5 * full / opaque))
            fail("alpha", "the mask", i, static_cast<double>(got[i]), exact);
    }
}

template <typename T>
void guided_matte_of(Input& in, double full) {
    const Size size = size_of_image(in);
    const auto image = picture<T>(in, size, 3, 0, full);
    const Mask mask = mask_of(in, size);
    const auto got =
        everywhere<float>(in, "matte", size, 1, [&](auto out, auto threads, auto& level) {
            guided_matte<T>(image.view, mask.view(), out, threads, level);
        });
    expect_near("matte", got, 0.5, [&](std::size_t) { return 0.5; });
    for (const KernelTable* level : runnable_levels()) {
        const MatteCells cells = matte_cells<T>(image.view, mask.view(), *level);
        const ImageView<const float> small{
            cells.alpha.data(), cells.grid.width, cells.grid.height, 1, cells.grid.width, 1, 1};
        for (std::size_t i = 0; i < cells.grid.count(); ++i)
            if (!(cells.alpha.data()[i] >= 0.0f && cells.alpha.data()[i] <= 1.0f))
                fail("cells", "a share", i, static_cast<double>(cells.alpha.data()[i]), 0.5);
        std::vector<float> again(got.size());
        guided_matte<T>(image.view, small,
                        {again.data(), size.width, size.height, 1, size.width, 1, 1}, Threads(1),
                        *level);
        expect_same("matte", "that of its cells", again, got);
    }
}

void unmix_of(Input& in) {
    const Size size = size_of_image(in);
    const auto image = picture<std::uint8_t>(in, size, 3, 0, 255);
    const Mask mask = mask_of(in, size);
    // Both results side by side: an image of twice the height.
    const auto got = everywhere<std::uint8_t>(
        in, "colours", {2 * size.height, size.width}, 3, [&](auto out, auto threads, auto& level) {
            auto front = out, back = out;
            front.height = back.height = size.height;
            back.data = out.row(size.height);
            unmix(image.view, mask.view(), front, back, threads, level);
        });
    if (!mask.whole) return;
    const auto half = signed_size(got.size() / 2);
    expect_subject(image.view, mask, 3, {got.begin(), got.begin() + half});
    expect_subject(image.view, mask, 3, {got.begin() + half, got.end()});
}

void portrait_8(Input& in) {
    portrait_of<std::uint8_t>(in, 255);
}
void portrait_16(Input& in) {
    portrait_of<std::uint16_t>(in, 65535);
}
void cutout_8(Input& in) {
    cutout_of<std::uint8_t>(in, 255);
}
void cutout_16(Input& in) {
    cutout_of<std::uint16_t>(in, 65535);
}
void guided_matte_8(Input& in) {
    guided_matte_of<std::uint8_t>(in, 255);
}
void guided_matte_16(Input& in) {
    guided_matte_of<std::uint16_t>(in, 65535);
}

}  // namespace

std::vector<Case> stage_cases() {
    return {{"portrait of 8 bits", portrait_8},
            {"portrait of 16 bits", portrait_16},
            {"cutout of 8 bits", cutout_8},
            {"cutout of 16 bits", cutout_16},
            {"guided_matte of 8 bits", guided_matte_8},
            {"guided_matte of 16 bits", guided_matte_16},
            {"unmix", unmix_of}};
}

}  // namespace defocus::fuzz
