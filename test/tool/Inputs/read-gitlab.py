# read-gitlab.py FILE: prints what a code quality report says.
import json
import sys

with open(sys.argv[1], encoding="utf-8") as f:
    issues = json.load(f)
for issue in issues:
    place = issue["location"]
    assert issue["description"]
    print(issue["check_name"], issue["severity"], place["path"], place["lines"]["begin"])
print(len({issue["fingerprint"] for issue in issues}), "fingerprints")
