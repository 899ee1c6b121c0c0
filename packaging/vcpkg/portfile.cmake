# An overlay port, which builds the checkout it lies in. For a registry, put vcpkg_from_github() of a release in place of the next line.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)

vcpkg_check_features(
    OUT_FEATURE_OPTIONS FEATURE_OPTIONS
    FEATURES
        brotli UPSUN_BROTLI
        gzip UPSUN_GZIP
        http2 UPSUN_HTTP2
        sandbox UPSUN_BUILD_SANDBOX
        tools UPSUN_BUILD_TOOLS
        zstd UPSUN_ZSTD
)

vcpkg_find_acquire_program(PKGCONFIG)
vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    OPTIONS
        ${FEATURE_OPTIONS}
        "-DPKG_CONFIG_EXECUTABLE=${PKGCONFIG}"
        -DUPSUN_BUILD_BENCHMARKS=OFF
        -DUPSUN_BUILD_EXAMPLES=OFF
        -DUPSUN_BUILD_TESTS=OFF
        -DUPSUN_WARNINGS_AS_ERRORS=OFF
)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/upsun)
vcpkg_fixup_pkgconfig()

set(programs "")
if("sandbox" IN_LIST FEATURES)
    list(APPEND programs upsun-sandbox)
endif()
if("tools" IN_LIST FEATURES)
    list(APPEND programs upsun-integrations)
endif()
if(programs)
    vcpkg_copy_tools(TOOL_NAMES ${programs} AUTO_CLEAN)
endif()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include" "${CURRENT_PACKAGES_DIR}/debug/share" "${CURRENT_PACKAGES_DIR}/share/bash-completion")

file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
