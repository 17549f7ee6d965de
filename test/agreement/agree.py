#!/usr/bin/env python3
# Part of the pinlint project.
"""Compares what pinlint says of programs with what running them shows.

agree.py BUILD [--table=FILE] [FILE.c...]

Programs are those of test/agreement and the tests of the checks, where
test/agreement/lit.h takes the place of their kernel. For every entry function,
each violation that running shows must be found by a check that kinds.txt gives
for it, and each finding must stand for a violation. Functions named FN_* (the
analyser misses something) and FP_* (it says too much) are known to disagree, and
are counted; any other disagreement is a failure, and so is a name that is not
true any more. What cannot be compared is listed with its reason in
not-compared.txt.
"""

import argparse
import collections
import glob
import os
import sys

import oracle

LIST = os.path.join(oracle.HERE, "not-compared.txt")


def read_exceptions(path=LIST):
    """{(file, function or "*"): reason}"""
    exceptions = {}
    with open(path) as lines:
        for number, line in enumerate(lines, 1):
            line = line.split("#")[0].strip()
            if not line:
                continue
            place, colon, reason = line.partition(":")
            words = place.split()
            if len(words) != 2 or not reason.strip():
                raise oracle.Failure("%s:%d: expected FILE FUNCTION: REASON"
                                     % (path, number))
            exceptions[tuple(words)] = reason.strip()
    return exceptions


def attribute(text, path, entries, runs, findings):
    """{entry: {check}}. A finding in a helper goes to the entry functions that
    reach the helper and show such a violation; if none does, to those that are
    known for false alarms, or to all."""
    reached = oracle.callers(text, entries)
    found = collections.defaultdict(set)
    nobody = []
    for (where, function), checks in findings.items():
        if where != path:
            continue
        if function in entries:
            found[function] |= checks
            continue
        if function.startswith("FP_"):
            continue
        for check in checks:
            whose = reached.get(function, set())
            confirmed = {e for e in whose
                         if check in oracle.checks_of(runs[path, e].kinds)}
            known = {e for e in whose if e.startswith("FP_")}
            for entry in confirmed or known or whose:
                found[entry].add(check)
            if not whose:
                nobody.append((function, check))
    return found, nobody


def verdict(name, kinds, checks):
    """(short word, whether it is as it should be)"""
    missed = oracle.missed(kinds, checks)
    extra = oracle.unconfirmed(kinds, checks)
    if oracle.stopped(kinds):
        extra = set()
    if name.startswith("FN_"):
        if missed:
            return "known miss", True
        if not checks:
            return "known miss, not shown", True
        return "found now: rename it", False
    if name.startswith("FP_"):
        return ("known false alarm", True) if extra else (
            "quiet now: rename it", False)
    return ("disagree", False) if missed or extra else ("agree", True)


def short(names):
    return ", ".join(sorted(n.removeprefix("pinlint-") for n in names)) or "-"


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build")
    parser.add_argument("--table")
    parser.add_argument("files", nargs="*")
    args = parser.parse_args()
    own = sorted(glob.glob(os.path.join(oracle.HERE, "*.c")))
    tests = sorted(glob.glob(os.path.join(oracle.ROOT, "test/checks/*/*.c")))
    if args.files:
        chosen = {os.path.abspath(f) for f in args.files}
        own = [f for f in own if f in chosen]
        tests = [f for f in tests if f in chosen]
    include = os.path.join(oracle.HERE, "lit.h")
    exceptions = read_exceptions()
    used = set()

    runs = oracle.run_programs(args.build, own) if own else {}
    findings = oracle.analyse(args.build, own) if own else {}
    comparable, wrong = [], []
    for path in tests:
        relative = os.path.relpath(path, oracle.ROOT)
        if (relative, "*") in exceptions:
            used.add((relative, "*"))
            continue
        try:
            runs.update(oracle.run_programs(
                args.build, [path], ["--stub-unknown", "--include=" + include]))
            comparable.append(path)
        except oracle.Failure as failure:
            wrong.append("%s does not run; make it compile against the shim or "
                         "list it in not-compared.txt:\n%s"
                         % (relative, failure))
    if comparable:
        findings.update(oracle.analyse(args.build, comparable,
                                       ["-include", include]))

    rows, unreached = [], 0
    counts = collections.Counter()
    misses, alarms = collections.Counter(), collections.Counter()
    seen = collections.Counter()
    for path in own + comparable:
        relative = os.path.relpath(path, oracle.ROOT)
        with open(path) as source:
            text = source.read()
        entries = [f for (p, f) in runs if p == path]
        found, nobody = attribute(text, path, set(entries), runs, findings)
        # Called by others only: callbacks, static functions of their own.
        unreached += len(nobody)
        for name in entries:
            run = runs[path, name]
            if (relative, name) in exceptions:
                used.add((relative, name))
                word, right = "not compared", True
            elif run.not_run:
                word, right = "not run: " + run.not_run, False
            else:
                word, right = verdict(name, run.kinds, found[name])
            counts[word] += 1
            if word != "not compared":
                for kind in run.kinds:
                    if oracle.has_check(kind):
                        seen[oracle.KINDS[kind][0]] += 1
                misses.update(oracle.missed(run.kinds, found[name]))
                if not oracle.stopped(run.kinds):
                    alarms.update(oracle.unconfirmed(run.kinds, found[name]))
            row = "%-44s %-40s %-34s %-34s %s" % (
                relative.removeprefix("test/"), name, short(run.kinds),
                short(found[name]), word)
            rows.append(row)
            if not right:
                wrong.append(row)
    if not args.files:
        for place in sorted(exceptions.keys() - used):
            wrong.append("not-compared.txt: nothing is named %s %s" % place)

    if args.table:
        with open(args.table, "w") as table:
            table.write("%-44s %-40s %-34s %-34s %s\n" % (
                "file", "function", "run", "analysed", "verdict"))
            table.writelines(row + "\n" for row in rows)
    for line in wrong:
        print(line)
    print("%-28s %9s %7s %13s" % ("check", "programs", "missed",
                                  "false alarms"))
    for check in sorted(seen.keys() | alarms.keys()):
        print("%-28s %9d %7d %13d" % (check, seen[check], misses[check],
                                      alarms[check]))
    print("%d functions: %s; %d findings in functions that are not run" % (
        len(rows), ", ".join("%d %s" % (n, word)
                             for word, n in sorted(counts.items())),
        unreached))
    return bool(wrong)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except oracle.Failure as failure:
        sys.exit("agree.py: %s" % failure)
