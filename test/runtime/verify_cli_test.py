#!/usr/bin/env python3
# Part of the pinlint project.
"""Promises of pinlint-verify's command line: verify_cli_test.py PINLINT_VERIFY"""

import json
import os
import subprocess
import sys
import tempfile
import unittest

VERIFY = None

LEAK = """
#include <linux/mm.h>
#include <linux/slab.h>
#include <pinlint/scenario.h>

static int helper(void) { return 0; }

/* expect: pinlint-leak */
int leak_bad(void) {
  struct page *page;
  void *p;

  if (pin_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1)
    return -EFAULT;
  p = kmalloc(8, GFP_KERNEL);
  if (!p)
    return -ENOMEM;
  kfree(p);
  unpin_user_page(page);
  return helper();
}

int clean_ok(void) { return 0; }
"""


class Cli(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)

    def write(self, text, name="p.c"):
        path = os.path.join(self.dir.name, name)
        with open(path, "w") as f:
            f.write(text)
        return path

    def run_verify(self, *args):
        return subprocess.run([VERIFY, *args], capture_output=True, text=True)

    def test_text_has_a_witness(self):
        path = self.write(LEAK)
        r = self.run_verify(path)
        self.assertEqual(r.returncode, 1, r.stderr)
        self.assertIn("leak_bad: 1 violation (3 runs, every outcome)", r.stdout)
        self.assertIn("p.c:13: 1 page pin is never given back [pinlint-leak]",
                      r.stdout)
        self.assertIn("trace 0.1", r.stdout)
        self.assertIn("p.c:15: kmalloc() fails: NULL  <==", r.stdout)
        self.assertIn("clean_ok: nothing (1 run, every outcome)", r.stdout)

    def test_same_bytes_twice(self):
        path = self.write(LEAK)
        self.assertEqual(self.run_verify(path).stdout,
                         self.run_verify(path).stdout)

    def test_jsonl(self):
        path = self.write(LEAK)
        r = self.run_verify("--jsonl", path)
        self.assertEqual(r.returncode, 1)
        lines = [json.loads(l) for l in r.stdout.splitlines()]
        self.assertEqual([l["function"] for l in lines],
                         ["leak_bad", "clean_ok"])
        (v,) = lines[0]["violations"]
        self.assertEqual(v["kind"], "pinlint-leak")
        self.assertEqual(v["site"],
                         {"file": path, "function": "leak_bad", "line": 13})
        self.assertEqual(v["trace"], "0.1")
        self.assertEqual(v["steps"][1],
                         {"line": 15, "text": "kmalloc() fails: NULL",
                          "unusual": True})
        self.assertTrue(lines[0]["exhaustive"])
        self.assertEqual(lines[1]["violations"], [])

    def test_replay(self):
        path = self.write(LEAK)
        r = self.run_verify("--replay=leak_bad:0.1", path)
        self.assertEqual(r.returncode, 1)
        self.assertIn("13: 1 page pin is never given back [pinlint-leak]",
                      r.stdout)
        r = self.run_verify("--replay=leak_bad:-", path)
        self.assertEqual(r.returncode, 0, r.stdout)
        self.assertIn("kmalloc() succeeds", r.stdout)

    def test_replay_of_a_foreign_trace(self):
        path = self.write(LEAK)
        for trace in ("0.7", "0.0.0.0.1"):
            r = self.run_verify("--replay=leak_bad:" + trace, path)
            self.assertEqual(r.returncode, 2)
            self.assertIn("does not fit", r.stderr)
        self.assertEqual(self.run_verify("--replay=leak_bad:x", path).returncode,
                         2)
        r = self.run_verify("--replay=other:0", path)
        self.assertEqual(r.returncode, 2)
        self.assertIn("no function", r.stderr)

    def test_function_globs(self):
        path = self.write(LEAK)
        r = self.run_verify("--function=clean*", path)
        self.assertEqual(r.returncode, 0)
        self.assertNotIn("leak_bad", r.stdout)
        r = self.run_verify("--function=none*", path)
        self.assertEqual(r.returncode, 2)
        self.assertIn("no function to run", r.stderr)
        r = self.run_verify("--function=[", path)
        self.assertEqual(r.returncode, 2)

    def test_check(self):
        path = self.write(LEAK)
        r = self.run_verify("--check", path)
        self.assertEqual((r.returncode, r.stdout),
                         (0, "2 functions, 0 not as expected\n"))
        path = self.write(LEAK.replace("clean_ok", "clean_bad")
                          .replace("expect: pinlint-leak", "expect: none"))
        r = self.run_verify("--check", path)
        self.assertEqual(r.returncode, 1)
        self.assertIn("clean_bad: expected a violation, saw nothing", r.stdout)
        self.assertIn("leak_bad: expected nothing, saw pinlint-leak", r.stdout)
        self.assertIn("2 functions, 2 not as expected", r.stdout)

    def test_compile_error(self):
        r = self.run_verify(self.write("int f(void) { return x; }\n"))
        self.assertEqual(r.returncode, 2)
        self.assertIn("does not compile", r.stderr)

    def test_unknown_kernel_function(self):
        path = self.write("int dma_fence_wait(void *f); void *lookup(int n);\n"
                          "int f(void) { return dma_fence_wait(lookup(3)); }\n")
        r = self.run_verify(path)
        self.assertEqual(r.returncode, 2)
        self.assertIn("the shim does not have dma_fence_wait, lookup", r.stderr)
        r = self.run_verify("--stub-unknown", path)
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertIn("f: nothing (4 runs, every outcome)", r.stdout)

    def test_missing_file_and_clang(self):
        self.assertEqual(self.run_verify("/nonexistent.c").returncode, 2)
        path = self.write(LEAK)
        self.assertEqual(
            self.run_verify("--clang=/nonexistent", path).returncode, 2)

    def test_options_for_clang(self):
        path = self.write('#include "extra.h"\n'
                          "int f_ok(void) { return VALUE + EXTRA; }\n")
        os.mkdir(os.path.join(self.dir.name, "inc"))
        self.write("#define EXTRA 0\n", "inc/extra.h")
        r = self.run_verify("-I" + os.path.join(self.dir.name, "inc"),
                            "-DVALUE=0", path)
        self.assertEqual(r.returncode, 0, r.stderr)
        path = self.write("int f_ok(void) { return !!current; }\n")
        r = self.run_verify("--include=pinlint/kernel.h", path)
        self.assertEqual(r.returncode, 0, r.stderr)

    def test_unsupported_parameters(self):
        path = self.write("#include <linux/iommu.h>\n"
                          "int f(struct iommu_domain *p) { return 0; }\n"
                          "int h(int a, ...) { return 0; }\n"
                          "int i(int a, int b, int c, int d, int e, int f,"
                          " int g) { return 0; }\n"
                          "struct s { int x[4]; };\n"
                          "int j(struct s s) { return 0; }\n"
                          "int k(int (*f)(void)) { return 0; }\n")
        r = self.run_verify(path)
        self.assertEqual(r.returncode, 3)
        for reason in ("f: not run: parameter 'p' is a iommu_domain",
                       "h: not run: variable arguments",
                       "i: not run: more than six parameters",
                       "j: not run: parameter 's' is a structure by value",
                       "k: not run: parameter 'f' is a function"):
            self.assertIn(reason, r.stdout)
        r = self.run_verify("--jsonl", path)
        self.assertIn("not_run", json.loads(r.stdout.splitlines()[0]))

    def test_made_up_arguments(self):
        path = self.write("""
#include <linux/device.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/uaccess.h>
enum mode { FIRST = 3, SECOND = 5 };
struct inner { struct list_head list; int n; };
struct outer {
  struct kref ref;
  struct inner embedded;
  struct inner *inner;
  struct device *dev;
  struct page **pages;
  struct page *page;
  void *data;
};
struct opaque;
int g_ok(struct page *page, struct opaque *o, void *data, struct folio *f) {
  BUG_ON(!o || !data || !f || page_count(page) != 1);
  get_page(page);
  put_page(page);
  return page->flags;
}
int f_ok(struct outer *o, unsigned long uaddr, int npages, enum mode m,
         bool flag, u32 __user *p) {
  struct page *pages[4];
  u32 x;
  int ret;

  BUG_ON(!list_empty(&o->embedded.list) || !list_empty(&o->inner->list));
  BUG_ON(kref_read(&o->ref) != 1 || o->pages || o->data || o->inner->n);
  BUG_ON(m != FIRST && m != SECOND);
  get_device(o->dev);
  put_device(o->dev);
  if (get_user(x, p))
    return -EFAULT;
  ret = pin_user_pages_fast(uaddr, npages, 0, pages);
  if (ret > 0)
    unpin_user_pages(pages, ret);
  return ret;
}
""")
        r = self.run_verify("--check", path)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)

    def test_kept_for_the_caller(self):
        path = self.write("""
#include <linux/mm.h>
struct owner { struct page *page; };
static struct owner global;
int kept_ok(struct owner *o, unsigned long addr) {
  return pin_user_pages_fast(addr, 1, 0, &o->page) == 1 ? 0 : -EFAULT;
}
int kept_globally_ok(unsigned long addr) {
  return pin_user_pages_fast(addr, 1, 0, &global.page) == 1 ? 0 : -EFAULT;
}
/* expect: pinlint-leak */
int kept_in_spite_of_an_error_bad(struct owner *o, unsigned long addr) {
  pin_user_pages_fast(addr, 1, 0, &o->page);
  return -EIO;
}
""")
        r = self.run_verify("--check", path)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)

    def test_globals_are_reset(self):
        path = self.write("static int n = 5;\n"
                          "void pinlint_check_state(_Bool);\n"
                          "unsigned pinlint_choose(unsigned, const char *);\n"
                          "int f_ok(void) { pinlint_check_state(n == 5);\n"
                          "  n += 1 + pinlint_choose(3, \"it\"); return 0; }\n")
        r = self.run_verify("--check", path)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)

    def test_endless_program(self):
        path = self.write("int f_bad(int n) { while (n) ; return 0; }\n")
        r = self.run_verify(path)
        self.assertEqual(r.returncode, 1)
        self.assertIn("does not come to an end [hang]", r.stdout)

    def test_wild_program(self):
        # Overwrites its own frame, and all that is above.
        path = self.write("int f_bad(void) { char b[8]; char *p = b;\n"
                          "  while (1) *p++ = 0; }\nint g_ok(void) "
                          "{ return 0; }\n")
        r = self.run_verify(path)
        self.assertNotEqual(r.returncode, 0)
        self.assertIn("g_ok: nothing", r.stdout)

    def test_bounds_are_told(self):
        path = self.write("unsigned pinlint_choose(unsigned, const char *);\n"
                          "int f_ok(void) { int i, n = 0; for (i = 0; i < 12;"
                          " i++) n += pinlint_choose(2, \"bit\"); return 0; }")
        r = self.run_verify("--max-runs=100", path)
        self.assertIn("100 runs, every combination of 2 unusual outcomes",
                      r.stdout)
        r = self.run_verify("--max-unusual=1", path)
        self.assertIn("13 runs, every combination of 1 unusual outcomes",
                      r.stdout)
        r = self.run_verify(path, "--max-unusual=12")
        self.assertIn("4096 runs, every outcome", r.stdout)


if __name__ == "__main__":
    VERIFY = os.path.abspath(sys.argv.pop(1))
    unittest.main()
