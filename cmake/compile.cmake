# How upsun's own targets are compiled. Nothing here reaches the targets of a program that uses the library.

if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  get_property(several_build_types GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  if(NOT CMAKE_BUILD_TYPE AND NOT several_build_types)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Kind of build: Debug, Release, RelWithDebInfo or MinSizeRel" FORCE)
  endif()
  find_program(UPSUN_CCACHE ccache)
  if(UPSUN_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${UPSUN_CCACHE}")
  endif()
endif()

# Warnings, visibility and language of one target of our own.
function(upsun_own_target target)
  # UNITY_BUILD: what a parent project says of its own sources (CMAKE_UNITY_BUILD) does not hold for ours.
  # CXX_SCAN_FOR_MODULES: there is none, and newer CMakes would look for them in every source.
  set(standard 20)
  if(CMAKE_CXX_STANDARD AND CMAKE_CXX_STANDARD GREATER 20)
    set(standard ${CMAKE_CXX_STANDARD})
  endif()
  set_target_properties(${target} PROPERTIES CXX_STANDARD ${standard} CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF CXX_VISIBILITY_PRESET hidden
                                             VISIBILITY_INLINES_HIDDEN ON UNITY_BUILD OFF CXX_SCAN_FOR_MODULES OFF)
  target_compile_definitions(${target} PRIVATE BOOST_ASIO_NO_DEPRECATED)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion $<$<BOOL:${UPSUN_WARNINGS_AS_ERRORS}>:-Werror>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # False at -O2: the first around coroutine frames, the second in std::string (GCC bug 105651); at -O3 the third in std::variant.
    target_compile_options(${target} PRIVATE -Wno-mismatched-new-delete -Wno-restrict -Wno-maybe-uninitialized)
  endif()
endfunction()

# upsun_compile_together(TARGET NAME SOURCE...): compiles these sources of a target as one, or as few, where UPSUN_UNITY is on. Follows
# upsun_own_target.
function(upsun_compile_together target name)
  list(LENGTH ARGN count)
  if(NOT UPSUN_UNITY OR count LESS 2)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")  # which takes the anonymous namespace of an included source for one in a header
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  else()  # to which a local variable shadows what the source before it has in its anonymous namespace
    target_compile_options(${target} PRIVATE -Wno-shadow)
  endif()
  set(most 12)
  set(position 0)
  foreach(source IN LISTS ARGN)
    math(EXPR part "${position} / ${most}")
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${name}_${part})
    math(EXPR position "${position} + 1")
  endforeach()
endfunction()
