from pathlib import Path

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, rmdir
from conan.tools.gnu import PkgConfigDeps

required_conan_version = ">=2.0"


class UpsunConan(ConanFile):
    name = "upsun"
    version = "0.1.0"
    description = "Async C++20 client for the Upsun API"
    license = "BSL-1.0"
    topics = ("upsun", "rest", "client", "asio", "coroutines", "http2")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    # Each but shared is an option of CMakeLists.txt; see _cmake_options.
    options = {
        "shared": [True, False],
        "brotli": [True, False],
        "gzip": [True, False],
        "http2": [True, False],
        "sandbox": [True, False],
        "tools": [True, False],
        "zstd": [True, False],
    }
    default_options = {
        "shared": False,
        "brotli": False,
        "gzip": True,
        "http2": True,
        "sandbox": False,
        "tools": False,
        "zstd": False,
        "boost/*:header_only": True,
    }

    def export_sources(self):
        # The recipe builds the checkout it lies in.
        checkout = Path(self.recipe_folder).parents[1]
        for pattern in ("CMakeLists.txt", "LICENSE", "cmake/*", "include/*", "src/*", "tools/*"):
            copy(self, pattern, src=str(checkout), dst=self.export_sources_folder)

    def validate(self):
        check_min_cppstd(self, 20)
        if self.settings.os != "Linux":
            raise ConanInvalidConfiguration("upsun is tested on Linux only, so far")

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        # The program has to see the Boost that the library was built with.
        self.requires("boost/[>=1.81 <2]", transitive_headers=True)
        # upsun::testing is always static, so programs link its libraries even where upsun is shared.
        transitive = {"transitive_libs": True} if self.options.sandbox else {}
        self.requires("openssl/[>=3.0 <4]", **transitive)
        if self.options.http2:
            self.requires("libnghttp2/[>=1.52 <2]", **transitive)
        if self.options.gzip:
            self.requires("zlib/[>=1.2.11 <2]", **transitive)
        if self.options.zstd:
            self.requires("zstd/[>=1.4 <2]", **transitive)
        if self.options.brotli:
            self.requires("brotli/[>=1.0 <2]", **transitive)
        if self.options.tools:
            self.requires("cli11/[>=2.1 <3]", visible=False)

    def build_requirements(self):
        # By which CMakeLists.txt finds nghttp2 and the decoders.
        self.tool_requires("pkgconf/[>=2 <3]")

    def _cmake_options(self):
        return {
            "UPSUN_BROTLI": self.options.brotli,
            "UPSUN_GZIP": self.options.gzip,
            "UPSUN_HTTP2": self.options.http2,
            "UPSUN_ZSTD": self.options.zstd,
            "UPSUN_BUILD_SANDBOX": self.options.sandbox,
            "UPSUN_BUILD_TOOLS": self.options.tools,
            "UPSUN_BUILD_BENCHMARKS": False,
            "UPSUN_BUILD_EXAMPLES": False,
            "UPSUN_BUILD_TESTS": False,
            "UPSUN_WARNINGS_AS_ERRORS": False,
        }

    def generate(self):
        CMakeDeps(self).generate()
        PkgConfigDeps(self).generate()
        toolchain = CMakeToolchain(self)
        for name, value in self._cmake_options().items():
            toolchain.cache_variables[name] = bool(value)
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()
        package = Path(self.package_folder)
        copy(self, "LICENSE", src=self.source_folder, dst=str(package / "licenses"))
        # Conan writes what CMake and pkg-config read.
        for folder in ("lib/cmake", "lib/pkgconfig", "share"):
            rmdir(self, str(package / folder))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "upsun")
        linked = ["openssl::ssl", "openssl::crypto"]
        if self.options.http2:
            linked.append("libnghttp2::nghttp2")
        if self.options.gzip:
            linked.append("zlib::zlib")
        if self.options.zstd:
            linked.append("zstd::zstdlib")
        if self.options.brotli:
            linked.append("brotli::brotlidec")

        library = self.cpp_info.components["upsun"]
        library.set_property("cmake_target_name", "upsun::upsun")
        library.set_property("pkg_config_name", "upsun")
        library.libs = ["upsun"]
        library.system_libs = ["pthread"]
        library.requires = ["boost::headers", *linked]
        if self.options.sandbox:
            testing = self.cpp_info.components["testing"]
            testing.set_property("cmake_target_name", "upsun::testing")
            testing.set_property("pkg_config_name", "upsun-testing")
            testing.libs = ["upsun_testing"]
            testing.requires = ["upsun", *linked]
