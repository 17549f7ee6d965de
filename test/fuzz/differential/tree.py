# Part of the pinlint project.
"""C programs as trees of statements, which can be changed and printed."""

import copy


class Node:
    """A statement: text, or a compound with a head and a body.

    tag says what it is for, so that mistakes can be made on purpose:
    "release", "partial", "goto", "use", "count", "check", "reset", "acquire".
    """

    __slots__ = ("text", "body", "orelse", "tag", "kind")

    def __init__(self, text, body=None, orelse=None, tag="", kind=""):
        self.text = text
        self.body = body
        self.orelse = orelse
        self.tag = tag
        self.kind = kind

    def lists(self):
        return [l for l in (self.body, self.orelse) if l is not None]

    def render(self, depth, out):
        tabs = "\t" * depth
        if self.body is None:
            if self.text.endswith(":"):
                out.append(self.text)
            else:
                out.append(tabs + self.text)
            return
        out.append(tabs + self.text + " {")
        for node in self.body:
            node.render(depth + 1, out)
        if self.orelse is not None:
            out.append(tabs + "} else {")
            for node in self.orelse:
                node.render(depth + 1, out)
        out.append(tabs + "}")


def S(text, tag="", kind=""):
    return Node(text, tag=tag, kind=kind)


def If(condition, body, orelse=None, tag="check"):
    return Node("if (%s)" % condition, body, orelse, tag)


def Loop(head, body, tag=""):
    return Node(head, body, tag=tag)


class Function:
    def __init__(self, head, decls=None, body=None):
        self.head = head
        self.decls = decls if decls is not None else []
        self.body = body if body is not None else []

    def render(self, out):
        out.append(self.head)
        out.append("{")
        for decl in self.decls:
            out.append("\t" + decl)
        if self.decls:
            out.append("")
        for node in self.body:
            node.render(1, out)
        out.append("}")


class Program:
    """Structures, helpers and, as the last function, the entry function."""

    def __init__(self, name):
        self.name = name
        self.structs = []
        self.functions = []
        self.mistake = ""

    def copy(self):
        return copy.deepcopy(self)

    def render(self, rename=None):
        out = []
        for struct in self.structs:
            out += [struct, ""]
        for function in self.functions:
            function.render(out)
            out.append("")
        text = "\n".join(out)
        return text.replace(self.name, rename) if rename else text

    def lists(self):
        """Every list of statements, outer ones first."""
        work = [f.body for f in self.functions]
        for statements in work:
            for node in statements:
                work += node.lists()
        return work

    def places(self, tags=None):
        """(list, index) of every statement, or of those with such a tag."""
        return [(l, i) for l in self.lists() for i, node in enumerate(l)
                if tags is None or node.tag in tags]

    def size(self):
        return len(self.places())
