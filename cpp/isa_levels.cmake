# The one list of ISA levels: name, vector width in bytes, compiler flags.
#
# Everything else (the object libraries, the dispatch table, the tests) is derived from it.
# To add a level: add a line here and say in dispatch/cpu.cpp when a machine can run it.
#
# Feature flags are spelled out instead of -march=x86-64-v3, which older compilers do not know.
# The SysV psABI levels are meant: v3 = Haswell (2013), v4 = Skylake-SP (2017).

set(DEFOCUS_ISA_LEVELS "")

function(defocus_isa_level name vector_bytes)
  set(DEFOCUS_ISA_LEVELS ${DEFOCUS_ISA_LEVELS} ${name} PARENT_SCOPE)
  set(DEFOCUS_VECTOR_BYTES_${name} ${vector_bytes} PARENT_SCOPE)
  set(DEFOCUS_FLAGS_${name} ${ARGN} PARENT_SCOPE)
endfunction()

string(TOLOWER "${CMAKE_SYSTEM_PROCESSOR}" processor)
if(CMAKE_OSX_ARCHITECTURES)
  list(LENGTH CMAKE_OSX_ARCHITECTURES architectures)
  if(architectures GREATER 1)
    message(FATAL_ERROR "Build one wheel per architecture: the levels' flags differ.")
  endif()
  string(TOLOWER "${CMAKE_OSX_ARCHITECTURES}" processor)
endif()

if(processor MATCHES "^(x86_64|amd64)$")
  if(MSVC AND NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(WARNING "cl.exe has no GNU vector extensions, so all ISA levels are compiled from plain "
      "loops, which are slower. GCC, Clang and clang-cl have them: configure with the toolset ClangCL.")
    defocus_isa_level(baseline 16)
    defocus_isa_level(x86-64-v3 32 /arch:AVX2)
    defocus_isa_level(x86-64-v4 64 /arch:AVX512)
  else()
    set(v3 -mavx2 -mfma -mbmi -mbmi2 -mf16c -mlzcnt -mmovbe)
    set(width -mprefer-vector-width=512)
    if(MSVC)  # clang-cl
      string(PREPEND width /clang:)
    endif()
    set(v4 ${v3} -mavx512f -mavx512bw -mavx512cd -mavx512dq -mavx512vl ${width})
    defocus_isa_level(baseline 16)
    defocus_isa_level(x86-64-v3 32 ${v3})
    defocus_isa_level(x86-64-v4 64 ${v4})
  endif()
elseif(processor MATCHES "^(aarch64|arm64)$")
  defocus_isa_level(neon 16)
else()
  defocus_isa_level(baseline 16)
endif()

# The same levels from the plain loops that other compilers take, which tests compare with the rest.
# They come first, so that no best level is one of them.
option(DEFOCUS_PLAIN_LEVELS "Also compile each ISA level from plain loops, for tests" OFF)
if(DEFOCUS_PLAIN_LEVELS)
  set(levels ${DEFOCUS_ISA_LEVELS})
  set(DEFOCUS_ISA_LEVELS "")
  foreach(level IN LISTS levels)
    defocus_isa_level(${level}-plain ${DEFOCUS_VECTOR_BYTES_${level}}
      ${DEFOCUS_FLAGS_${level}} -DDEFOCUS_PLAIN_LOOPS)
  endforeach()
  list(APPEND DEFOCUS_ISA_LEVELS ${levels})
endif()

set(DEFOCUS_ONLY_LEVEL "" CACHE STRING "Compile only this ISA level, for quick checks")
if(DEFOCUS_ONLY_LEVEL)
  if(NOT DEFOCUS_ONLY_LEVEL IN_LIST DEFOCUS_ISA_LEVELS)
    message(FATAL_ERROR "DEFOCUS_ONLY_LEVEL: expected one of ${DEFOCUS_ISA_LEVELS}")
  endif()
  set(DEFOCUS_ISA_LEVELS ${DEFOCUS_ONLY_LEVEL})
endif()
