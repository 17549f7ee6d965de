"""nolint.py DIR: writes variants of one leak to DIR."""

import pathlib
import sys

LEAK = """\
#include "gup.h"
%(before)s
static int %(name)s(unsigned long addr, int flag)
{
	struct page *page;

	if (pin_user_pages(addr, 1, 0, &page) != 1)
		return -14;
	if (flag)
%(above)s
		return -22;%(beside)s
	unpin_user_page(page);
	return 0;
}
int %(name)s_user(unsigned long addr, int flag)
{
	return %(name)s(addr, flag);
}
%(after)s
"""


def leak(name, before="", above="", beside="", after=""):
    return LEAK % locals()


directory = pathlib.Path(sys.argv[1])
(directory / "header.h").write_text(leak("in_header"))
(directory / "silent.c").write_text(
    '#include "header.h"\n'
    + leak("beside", beside=" // NOLINT(pinlint-leak)")
    + leak("all", beside=" // NOLINT")
    + leak("glob", beside=" // NOLINT(pinlint-*)")
    + leak("above", above="\t\t// NOLINTNEXTLINE(pinlint-leak)")
    + leak("region", before="// NOLINTBEGIN(pinlint-leak)", after="// NOLINTEND(pinlint-leak)")
    + leak("ours", beside=" /* pinlint: ignore(pinlint-leak): a test */")
    + leak("whole", before="/* pinlint: ignore(pinlint-leak): a test */")
)
(directory / "loud.c").write_text(leak("loud"))
(directory / "vain.c").write_text("int vain; // NOLINT(pinlint-leak)\n")
