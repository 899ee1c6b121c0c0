#!/bin/sh
# usage: with_sandbox.sh UPSUN-SANDBOX COMMAND...: runs the command with the environment that leads it to a sandbox of its own.
set -eu
sandbox=$1
shift
lines=$(mktemp -u)
mkfifo "$lines"
"$sandbox" --exit-with-parent >"$lines" &
trap 'kill $!; wait $! || true' EXIT
{
  IFS='=' read -r _ UPSUN_API_URL
  IFS='=' read -r _ SSL_CERT_FILE
} <"$lines"
rm "$lines"
UPSUN_ACCESS_TOKEN=${UPSUN_ACCESS_TOKEN-sandbox-token}
export UPSUN_API_URL SSL_CERT_FILE UPSUN_ACCESS_TOKEN
"$@"
