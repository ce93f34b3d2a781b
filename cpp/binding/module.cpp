// The Python module: registrations and docstrings, nothing else.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "binding/arrays.hpp"
#include "binding/constructor.hpp"
#include "binding/cuts.hpp"
#include "binding/decoding.hpp"
#include "binding/images.hpp"
#include "binding/rows.hpp"
#include "core/base/parallel.hpp"
#include "dispatch/dispatch.hpp"

namespace {

namespace py = pybind11;
using namespace defocus;
using namespace defocus::binding;

std::vector<std::string> names(const std::vector<const KernelTable*>& tables) {
    std::vector<std::string> out;
    for (const KernelTable* table : tables) out.emplace_back(table->level);
    return out;
}

std::unique_ptr<Threads> make_threads(int most, std::size_t least_cost) {
    need_least_cost(least_cost);
    return std::make_unique<Threads>(most, least_cost);
}

// Functions take it as `threads`, or take a plain number of threads.
void register_threads(py::module_& m) {
    using namespace py::literals;
    py::class_<Threads> threads(m, "Threads",
                                "How many threads a call may use, and how many it did use.");
    def_constructor(threads, &make_threads, "most"_a, "least_cost"_a = Threads::worthwhile);
    threads.def_property_readonly("ran", [](const Threads& made) { return made.ran.load(); });
}

}  // namespace

PYBIND11_MODULE(_native, m, py::mod_gil_not_used()) {
    m.attr("__version__") = DEFOCUS_VERSION;
    m.doc() = "Pixel kernels of defocus.  Private: use the functions of the package.";

    // An invalid DEFOCUS_ISA is refused here, before anything is computed.
    try {
        active_level();
    } catch (const std::invalid_argument& error) {
        throw py::import_error(std::string("DEFOCUS_ISA: ") + error.what());
    }

    using namespace py::literals;
    m.def(
        "compiled_isa_levels", [] { return names(compiled_levels()); },
        "ISA levels in this build, simplest first.");
    m.def(
        "isa_levels", [] { return names(runnable_levels()); },
        "ISA levels that this machine can run, simplest first.");
    m.def(
        "active_isa", [] { return std::string(active_level().level); },
        "The level used when no `isa` is given: DEFOCUS_ISA, else the best.");
    m.def(
        "vector_bytes", [](const std::string& isa) { return level_named(isa).vector_bytes; },
        "isa"_a, "Width of the level's vector registers, as its own object code has it.");

    register_threads(m);
    register_images(m);
    register_decoding(m);
    register_cuts(m);

    auto rows = m.def_submodule("_rows", "The row kernels, for tests and benches.");
    register_rows(rows);
}
