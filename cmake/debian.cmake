# Debian packages by cpack: libupsun0, libupsun-dev and upsun-tools. cmake/dev packages builds and tests them.
foreach(needed upsun_testing upsun-integrations upsun-load upsun-sandbox)
  if(NOT TARGET ${needed})
    message(FATAL_ERROR "Debian packages contain ${needed}, which is not built; take the preset packages")
  endif()
endforeach()
if(NOT BUILD_SHARED_LIBS OR NOT UPSUN_INSTALL)
  message(FATAL_ERROR "Debian packages need BUILD_SHARED_LIBS and UPSUN_INSTALL; take the preset packages")
endif()
find_program(HELP2MAN help2man REQUIRED)
find_program(GZIP_PROGRAM gzip REQUIRED)

set(library libupsun${PROJECT_VERSION_MAJOR})
set(runtime_package ${library})
set(development_package libupsun-dev)
set(tools_package upsun-tools)

# The pages of the programs and their commands, made of what --help prints.
set(pages ${PROJECT_BINARY_DIR}/man)
add_custom_command(OUTPUT ${pages}/made COMMAND ${PROJECT_SOURCE_DIR}/cmake/make_manuals ${HELP2MAN} ${PROJECT_VERSION} ${pages} $<TARGET_FILE:upsun-integrations>
                           $<TARGET_FILE:upsun-load> $<TARGET_FILE:upsun-sandbox>
                   COMMAND ${CMAKE_COMMAND} -E touch ${pages}/made
                   DEPENDS ${PROJECT_SOURCE_DIR}/cmake/make_manuals upsun-integrations upsun-load upsun-sandbox VERBATIM)
add_custom_target(packaged ALL DEPENDS upsun upsun_testing ${pages}/made)
install(DIRECTORY ${pages}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT tools FILES_MATCHING PATTERN *.1.gz)

# What Debian wants beside them.
set(CPACK_PACKAGE_CONTACT "The upsun maintainers <maintainers@upsun.invalid>" CACHE STRING "Maintainer of the packages, NAME <ADDRESS>")
string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
set(papers ${PROJECT_BINARY_DIR}/debian)
file(READ LICENSE license)
string(STRIP "${license}" license)
string(REPLACE "\n\n" "\n.\n" license "${license}")
string(REPLACE "\n" "\n " license "${license}")
file(CONFIGURE OUTPUT ${papers}/copyright CONTENT [[
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: upsun

Files: *
Copyright: 2026 the upsun authors
License: BSL-1.0

License: BSL-1.0
 @license@
]] @ONLY)
file(CONFIGURE OUTPUT ${papers}/changelog.Debian CONTENT [[
upsun (@PROJECT_VERSION@-1) unstable; urgency=medium

  * Packages of version @PROJECT_VERSION@. What changed is in changelog.gz.

 -- @CPACK_PACKAGE_CONTACT@  @now@
]] @ONLY)
file(COPY_FILE CHANGELOG.md ${papers}/changelog)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS CHANGELOG.md LICENSE)
execute_process(COMMAND ${GZIP_PROGRAM} -9nf ${papers}/changelog ${papers}/changelog.Debian COMMAND_ERROR_IS_FATAL ANY)
foreach(component runtime development tools)
  install(FILES ${papers}/copyright ${papers}/changelog.gz ${papers}/changelog.Debian.gz DESTINATION share/doc/${${component}_package} COMPONENT ${component})
endforeach()

# Until version 1.0 a program works with the minor version that it was compiled with; see doc/versions.md.
math(EXPR next "${PROJECT_VERSION_MINOR} + 1")
set(compatible "${library} (>= ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}), ${library} (<< ${PROJECT_VERSION_MAJOR}.${next}~)")
file(CONFIGURE OUTPUT ${papers}/shlibs CONTENT "libupsun ${PROJECT_VERSION_MAJOR} ${compatible}\n")
file(CONFIGURE OUTPUT ${papers}/triggers CONTENT "activate-noawait ldconfig\n")

set(CPACK_GENERATOR DEB)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_COMPONENTS_ALL runtime development tools)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_PACKAGE_SOURCE upsun)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/src)

# The first line of a description is the summary. CPack indents the others, and makes "." of an empty one.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(about "Calls to the Upsun API are awaited in coroutines, or completed by callbacks
and Asio's other tokens. A bounded pool of verified TLS connections carries
them. Retries, deadlines and cancellation are built in.")

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME ${library})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_RECOMMENDS ca-certificates)
# There is no postinst and no postrm, of which CPack warns: naming them keeps it from writing some that call ldconfig, as the trigger does.
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA ${papers}/shlibs ${papers}/triggers ${papers}/postinst ${papers}/postrm)
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "asynchronous C++ client for the Upsun API
${about}")

# Programs have to see the Boost that the library was built with, so that is the one; see doc/embedding.md.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME ${development_package})
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_COMPONENT_DEVELOPMENT_DEPENDS runtime)
set(linked libboost${Boost_VERSION_MAJOR}.${Boost_VERSION_MINOR}-dev "libssl-dev (>= 3.0)" ${upsun_optional_packages} pkgconf)
list(JOIN linked ", " CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS)
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "asynchronous C++ client for the Upsun API (development files)
${about}

This package has the headers, what CMake and pkg-config read, and
upsun::testing, a server of the API for the tests of your program.")

set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME ${tools_package})
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION utils)
set(CPACK_COMPONENT_TOOLS_DEPENDS runtime)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SUGGESTS "bash-completion")
set(CPACK_COMPONENT_TOOLS_DESCRIPTION "command-line tool, load generator and test server for the Upsun API
upsun-integrations reads and changes the integrations of Upsun projects,
upsun-load is a load generator, and upsun-sandbox is a server of the API for
tests and demonstrations.")
include(CPack)
