include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

# The library with its headers, the programs that are built, with their completion by bash, and what find_package and pkg-config read. Components
# are what packagers take apart: runtime, development and tools.
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/upsun)
set(targets upsun)
if(TARGET upsun_testing)
  list(APPEND targets upsun_testing)
else()
  set(without_sandbox PATTERN testing EXCLUDE)
endif()
foreach(program upsun-integrations upsun-sandbox upsun-load)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT tools)
    install(FILES cmake/completion.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME ${program} COMPONENT tools)
  endif()
endforeach()
install(TARGETS ${targets} EXPORT upsun-targets
        LIBRARY COMPONENT runtime NAMELINK_COMPONENT development
        ARCHIVE COMPONENT development
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development ${without_sandbox})
install(EXPORT upsun-targets NAMESPACE upsun:: DESTINATION ${package_dir} COMPONENT development)

# A static library leaves it to its users to link OpenSSL and the like. upsun::testing is always one.
set(leaves_linking ON)
if(BUILD_SHARED_LIBS AND NOT TARGET upsun_testing)
  set(leaves_linking OFF)
endif()
configure_package_config_file(cmake/upsun-config.cmake.in ${PROJECT_BINARY_DIR}/cmake/upsun-config.cmake INSTALL_DESTINATION ${package_dir})
set(compatibility SameMajorVersion)
if(PROJECT_VERSION_MAJOR EQUAL 0)  # whose minor versions may break programs
  set(compatibility SameMinorVersion)
endif()
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cmake/upsun-config-version.cmake COMPATIBILITY ${compatibility})
install(FILES ${PROJECT_BINARY_DIR}/cmake/upsun-config.cmake ${PROJECT_BINARY_DIR}/cmake/upsun-config-version.cmake DESTINATION ${package_dir}
        COMPONENT development)

# Whoever links a static library also links what it needs, so there its libraries stand in Requires; a shared one keeps them to itself.
set(linked "openssl >= 3.0")
foreach(module IN LISTS upsun_optional_modules)
  string(REPLACE ">=" " >= " module ${module})
  string(APPEND linked ", ${module}")
endforeach()
set(requires Requires)
if(BUILD_SHARED_LIBS)
  set(requires Requires.private)
endif()
set(boost_cflags "")
if(Boost_INCLUDE_DIRS AND NOT Boost_INCLUDE_DIRS IN_LIST CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES)
  set(boost_cflags " -isystem ${Boost_INCLUDE_DIRS}")
endif()
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig OUTPUT_VARIABLE prefix_from_pc)
foreach(directory libdir includedir)
  string(TOUPPER ${directory} variable)
  set(${directory}_in_pc "\${prefix}")
  cmake_path(APPEND ${directory}_in_pc "${CMAKE_INSTALL_${variable}}")  # an absolute one stands without the prefix
endforeach()
set(modules upsun)
if(TARGET upsun_testing)
  list(APPEND modules upsun-testing)
endif()
foreach(module IN LISTS modules)
  configure_file(cmake/${module}.pc.in ${PROJECT_BINARY_DIR}/cmake/${module}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/cmake/${module}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
endforeach()
