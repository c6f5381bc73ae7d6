#!/usr/bin/env bash
# build-asan/: the C++ tests and fuzz targets under AddressSanitizer and UndefinedBehaviorSanitizer.
set -euo pipefail
readonly build=build-asan

if [[ ! -f $build/build.ninja ]]; then
  cmake -S . -B "$build" -G Ninja -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_CXX_COMPILER_LAUNCHER=ccache \
    -DATOLL_SANITIZE=ON -DATOLL_FUZZ=ON >"$build.log" 2>&1 || { cat "$build.log" >&2; exit 1; }
fi
ninja -C "$build" -j "${ATOLL_JOBS:-$(nproc)}" >"$build/ninja.log" 2>&1 ||
  { grep -v '^\[' "$build/ninja.log" | head -n 200 >&2; exit 1; }
