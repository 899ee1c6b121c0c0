#!/bin/sh
# usage: fails_clearly.sh PATTERN COMMAND...: the command must exit with an error of its own and say why in one line on standard error that matches.
set -u
pattern=$1
shift
message=$("$@" 2>&1 >/dev/null)
status=$?
echo "exit $status: $message"
refuse() {
  echo "it should have $*"
  exit 1
}
case $status in 0 | 12[6-9] | 1[3-9][0-9] | 2??) refuse "exited with an error of its own" ;; esac
[ "$(printf '%s\n' "$message" | wc -l)" -eq 1 ] || refuse "printed one line"
printf '%s\n' "$message" | grep -Eq "$pattern" || refuse "said: $pattern"
