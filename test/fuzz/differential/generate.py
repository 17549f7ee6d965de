# Part of the pinlint project.
"""Random programs against the shim: what they acquire they give back, on every
path, unless a mistake is made on purpose.

A program is a function of its seed and nothing else.
"""

import random

import fetches
import mistakes
from resources import (Chunks, DmaMapped, Domain, ExtraReference, Mapped, Memory,
                       OnePage, PageAlloc, PageByPage, Pages, Resource, Vmapped)
from tree import Function, If, Loop, Program, S

PROLOGUE = """\
#include <pinlint/kernel.h>

/* Something that may fail, and holds nothing. */
static int step(void) { return pinlint_choose(2, "the step's failure") ? -EIO : 0; }
static void touch(struct page *page)
{
	char *p = kmap_local_page(page);

	p[0] = 1;
	kunmap_local(p);
}
static void clear(struct page *page)
{
	memset(page_address(page), 0, PAGE_SIZE);
}
"""


class Frame:
    """A function while it is being generated: how it leaves when a step fails.

    ladder   labels, one per resource
    inline   gives back what is held before each return
    label    one label, which looks at what is held
    """

    def __init__(self, style, pointer=False):
        self.style = style
        self.label = style == "label"
        self.held = []
        self.pointer = pointer
        self.used_label = False

    def give(self, error):
        return "return %s;" % ("ERR_PTR(%s)" % error if self.pointer else error)

    def fail(self, error):
        # One label looks at everything, also at what is only half acquired.
        if self.style == "inline" or not self.held and not self.label:
            out = []
            for resource in reversed(self.held):
                out += resource.release()
            if "->" in error:
                # Not read from an object that is gone.
                out.insert(0, S("ret = %s;" % error, "error"))
                error = "ret"
            return out + [S(self.give(error), "return")]
        self.used_label = True
        target = "out" if self.label else "undo%d" % self.held[-1].k
        return [S("ret = %s;" % error, "error"), S("goto %s;" % target, "goto")]


class Object(Resource):
    """A structure that owns resources, with a function that makes it and one
    that destroys it."""

    def __init__(self, rng, k, program, parts, style):
        super().__init__(rng, k)
        name = program.name
        self.type = "struct %s_obj%d" % (name, k)
        self.create, self.destroy = ("%s_create%d" % (name, k),
                                     "%s_destroy%d" % (name, k))
        self.counted = rng.random() < 0.3
        self.needs_device = any(isinstance(p, (Domain, DmaMapped))
                                for p in parts)
        fields = ["\tstruct list_head list;"]
        if self.counted:
            fields.append("\tstruct kref ref;")
        if self.needs_device:
            fields.append("\tstruct device *dev;")
        for part in parts:
            part.prefix = "obj->"
            for kind, field, initial in part.declare():
                fields.append("\t%s%s%d%s;" % (
                    kind, field, part.k,
                    initial if initial.startswith("[") else ""))
        program.structs.append("%s {\n%s\n};" % (self.type, "\n".join(fields)))

        drop = []
        for part in reversed(parts):
            drop += part.release()
        drop.append(S("kfree(obj);", "release", "free"))
        if self.counted:
            head = "static void %s(struct kref *ref)" % self.destroy
            decls = ["%s *obj = container_of(ref, %s, ref);" % (
                self.type, self.type), "int i;"]
        else:
            head = "static void %s(%s *obj)" % (self.destroy, self.type)
            decls = ["int i;"]
        if self.needs_device:
            decls.append("struct device *dev = obj->dev;")
        program.functions.append(Function(head, decls, drop))

        frame = Frame(style, pointer=True)
        shell = Shell(rng, k, self.type, self.counted)
        body = shell.acquire(frame)
        frame.held.append(shell)
        if self.needs_device:
            body.append(S("obj->dev = dev;"))
        for part in parts:
            part.addr = "addr"
            body += part.acquire(frame)
            frame.held.append(part)
            if rng.random() < 0.3:
                body += [S("ret = step();"), If("ret", frame.fail("ret"))]
        body += [S("return obj;", "return")] + ladder(frame)
        program.functions.append(Function(
            "static %s *%s(unsigned long addr, struct device *dev)" % (
                self.type, self.create),
            ["%s *obj;" % self.type, "int ret = 0, got, i;"], body))

    def declare(self):
        return [(self.type + " *", "obj", "NULL")]

    def acquire(self, f):
        obj = self.v("obj")
        reset = [S(obj + " = NULL;", "reset")] if f.label else []
        out = [S("%s = %s(%s, dev);" % (obj, self.create, self.addr),
                 "acquire"),
               If("IS_ERR(%s)" % obj, [S("got = PTR_ERR(%s);" % obj)] + reset
                  + f.fail("got"))]
        if self.counted and self.rng.random() < 0.4:
            out += [S("kref_get(&%s->ref);" % obj, "acquire"), self.put()]
        return out

    def put(self):
        return S("kref_put(&%s->ref, %s);" % (self.v("obj"), self.destroy),
                 "release", "kref")

    def release(self):
        if self.counted:
            return [self.put()]
        return [S("%s(%s);" % (self.destroy, self.v("obj")), "release",
                  "object")]

    def guarded(self):
        return [If(self.v("obj"), self.release(), tag="guard")]

    def use(self):
        return [S("INIT_LIST_HEAD(&%s->list);" % self.v("obj"), "use")]


class Shell(Resource):
    """The memory of an object."""

    def __init__(self, rng, k, type, counted):
        super().__init__(rng, 900 + k)
        self.type, self.counted = type, counted

    def acquire(self, f):
        out = [S("obj = kzalloc(sizeof(*obj), GFP_KERNEL);", "acquire"),
               If("!obj", f.fail("-ENOMEM"))]
        if self.counted:
            # Not forgotten: no check claims to know which counts were set.
            out.append(S("kref_init(&obj->ref);"))
        return out

    def release(self):
        return [S("kfree(obj);", "release", "free")]


class ObjectList(Resource):
    """Several objects on a list, made in a loop."""

    def __init__(self, rng, k, object):
        super().__init__(rng, k)
        self.object = object
        object.prefix, object.counted = "", object.counted
        self.count = rng.choice([2, 3])

    def declare(self):
        return [("struct list_head ", "head", "LIST")] + [
            (self.object.type + " *", "next", "NULL")] + self.object.declare()

    def acquire(self, f):
        obj, head = self.object.v("obj"), self.v("head")
        failure = [] if f.label else self.release()
        return [Loop("for (j = 0; j < %d; j++)" % self.count, [
            S("%s = %s(%s + j * PAGE_SIZE, dev);" % (
                obj, self.object.create, self.addr), "acquire"),
            If("IS_ERR(%s)" % obj, [S("got = PTR_ERR(%s);" % obj)] + failure
               + f.fail("got")),
            S("list_add_tail(&%s->list, &%s);" % (obj, head), "count")])]

    def release(self):
        obj = self.object.v("obj")
        return [Loop("list_for_each_entry_safe(%s, %s, &%s, list)" % (
            obj, self.v("next"), self.v("head")),
            [S("list_del(&%s->list);" % obj, "reset")] + self.object.release())]


class Helper(Resource):
    """Pages that a function acquires and another one gives back."""

    def __init__(self, rng, k, program, inner, style):
        super().__init__(rng, k)
        self.inner, self.count = inner, inner.count
        name = program.name
        self.get, self.put = "%s_get%d" % (name, k), "%s_put%d" % (name, k)
        inner.heap = inner.flagged = False
        inner.addr = "addr"
        self.full = rng.random() < 0.6
        frame = Frame(style)
        pages = "pages%d" % inner.k
        body = inner.acquire(frame)
        if self.full:
            # All, or none and an error.
            inner_n = inner.v("n")
            short = If("%s < %d" % (inner_n, inner.count),
                       ([] if frame.label else inner.drop(inner_n, "partial"))
                       + frame.fail("-EFAULT"))
            body += [short, S("return 0;", "return")]
        else:
            body += [S("return %s;" % inner.v("n"), "return")]
        if frame.used_label:
            body += [S("out:")] + inner.guarded() + [S("return ret;", "return")]
        program.functions.append(Function(
            "static int %s(unsigned long addr, struct page **%s)" % (
                self.get, pages), ["int ret = 0, got, i, n%d = 0;" % inner.k],
            body))
        program.functions.append(Function(
            "static void %s(struct page **%s, int n%d)" % (
                self.put, pages, inner.k), ["int i;"],
            inner.drop(inner.v("n"))))

    def declare(self):
        return [("struct page *", "pages", "[%d]" % self.count),
                ("int ", "n", "0")]

    def acquire(self, f):
        n = self.v("n")
        call = "%s = %s(%s, %s);" % (n, self.get, self.addr, self.v("pages"))
        if self.full:
            return [S(call, "acquire"), If(n, f.fail(n)),
                    S("%s = %d;" % (n, self.count), "count")]
        return [S(call, "acquire"),
                If("%s <= 0" % n, f.fail("%s ? %s : -EFAULT" % (n, n)))]

    def release(self):
        return [S("%s(%s, %s);" % (self.put, self.v("pages"), self.v("n")),
                  "release", "object")]

    def guarded(self):
        return [If("%s > 0" % self.v("n"), self.release(), tag="guard")]

    def use(self):
        return [Loop("for (i = 0; i < %s; i++)" % self.v("n"),
                     [S("touch(%s[i]);" % self.v("pages"), "use")])]


def ladder(frame):
    """The labels at the end of a function that returns a pointer or whose
    success does not come by."""
    out = []
    if frame.style == "ladder":
        for resource in reversed(frame.held):
            out += [S("undo%d:" % resource.k)] + resource.release()
    elif frame.style == "label" and frame.used_label:
        out.append(S("out:"))
        for resource in reversed(frame.held):
            out += resource.guarded()
    return out + [S(frame.give("ret"), "return")] if out else []


PAGE_ARRAYS = (Pages, Chunks, PageByPage)


def draw(rng, program, k, held, style, nested=False):
    """A resource that can be acquired while those of held are."""
    pages = [r for r in held if isinstance(r, OnePage)]
    arrays = [r for r in held if isinstance(r, PAGE_ARRAYS)]
    domains = [r for r in held if isinstance(r, Domain)]
    choices = [(4, "page"), (5, "array"), (3, "memory"), (1, "fresh"),
               (1, "domain")]
    if pages:
        choices += [(1, "dma"), (1, "again")]
        if domains:
            choices.append((5, "mapped"))
    if arrays:
        choices.append((1, "vmap"))
    if not nested:
        choices += [(3, "object"), (1, "list"), (2, "helper")]
    what = rng.choices([c for _, c in choices], [w for w, _ in choices])[0]
    if what == "page":
        return OnePage(rng, k)
    if what == "array":
        return rng.choice(PAGE_ARRAYS)(rng, k)
    if what == "memory":
        return Memory(rng, k)
    if what == "fresh":
        return PageAlloc(rng, k)
    if what == "domain":
        return Domain(rng, k)
    if what == "dma":
        return DmaMapped(rng, k, rng.choice(pages))
    if what == "again":
        return ExtraReference(rng, k, rng.choice(pages))
    if what == "mapped":
        return Mapped(rng, k, rng.choice(domains), rng.choice(pages))
    if what == "vmap":
        return Vmapped(rng, k, rng.choice(arrays))
    if what == "helper":
        return Helper(rng, k, program, rng.choice(PAGE_ARRAYS)(rng, k + 50),
                      rng.choice(["inline", "label"]))
    parts = []
    for i in range(rng.choice([1, 1, 2])):
        parts.append(draw(rng, program, 10 * k + i + 10, parts, style, True))
    made = Object(rng, k, program, parts,
                  rng.choice(["ladder", "inline"]))
    return made if what == "object" else ObjectList(rng, k, made)


def build(rng, program):
    style = rng.choice(["ladder", "ladder", "inline", "label"])
    frame = Frame(style)
    body, decls = [], ["struct device *dev = pinlint_device();"]
    resources = []
    for k in range(1, 1 + rng.choice([1, 1, 2, 2, 3])):
        resources.append(draw(rng, program, k, resources, style))
    for number, resource in enumerate(resources):
        decls.append("unsigned long addr%d = pinlint_user_pages(8);"
                     % resource.k)
        resource.addr = "addr%d" % resource.k
        for kind, field, initial in resource.declare():
            name = "%s%d" % (field, resource.k)
            if initial == "LIST":
                decls.append("LIST_HEAD(%s);" % name)
            elif initial.startswith("["):
                decls.append("%s%s%s;" % (kind, name, initial))
            else:
                decls.append("%s%s = %s;" % (kind, name, initial))
        if isinstance(resource, ObjectList):
            resource.object.prefix = ""
    decls.append("int ret = 0, got, i, j;")
    for resource in resources:
        body += resource.acquire(frame)
        frame.held.append(resource)
        if rng.random() < 0.4:
            body += rng.choice(frame.held).use()
        if rng.random() < 0.35:
            body += [S("ret = step();"), If("ret", frame.fail("ret"))]
    if rng.random() < 0.5:
        body += rng.choice(frame.held).use()

    through = style == "label" or (style == "ladder" and rng.random() < 0.6)
    if through:
        # Success goes the same way.
        body.append(S("ret = 0;", "error"))
        frame.used_label = True
        body += ladder(frame)
    else:
        for resource in reversed(resources):
            body += resource.release()
        body.append(S("return 0;", "return"))
        body += ladder(frame)
    program.functions.append(Function("int %s(void)" % program.name, decls,
                                      body))


def generate(seed, name):
    """The program of a seed; about half of them with a mistake in it."""
    rng = random.Random(seed)
    program = Program(name)
    if rng.random() < 0.12:
        fetches.build(rng, program)
    else:
        build(rng, program)
        if rng.random() < 0.55:
            mistakes.make(rng, program)
    return program
