#!/usr/bin/env python3
"""CPU time of pinlint against `clang -fsyntax-only` on the same files.

Both take turns, and each counts with its best round, so that a busy machine
disturbs the comparison little. Clang gets the files that pinlint parses only.
Prints a table, also of runs that parse all headers of each file, of runs that
find the results of another one in the store, and of the Clang Static Analyzer
where that is asked for; exits with 1 if a limit is exceeded.
"""

import argparse
import json
import os
import re
import resource
import shlex
import sqlite3
import subprocess
import sys
import tempfile

# Of clang's CPU time: the whole process, and its engine alone.
MAX_RATIO = 0.35
MAX_ENGINE_RATIO = 0.20
# Of the functions analysed.
MAX_OVER_BUDGET = 0.05


def clang_command(entry, clang, action):
    """The entry's command, with another action than to compile."""
    arguments = entry.get("arguments") or shlex.split(entry["command"])
    result = [clang, action]
    skip = False
    for argument in arguments[1:]:
        if skip:
            skip = False
        elif argument == "-o":
            skip = True
        elif argument != "-c" and not argument.startswith("-Wp,-M"):
            result.append(argument)
    return result


def cpu_seconds(run):
    """CPU time, user and system, that the processes of run() take."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pinlint", required=True)
    parser.add_argument("--clang", required=True)
    parser.add_argument("-p", dest="build", required=True, help="build directory")
    parser.add_argument("--source", required=True, help="source tree")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--analyze", action="store_true", help="time clang --analyze, too (slow)"
    )
    parser.add_argument("directories", nargs="+")
    options = parser.parse_args()
    for path in ("pinlint", "build", "source"):
        setattr(options, path, os.path.abspath(getattr(options, path)))

    below = tuple(
        os.path.join(options.source, d.rstrip("/"), "") for d in options.directories
    )
    with open(os.path.join(options.build, "compile_commands.json")) as f:
        entries = [
            e
            for e in json.load(f)
            if e["file"].startswith(below) and e["file"].endswith(".c")
        ]

    def run_clang(action, entries):
        for entry in entries:
            subprocess.run(
                clang_command(entry, options.clang, action)
                + (["-o", "/dev/null"] if action == "--analyze" else []),
                cwd=entry["directory"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=True,
            )

    with tempfile.TemporaryDirectory() as scratch:
        stats_file = os.path.join(scratch, "stats.json")
        store = os.path.join(scratch, "store.db")
        # The files that are parsed are those that steps are made for.
        steps = os.path.join(scratch, "build.ninja")
        subprocess.run(
            [options.pinlint, "ninja", "-p", options.build, "-o", steps]
            + options.directories,
            cwd=options.source,
            check=True,
        )
        with open(steps) as f:
            parsed = set(re.findall(r"^build \S+: index (\S+)", f.read(), re.M))
        relevant = [e for e in entries if e["file"] in parsed]

        def run_pinlint(*more):
            command = [options.pinlint, "-j1", "--quiet", f"--stats={stats_file}"]
            command += [*more, "-p", options.build, *options.directories]
            run = subprocess.run(
                command,
                cwd=options.source,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            if run.returncode not in (0, 1):
                sys.exit(f"pinlint: exit status {run.returncode}\n{run.stderr}")

        clang_times, pinlint_times, stats = [], [], []
        for i in range(options.rounds):
            clang_times.append(
                cpu_seconds(lambda: run_clang("-fsyntax-only", relevant))
            )
            pinlint_times.append(cpu_seconds(lambda: run_pinlint("--no-store")))
            with open(stats_file) as f:
                stats.append(json.load(f))
            print(
                f"round {i + 1}: clang {clang_times[-1]:.2f} s, "
                f"pinlint {pinlint_times[-1]:.2f} s",
                file=sys.stderr,
            )
        alone = cpu_seconds(lambda: run_pinlint("--no-store", "--no-header-sets"))
        cold = cpu_seconds(lambda: run_pinlint(f"--store={store}"))
        warm = cpu_seconds(lambda: run_pinlint(f"--store={store}"))
        # As if one file had changed: its results are gone.
        with sqlite3.connect(store) as db:
            unit = db.execute("SELECT unit FROM results LIMIT 1").fetchone()
            if unit:
                db.execute("DELETE FROM results WHERE unit = ?", unit)
        one = cpu_seconds(lambda: run_pinlint(f"--store={store}"))
        analyze = (
            cpu_seconds(lambda: run_clang("--analyze", relevant))
            if options.analyze
            else None
        )
        # Of the largest process.
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss

    clang, pinlint = min(clang_times), min(pinlint_times)
    engine = min(s["engineSeconds"] for s in stats)
    parse = min(s["parseSeconds"] for s in stats)
    last = stats[-1]
    if last["units"] != len(entries):
        sys.exit(f"clang ran on {len(entries)} files, pinlint on {last['units']}")
    over_budget = last["functionsOverBudget"] / max(last["functionsAnalysed"], 1)

    print(
        f"{len(entries)} translation units, {len(relevant)} of them parsed; "
        f"best of {options.rounds} rounds"
    )
    print(f"{'':28}{'CPU s':>8}{'ratio':>8}{'limit':>8}")
    print(f"{'clang -fsyntax-only':28}{clang:8.2f}{1:8.2f}")
    failed = False
    for name, seconds, limit in (
        ("pinlint", pinlint, MAX_RATIO),
        ("  parse", parse, None),
        ("  engine", engine, MAX_ENGINE_RATIO),
        ("pinlint, no header sets", alone, None),
        ("pinlint, filling a store", cold, None),
        ("pinlint, nothing changed", warm, None),
        ("pinlint, one file changed", one, None),
        ("clang --analyze", analyze, None),
    ):
        if seconds is None:
            continue
        ratio = seconds / clang
        print(
            f"{name:28}{seconds:8.2f}{ratio:8.2f}"
            + (f"{limit:8.2f}" if limit else "")
            + ("  EXCEEDED" if limit and ratio > limit else "")
        )
        failed |= limit is not None and ratio > limit
    print(
        f"on header sets: {last['onHeaderSet']} units, "
        f"{last['parsedAgain']} of them parsed again without"
    )
    print(f"largest process: {peak / 1024:.0f} MiB")
    print(
        f"functions over budget: {last['functionsOverBudget']} of "
        f"{last['functionsAnalysed']} ({over_budget:.1%}, limit {MAX_OVER_BUDGET:.0%})"
        + ("  EXCEEDED" if over_budget > MAX_OVER_BUDGET else "")
    )
    sys.exit(failed or over_budget > MAX_OVER_BUDGET)


if __name__ == "__main__":
    main()
