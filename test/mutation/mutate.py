#!/usr/bin/env python3
"""Recall of pinlint on mutants of real functions.

Breaks functions of the given files that are right, in one way each (see Pins.cpp,
Lifetimes.cpp and Fetches.cpp), runs pinlint on the mutants and on what they were
made of, and prints how many of the mutants are found, by the kind of mistake. A
mutant counts as found if there is a finding in its function that the original
does not have; where several functions have to disagree for it to be a mistake, in
its file.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

# The mistakes that show only in what several functions do. They are analysed one
# by one: functions of the same name would be taken for each other.
OF_SEVERAL = {"drop-owner-release", "drop-cleanup-call", "drop-acquire"}

# What the mistakes are about: the checks that are to find them, and what a file
# has to mention to be of interest.
BALANCE = [
    "leak",
    "partial-pin",
    "mismatched-release",
    "over-release",
    "use-after-release",
    "double-free",
]
SUBJECTS = {
    "pins": (BALANCE, rb"_user_pages|iov_iter_(get|extract)_pages"),
    "references": (BALANCE + ["use-after-free"], rb"_put\w*\(|\bput_\w+\("),
    "lifetimes": (
        [
            "use-after-free",
            "double-free",
            "teardown-order",
            "use-after-release",
            "over-release",
        ],
        rb"free\w*\(",
    ),
    "fetches": (["double-fetch"], rb"copy_\w*from_user|get_user"),
}


def commands(build):
    """Compile commands by the real path of the file."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as f:
        entries = json.load(f)
    result = {}
    for entry in entries:
        path = os.path.join(entry["directory"], entry["file"])
        result.setdefault(os.path.realpath(path), entry)
    return result


def mentions(file, words):
    """True if the file has one of the words."""
    with open(file, "rb") as f:
        return re.search(words, f.read())


def command_for(mutant, entry):
    """The command of the original, for the mutant in another directory."""
    arguments = entry.get("arguments") or shlex.split(entry["command"])
    original = os.path.realpath(os.path.join(entry["directory"], entry["file"]))
    result, skip = [], False
    for argument in arguments:
        path = os.path.join(entry["directory"], argument)
        if skip:
            skip = False
        elif argument == "-o":
            skip = True
        elif argument.endswith(".c") and os.path.realpath(path) == original:
            result += ["-iquote", os.path.dirname(original), mutant]
        elif not argument.startswith("-Wp,-M"):
            result.append(argument)
    return {"directory": entry["directory"], "file": mutant, "arguments": result}


def findings(pinlint, build, checks, files, jobs):
    """What pinlint says, by file and function."""
    if not files:
        return {}, ""
    run = subprocess.run(
        [pinlint, "--quiet", "--format=jsonl", "-j", str(jobs), "-p", build]
        + ["--checks=-*," + ",".join("pinlint-" + c for c in checks)]
        + files,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if run.returncode == 2:
        sys.exit(run.stderr)
    result = collections.defaultdict(collections.Counter)
    for line in run.stdout.splitlines():
        finding = json.loads(line)
        key = os.path.realpath(finding["file"]), finding["function"]
        result[key][finding["check"], finding["message"]] += 1
    return result, run.stderr


def in_functions(found, file, mutant, several):
    """The findings of the file in the mutant's function, or in several."""
    result = collections.Counter()
    for (where, function), messages in found.items():
        if where == os.path.realpath(file) and (
            several or function == mutant["function"]
        ):
            result += messages
    return result


def spread(items, limit):
    """At most limit of the items, evenly taken."""
    if not limit or len(items) <= limit:
        return items
    return [items[i * len(items) // limit] for i in range(limit)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pinlint", required=True)
    parser.add_argument("--mutate", required=True, help="pinlint-mutate")
    parser.add_argument("-p", dest="build", required=True, help="build directory")
    parser.add_argument("-j", dest="jobs", type=int, default=os.cpu_count())
    parser.add_argument(
        "--limit", type=int, default=40, help="mutants of a kind; 0: all (40)"
    )
    parser.add_argument(
        "--of", choices=SUBJECTS, default="pins", help="what is broken (pins)"
    )
    parser.add_argument(
        "--kind", action="append", help="mutants of this kind only (all)"
    )
    parser.add_argument("-v", dest="verbose", action="store_true", help="list misses")
    parser.add_argument("paths", nargs="+", help="files or directories")
    options = parser.parse_args()

    checks, words = SUBJECTS[options.of]
    known = commands(options.build)
    files = []
    for path in map(os.path.realpath, options.paths):
        if os.path.isdir(path):
            files += [f for f in known if f.startswith(path + "/") and mentions(f, words)]
        elif path in known:
            files.append(path)
        else:
            sys.exit(f"{path}: not in {options.build}/compile_commands.json")
    if not files:
        sys.exit(f"no file that has {options.of}")
    files.sort()
    with tempfile.TemporaryDirectory(prefix="pinlint-mutate-") as scratch:
        made = subprocess.run(
            [options.mutate, "-p", options.build, f"--out={scratch}", f"--of={options.of}"]
            + ["--extra-arg=-w", *files],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if not made.stdout:
            sys.exit(made.stderr)
        by_kind = collections.defaultdict(list)
        for mutant in json.loads(made.stdout):
            if not options.kind or mutant["operator"] in options.kind:
                by_kind[mutant["operator"]].append(mutant)
        chosen = [
            m for kind in sorted(by_kind) for m in spread(by_kind[kind], options.limit)
        ]
        if not chosen:
            sys.exit("no function to break")
        with open(f"{scratch}/compile_commands.json", "w", encoding="utf-8") as f:
            json.dump([command_for(m["mutant"], known[m["file"]]) for m in chosen], f)
        originals, _ = findings(
            options.pinlint,
            options.build,
            checks,
            sorted({m["file"] for m in chosen}),
            options.jobs,
        )
        mutants, errors = findings(
            options.pinlint,
            scratch,
            checks,
            [m["mutant"] for m in chosen if m["operator"] not in OF_SEVERAL],
            options.jobs,
        )
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for found, said in pool.map(
                lambda m: findings(options.pinlint, scratch, checks, [m["mutant"]], 1),
                [m for m in chosen if m["operator"] in OF_SEVERAL],
            ):
                mutants.update(found)
                errors += said
        table = collections.defaultdict(lambda: [0, 0])
        invalid = 0
        for mutant in chosen:
            # What does not compile is no mutant. A function that was too much
            # for the budget is one.
            place = re.escape(mutant["mutant"])
            if re.search(rf"^\s*{place}: \S+:\d+:\d+: ", errors, re.M):
                invalid += 1
                continue
            several = mutant["operator"] in OF_SEVERAL
            new = in_functions(mutants, mutant["mutant"], mutant, several)
            new -= in_functions(originals, mutant["file"], mutant, several)
            row = table[mutant["operator"]]
            row[0] += bool(new)
            row[1] += 1
            if options.verbose and not new:
                print(
                    f"{mutant['file']}:{mutant['line']}: {mutant['operator']} "
                    f"in {mutant['function']} is not found"
                )
        print(f"{'mutation':24} {'found':>6} {'of':>5}")
        table["all"] = [sum(r[i] for r in table.values()) for i in (0, 1)]
        for kind, (found, total) in table.items():
            print(f"{kind:24} {found:6} {total:5}  {100 * found / max(total, 1):3.0f} %")
        if invalid:
            print(f"{invalid} do not compile and do not count")


if __name__ == "__main__":
    main()
