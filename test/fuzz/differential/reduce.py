# Part of the pinlint project.
"""Makes a program smaller while the two verdicts on it keep disagreeing.

Each round tries every deletion of one statement, and every replacement of a
compound statement by its body, all of them in one file; then all successful
ones together, and takes the best single one if that is too much."""

import os
import re
import subprocess

import oracle

# A program that reads what it never set is no program to learn from.
DEFINED = ["-Werror=uninitialized", "-Werror=sometimes-uninitialized",
           "-Werror=conditional-uninitialized", "-Werror=return-type",
           "-Werror=incompatible-pointer-types",
           # Nor is what nobody runs.
           "-Werror=unused-function"]


def drop(program, place):
    """A copy without the statement; or None."""
    smaller = program.copy()
    statements, i = smaller.places()[place]
    del statements[i]
    return smaller


def unwrap(program, place):
    smaller = program.copy()
    statements, i = smaller.places()[place]
    if statements[i].body is None:
        return None
    statements[i:i + 1] = statements[i].body
    return smaller


def tidy(program):
    """Without declarations, functions and structures that nobody mentions."""
    program = program.copy()
    changed = True
    while changed:
        changed = False
        for function in program.functions:
            body = []
            for node in function.body:
                node.render(1, body)
            for decl in list(function.decls):
                name = re.search(r"(\w+)(?:\[[^]]*\])?(?: = .*)?\)?;$", decl)
                rest = "\n".join(body + [d for d in function.decls
                                         if d is not decl])
                names = ([n.strip().split(" ")[0] for n in
                          decl[4:-1].split(",")] if decl.startswith("int ") else
                         [name.group(1)] if name else [])
                used = [n for n in names if re.search(r"\b%s\b" % n, rest)]
                if not names or len(used) == len(names):
                    continue
                changed = True
                at = function.decls.index(decl)
                if decl.startswith("int ") and used:
                    parts = [p.strip() for p in decl[4:-1].split(",")]
                    function.decls[at] = "int %s;" % ", ".join(
                        p for p in parts if p.split(" ")[0] in used)
                else:
                    del function.decls[at]
        text = program.render()
        for function in program.functions[:-1]:
            name = re.search(r"(\w+)\(", function.head).group(1)
            if len(re.findall(r"\b%s\b" % name, text)) == 1:
                program.functions.remove(function)
                changed = True
                break
        for struct in program.structs:
            name = re.match(r"struct (\w+)", struct).group(1)
            if len(re.findall(r"\b%s\b" % name, text)) == 1:
                program.structs.remove(struct)
                changed = True
                break
    return program


def compiling(clang, prologue, candidates, path):
    """Those that compile and are defined, as (number, candidate)."""
    alive = list(enumerate(candidates))
    while alive:
        starts, text = [], prologue
        for number, candidate in alive:
            starts.append(text.count("\n") + 1)
            text += candidate.render("prog%d" % number) + "\n"
        with open(path, "w") as out:
            out.write(text)
        result = subprocess.run(
            [clang, "-fsyntax-only", "-ferror-limit=0", "-std=gnu11",
             "-Wno-everything",
             "-fms-extensions", "-nostdlibinc", "-I" + oracle.SHIM, *DEFINED,
             path], capture_output=True, text=True)
        if result.returncode == 0:
            return alive
        lines = [int(n) for n in re.findall(r":(\d+):\d+: error:",
                                            result.stderr)]
        # What nobody uses of the prologue is no candidate's fault.
        bad = {max(i for i, s in enumerate(starts) if s <= line)
               for line in lines if line >= starts[0]}
        if not lines:
            raise oracle.Failure(result.stderr)
        if not bad:
            return alive
        alive = [c for i, c in enumerate(alive) if i not in bad]
    return []


def reduce(program, signature, judge, clang, prologue, directory, rounds=40):
    """\
    signature  what must stay: {("miss" or "alarm", check)}
    judge      path of a file -> {number: set like signature, or None}
    """
    path = os.path.join(directory, "reduce-%s.c" % program.name)
    # Programs are printed under other names.
    for function in program.functions:
        assert program.name in function.head or "static" in function.head

    def good(candidates):
        alive = compiling(clang, prologue, candidates, path)
        if not alive:
            return []
        verdicts = judge(path)
        return [number for number, _ in alive
                if verdicts.get("prog%d" % number) is not None
                and signature <= verdicts["prog%d" % number]]

    for _ in range(rounds):
        count = program.size()
        changes = [(change, place) for place in range(count)
                   for change in (drop, unwrap)]
        candidates, made = [], []
        for change, place in changes:
            smaller = change(program, place)
            if smaller:
                candidates.append(smaller)
                made.append((change, place))
        numbers = good(candidates)
        if not numbers:
            break
        # All deletions together: from behind, so that places stay.
        together = program
        for number in sorted(numbers, key=lambda n: -made[n][1]):
            change, place = made[number]
            if change is drop and place < together.size():
                try:
                    together = drop(together, place)
                except IndexError:
                    pass
        best = min((candidates[n] for n in numbers), key=lambda c: c.size())
        program = together if together is not program and good(
            [together]) else best
    return tidy(program)
