"""run-examples.py PINLINT PAGES KERNEL.H SCRATCH: the C examples of the checks'
pages do what the pages say: those under "Bad" are found, those under "Good" are
not. Pages of checks that are not registered are skipped."""

import pathlib
import re
import subprocess
import sys

pinlint, pages, header, scratch = sys.argv[1:]
registered = subprocess.run(
    [pinlint, "--list-checks"], capture_output=True, text=True, check=True
).stdout.split()
scratch = pathlib.Path(scratch)
scratch.mkdir(parents=True, exist_ok=True)
failures = tried = 0

for page in sorted(pathlib.Path(pages).glob("*.md")):
    check = f"pinlint-{page.stem}"
    text = page.read_text(encoding="utf-8")
    if not text.startswith(f"# {check}\n"):
        print(f"{page}: does not begin with '# {check}'")
        failures += 1
    if check not in registered:
        print(f"{check}: not registered, examples skipped")
        continue
    kinds = set()
    for section in re.split(r"^## ", text, flags=re.M)[1:]:
        kind = section.split("\n", 1)[0].lower()
        if kind not in ("bad", "good"):
            assert "```c\n" not in section, f"{page}: example under '{kind}'"
            continue
        kinds.add(kind)
        for n, example in enumerate(re.findall(r"^```c\n(.*?)^```", section, re.M | re.S)):
            source = scratch / f"{page.stem}-{kind}-{n}.c"
            source.write_text(f'#include "{header}"\n{example}', encoding="utf-8")
            run = subprocess.run(
                [pinlint, "--quiet", f"--checks=-*,{check}", source, "--"],
                capture_output=True,
                text=True,
            )
            tried += 1
            if run.returncode != (1 if kind == "bad" else 0):
                print(f"{source}: exit status {run.returncode} for a {kind} example")
                print(run.stdout + run.stderr)
                failures += 1
    if kinds != {"bad", "good"}:
        print(f"{page}: wants a bad and a good example")
        failures += 1

for check in registered:
    if not (pathlib.Path(pages) / (check.removeprefix("pinlint-") + ".md")).exists():
        print(f"{check} has no page")
        failures += 1
print(f"{tried} examples, {failures} failures")
sys.exit(failures > 0)
