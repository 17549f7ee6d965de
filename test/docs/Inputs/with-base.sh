# with-base.sh FILE SCRIPT: runs SCRIPT for a merge request whose base is in FILE.
CI_MERGE_REQUEST_DIFF_BASE_SHA=$(cat "$1")
export CI_MERGE_REQUEST_DIFF_BASE_SHA
exec sh "$2"
