# make-database.py DIRECTORY FILE...: writes a compile database for these files.
import json
import os
import sys

directory = os.path.abspath(sys.argv[1])
entries = [
    {"directory": directory, "file": name, "arguments": ["cc", "-c", name]}
    for name in sys.argv[2:]
]
with open(os.path.join(directory, "compile_commands.json"), "w") as out:
    json.dump(entries, out, indent=1)
