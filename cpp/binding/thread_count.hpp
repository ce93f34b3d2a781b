// The argument `threads` of the functions: a Threads, or a plain number of threads.
#pragma once

#include <pybind11/pybind11.h>

#include "core/base/parallel.hpp"

namespace defocus::binding {

// Made without an allocation: pybind11 reports one that fails in a conversion as a wrong type.
class ThreadCount {
  public:
    void set(int most) noexcept { own_.most = most; }
    void set(const Threads& given) noexcept { given_ = &given; }
    operator const Threads&() const noexcept { return given_ != nullptr ? *given_ : own_; }

  private:
    Threads own_{1};
    const Threads* given_ = nullptr;
};

}  // namespace defocus::binding

namespace pybind11::detail {

template <>
struct type_caster<defocus::binding::ThreadCount> {
    PYBIND11_TYPE_CASTER(defocus::binding::ThreadCount, const_name("int | Threads"));

    bool load(handle source, bool) {
        make_caster<int> number;
        if (number.load(source, false)) {
            value.set(cast_op<int>(number));
            return true;
        }
        make_caster<defocus::Threads> threads;
        if (source.is_none() || !threads.load(source, false)) return false;
        value.set(cast_op<const defocus::Threads&>(threads));
        return true;
    }
};

}  // namespace pybind11::detail
