# code-block.py FILE TEXT: prints the first code block after a text in a page.
import re
import sys

with open(sys.argv[1], encoding="utf-8") as f:
    page = f.read()
print(re.search(r"```\w*\n(.*?)```", page[page.index(sys.argv[2]) :], re.S)[1], end="")
