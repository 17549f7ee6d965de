# ci-steps.py FILE HEADING: prints the commands of the example below a heading of
# a Markdown page as a shell script: of a workflow what its steps run, except for
# the one that installs packages; of a script all of it.
import re
import sys
import textwrap

with open(sys.argv[1], encoding="utf-8") as f:
    page = f.read()
part = page.split(f"\n## {sys.argv[2]}\n")[1].split("\n## ")[0]
kind, text = re.search(r"```(\w+)\n(.*?)```", part, re.S).groups()
if kind == "sh":
    print(text)
    sys.exit()
lines = text.split("\n")
indent = lambda line: len(line) - len(line.lstrip())
commands, i = [], 0
while i < len(lines):
    line = lines[i]
    i += 1
    step = re.match(r"\s*(?:- )?run: (.*)", line)
    if step and step[1] == "|":
        block = []
        while i < len(lines) and indent(lines[i]) > indent(line):
            block.append(lines[i])
            i += 1
        commands.append(textwrap.dedent("\n".join(block)))
    elif step:
        commands.append(step[1])
    elif line.strip() == "script:":
        while i < len(lines) and lines[i].lstrip().startswith("- "):
            commands.append(lines[i].lstrip()[2:])
            i += 1
commands = [c for c in commands if "apt-get" not in c]
assert commands
# As the services do: each in a shell of its own, to the first that fails.
print("status=0")
for command in commands:
    print(f"echo 'step: {len(command)}' >&2\n(set -e\n{command}\n) || status=$?")
print("exit $status")
