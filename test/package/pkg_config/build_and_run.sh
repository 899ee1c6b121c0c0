#!/bin/sh
# usage: build_and_run.sh CXX OUTPUT: compiles the consumer with nothing but what pkg-config says, and runs it.
set -eu
cd "$(dirname "$0")"
# shellcheck disable=SC2046 # split into words on purpose
"$1" -std=c++20 ../consumer.cpp -o "$2" $(pkg-config --cflags --libs upsun)
LD_LIBRARY_PATH=$(pkg-config --variable=libdir upsun) "$2"
