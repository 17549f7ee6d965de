# Part of the pinlint project.
"""What generated programs acquire and give back. Each class is one way to do
it, with its variants drawn from the generator's source of random numbers."""

from tree import If, Loop, S

GUP = {
    "pin": ["pin_user_pages_fast({a}, {n}, {f}, {p})",
            "pin_user_pages({a}, {n}, {f}, {p})",
            "pin_user_pages_unlocked({a}, {n}, {p}, {f})",
            "pin_user_pages_remote(current->mm, {a}, {n}, {f}, {p}, NULL)"],
    "get": ["get_user_pages_fast({a}, {n}, {f}, {p})",
            "get_user_pages({a}, {n}, {f}, {p})",
            "get_user_pages_unlocked({a}, {n}, {p}, {f})",
            "get_user_pages_remote(current->mm, {a}, {n}, {f}, {p}, NULL)"],
}


class Resource:
    """One thing that is held for some time.

    fields   declarations, of locals or of members of the object that owns it
    prefix   "" or "obj->"
    held     condition that tells whether it is held, where one label serves all
    """

    fields = ()
    parts = ()

    def __init__(self, rng, k):
        self.rng = rng
        self.k = k
        self.prefix = ""
        self.addr = ""

    def v(self, name):
        return "%s%s%d" % (self.prefix, name, self.k)

    def declare(self):
        return []

    def acquire(self, f):
        raise NotImplementedError

    def release(self):
        raise NotImplementedError

    def guarded(self):
        return self.release()

    def use(self):
        return []


class Memory(Resource):
    def __init__(self, rng, k):
        super().__init__(rng, k)
        self.call, self.free = rng.choice([
            ("kmalloc(64, GFP_KERNEL)", "kfree"),
            ("kzalloc(64, GFP_KERNEL)", "kfree"),
            ("kcalloc(4, 16, GFP_KERNEL)", "kfree"),
            ("kvmalloc(64, GFP_KERNEL)", "kvfree"),
            ("vzalloc(64)", "vfree")])

    def declare(self):
        return [("char *", "buf", "NULL")]

    def acquire(self, f):
        return [S("%s = %s;" % (self.v("buf"), self.call), "acquire"),
                If("!" + self.v("buf"), f.fail("-ENOMEM"))]

    def release(self):
        return [S("%s(%s);" % (self.free, self.v("buf")), "release", "free")]

    def use(self):
        return [S(self.rng.choice(["%s[0] = 1;", "memset(%s, 1, 16);"])
                  % self.v("buf"), "use")]


class PageAlloc(Resource):
    def declare(self):
        return [("struct page *", "fresh", "NULL")]

    def acquire(self, f):
        return [S("%s = alloc_page(GFP_KERNEL);" % self.v("fresh"), "acquire"),
                If("!" + self.v("fresh"), f.fail("-ENOMEM"))]

    def release(self):
        return [S("__free_page(%s);" % self.v("fresh"), "release", "page")]

    def guarded(self):
        return [If(self.v("fresh"), self.release(), tag="guard")]

    def use(self):
        return [S("clear(%s);" % self.v("fresh"), "use")]


class OnePage(Resource):
    """A page of user memory, pinned or referenced."""

    def __init__(self, rng, k):
        super().__init__(rng, k)
        self.family = rng.choice(["pin", "pin", "get"])
        self.call = rng.choice(GUP[self.family])
        self.shape = rng.randrange(4)
        self.way = rng.randrange(3)

    def declare(self):
        return [("struct page *", "page", "NULL")]

    def acquire(self, f):
        call = self.call.format(a=self.addr, n=1, f="FOLL_WRITE",
                                p="&" + self.v("page"))
        reset = [S(self.v("page") + " = NULL;", "reset")] if f.label else []
        if self.shape == 0:
            return [If(call + " != 1", reset + f.fail("-EFAULT"))]
        acquire = S("ret = %s;" % call, "acquire")
        if self.shape == 1:
            return [acquire, If("ret != 1", reset + f.fail(
                "ret < 0 ? ret : -EFAULT"))]
        if self.shape == 2:
            return [acquire, If("ret <= 0", reset + f.fail(
                "ret ? ret : -EFAULT"))]
        return [acquire, If("ret < 0", reset + f.fail("ret")),
                If("ret == 0", reset + f.fail("-EAGAIN"))]

    def release(self):
        page = self.v("page")
        if self.family == "get":
            return [S("put_page(%s);" % page, "release", "put")]
        return [S(["unpin_user_page(%s);", "unpin_user_pages(&%s, 1);",
                   "unpin_user_pages_dirty_lock(&%s, 1, true);"][self.way]
                  % page, "release", "unpin")]

    def guarded(self):
        return [If(self.v("page"), self.release(), tag="guard")]

    def use(self):
        return [S(self.rng.choice(["touch(%s);", "set_page_dirty_lock(%s);"])
                  % self.v("page"), "use")]

    def page(self):
        return self.v("page")


class Pages(Resource):
    """An array of pages in one call, with its partial results."""

    def __init__(self, rng, k):
        super().__init__(rng, k)
        self.family = rng.choice(["pin", "pin", "get"])
        self.call = rng.choice(GUP[self.family])
        self.count = rng.choice([2, 3, 4])
        self.shape = rng.randrange(3)
        self.way = rng.randrange(4)
        self.heap = rng.random() < 0.35
        self.flagged = rng.random() < 0.25
        if self.flagged:
            self.calls = rng.choice(GUP["pin"]), rng.choice(GUP["get"])

    def declare(self):
        array = ("struct page **", "pages", "NULL") if self.heap else (
            "struct page *", "pages", "[%d]" % self.count)
        fields = [array, ("int ", "n", "0")]
        if self.flagged:
            fields.append(("bool ", "pinned", "false"))
        return fields

    def array_memory(self, f):
        if not self.heap:
            return []
        return [S("%s = kcalloc(%d, sizeof(*%s), GFP_KERNEL);" % (
            self.v("pages"), self.count, self.v("pages")), "acquire"),
            If("!" + self.v("pages"), f.fail("-ENOMEM"))]

    def free_array(self):
        return [S("kfree(%s);" % self.v("pages"), "release", "free")
                ] if self.heap else []

    def take(self, address, count, where, result):
        def call(text):
            return "%s = %s;" % (result, text.format(
                a=address, n=count, f="FOLL_WRITE", p=where))
        if not self.flagged:
            return [S(call(self.call), "acquire")]
        return [If(self.v("pinned"), [S(call(self.calls[0]), "acquire")],
                   [S(call(self.calls[1]), "acquire")], tag="family")]

    def choose_family(self):
        if not self.flagged:
            return []
        return [S('%s = pinlint_choose(2, "the family");' % self.v("pinned"),
                  "reset")]

    def acquire(self, f):
        n, bound = self.v("n"), self.count
        out = self.array_memory(f) + self.choose_family()
        out += self.take(self.addr, bound, self.v("pages"), n)
        free = self.free_array()
        error = "%s < 0 ? %s : -EFAULT" % (n, n)
        if f.label:
            # The label knows by the count what is held.
            if self.shape == 0:
                return out + [If("%s != %d" % (n, bound), f.fail(error))]
            return out + [If("%s <= 0" % n, f.fail("%s ? %s : -EFAULT" % (n, n)))]
        if self.shape == 0:
            partial = [If("%s > 0" % n, self.drop(n, "partial"), tag="guard")]
            return out + [If("%s != %d" % (n, bound),
                             partial + free + f.fail(error))]
        if self.shape == 1:
            return out + [If("%s <= 0" % n,
                             free + f.fail("%s ? %s : -EFAULT" % (n, n)))]
        return out + [If("%s < 0" % n, free + f.fail(n)),
                      If("%s < %d" % (n, bound), self.drop(n, "partial") + free
                         + f.fail("-EFAULT"))]

    def drop(self, n, tag="release"):
        if not self.flagged:
            return self.drop_family(self.family, n, tag)
        return [If(self.v("pinned"), self.drop_family("pin", n, tag),
                   self.drop_family("get", n, tag), tag="family")]

    def drop_family(self, family, n, tag):
        pages = self.v("pages")
        one = "unpin_user_page" if family == "pin" else "put_page"
        kind = "unpin" if family == "pin" else "put"
        if self.way == 0:
            return [Loop("for (i = 0; i < %s; i++)" % n,
                         [S("%s(%s[i]);" % (one, pages), tag, kind)])]
        if self.way == 1:
            return [Loop("for (i = %s - 1; i >= 0; i--)" % n,
                         [S("%s(%s[i]);" % (one, pages), tag, kind)])]
        if family == "get":
            return [S("release_pages(%s, %s);" % (pages, n), tag, kind)]
        return [S(["unpin_user_pages(%s, %s);",
                   "unpin_user_pages_dirty_lock(%s, %s, true);"][self.way - 2]
                  % (pages, n), tag, kind)]

    def release(self):
        return self.drop(self.v("n")) + self.free_array()

    def guarded(self):
        # Loops and a count of zero agree; negative counts need the condition.
        return [If("%s > 0" % self.v("n"), self.drop(self.v("n")), tag="guard")
                ] + self.free_array()

    def use(self):
        return [Loop("for (i = 0; i < %s; i++)" % self.v("n"),
                     [S("touch(%s[i]);" % self.v("pages"), "use")])]


class Chunks(Pages):
    """The array again, in as many calls as it takes."""

    def __init__(self, rng, k):
        super().__init__(rng, k)
        self.chunk = rng.choice([1, 2])

    def acquire(self, f):
        n, pages = self.v("n"), self.v("pages")
        where = self.rng.choice(["%s + %s", "&%s[%s]"]) % (pages, n)
        size = self.rng.choice([
            "%d - %s" % (self.count, n),
            "min_t(int, %d - %s, %d)" % (self.count, n, self.chunk)])
        # Where one label serves all, it gives back what the count says.
        failure = [] if f.label else (self.drop(n, "partial")
                                      + self.free_array())
        failure += f.fail("got ? got : -EFAULT")
        return self.array_memory(f) + self.choose_family() + [
            S("%s = 0;" % n, "reset"),
            Loop("while (%s < %d)" % (n, self.count),
                 self.take("%s + %s * PAGE_SIZE" % (self.addr, n), size, where,
                           "got")
                 + [If("got <= 0", failure), S("%s += got;" % n)])]


class PageByPage(Pages):
    """The array again, each page on its own."""

    def acquire(self, f):
        n, pages = self.v("n"), self.v("pages")
        failure = [] if f.label else (self.drop(n, "partial")
                                      + self.free_array())
        failure += f.fail("got < 0 ? got : -EFAULT")
        return self.array_memory(f) + self.choose_family() + [
            Loop("for (%s = 0; %s < %d; %s++)" % (n, n, self.count, n),
                 self.take("%s + %s * PAGE_SIZE" % (self.addr, n), 1,
                           "&%s[%s]" % (pages, n), "got")
                 + [If("got != 1", failure)])]


class Domain(Resource):
    """An IOMMU domain, maybe with a device in it."""

    def __init__(self, rng, k):
        super().__init__(rng, k)
        self.attach = rng.random() < 0.6

    def declare(self):
        fields = [("struct iommu_domain *", "domain", "NULL")]
        if self.attach:
            fields.append(("bool ", "attached", "false"))
        return fields

    def acquire(self, f):
        domain = self.v("domain")
        reset = [S(domain + " = NULL;", "reset")] if f.label else []
        out = [S("%s = iommu_paging_domain_alloc(dev);" % domain, "acquire"),
               If("IS_ERR(%s)" % domain, [S("got = PTR_ERR(%s);" % domain)]
                  + reset + f.fail("got"))]
        if not self.attach:
            return out
        free = [] if f.label else [S("iommu_domain_free(%s);" % domain,
                                     "release", "domain")]
        return out + [S("ret = iommu_attach_device(%s, dev);" % domain,
                        "acquire"),
                      If("ret", free + f.fail("ret")),
                      S("%s = true;" % self.v("attached"), "reset")]

    def release(self):
        out = []
        if self.attach:
            out.append(S("iommu_detach_device(%s, dev);" % self.v("domain"),
                         "release", "detach"))
        return out + [S("iommu_domain_free(%s);" % self.v("domain"), "release",
                        "domain")]

    def guarded(self):
        out = []
        if self.attach:
            out.append(If(self.v("attached"), [
                S("iommu_detach_device(%s, dev);" % self.v("domain"), "release",
                  "detach")], tag="guard"))
        return out + [If(self.v("domain"), [
            S("iommu_domain_free(%s);" % self.v("domain"), "release",
              "domain")], tag="guard")]


class Mapped(Resource):
    """A page in the tables of a domain; needs both."""

    def __init__(self, rng, k, domain, page):
        super().__init__(rng, k)
        self.domain, self.page_of = domain, page
        self.iova = "0x%x" % (0x100000 + 0x1000 * k)

    def declare(self):
        return [("bool ", "mapped", "false")]

    def acquire(self, f):
        return [S("ret = iommu_map(%s, %s, page_to_phys(%s), PAGE_SIZE, "
                  "IOMMU_READ | IOMMU_WRITE, GFP_KERNEL);" % (
                      self.domain.v("domain"), self.iova, self.page_of.page()),
                  "acquire"),
                If("ret", f.fail("ret")),
                S("%s = true;" % self.v("mapped"), "reset")]

    def release(self):
        return [S("iommu_unmap(%s, %s, PAGE_SIZE);" % (
            self.domain.v("domain"), self.iova), "release", "unmap")]

    def guarded(self):
        return [If(self.v("mapped"), self.release(), tag="guard")]


class DmaMapped(Resource):
    """A page that a device may access."""

    def __init__(self, rng, k, page):
        super().__init__(rng, k)
        self.page_of = page

    def declare(self):
        return [("dma_addr_t ", "dma", "0")]

    def acquire(self, f):
        dma = self.v("dma")
        reset = [S(dma + " = 0;", "reset")] if f.label else []
        return [S("%s = dma_map_page(dev, %s, 0, PAGE_SIZE, DMA_TO_DEVICE);" % (
            dma, self.page_of.page()), "acquire"),
            If("dma_mapping_error(dev, %s)" % dma, reset + f.fail("-EIO"))]

    def release(self):
        return [S("dma_unmap_page(dev, %s, PAGE_SIZE, DMA_TO_DEVICE);"
                  % self.v("dma"), "release", "unmap")]

    def guarded(self):
        return [If(self.v("dma"), self.release(), tag="guard")]


class Vmapped(Resource):
    """Pages in the kernel's address space."""

    def __init__(self, rng, k, pages):
        super().__init__(rng, k)
        self.pages_of = pages

    def declare(self):
        return [("char *", "va", "NULL")]

    def acquire(self, f):
        return [S("%s = vmap(%s, %s, VM_MAP, PAGE_KERNEL);" % (
            self.v("va"), self.pages_of.v("pages"), self.pages_of.v("n")),
            "acquire"),
            If("!" + self.v("va"), f.fail("-ENOMEM"))]

    def release(self):
        return [S("vunmap(%s);" % self.v("va"), "release", "vunmap")]

    def guarded(self):
        return [If(self.v("va"), self.release(), tag="guard")]

    def use(self):
        return [S("%s[0] = 1;" % self.v("va"), "use")]


class ExtraReference(Resource):
    """One more reference to a page that is held anyway."""

    def __init__(self, rng, k, page):
        super().__init__(rng, k)
        self.page_of = page

    def declare(self):
        return [("struct page *", "again", "NULL")]

    def acquire(self, f):
        return [S("%s = %s;" % (self.v("again"), self.page_of.page())),
                S("get_page(%s);" % self.v("again"), "acquire")]

    def release(self):
        return [S("put_page(%s);" % self.v("again"), "release", "put")]

    def guarded(self):
        return [If(self.v("again"), self.release(), tag="guard")]

    def use(self):
        return [S("touch(%s);" % self.v("again"), "use")]
