#!/bin/sh
# usage: build_and_run.sh CXX OUTPUT: compiles the consumer and the service's test with nothing but what pkg-config says, and runs them.
set -eu
cd "$(dirname "$0")"
library=$(pkg-config --variable=libdir upsun)
# shellcheck disable=SC2046 # split into words on purpose
"$1" -std=c++20 ../consumer.cpp -o "$2" $(pkg-config --cflags --libs upsun)
LD_LIBRARY_PATH=$library "$2"
# shellcheck disable=SC2046
"$1" -std=c++20 ../find_package/service_test.cpp -o "$2_service_test" $(pkg-config --cflags --libs upsun-testing)
LD_LIBRARY_PATH=$library "$2_service_test"
