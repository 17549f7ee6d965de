"""run-commands.py PAGE DIR BIN [OLD=>NEW...] [status=N,N...]: runs the ```sh blocks
of PAGE as written, each in a shell of its own in DIR, with programs from BIN and
each OLD replaced by NEW. All must succeed, unless statuses are given, one per
block."""

import os
import pathlib
import re
import subprocess
import sys

page, directory, programs, *rest = sys.argv[1:]
os.environ["PATH"] = programs + os.pathsep + os.environ["PATH"]
text = pathlib.Path(page).read_text(encoding="utf-8")
blocks = re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)
expected = ["0"] * len(blocks)
replacements = []
for argument in rest:
    if argument.startswith("status="):
        expected = argument.removeprefix("status=").split(",")
    else:
        replacements.append(argument.split("=>", 1))
if len(expected) != len(blocks):
    sys.exit(f"{page}: {len(blocks)} blocks, {len(expected)} statuses")

failures = 0
for block, status in zip(blocks, expected):
    command = block
    for old, new in replacements:
        command = command.replace(old, new)
    print(f"--- {status}\n{block}", flush=True)
    run = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", command], cwd=directory, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    print(run.stdout, flush=True)
    if str(run.returncode) != status:
        print(f"run-commands.py: exit status {run.returncode} instead of {status}")
        failures += 1
print(f"{len(blocks)} blocks, {failures} failures")
sys.exit(failures > 0 or not blocks)
