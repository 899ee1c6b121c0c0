# upsun_add_fuzzer(NAME SOURCE... [DICTIONARY FILE]): a program fuzz_NAME and its tests, labelled fuzz. With UPSUN_FUZZ it is made by
# libFuzzer: a replay of corpus/NAME, then a search of UPSUN_FUZZ_SECONDS that begins there and leaves what it finds in the build directory. Without, any
# compiler makes it, and it only replays.
set(UPSUN_FUZZ_SECONDS 5 CACHE STRING "How long each fuzzer searches")

function(upsun_add_fuzzer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "DICTIONARY" "")
  set(program fuzz_${name})
  set(corpus ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
  add_executable(${program} ${arg_UNPARSED_ARGUMENTS})
  upsun_own_target(${program})
  target_include_directories(${program} PRIVATE ${PROJECT_SOURCE_DIR}/test)
  target_link_libraries(${program} PRIVATE upsun_fuzzed upsun_fuzz_driver)

  if(NOT UPSUN_FUZZ)
    add_test(NAME fuzz.${name}.replay COMMAND ${program} ${corpus})
    set_tests_properties(fuzz.${name}.replay PROPERTIES LABELS fuzz)
    return()
  endif()

  target_link_options(${program} PRIVATE -fsanitize=fuzzer)
  set(found ${PROJECT_BINARY_DIR}/found/${name})
  set(crashes ${PROJECT_BINARY_DIR}/crashes)
  file(MAKE_DIRECTORY ${found} ${crashes})
  # The timeout counts by the clock, and a machine may be busy: it only guards against hangs.
  set(limits -timeout=60 -rss_limit_mb=2048 -artifact_prefix=${crashes}/${name}-)
  if(arg_DICTIONARY)
    list(APPEND limits -dict=${CMAKE_CURRENT_SOURCE_DIR}/dictionaries/${arg_DICTIONARY})
  endif()
  add_test(NAME fuzz.${name}.replay COMMAND ${program} -runs=0 ${limits} ${corpus})
  add_test(NAME fuzz.${name}.search COMMAND ${program} -max_total_time=${UPSUN_FUZZ_SECONDS} -print_final_stats=1 ${limits} ${found} ${corpus})
  math(EXPR hang_guard "${UPSUN_FUZZ_SECONDS} + 300")
  set_tests_properties(fuzz.${name}.replay fuzz.${name}.search PROPERTIES LABELS fuzz)
  set_tests_properties(fuzz.${name}.search PROPERTIES DEPENDS fuzz.${name}.replay TIMEOUT ${hang_guard})
endfunction()
