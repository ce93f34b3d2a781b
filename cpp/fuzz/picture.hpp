// Images whose samples lie in memory in any way that an array allows, and where results go.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "core/base/image_view.hpp"
#include "core/base/parallel.hpp"
#include "core/base/samples.hpp"
#include "fuzz/judge.hpp"

namespace defocus::fuzz {

struct Size {
    std::ptrdiff_t height, width;
};

// Mostly small; sometimes one row or column, or wider than a tile of the stages.
Size size_of_image(Input& in);

// Strides of an image, and where its first sample lies.
struct Layout {
    std::ptrdiff_t row, pixel, channel, first;
};
// Packed, padded, flipped, planar, spread, repeated, transposed, or with reversed channels.
Layout layout(Input& in, const Size& size, std::ptrdiff_t channels);

// Samples, and the view of them; the memory ends with the last one.
template <typename T>
struct Picture {
    Row<T> samples;
    ImageView<const T> view;
};

template <typename T>
Picture<T> picture(Input& in, const Size& size, std::ptrdiff_t channels, double low, double high) {
    const Layout at = layout(in, size, channels);
    const auto reach = [](std::ptrdiff_t stride, std::ptrdiff_t n) {
        return std::max<std::ptrdiff_t>(stride * (n - 1), 0);
    };
    const std::ptrdiff_t last = at.first + reach(at.row, size.height) +
                                reach(at.pixel, size.width) + reach(at.channel, channels);
    Picture<T> out{in.row<T>(defocus::size(last + 1), low, high), {}};
    out.view = {out.samples.data() + at.first,
                size.width,
                size.height,
                channels,
                at.row,
                at.pixel,
                at.channel};
    return out;
}

// A packed copy.
template <typename T>
Picture<T> packed(const ImageView<const T>& view) {
    const std::ptrdiff_t row = view.width * view.channels;
    Picture<T> out{Row<T>(size(row * view.height), 0), {}};
    for (std::ptrdiff_t i = 0; i < row * view.height; ++i)
        out.samples[size(i)] = view.row(i / row)[i % row / view.channels * view.pixel_stride +
                                                 i % view.channels * view.channel_stride];
    out.view = {out.samples.data(), view.width, view.height, view.channels, row, view.channels, 1};
    return out;
}

template <typename T>
T sample(const ImageView<const T>& view, std::ptrdiff_t y, std::ptrdiff_t x, std::ptrdiff_t c = 0) {
    return view.row(y)[x * view.pixel_stride + c * view.channel_stride];
}

// Calls call(out, threads, level) at each level, into packed rows, and into padded rows upside
// down. One input in eight also has more threads, which are slow to start under AddressSanitizer.
// All give the same samples and touch nothing else.  Returns them, packed.
template <typename T, typename Call>
std::vector<T> everywhere(Input& in, const char* what, const Size& size, std::ptrdiff_t channels,
                          Call call) {
    const int threads = in.byte() % 32 == 31 ? 3 : 1;
    const std::ptrdiff_t row = size.width * channels, count = row * size.height;
    std::vector<T> first;
    for (const KernelTable* level : runnable_levels())
        for (const bool flipped : {false, true}) {
            const std::ptrdiff_t gap = flipped ? 5 : 0;
            const std::ptrdiff_t stride = row + gap;
            std::vector<T> memory(defocus::size(stride * (size.height - 1) + row), T{77});
            const ImageView<T> out{memory.data() + (flipped ? stride * (size.height - 1) : 0),
                                   size.width,
                                   size.height,
                                   channels,
                                   flipped ? -stride : stride,
                                   channels,
                                   1};
            call(out, Threads(flipped ? threads : 1, 1), *level);
            std::vector<T> got;
            for (std::ptrdiff_t i = 0; i < count; ++i) got.push_back(out.row(i / row)[i % row]);
            for (std::size_t i = 0; i < memory.size(); ++i)
                if (static_cast<std::ptrdiff_t>(i) % stride >= row && memory[i] != T{77})
                    fail(what, "what was between the rows", i, static_cast<double>(memory[i]), 77);
            if (first.empty())
                first = std::move(got);
            else
                expect_same(what, level->level, got, first);
        }
    return first;
}

}  // namespace defocus::fuzz
