# complete.sh SCRIPT WORD...: what SCRIPT offers after `pinlint WORD...`.
. "$1"
shift
COMP_WORDS=(pinlint "$@")
COMP_CWORD=$#
_pinlint
echo "${COMPREPLY[*]}"
