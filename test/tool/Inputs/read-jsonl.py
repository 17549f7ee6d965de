"""Prints what jsonl.test compares; fails where the format is broken."""
import json
import os
import re
import sys

findings = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
print(len(findings), "findings")
for f in findings:
    assert f["confidence"] in ("low", "medium", "high")
    assert re.fullmatch("[0-9a-f]{16}", f["fingerprint"])
    assert f["message"] and f["path"]
    print(",".join(sorted(f)))
    print(f["check"], os.path.basename(f["file"]), f["line"], f["column"], f["function"])
    for step in f["path"]:
        assert step["line"] >= 1 and step["column"] >= 1 and step["depth"] >= 0
        print(",".join(sorted(step)))
