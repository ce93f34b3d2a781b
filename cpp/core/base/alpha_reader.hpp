// The full-size matte as rows.  A mask, or a guided matte, is behind it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace defocus {

// Gives runs of alpha in Q14, as the blend kernels take them.  Most runs of most mattes are all 0
// or all 1; for those nothing is computed.
class AlphaReader {
  public:
    // A run lies within one tile.  A tile begins at a multiple of `tile`.  Within `batch` rows,
    // reading up and down is cheap.
    static constexpr std::size_t tile = 512;
    static constexpr std::ptrdiff_t batch = 8;

    // What a run holds: alpha 0 only, alpha 1 only, or anything.
    enum class Kind : std::uint8_t { none, whole, mixed };

    virtual ~AlphaReader() = default;
    // Of the run of `count` pixels of row y from x on.
    virtual Kind kind(std::ptrdiff_t y, std::size_t x, std::size_t count) = 0;
    // The alpha of the run.  It is valid until the next call, and `over_read` more samples are
    // readable behind it.
    virtual const std::int16_t* read(std::ptrdiff_t y, std::size_t x, std::size_t count) = 0;
};

}  // namespace defocus
