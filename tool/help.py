"""help.py PINLINT MANUAL COMPLETION: makes the manual page and the completion
for bash out of what `PINLINT --help` and `PINLINT --list-checks` print."""

import pathlib
import re
import subprocess
import sys

pinlint, manual, completion = sys.argv[1:]


def ask(option):
    return subprocess.run([pinlint, option], capture_output=True, text=True, check=True).stdout


text = ask("--help")
name, version = ask("--version").split()[:2]
usage, rest = text.split("\n\n", 1)
usage = [line.removeprefix("Usage:").strip() for line in usage.splitlines()]
commands = [match[1] for line in usage if (match := re.match(r"pinlint ([a-z]+) ", line))]

# Paragraphs, and between them the table of options: a name, two blanks, help
# that goes on in the same column.
options, before, after = [], [], []
for line in rest.splitlines():
    if match := re.match(r"  (-\S.*?)(?:  +(\S.*))?$", line):
        options.append([match[1], [match[2] or ""]])
    elif options and re.match(r" {8,}\S", line):
        options[-1][1].append(line.strip())
    elif options:
        after.append(line)
    else:
        before.append(line)
if len(options) < 10 or not all("".join(words) for _, words in options[:-1]):
    sys.exit(f"help.py: cannot read the options in --help: {options}")


def roff(words):
    words = words.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return re.sub(r"^\.", "\\&.", words, flags=re.M)


def paragraphs(lines):
    return "\n.PP\n".join(roff(p) for p in "\n".join(lines).strip().split("\n\n"))


page = [f'.TH PINLINT 1 "" "{name} {version}" "User Commands"', ".SH NAME"]
page.append(roff("pinlint - find lost, unbalanced and misused pins and references in C code"))
page.append(".SH SYNOPSIS")
page += [f".B {roff(line)}\n.br" for line in usage]
page += [".SH DESCRIPTION", paragraphs(before), ".SH OPTIONS"]
for option, words in options:
    page += [".TP", f".B {roff(option)}", roff(" ".join(words).strip())]
page += [".SH EXIT STATUS", paragraphs(after).replace("Exit status: ", "", 1)]
page += [".SH CHECKS", roff(", ".join(ask("--list-checks").split()) + ".")]

# `--format=text|jsonl` and `one of low, medium or high` say what can follow.
words, values, files = [], {}, []
for option, explanation in options:
    for spelling in option.split(", "):
        match = re.match(r"(--?[a-z-]+)(?:=(\S+)| (\S+))?$", spelling)
        if not match:
            sys.exit(f"help.py: cannot read the option '{spelling}'")
        argument = match[2] or match[3]
        words.append(match[1] + ("=" if match[2] else ""))
        if not argument:
            continue
        listed = re.search(r": (\w+),? (?:\(default\),? )?(\w+)(?: \(default\))? or (\w+)", " ".join(explanation))
        if "|" in argument:
            values[match[1]] = argument.split("|")
        elif argument == "LEVEL" and listed:
            values[match[1]] = list(listed.groups())
        elif argument.startswith(("GLOB", "CHECK")):
            values[match[1]] = ask("--list-checks").split()
        elif argument in ("FILE", "FILE|-", "OUT", "BUILD", "DIR"):
            files.append(match[1])

cases = "".join(
    f"  {option}) COMPREPLY=($(compgen -W '{' '.join(v)}' -- \"$cur\")); return ;;\n"
    for option, v in values.items()
)
if files:
    cases += f"  {'|'.join(files)}) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n"
script = f"""# bash completion for pinlint
_pinlint() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=
  [ "$COMP_CWORD" -gt 0 ] && prev=${{COMP_WORDS[COMP_CWORD-1]}}
  # bash splits --option=value into three words.
  if [ "$cur" = "=" ]; then
    cur=
  elif [ "$prev" = "=" ]; then
    prev=${{COMP_WORDS[COMP_CWORD-2]}}
  fi
  case $prev in
{cases}  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W '{' '.join(words)}' -- "$cur"))
    [[ ${{COMPREPLY[0]}} == *= ]] && compopt -o nospace 2>/dev/null
  else
    COMPREPLY=($(compgen -f -- "$cur"))
    [ "$COMP_CWORD" -gt 1 ] || COMPREPLY+=($(compgen -W '{' '.join(commands)}' -- "$cur"))
  fi
  return 0
}}
complete -o filenames -F _pinlint pinlint
"""

for path, content in ((manual, "\n".join(page) + "\n"), (completion, script)):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
