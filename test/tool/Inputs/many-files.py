"""many-files.py DIR N: N files, some clean, some broken, with a database.
many-files.py --check OUT: that the output shows each once, in order."""
import json
import os
import re
import sys

if sys.argv[1] == "--check":
    seen = [
        os.path.basename(m[1])
        for m in re.finditer(r"^(\S+):\d+:\d+: warning", open(sys.argv[2]).read(), re.M)
    ]
    assert seen == sorted(seen), seen
    assert len(set(seen)) == len(seen), seen
    sys.exit()

here = os.path.dirname(__file__)
out, count = sys.argv[1], int(sys.argv[2])
leak = open(os.path.join(here, "leak.c")).read()
clean = open(os.path.join(here, "clean.c")).read()
database = []
for i in range(count):
    if i % 16 == 13:
        name, text = f"broken{i:02}.c", "int broken(void) { return undeclared; }\nvoid put_page(void *);\n"
    elif i % 3 == 0:
        name, text = f"clean{i:02}.c", clean
    else:
        name, text = f"leak{i:02}.c", leak
    with open(f"{out}/{name}", "w") as f:
        f.write(text)
    command = f"gcc -I{here} -c {name}"
    database.append({"directory": out, "file": name, "command": command})
with open(f"{out}/compile_commands.json", "w") as f:
    json.dump(database, f)
