// The full-size matte as rows, wherever they come from.
#pragma once

#include <cstddef>
#include <cstdint>

namespace defocus {

// Matte rows as the compositing kernels take them: Q14, a run of pixels at a time.  Most runs of
// most mattes are all 0 or all 1; for those nothing is computed.
class AlphaReader {
  public:
    // Pixels are read in tiles, of which each begins at a multiple of `tile`.  Rows may be read to
    // and fro within as many as `batch` at little cost.
    static constexpr std::size_t tile = 512;
    static constexpr std::ptrdiff_t batch = 8;

    // What a run of pixels is known to hold; mixed where it is not known.
    enum class Kind : std::uint8_t { none, whole, mixed };

    virtual ~AlphaReader() = default;
    // The run is `count` pixels of row y from x on, within one tile.
    virtual Kind kind(std::ptrdiff_t y, std::size_t x, std::size_t count) = 0;
    // Its alpha; valid until the next call, and readable for `over_read` samples more.
    virtual const std::int16_t* read(std::ptrdiff_t y, std::size_t x, std::size_t count) = 0;
};

}  // namespace defocus
