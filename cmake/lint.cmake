# The formatting and clang-tidy as tests labelled lint. clang-tidy reads the compile commands of this build directory, which needs no building.
find_program(CLANG_FORMAT clang-format REQUIRED)
find_program(RUN_CLANG_TIDY run-clang-tidy REQUIRED)

add_test(NAME lint.format WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
         COMMAND sh -c "find include src test tools examples benchmarks -name '*.[ch]pp' -print0 | xargs -0 '${CLANG_FORMAT}' --dry-run -Werror")
add_test(NAME lint.tidy WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
         COMMAND ${RUN_CLANG_TIDY} -quiet -j 2 -p ${PROJECT_BINARY_DIR} "^${PROJECT_SOURCE_DIR}/(src|tools|examples|benchmarks)/")
set_tests_properties(lint.format lint.tidy PROPERTIES LABELS lint TIMEOUT 1800)
