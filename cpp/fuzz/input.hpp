// The bytes of the fuzzer as numbers and rows of samples.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

namespace defocus::fuzz {

// n samples whose last one ends where the memory ends: AddressSanitizer sees each over-read.
template <typename T>
class Row {
  public:
    Row(std::size_t n, std::size_t skip) : skip_(skip), samples_(n + skip) {}
    std::size_t size() const noexcept { return samples_.size() - skip_; }
    T* data() noexcept { return samples_.data() + skip_; }
    const T* data() const noexcept { return samples_.data() + skip_; }
    T& operator[](std::size_t i) noexcept { return samples_[skip_ + i]; }
    const T& operator[](std::size_t i) const noexcept { return samples_[skip_ + i]; }
    double at(std::size_t i) const { return static_cast<double>(samples_[skip_ + i]); }

  private:
    std::size_t skip_;
    std::vector<T> samples_;
};

// The rows of a plane, which lie one after the other.
template <typename T>
std::vector<const T*> rows_of(const Row<T>& plane, std::size_t count) {
    std::vector<const T*> rows;
    for (std::size_t k = 0; k < count; ++k) rows.push_back(plane.data() + k * plane.size() / count);
    return rows;
}

class Input {
  public:
    Input(const std::uint8_t* data, std::size_t size) noexcept : data_(data), left_(size) {}

    // 0 when all bytes are used.
    unsigned byte() noexcept {
        if (left_ == 0) return 0;
        --left_;
        return *data_++;
    }
    bool flag() noexcept { return byte() % 2 != 0; }
    std::size_t number(std::size_t low, std::size_t high) noexcept {
        const std::size_t value = byte() + (high - low > 255 ? 256 * byte() : 0);
        return low + value % (high - low + 1);
    }
    float real(double low, double high) noexcept {
        return static_cast<float>(low + (high - low) * byte() / 255.0);
    }
    // Of an image.
    std::size_t channels() noexcept {
        constexpr std::size_t counts[] = {1, 3, 4};
        return counts[byte() % 3];
    }
    // A width of a row: mostly less than a few vectors.
    std::size_t width() noexcept {
        const std::size_t first = byte();
        return 1 + (first < 240 ? first % 97 : 97 + 4 * byte());
    }

    // Samples within low .. high.
    template <typename T>
    Row<T> row(std::size_t n, double low, double high) {
        Row<T> out(n, byte() % 4);
        start();
        for (std::size_t i = 0; i < n; ++i) {
            const double value = low + (high - low) * share();
            out[i] = static_cast<T>(std::is_integral<T>::value ? std::floor(value + 0.5) : value);
        }
        return out;
    }
    // The same; sometimes, and then `spoilt`, with NaN, infinite, huge and tiny numbers.  For
    // kernels whose results are floats: those that make bytes of them are promised numbers within
    // 0..255.
    Row<float> floats(std::size_t n, double low, double high, bool& spoilt) {
        Row<float> out = row<float>(n, low, high);
        const unsigned often = byte();
        if (often >= 64) return out;
        using Limits = std::numeric_limits<float>;
        const float odd[] = {Limits::quiet_NaN(),
                             Limits::infinity(),
                             -Limits::infinity(),
                             Limits::max(),
                             Limits::denorm_min(),
                             -Limits::max(),
                             -0.0f,
                             3e9f};
        for (std::size_t i = 0; i < n; ++i)
            if (random() % 64 <= often) out[i] = odd[random() % 8];
        spoilt = true;
        return out;
    }

  private:
    void start() noexcept {
        kind_ = byte() % 6;
        constant_ = byte() / 255.0;
        state_ = 1 + byte() + 256 * byte();
    }
    std::uint32_t random() noexcept {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 17;
        state_ ^= state_ << 5;
        return state_;
    }
    double share() noexcept {
        switch (kind_) {
            case 0: return constant_;
            case 1: return byte() / 255.0;
            case 2: return (byte() + 256 * byte()) / 65535.0;
            case 3: return random() % 2;
            case 4:  // stretches of both ends among other values
                if (random() % 8 == 0) constant_ = (random() % 3) / 2.0;
                return constant_ == 0.5 ? random() % 65536 / 65535.0 : constant_;
            default: return random() % 65536 / 65535.0;
        }
    }

    const std::uint8_t* data_;
    std::size_t left_;
    unsigned kind_ = 0;
    double constant_ = 0.0;
    std::uint32_t state_ = 1;
};

}  // namespace defocus::fuzz
