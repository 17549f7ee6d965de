"""Checks the record in a page of `pinlint trace`."""

import html.parser
import json
import sys


class Scripts(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.data = None
        self.reading = False

    def handle_starttag(self, tag, attributes):
        self.reading = tag == "script" and ("id", "data") in attributes

    def handle_data(self, data):
        if self.reading:
            self.data = (self.data or "") + data

    def handle_endtag(self, tag):
        self.reading = False


with open(sys.argv[1], encoding="utf-8") as page:
    parser = Scripts()
    parser.feed(page.read())
record = json.loads(parser.data)
texts, facts, states = record["texts"], record["facts"], record["states"]
blocks = {block[0] for block in record["blocks"]}
assert len(record["source"]) > 1 and len(record["steps"]) > 2
assert record["exits"], "no way out of the function"

for section, key, value in facts:
    assert section < 11 and texts[key] is not None and texts[value] is not None
# What a state adds was not there; what it takes away was.
content = [set()]
for number, (parents, path, added, gone) in enumerate(states[1:], 1):
    assert all(0 < parent < number for parent in parents)
    assert path < len(record["paths"])
    old = content[parents[0]] if parents else set()
    assert not old & set(added) and old >= set(gone)
    content.append(old - set(gone) | set(added))
    assert all(fact < len(facts) for fact in content[-1])
for number, (parent, *notes) in enumerate(record["paths"]):
    assert parent < number or number == 0
    assert all(texts[note[1]] for note in notes)

last = record["first"] + len(record["source"]) - 1
for kind, block, text, place, there, events in record["steps"]:
    assert kind < 3 and block in blocks and text < len(texts)
    assert place[0] == 0 or record["first"] <= place[0] <= place[2] <= last
    assert all(0 < state < len(states) for state in there)
    for event, words, which in events:
        assert event < 6 and texts[words]
        assert all(state < len(states) for state in which)
