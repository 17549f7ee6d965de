# Part of the pinlint project.
"""Mistakes, one per program, of the kinds that reviews of such code find."""

import re

from tree import S


def forget(rng, program, tags):
    places = program.places(tags)
    if not places:
        return ""
    statements, i = rng.choice(places)
    text = statements[i].text
    del statements[i]
    return "forgets: " + text


def forget_release(rng, program):
    return forget(rng, program, ("release",))


def forget_partial(rng, program):
    return forget(rng, program, ("partial",))


def forget_count(rng, program):
    return forget(rng, program, ("count",))


def forget_reset(rng, program):
    return forget(rng, program, ("reset",))


def repeat(rng, program):
    places = program.places(("release", "partial"))
    if not places:
        return ""
    statements, i = rng.choice(places)
    node = statements[i]
    at = rng.randint(i + 1, len(statements))
    # Not behind the end of the function.
    while at > i + 1 and statements[at - 1].tag in ("return", "goto"):
        at -= 1
    statements.insert(at, S(node.text, node.tag, node.kind))
    return "repeats: " + node.text


KINDS = {
    "unpin_user_page(": "put_page(",
    "put_page(": "unpin_user_page(",
    "unpin_user_pages(": "release_pages(",
    "release_pages(": "unpin_user_pages(",
    "__free_page(": "unpin_user_page(",
}


def wrong_kind(rng, program):
    places = [(l, i) for l, i in program.places(("release", "partial"))
              if any(l[i].text.startswith(k) for k in KINDS)]
    if not places:
        return ""
    statements, i = rng.choice(places)
    node = statements[i]
    was = node.text
    call = was[:was.index("(") + 1]
    # A single page by its address is no array of references.
    if call == "unpin_user_pages(" and "&" in was:
        return ""
    node.text = KINDS[call] + was[len(call):]
    return "%s instead of %s" % (node.text, was)


def wrong_label(rng, program):
    places = program.places(("goto",))
    labels = [n.text[:-1] for l in program.lists() for n in l
              if n.text.startswith("undo") and n.text.endswith(":")]
    if not places or len(labels) < 2:
        return ""
    statements, i = rng.choice(places)
    target = statements[i].text[5:-1]
    function = function_of(program, statements)
    labels = [n.text[:-1] for n in function.body if n.text.endswith(":")]
    others = [l for l in labels if l != target]
    if not others:
        return ""
    statements[i].text = "goto %s;" % rng.choice(others)
    return "%s instead of %s" % (statements[i].text, target)


def lists_of(function):
    work = [function.body]
    for statements in work:
        for node in statements:
            work += node.lists()
    return work


def function_of(program, statements):
    return next(f for f in program.functions
                if any(statements is l for l in lists_of(f)))


def returns_pointer(program, statements):
    return "*" in function_of(program, statements).head.split("(")[0]


def early_return(rng, program):
    places = program.places(("goto",))
    if not places:
        return ""
    statements, i = rng.choice(places)
    pointer = returns_pointer(program, statements)
    was = statements[i].text
    statements[i].text = "return ERR_PTR(ret);" if pointer else "return ret;"
    statements[i].tag = "return"
    return "returns instead of " + was


def use_late(rng, program):
    """A use after what it uses was given back."""
    uses = [l[i] for l, i in program.places(("use",))]
    rng.shuffle(uses)
    for use in uses:
        name = re.search(r"\b([a-z]+\d+)\b", use.text)
        if not name or "[i]" in use.text:
            continue
        targets = [(l, i) for l, i in program.places(("release",))
                   if re.search(r"\b%s\b" % name.group(1), l[i].text)]
        if targets:
            statements, i = rng.choice(targets)
            statements.insert(i + 1, S(use.text, "use"))
            return "uses late: " + use.text
    return ""


def swap(rng, program):
    places = [(l, i) for l, i in program.places(("release",))
              if i + 1 < len(l) and l[i + 1].tag == "release"]
    if not places:
        return ""
    statements, i = rng.choice(places)
    statements[i], statements[i + 1] = statements[i + 1], statements[i]
    return "swaps: %s and what follows" % statements[i + 1].text


CONDITIONS = [
    (r"(\w+(?:->\w+)?) != (\d)$", [r"\1 < 0", r"\1 <= 0"]),
    (r"(\w+(?:->\w+)?) <= 0$", [r"\1 < 0"]),
    (r"(\w+(?:->\w+)?) > 0$", [r"\1 > 1", r"\1 == 1"]),
    (r"^ret$", ["ret > 0", "!ret"]),
    (r"^IS_ERR\((.*)\)$", [r"!\1"]),
]


def wrong_condition(rng, program):
    places = program.places(("check", "guard"))
    rng.shuffle(places)
    for statements, i in places:
        text = statements[i].text
        condition = text[len("if ("):-1]
        for pattern, others in CONDITIONS:
            if re.search(pattern, condition):
                # ERR_PTR(0) is NULL, and what comes of that is another mistake.
                if returns_pointer(program, statements):
                    others = [o for o in others if o != "!ret"]
                statements[i].text = "if (%s)" % re.sub(
                    pattern, rng.choice(others), condition)
                return "%s instead of %s" % (statements[i].text, text)
    return ""


def wrong_bound(rng, program):
    places = [(l, i) for l, i in program.places()
              if l[i].text.startswith("for (i = 0; i < ") or
              re.match(r"unpin_user_pages\w*\(\S+, \S+\b", l[i].text)
              or l[i].text.startswith("release_pages(")]
    if not places:
        return ""
    statements, i = rng.choice(places)
    node = statements[i]
    was = node.text
    off = rng.choice([" - 1", " - 1", " + 1"])
    if was.startswith("for"):
        node.text = re.sub(r"i < ([^;]+);", r"i < \1%s;" % off, was)
    else:
        node.text = re.sub(r"(\w+\([^,]+, [^,)]+)", r"\1" + off, was, count=1)
    return "%s instead of %s" % (node.text, was)


def wrong_family(rng, program):
    """The flag that selects the family, turned round or fixed."""
    places = program.places(("family",))
    if not places:
        return ""
    statements, i = rng.choice(places)
    node = statements[i]
    if rng.random() < 0.5:
        node.body, node.orelse = node.orelse, node.body
        return "the wrong family for the flag"
    statements[i:i + 1] = rng.choice([node.body, node.orelse])
    return "one family whatever the flag says"


ALL = [(6, forget_release), (4, forget_partial), (1, forget_count),
       (1, forget_reset), (3, repeat), (3, wrong_kind), (4, wrong_label),
       (4, early_return), (3, use_late), (2, swap), (4, wrong_condition),
       (2, wrong_bound), (3, wrong_family)]


def make(rng, program):
    left = list(ALL)
    while left:
        choice = rng.choices(left, [w for w, _ in left])[0]
        program.mistake = choice[1](rng, program)
        if program.mistake:
            return
        left.remove(choice)
