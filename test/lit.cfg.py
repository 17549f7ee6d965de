# What lit knows about pinlint's tests.
#
#   %pinlint        runs pinlint; 0 (nothing found) and 1 (findings) both count
#                   as success, any other exit status is a failure
#   %check_pinlint CHECK [OPTION...]
#                   runs one check on the test file and compares with its CHECK
#                   lines; findings without such a line are failures
#   %bare_pinlint   runs pinlint, exit status as it is
#   %status N CMD   runs CMD and fails unless it exits with status N
#   %tidy           runs clang-tidy of the same LLVM with pinlint's module
#   %clang_tidy, %tidy_module
#                   the two on their own
#   %other_clang_tidy
#                   clang-tidy of another LLVM than pinlint was built with
#   %outside        a directory of the test's own that is not below the build
#                   directory, so that no compile database is found above it

import os
import shutil
import subprocess
import tempfile
import zlib

import lit.formats

# Started on the source directory, with the build as a parameter.
if not hasattr(config, "pinlint_build"):
    lit_config.load_config(
        config, os.path.join(lit_config.params["build"], "test/lit.site.cfg.py")
    )
    raise SystemExit

config.name = "pinlint"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".c", ".test"]
config.excludes = ["Inputs", "bench", "runtime", "unit"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.pinlint_build, "test")

config.environment["PATH"] = os.pathsep.join(
    [config.llvm_tools_dir, config.environment["PATH"]]
)
# Neither the user's configuration nor a terminal decides over the output.
config.environment.pop("NO_COLOR", None)
config.environment["TERM"] = "xterm"

source = os.path.dirname(config.test_source_root)
tool = os.path.join(config.pinlint_build, "bin", "pinlint")
status = os.path.join(config.test_source_root, "expect-status")
pinlint = f"{status} 0,1 {tool}"
config.substitutions += [
    (r"%check_pinlint\b", f"{config.test_source_root}/check-pinlint {tool} %s"),
    (r"%pinlint\b", pinlint),
    (r"%bare_pinlint\b", tool),
    (r"%status\b", status),
    (r"%python\b", "/usr/bin/python3"),
    (r"%source_root\b", source),
    (r"%build_root\b", config.pinlint_build),
    (r"%cache\b", config.pinlint_cache),
    (r"%llvm_version\b", config.llvm_version),
]

module = os.path.join(config.pinlint_build, "lib", "libpinlint-tidy.so")
clang_tidy = os.path.join(config.llvm_tools_dir, "clang-tidy")
if os.path.exists(clang_tidy) and os.path.exists(module):
    config.available_features.add("clang-tidy")
for version in ("19", "22"):
    other = f"/usr/lib/llvm-{version}/bin/clang-tidy"
    if version != config.llvm_version and os.path.exists(other):
        config.available_features.add("other-clang-tidy")
        config.substitutions.append((r"%other_clang_tidy\b", other))
config.substitutions += [
    (r"%tidy\b", f"{clang_tidy} -load {module}"),
    (r"%clang_tidy\b", clang_tidy),
    (r"%tidy_module\b", module),
    (r"%build_root\b", config.pinlint_build),
    (r"%llvm_prefix\b", os.path.dirname(config.llvm_tools_dir)),
]

outside = os.path.join(
    tempfile.gettempdir(),
    f"pinlint-test-{os.getuid()}-{zlib.crc32(config.pinlint_build.encode()):08x}",
)
config.substitutions.append((r"%outside\b", outside + "/%basename_t"))

try:
    for end in os.openpty():
        os.close(end)
    config.available_features.add("pty")
except OSError:
    lit_config.note("no pseudo-terminals here: tests that need one are skipped")

for program in ("chromium", "git"):
    if shutil.which(program):
        config.available_features.add(program)
if subprocess.run(
    ["/usr/bin/python3", "-c", "import jsonschema"], stderr=subprocess.DEVNULL
).returncode == 0:
    config.available_features.add("jsonschema")

for version in ("6.1", "6.12"):
    if os.path.exists(f"/usr/src/linux-source-{version}.tar.xz"):
        config.available_features.add(f"linux-source-{version}")
