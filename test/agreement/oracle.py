# Part of the pinlint project.
"""Both verdicts on C programs: what the analyser says of each function, and
what running it under every outcome of its fallible calls shows."""

import collections
import json
import os
import re
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SHIM = os.path.join(ROOT, "include", "pinlint", "shim")


class Failure(Exception):
    """A tool did not do its work."""


def read_kinds(path=os.path.join(HERE, "kinds.txt")):
    """Kind of violation, or kind/subject -> the checks that stand for it."""
    kinds = {}
    with open(path) as lines:
        for number, line in enumerate(lines, 1):
            line = line.split("#")[0].strip()
            if not line:
                continue
            kind, colon, checks = line.partition(":")
            if not colon or kind in kinds:
                raise Failure("%s:%d: expected KIND[/SUBJECT]: CHECK..." % (path, number))
            kinds[kind] = checks.split()
    return kinds


KINDS = read_kinds()


class Run:
    """What running one entry function showed."""

    def __init__(self, record):
        self.not_run = record.get("not_run", "")
        self.line = record["line"]
        self.exhaustive = record.get("exhaustive", False)
        self.complete = record.get("complete_up_to", 0)
        self.violations = record.get("violations", [])
        self.kinds = {name_of(v) for v in self.violations}


def name_of(violation):
    special = "%s/%s" % (violation["kind"], violation["subject"])
    return special if special in KINDS else violation["kind"]


def execute(command, allowed):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode not in allowed:
        raise Failure("%s: exit status %d\n%s" % (
            " ".join(command), result.returncode, result.stderr[-4000:]))
    return result


def run_programs(build, files, options=()):
    """{(file, function): Run} of pinlint-verify."""
    result = execute([os.path.join(build, "bin", "pinlint-verify"), "--jsonl",
                      *options, *files], (0, 1, 3))
    runs = {}
    for line in result.stdout.splitlines():
        record = json.loads(line)
        runs[os.path.abspath(record["file"]), record["function"]] = Run(record)
    return runs


def analyse(build, files, flags=(), options=()):
    """{(file, function): {check}} of pinlint; and whether all was analysed."""
    result = execute([os.path.join(build, "bin", "pinlint"), "--format=jsonl",
                      "--quiet", *options, *files, "--", "-std=gnu11",
                      "-fms-extensions", "-nostdlibinc", "-I" + SHIM, *flags],
                     (0, 1, 3))
    if result.returncode == 3:
        raise Failure("pinlint did not analyse everything:\n" + result.stderr)
    findings = collections.defaultdict(set)
    for line in result.stdout.splitlines():
        record = json.loads(line)
        findings[os.path.abspath(record["file"]), record["function"]].add(record["check"])
    return findings


def callers(text, entries):
    """{helper: the entry functions that mention it, maybe through others}.

    A look at the text is enough for programs in which every function starts in
    the first column and ends with a brace there."""
    bodies = {}
    for match in re.finditer(
            r"^(?!typedef|struct \w+ \{|enum)[A-Za-z_][^;{}#=]*?"
            r"\b(\w+)\([^;{}]*\)\s*\{(?:(.*)\}$|\n((?s:.*?))^\})",
            text, re.M):
        bodies[match.group(1)] = set(re.findall(
            r"\w+", match.group(2) or match.group(3) or ""))
    # Tables of functions: whoever mentions the table may call them.
    for match in re.finditer(r"^[a-z][^;{}()]*\b(\w+)(?:\[\])? = \{(.*?)^\}",
                             text, re.M | re.S):
        bodies.setdefault(match.group(1),
                          set(re.findall(r"\w+", match.group(2))))
    mention = {name: words & bodies.keys() for name, words in bodies.items()}
    reached = collections.defaultdict(set)
    for entry in entries:
        work, seen = [entry], {entry}
        while work:
            for name in mention.get(work.pop(), ()):
                if name not in seen:
                    seen.add(name)
                    work.append(name)
        for name in seen - {entry}:
            reached[name].add(entry)
    return reached


def has_check(kind):
    """Whether a violation of this kind has to be found."""
    return KINDS[kind][0] not in ("none", "stop", "may")


def checks_of(kinds):
    """The checks that agree with some violation of these kinds."""
    return {check for kind in kinds for check in KINDS[kind]
            if check.startswith("pinlint-")}


def missed(kinds, checks):
    """The violations that no finding stands for, by their first check."""
    return {KINDS[kind][0] for kind in kinds
            if has_check(kind) and not checks & set(KINDS[kind])}


def unconfirmed(kinds, checks):
    """The findings that no violation stands for."""
    return checks - checks_of(kinds)


def stopped(kinds):
    """Whether the program did not get to its end in some run."""
    return any(KINDS[kind] == ["stop"] for kind in kinds)
