#include "core/plan/aperture.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/samples.hpp"

namespace defocus {
namespace {

constexpr double pi = 3.14159265358979323846;
// The height of a column is measured on so many lines.
constexpr int lines_per_column = 64;

// Half the height of the shape at x; 0 outside.
class Outline {
  public:
    Outline(double radius, int blades) : reach_(radius) {
        if (blades < 3) return;
        // The mean square distance from the centre is r^2 / 2 for a disc.  For a polygon with
        // corners at R it is R^2 (2 + cos(2 pi / n)) / 6.
        reach_ = radius * std::sqrt(3.0 / (2.0 + std::cos(2.0 * pi / blades)));
        const double apothem = reach_ * std::cos(pi / blades);
        // Side k faces the angle (2 k + 1) pi / n.  The sides of the upper half bound y from above.
        for (int k = 0; 2 * k + 1 < blades; ++k) {
            const double angle = (2 * k + 1) * pi / blades;
            sides_.push_back({apothem / std::sin(angle), 1.0 / std::tan(angle)});
        }
        // A polygon with an odd number of sides has a vertical side at the left.
        left_ = blades % 2 == 1 ? -apothem : -reach_;
    }

    double reach() const noexcept { return reach_; }

    double at(double x) const noexcept {
        if (sides_.empty()) return std::sqrt(std::max(reach_ * reach_ - x * x, 0.0));
        if (x < left_) return 0.0;
        double y = reach_;
        for (const Side& side : sides_) y = std::min(y, side.height - x * side.slope);
        return std::max(y, 0.0);
    }

  private:
    struct Side {
        double height, slope;  // the line y = height - slope x
    };
    double reach_;
    double left_ = 0.0;
    std::vector<Side> sides_;
};

// The area that the shape covers of the samples 0, 1, 2 ... of a column, counted from the middle
// row.
std::vector<double> coverage(const Outline& outline, std::ptrdiff_t column, std::ptrdiff_t rows) {
    std::vector<double> covered(size(rows));
    for (int line = 0; line < lines_per_column; ++line) {
        const double x = static_cast<double>(column) + (line + 0.5) / lines_per_column - 0.5;
        const double y = outline.at(x);
        covered[0] += std::min(2.0 * y, 1.0) / lines_per_column;
        for (std::ptrdiff_t h = 1; h < rows; ++h)
            covered[size(h)] +=
                std::clamp(y + 0.5 - static_cast<double>(h), 0.0, 1.0) / lines_per_column;
    }
    return covered;
}

}  // namespace

Aperture make_aperture(double radius, int blades) {
    const Outline outline(radius, blades);
    Aperture aperture;
    aperture.radius = static_cast<std::ptrdiff_t>(std::ceil(outline.reach() + 0.5)) - 1;
    const std::ptrdiff_t reach = aperture.radius;
    if (reach == 0) {
        // The shape lies within one sample, however small it is.
        aperture.taps.push_back({0, 0, 1.0f});
        return aperture;
    }
    std::vector<std::vector<double>> columns;
    for (std::ptrdiff_t d = -reach; d <= reach; ++d)
        columns.push_back(coverage(outline, d, reach + 2));
    double sum = 0.0;
    for (const auto& column : columns)
        for (std::size_t h = 0; h < column.size(); ++h) sum += (h == 0 ? 1.0 : 2.0) * column[h];
    for (std::ptrdiff_t h = 0; h <= reach; ++h)
        for (std::ptrdiff_t d = -reach; d <= reach; ++d) {
            const auto& column = columns[size(d + reach)];
            const double weight = (column[size(h)] - column[size(h + 1)]) / sum;
            if (weight > 0.0) aperture.taps.push_back({d, h, static_cast<float>(weight)});
        }
    return aperture;
}

}  // namespace defocus
