"""database.py DIR FILE...: a compile database in DIR for the files there."""

import json
import pathlib
import sys

directory = pathlib.Path(sys.argv[1]).resolve()
(directory / "compile_commands.json").write_text(
    json.dumps(
        [
            {"directory": str(directory), "file": name, "command": f"cc -c {name}"}
            for name in sys.argv[2:]
        ]
    )
)
