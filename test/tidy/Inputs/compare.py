"""compare.py [--database=BUILD] [--confidence=LEVEL] PINLINT TIDY MODULE FILE...

clang-tidy with the module prints what pinlint prints, warnings and notes: places
and texts. clang-tidy orders those of one place by their texts."""

import argparse
import difflib
import os
import re
import subprocess
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--database")
parser.add_argument("--confidence", default="medium")
parser.add_argument("pinlint")
parser.add_argument("tidy")
parser.add_argument("module")
parser.add_argument("files", nargs="+")
args = parser.parse_args()

LINE = re.compile(r"(\S+?):(\d+):(\d+): (warning|error|note): (.*)")
database = ["-p", args.database] if args.database else []
flags = [] if args.database else ["--"]


def run(*command):
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode not in (0, 1):
        sys.exit(f"exit status {run.returncode}: {command}\n{run.stdout}{run.stderr}")
    files, current = {}, None
    for line in run.stdout.splitlines():
        match = LINE.fullmatch(line)
        if not match:
            continue
        path, row, column, kind, text = match.groups()
        path = os.path.realpath(path)
        if kind == "error" and not text.endswith("[clang-tidy-nolint]"):
            sys.exit(f"{line}\n{run.stderr}")
        if kind != "note":
            current = None
            if "[pinlint-" in text:
                current = []
                files.setdefault(path, []).append(current)
        if current is not None:
            current.append(f"{os.path.basename(path)}:{row}:{column}: {kind}: {text}")
    return {path: sum(sorted(findings), []) for path, findings in files.items()}


# clang-tidy sees one file at a time.
tool = run(args.pinlint, "--quiet", "--no-link", "--no-store",
           f"--confidence={args.confidence}", *database, *args.files, *flags)
config = f"{{CheckOptions: {{Confidence: {args.confidence}}}}}"
tidy = run(args.tidy, "-load", args.module, "-checks=-*,pinlint-*", f"-config={config}",
           *database, *args.files, *flags)
same = True
for file in sorted({*tool, *tidy}):
    left, right = tool.get(file, []), tidy.get(file, [])
    if left != right:
        same = False
        sys.stdout.writelines(
            f"{line}\n" for line in difflib.unified_diff(left, right, "pinlint", "clang-tidy", lineterm="")
        )
count = sum(": warning: " in line for lines in tool.values() for line in lines)
print(f"{count} findings in {len(args.files)} files: {'the same' if same else 'they differ'}")
sys.exit(not same)
