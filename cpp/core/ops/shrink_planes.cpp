#include "core/ops/shrink_planes.hpp"

#include <algorithm>
#include <vector>

#include "core/base/parallel.hpp"
#include "core/base/planes.hpp"
#include "core/base/samples.hpp"
#include "core/plan/shrink_plan.hpp"

namespace defocus {
namespace {

constexpr float white = 255.0f;

// Rows without gaps.  A packed copy is kept while two target rows need it.
class PackedRows {
  public:
    PackedRows(const ImageView<const std::uint8_t>& image, std::ptrdiff_t target)
        : image_(image), kept_(2 * (image.height / target + 2)) {
        if (image.rows_are_packed()) return;
        held_.assign(size(kept_), -1);
        samples_.resize(size(kept_ * 3 * image.width));
    }
    const std::uint8_t* row(std::ptrdiff_t y) {
        if (held_.empty()) return image_.row(y);
        const std::ptrdiff_t slot = y % kept_;
        std::uint8_t* const samples = samples_.data() + slot * 3 * image_.width;
        if (held_[size(slot)] != y) packed_row(image_, y, samples);
        held_[size(slot)] = y;
        return samples;
    }

  private:
    ImageView<const std::uint8_t> image_;
    std::ptrdiff_t kept_;
    std::vector<std::ptrdiff_t> held_;
    std::vector<std::uint8_t> samples_;
};

}  // namespace

void shrink_planes(const ImageView<const std::uint8_t>& image, std::ptrdiff_t width,
                   std::ptrdiff_t height, float* out, const Threads& threads,
                   const KernelTable& kernels) {
    const auto ramps = plan_ramps(image.height, height);
    const WeightedColumns columns = plan_columns(image.width, width);
    const std::size_t full = size(image.width), plane = size(width * height);
    const std::size_t read = 3 * full * size(image.height / height + 1);
    for_row_bands(height, read, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        PackedRows rows(image, height);
        std::vector<float> sums(3 * full);
        Planes<float> planes(std::max(full, columns.taps), 3);
        std::vector<const std::uint8_t*> part;
        for (std::ptrdiff_t y = first; y < last; ++y) {
            std::fill(sums.begin(), sums.end(), 0.0f);
            for (const Ramp& ramp : ramps[size(y)]) {
                part.clear();
                for (std::ptrdiff_t k = 0; k < ramp.count; ++k)
                    part.push_back(rows.row(ramp.first + k));
                kernels.add_ramp(part.data(), part.size(), ramp.a, ramp.b, sums.size(),
                                 sums.data());
            }
            kernels.split_floats(sums.data(), full, 3, planes.data(), planes.stride());
            for (std::size_t c = 0; c < 3; ++c)
                kernels.weigh_columns(planes.plane(c), columns.starts.data(),
                                      columns.weights.data(), columns.taps, size(width), white,
                                      out + c * plane + size(y * width));
        }
    });
}

}  // namespace defocus
