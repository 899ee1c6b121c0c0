#!/bin/sh
# usage: fails_clearly.sh PATTERN COMMAND...: the command must exit with an error of its own and say why in one line on standard error that matches.
set -u
pattern=$1
shift
message=$("$@" 2>&1 >/dev/null)
status=$?
echo "exit $status: $message"
[ "$status" -gt 0 ] && [ "$status" -lt 126 ] || { echo "it should have exited with an error of its own"; exit 1; }
[ "$(printf '%s\n' "$message" | wc -l)" -eq 1 ] || { echo "it should have printed one line"; exit 1; }
printf '%s\n' "$message" | grep -Eq "$pattern" || { echo "it should have said: $pattern"; exit 1; }
