// The input of a blur: rows of an image, unchanged or halved in number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/image_view.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// One row of the next coarser grid is made of so many rows.
constexpr std::size_t halved_rows = 4;

// Gives flat rows of `samples()` samples: floats, or std::int16_t in Q7.
template <typename Sample>
class RowSource {
  public:
    virtual ~RowSource() = default;
    virtual std::size_t samples() const noexcept = 0;

    virtual void read(std::ptrdiff_t y, Sample* flat) = 0;
    // The row of the next coarser grid that four rows make; see KernelTable::halve_rows.
    virtual void halve(const std::ptrdiff_t* ys, Sample* flat) = 0;
};

// The pixels unchanged: bytes as Q7, floats as floats.
template <typename T, typename Sample>
class PixelSource final : public RowSource<Sample> {
  public:
    PixelSource(const ImageView<const T>& image, const KernelTable& kernels);
    std::size_t samples() const noexcept override;
    void read(std::ptrdiff_t y, Sample* flat) override;
    void halve(const std::ptrdiff_t* ys, Sample* flat) override;

  private:
    const T* packed(std::ptrdiff_t y, std::size_t slot);

    ImageView<const T> image_;
    const KernelTable& kernels_;
    std::vector<T> scratch_;
};

}  // namespace defocus
