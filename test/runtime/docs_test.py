#!/usr/bin/env python3
# Part of the pinlint project.
"""The table in docs/runtime.md names tests and functions that exist:
docs_test.py ROOT RUNTIME_TESTS"""

import os
import re
import subprocess
import sys

root, tests = sys.argv[1:]
known, suite = set(), ""
listing = subprocess.run([tests, "--gtest_list_tests"], capture_output=True,
                         text=True, check=True).stdout
for line in listing.splitlines():
    if line.startswith("  "):
        known.add(suite + line.strip())
    else:
        suite = line.strip()

rows, wrong = 0, []
with open(os.path.join(root, "docs", "runtime.md")) as f:
    for line in f:
        cells = line.split("|")
        if len(cells) != 5 or ".c`" not in cells[3]:
            continue
        rows += 1
        for name in re.findall(r"`([^`]+)`", cells[2]):
            if name not in known:
                wrong.append("no test " + name)
        program, *functions = re.findall(r"`([^`]+)`", cells[3])
        path = os.path.join(root, "test", "agreement", program)
        with open(path) as c:
            text = c.read()
        for name in functions:
            if not re.search(r"^int %s\(" % name, text, re.M):
                wrong.append("no function %s in %s" % (name, program))
if rows < 20:
    wrong.append("only %d rows were found" % rows)
print("\n".join(wrong) or "%d rows" % rows)
sys.exit(bool(wrong))
