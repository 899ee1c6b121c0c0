include(GoogleTest)

# A test that prints one of these fails: they are the secrets in test/integration/secret_watch.hpp.
set(UPSUN_PLANTED_SECRETS "s3cr3t|hunter2|planted-secret|a-token|sandbox-(token|api-token|access-|refresh-)|Bearer |Basic dXNl|PRIVATE KEY")

# upsun_add_test(NAME [APART] SOURCE...): one test program, labelled by the folder below test/ it stands in (unit, integration, conformance ...). It
# reaches the library's internal headers and test/; those over real sockets also reach the servers they run against. APART: each source is compiled alone.
function(upsun_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "APART" "" "")
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  upsun_own_target(${name})
  if(NOT arg_APART)
    upsun_compile_together(${name} ${name} ${arg_UNPARSED_ARGUMENTS})
  endif()
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/test)
  target_link_libraries(${name} PRIVATE upsun_internals GTest::gtest_main)

  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${PROJECT_SOURCE_DIR}/test OUTPUT_VARIABLE label)
  string(REGEX REPLACE "/.*" "" label "${label}")
  if(label MATCHES "^(integration|conformance)$")
    target_link_libraries(${name} PRIVATE upsun_test_support)
  endif()
  gtest_discover_tests(${name} TEST_PREFIX ${label}. DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 600
                       PROPERTIES LABELS ${label} FAIL_REGULAR_EXPRESSION "${UPSUN_PLANTED_SECRETS}")
endfunction()
