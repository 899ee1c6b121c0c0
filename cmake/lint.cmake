# The formatting, clang-tidy, Doxygen, and files compiled alone, as tests labelled lint. clang-tidy reads the compile commands of this build directory,
# which needs no building. The time limits only guard against hangs.
find_program(CLANG_FORMAT clang-format REQUIRED)
find_program(RUN_CLANG_TIDY run-clang-tidy REQUIRED)
find_program(DOXYGEN doxygen REQUIRED)
cmake_host_system_information(RESULT processors QUERY NUMBER_OF_LOGICAL_CORES)

add_test(NAME lint.format WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
         COMMAND sh -c "find include src test tools examples benchmarks -name '*.[ch]pp' -print0 | xargs -0 '${CLANG_FORMAT}' --dry-run -Werror")

# The sources as they are compiled: together with their neighbours.
add_test(NAME lint.tidy WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
         COMMAND ${RUN_CLANG_TIDY} -quiet -j ${processors} -p ${PROJECT_BINARY_DIR}
                 "^(${PROJECT_SOURCE_DIR}|${PROJECT_BINARY_DIR})/(src|tools|examples|benchmarks)/")

# Each public header, and each source of the library and the tool, includes what it needs; other builds compile sources together.
set(alone_flags -std=c++20 -fsyntax-only -DBOOST_ASIO_NO_DEPRECATED -DUPSUN_HTTP2=1 -DUPSUN_GZIP=1 -DUPSUN_ZSTD=1 -DUPSUN_BROTLI=1 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -Wno-pragma-once-outside-header
                -Iinclude -Isrc -Itools -x c++)
list(JOIN alone_flags " " alone_flags)
add_test(NAME lint.each_alone WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
         COMMAND sh -c "(find include -name '*.hpp' -print0 && find src tools -name '*.cpp' ! -name boost_json.cpp -print0) | \
xargs -0 -n 1 -P ${processors} '${CMAKE_CXX_COMPILER}' ${alone_flags}")

# The public headers' documentation is well-formed and names what is there.
add_test(NAME lint.doxygen WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
         COMMAND sh -c "(cat doc/Doxyfile && echo 'OUTPUT_DIRECTORY = \"${PROJECT_BINARY_DIR}/doxygen\"') | '${DOXYGEN}' -q -")

set_tests_properties(lint.format lint.tidy lint.each_alone lint.doxygen PROPERTIES LABELS lint TIMEOUT 14400)
