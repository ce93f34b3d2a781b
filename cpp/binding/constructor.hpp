// Constructors of Python objects that stay whole when memory runs out.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <utility>

namespace defocus::binding {

// Registers `make`, which gives a std::unique_ptr, as the constructor of `type`.  With py::init the
// object is freed twice if memory runs out while pybind11 registers it.
template <typename T, typename... Arguments, typename... Extra>
void def_constructor(pybind11::class_<T>& type, std::unique_ptr<T> (*make)(Arguments...),
                     const Extra&... extra) {
    namespace detail = pybind11::detail;
    type.def(
        "__init__",
        [make](detail::value_and_holder& self, Arguments... arguments) {
            std::unique_ptr<T> made = make(std::forward<Arguments>(arguments)...);
            self.value_ptr() = made.get();
            try {
                self.type->init_instance(self.inst, &made);
            } catch (...) {
                self.value_ptr() = nullptr;  // `made` still owns the object
                throw;
            }
        },
        detail::is_new_style_constructor(), extra...);
}

}  // namespace defocus::binding
