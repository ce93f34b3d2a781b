#include "fuzz/cases.hpp"

#include <cstdio>
#include <cstdlib>

namespace defocus::fuzz {
namespace {

const char* running = "nothing";

}  // namespace

void fail(const char* what, const char* against, std::size_t i, double got, double want) {
    std::fprintf(stderr, "case %s: %s differs from %s at sample %zu: %.17g, expected %.17g\n",
                 running, what, against, i, got, want);
    std::abort();
}

int run(const std::vector<std::vector<Case>>& groups, const std::uint8_t* data, std::size_t size) {
    std::vector<Case> cases;
    for (const std::vector<Case>& group : groups)
        cases.insert(cases.end(), group.begin(), group.end());
    if (size == 0) return 0;
    const Case& chosen = cases[data[0] % cases.size()];
    running = chosen.name;
    Input input(data + 1, size - 1);
    chosen.run(input);
    return 0;
}

}  // namespace defocus::fuzz
