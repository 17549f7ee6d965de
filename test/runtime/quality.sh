#!/bin/sh
# Part of the pinlint project.
#
# Runs the tests of the runtime, the shim and pinlint-verify under the address,
# undefined-behaviour and thread sanitizers, and fails if less than 95 % of the
# runtime's lines run. Needs clang's runtime libraries (libclang-rt-22-dev).
#
#   test/runtime/quality.sh BUILD-DIRECTORY [CMAKE-ARGUMENT...]
set -eu

[ $# -ge 1 ] || { sed -n '4,10p' "$0"; exit 2; }
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1"
build=$(cd "$1" && pwd)
shift
jobs=${JOBS:-2}
cxx=${CXX:-clang++-22}
suffix=${cxx#*clang++}

configure() {
  name=$1
  shift
  cmake -S "$root/test/runtime" -B "$build/$name" -G Ninja \
    -DCMAKE_CXX_COMPILER="$cxx" "$@" > "$build/$name.log"
  ninja -C "$build/$name" -j "$jobs" >> "$build/$name.log" ||
    { tail -n 40 "$build/$name.log"; exit 1; }
}

for sanitizer in address,undefined thread; do
  name=$(echo $sanitizer | cut -d, -f1)
  configure "$name" -DPINLINT_SANITIZE=$sanitizer "$@"
  (cd "$build/$name" && ctest --output-on-failure)
done

configure coverage -DPINLINT_COVERAGE=ON "$@"
cd "$build/coverage"
LLVM_PROFILE_FILE=tests.profraw bin/pinlint-runtime-tests --gtest_brief=1
LLVM_PROFILE_FILE=programs.profraw bin/pinlint-verify --in-process --check \
  "$root"/test/agreement/*.c "$root"/test/runtime/shim/*.c
"llvm-profdata$suffix" merge tests.profraw programs.profraw -o all.profdata
# Some inline functions are in both binaries, compiled with other options.
"llvm-cov$suffix" report bin/pinlint-verify -object bin/pinlint-runtime-tests \
  -instr-profile=all.profdata "$root/runtime" "$root/include/pinlint/runtime" \
  2> /dev/null > report.txt
awk '/^[a-z].*[0-9]%/ || /^TOTAL/ { printf "%-40s %6s lines %8s\n", $1, $8, $10 }
     /^TOTAL/ { sub("%", "", $10); if ($10 < 95) exit 1 }' report.txt ||
  { echo "less than 95 % of the lines run"; exit 1; }
