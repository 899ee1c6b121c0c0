include(GoogleTest)

# A test that prints one of these fails: they are the secrets in test/integration/secret_watch.hpp.
set(UPSUN_PLANTED_SECRETS "s3cr3t|hunter2|planted-secret|a-token|sandbox-(token|api-token|access-|refresh-)|Bearer |Basic dXNl|PRIVATE KEY")

# One test executable, labelled by the folder below test/ it stands in (unit, integration, conformance ...). Reaches the library's internal headers
# and test/; those over real sockets also reach the servers they run against. Usage: upsun_add_test(pool_core_test pool_core_test.cpp)
function(upsun_add_test name)
  add_executable(${name} ${ARGN})
  upsun_own_target(${name})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/test)
  target_link_libraries(${name} PRIVATE upsun_internals GTest::gtest_main)

  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${PROJECT_SOURCE_DIR}/test OUTPUT_VARIABLE label)
  string(REGEX REPLACE "/.*" "" label "${label}")
  if(label MATCHES "^(integration|conformance)$")
    target_link_libraries(${name} PRIVATE upsun_test_support)
  endif()
  gtest_discover_tests(${name} TEST_PREFIX ${label}. DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                       PROPERTIES LABELS ${label} FAIL_REGULAR_EXPRESSION "${UPSUN_PLANTED_SECRETS}")
endfunction()
