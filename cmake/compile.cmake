# How upsun's own targets are compiled. Nothing here reaches the targets of a program that uses the library.

if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  find_program(UPSUN_CCACHE ccache)
  if(UPSUN_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${UPSUN_CCACHE}")
  endif()
endif()

# Warnings, visibility and language of one target of our own.
function(upsun_own_target target)
  set_target_properties(${target} PROPERTIES CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF CXX_VISIBILITY_PRESET hidden
                                             VISIBILITY_INLINES_HIDDEN ON)
  target_compile_definitions(${target} PRIVATE BOOST_ASIO_NO_DEPRECATED)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion $<$<BOOL:${UPSUN_WARNINGS_AS_ERRORS}>:-Werror>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # False at -O2: the first around coroutine frames, the second in std::string (GCC bug 105651); at -O3 the third in std::variant.
    target_compile_options(${target} PRIVATE -Wno-mismatched-new-delete -Wno-restrict -Wno-maybe-uninitialized)
  endif()
endfunction()
