#include "fuzz/picture.hpp"

namespace defocus::fuzz {
namespace {

std::ptrdiff_t number(Input& in, std::size_t low, std::size_t high) {
    return signed_size(in.number(low, high));
}

}  // namespace

Size size_of_image(Input& in) {
    switch (in.byte() % 8) {
        case 0: return {number(in, 1, 3), number(in, 500, 1100)};
        case 1: return {number(in, 300, 700), number(in, 1, 2)};
        case 2: return {1, number(in, 1, 70)};
        case 3: return {number(in, 1, 70), 1};
        default: return {number(in, 1, 30), number(in, 1, 40)};
    }
}

Layout layout(Input& in, const Size& size, std::ptrdiff_t channels) {
    const std::ptrdiff_t height = size.height, width = size.width, row = width * channels;
    switch (in.byte() % 9) {
        case 0: return {row + number(in, 1, 40), channels, 1, 0};
        case 1: return {-row, channels, 1, (height - 1) * row};
        case 2: return {row, -channels, 1, (width - 1) * channels};
        case 3: return {width, 1, width * height, 0};
        case 4: return {2 * row, 2 * channels, 2, 0};
        case 5: return {0, channels, 1, 0};
        case 6: return {channels, height * channels, 1, 0};
        case 7: return {row, channels, -1, channels - 1};
        default: return {row, channels, 1, 0};
    }
}

}  // namespace defocus::fuzz
