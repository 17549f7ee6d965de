#!/usr/bin/env python3
# Part of the pinlint project.
"""Generates programs, asks pinlint and pinlint-verify about each, and reports
how often they agree.

differential.py BUILD [-n N] [--seed S] [--reduce K] [--save DIR] ...
"""

import argparse
import collections
import concurrent.futures
import os
import re
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "agreement"))

import oracle
import generate
import reduce as reducer

PER_FILE = 25
# Programs are small; more combinations show nothing new.
RUN_OPTIONS = ["--max-runs=400"]


def program_of(function):
    return re.match(r"prog\d+", function).group(0)


class Verdict:
    """Of one program."""

    def __init__(self, run, checks):
        self.kinds = run.kinds
        self.checks = checks
        # Where the search was cut short, an alarm may be right all the same.
        self.judged = not run.not_run and not oracle.stopped(run.kinds) and (
            run.exhaustive or run.complete >= 2)
        self.disagreement = {("miss", c) for c in
                             oracle.missed(run.kinds, checks)} | {
            ("alarm", c) for c in oracle.unconfirmed(run.kinds, checks)}


def judge(build, path):
    """{program: Verdict} of a file."""
    runs = oracle.run_programs(build, [path], RUN_OPTIONS)
    checks = collections.defaultdict(set)
    for (_, function), found in oracle.analyse(build, [path]).items():
        if re.match(r"prog\d", function):
            checks[program_of(function)] |= found
    return {name: Verdict(run, checks[name])
            for (_, name), run in runs.items()}


def write_batch(directory, seeds):
    path = os.path.join(directory, "programs-%d.c" % seeds[0])
    with open(path, "w") as out:
        out.write(generate.PROLOGUE)
        for seed in seeds:
            out.write("\n" + generate.generate(seed, "prog%d" % seed).render())
    return path


def run_batch(args):
    build, directory, seeds = args
    path = write_batch(directory, seeds)
    verdicts = judge(build, path)
    lost = [s for s in seeds if "prog%d" % s not in verdicts]
    os.remove(path)
    return verdicts, lost


def report(verdicts, out):
    judged = [v for v in verdicts.values() if v.judged]
    shown = collections.Counter()
    found = collections.Counter()
    wrong = collections.Counter()
    for v in judged:
        for check in {oracle.KINDS[k][0] for k in v.kinds
                      if oracle.has_check(k)}:
            shown[check] += 1
        found.update(v.checks)
        wrong.update(v.disagreement)
    disagree = sum(bool(v.disagreement) for v in judged)
    rate = 100 * (1 - disagree / max(1, len(judged)))
    correct = sum(not v.kinds for v in judged)
    print("%d programs, %d judged: %d correct, %d with violations"
          % (len(verdicts), len(judged), correct, len(judged) - correct),
          file=out)
    print("the verdicts on %d of them differ: %.2f %% agree\n"
          % (disagree, rate), file=out)
    print("| check | shown by running | missed | found | false alarms | "
          "agreement |", file=out)
    print("|---|---|---|---|---|---|", file=out)
    for check in sorted(shown.keys() | found.keys()):
        miss, alarm = wrong["miss", check], wrong["alarm", check]
        print("| `%s` | %d | %d | %d | %d | %.2f %% |" % (
            check, shown[check], miss, found[check], alarm,
            100 * (1 - (miss + alarm) / len(judged))), file=out)
    return rate


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build", help="a build directory")
    parser.add_argument("-n", type=int, default=10000, help="programs (10000)")
    parser.add_argument("--seed", type=int, default=1, help="the first one (1)")
    parser.add_argument("-j", type=int, default=os.cpu_count())
    parser.add_argument("--minimum", type=float, default=0,
                        help="fail if less than this percentage agree")
    parser.add_argument("--list", action="store_true",
                        help="name every program whose verdicts differ")
    parser.add_argument("--reduce", type=int, default=0, metavar="K",
                        help="reduce K programs of each kind of disagreement")
    parser.add_argument("--save", metavar="DIR",
                        help="where reduced programs go")
    parser.add_argument("--show", type=int, metavar="SEED",
                        help="print the program of a seed, and nothing else")
    parser.add_argument("--clang", default="clang-22")
    args = parser.parse_args()
    if args.show is not None:
        program = generate.generate(args.show, "prog%d" % args.show)
        print("/* %s */" % (program.mistake or "correct"))
        print(generate.PROLOGUE + "\n" + program.render())
        return 0

    started = time.time()
    seeds = list(range(args.seed, args.seed + args.n))
    verdicts, lost = {}, []
    with tempfile.TemporaryDirectory() as directory:
        batches = [(args.build, directory, seeds[i:i + PER_FILE])
                   for i in range(0, len(seeds), PER_FILE)]
        with concurrent.futures.ThreadPoolExecutor(args.j) as pool:
            for some, missing in pool.map(run_batch, batches):
                verdicts.update(some)
                lost += missing
        rate = report(verdicts, sys.stdout)
        print("\n%.0f s" % (time.time() - started))
        for seed in lost:
            print("seed %d: no verdict" % seed)

        # The generator gives back what it acquires, or says what it does not.
        faulty = [s for s in seeds if "prog%d" % s in verdicts
                  and verdicts["prog%d" % s].kinds
                  and not generate.generate(s, "p").mistake]
        for seed in faulty:
            print("seed %d: generated without a mistake, but running shows %s"
                  % (seed, " ".join(sorted(verdicts["prog%d" % seed].kinds))))

        groups = collections.defaultdict(list)
        for seed in seeds:
            v = verdicts.get("prog%d" % seed)
            if v and v.judged and v.disagreement:
                groups[tuple(sorted(v.disagreement))].append(seed)
        for group, members in sorted(groups.items(), key=lambda g: -len(g[1])):
            if args.list:
                print("%s:" % ", ".join("%s of %s" % g for g in group))
                for seed in members:
                    v = verdicts["prog%d" % seed]
                    print("  %d: %s; run: %s; analysed: %s" % (
                        seed, generate.generate(seed, "p").mistake or "correct",
                        " ".join(sorted(v.kinds)) or "-",
                        " ".join(sorted(v.checks)) or "-"))
            for seed in members[:args.reduce]:
                reduce_one(args, seed, group, directory)
    if lost or faulty or not verdicts:
        return 1
    if rate < args.minimum:
        print("less than %.2f %% agree" % args.minimum)
        return 1
    return 0


def reduce_one(args, seed, group, directory):
    program = generate.generate(seed, "prog%d" % seed)

    def disagreements(path):
        return {name: v.disagreement if v.judged else None
                for name, v in judge(args.build, path).items()}

    small = reducer.reduce(program, set(group), disagreements, args.clang,
                           generate.PROLOGUE, directory)
    text = "/* seed %d: %s; %s */\n%s" % (
        seed, program.mistake or "correct",
        ", ".join("%s of %s" % g for g in group), small.render())
    if args.save:
        os.makedirs(args.save, exist_ok=True)
        with open(os.path.join(args.save, "%d.c" % seed), "w") as out:
            out.write(generate.PROLOGUE + "\n" + text)
    print(text, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except oracle.Failure as failure:
        sys.exit("differential.py: %s" % failure)
