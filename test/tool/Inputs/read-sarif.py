# read-sarif.py FILE: checks a SARIF log against the schema of the standard, and
# for what the schema does not say; prints what tests compare.
import json
import os
import sys

import jsonschema

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "sarif-2.1.0", "schema.json")) as f:
    schema = json.load(f)
with open(sys.argv[1], encoding="utf-8") as f:
    log = json.load(f)
jsonschema.Draft4Validator(schema).validate(log)

(run,) = log["runs"]
rules = run["tool"]["driver"]["rules"]
assert [r["id"] for r in rules] == sorted(r["id"] for r in rules)
for rule in rules:
    assert rule["help"]["text"] and rule["help"]["markdown"].startswith("# ")
    assert "`" not in rule["fullDescription"]["text"]
bases = run["originalUriBaseIds"]
assert bases["SRCROOT"]["uri"].endswith("/")
notifications = {n["id"] for n in run["tool"]["driver"]["notifications"]}


def uri(location):
    where = location["artifactLocation"]
    assert where["uriBaseId"] in bases and "://" not in where["uri"]
    return where["uri"]


(invocation,) = run["invocations"]
print("exit", invocation["exitCode"], "successful", invocation["executionSuccessful"])
for artifact in run["artifacts"]:
    print("artifact", artifact["location"]["uri"])
for result in run["results"]:
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert len(result["partialFingerprints"]["pinlint/v1"]) == 16
    place = result["locations"][0]["physicalLocation"]
    text = uri(place)
    region = place.get("region")
    if region:
        text += f":{region['startLine']}:{region['startColumn']}"
        assert region["snippet"]["text"]
    words = ["result", result["ruleId"], text]
    words.append(result["locations"][0]["logicalLocations"][0]["name"])
    if "codeFlows" in result:
        steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
        assert [s["executionOrder"] for s in steps] == list(range(1, len(steps) + 1))
        words += ["flow", str(len(steps))]
        if steps[0].get("state", {}).get("held"):
            words.append("held")
    for suppression in result.get("suppressions", []):
        words.append("suppressed: " + suppression["justification"])
    if "baselineState" in result:
        words.append(result["baselineState"])
    print(*words)
for note in invocation["toolExecutionNotifications"]:
    assert note["descriptor"]["id"] in notifications
    place = note["locations"][0]["physicalLocation"]
    print("notification", note["descriptor"]["id"], uri(place))
