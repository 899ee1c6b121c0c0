"""The vcpkg port and the Conan recipe agree with the CMake files: version, options, dependencies with their least versions. Neither vcpkg nor Conan is run;
the recipe is, with stand-ins for Conan's modules."""
import collections
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import types
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]

# What pkg-config or find_package calls it: what vcpkg and Conan call it, and the option that needs it.
DEPENDENCIES = {
    "Boost": ("boost-headers", "boost", None),
    "OpenSSL": ("openssl", "openssl", None),
    "libnghttp2": ("nghttp2", "libnghttp2", "UPSUN_HTTP2"),
    "zlib": ("zlib", "zlib", "UPSUN_GZIP"),
    "libzstd": ("zstd", "zstd", "UPSUN_ZSTD"),
    "libbrotlidec": ("brotli", "brotli", "UPSUN_BROTLI"),
    "CLI11": ("cli11", "cli11", "UPSUN_BUILD_TOOLS"),
}

# Options that the users of packages have no use for, and why.
NOT_OFFERED = {
    "UPSUN_BUILD_BENCHMARKS": "for those who work on the library",
    "UPSUN_BUILD_EXAMPLES": "for those who work on the library",
    "UPSUN_BUILD_PEERS": "for those who work on the library",
    "UPSUN_BUILD_TESTS": "for those who work on the library",
    "UPSUN_DEBIAN_PACKAGES": "another kind of package",
    "UPSUN_FUZZ": "for those who work on the library",
    "UPSUN_FUZZ_SECONDS": "for those who work on the library",
    "UPSUN_INSTALL": "a package is installed",
    "UPSUN_LINT": "for those who work on the library",
    "UPSUN_READINESS": "follows the system",
    "UPSUN_TEST_AS_OTHERS": "for those who work on the library",
    "UPSUN_TEST_CORPORA": "for those who work on the library",
    "UPSUN_UNITY": "compiles faster, the same",
    "UPSUN_WARNINGS_AS_ERRORS": "for those who work on the library",
}
# These a package turns off: as a project of its own, upsun has them on.
TURNED_OFF = {"UPSUN_BUILD_BENCHMARKS", "UPSUN_BUILD_EXAMPLES", "UPSUN_BUILD_TESTS", "UPSUN_WARNINGS_AS_ERRORS"}


def text_of(name):
    return (SOURCE / name).read_text()


def without_comments(text):
    return re.sub(r"(?m)^\s*#.*$", "", text)


def cmake_text():
    files = [SOURCE / "CMakeLists.txt", *sorted((SOURCE / "cmake").glob("*.cmake"))]
    for folder in ("src", "tools", "benchmarks", "examples"):
        files += sorted((SOURCE / folder).rglob("CMakeLists.txt"))
    return "\n".join(without_comments(path.read_text()) for path in files)


CMAKE = cmake_text()
OPTIONS = set(re.findall(r"\b(?:option|upsun_optional_library)\(\s*(UPSUN_\w+)", CMAKE)) | set(re.findall(r"\bset\(\s*(UPSUN_\w+)[^)]* CACHE ", CMAKE))
VERSION = re.search(r'UPSUN_VERSION_STRING "(.*)"', text_of("include/upsun/version.hpp"))[1]


def least_versions(text):
    """By name, what find_package and pkg-config are asked for, with a version or an empty text."""
    asked = re.findall(r"\bfind_package\(\s*(\w+)(?: ([\d.]+))?", text) + re.findall(r"\bupsun_optional_library\(\s*UPSUN_\w+ (\w+) ([\d.]+)", text)
    for arguments in re.findall(r"\bpkg_(?:check_modules|search_module)\(\s*\w+([^)]*)\)", text):
        asked += re.findall(r"(?<![\w{])([a-z][\w.+-]*)(?:>=([\d.]+))?", arguments)
    found = collections.defaultdict(str)
    for name, least in asked:
        found[name] = max(found[name], least, key=padded)
    return {name: least for name, least in found.items() if name not in ("PkgConfig", "Threads")}


def library_and_tool():
    """The files that make them."""
    files = [SOURCE / "CMakeLists.txt", *sorted((SOURCE / "cmake").glob("*.cmake"))]
    for folder in ("src", "tools"):
        files += sorted((SOURCE / folder).rglob("CMakeLists.txt"))
    return "\n".join(without_comments(path.read_text()) for path in files)


def padded(version):
    return tuple(int(part or 0) for part in (version.split(".") + ["0", "0"])[:3])


class Base:
    """What the recipe inherits from Conan, as far as it is used here."""

    def __init__(self, **options):
        self.options = types.SimpleNamespace(**{name: value for name, value in self.default_options.items() if ":" not in name} | options)
        self.cpp_info = Info()
        self.required = {}

    def requires(self, reference, **traits):
        self.required[reference] = traits


class Info:
    def __init__(self):
        self.components = collections.defaultdict(Info)
        self.properties = {}

    def set_property(self, name, value):
        self.properties[name] = value


class Toolchain:
    def __init__(self, recipe):
        self.cache_variables = recipe.cache_variables = {}

    def generate(self):
        pass


def recipe_class():
    names = {
        "conan": {"ConanFile": Base},
        "conan.errors": {"ConanInvalidConfiguration": Exception},
        "conan.tools": {},
        "conan.tools.build": {"check_min_cppstd": None},
        "conan.tools.cmake": {"CMake": None, "CMakeDeps": Toolchain, "CMakeToolchain": Toolchain, "cmake_layout": None},
        "conan.tools.files": {"copy": None, "rmdir": None},
        "conan.tools.gnu": {"PkgConfigDeps": Toolchain},
    }
    for name, members in names.items():
        sys.modules[name] = types.ModuleType(name)
        vars(sys.modules[name]).update(members)
    scope = {}
    exec(compile(text_of("packaging/conan/conanfile.py"), "conanfile.py", "exec"), scope)
    return scope["UpsunConan"]


RECIPE = recipe_class()
PORT = json.loads(text_of("packaging/vcpkg/vcpkg.json"))
PORTFILE = without_comments(text_of("packaging/vcpkg/portfile.cmake"))
PORT_FEATURES = dict(re.findall(r"^\s+(\w+) (UPSUN_\w+)$", re.search(r"vcpkg_check_features\((.*?)\)", PORTFILE, re.DOTALL)[1], re.MULTILINE))


def cmake_options(**options):
    """What the recipe gives to CMake with these of its own options, the others off."""
    recipe = RECIPE(**dict.fromkeys(RECIPE.options, False) | options)
    recipe.generate()
    return recipe.cache_variables


def required(**options):
    recipe = RECIPE(**dict.fromkeys(RECIPE.options, False) | options)
    recipe.requirements()
    return dict(reference.split("/", 1) for reference in recipe.required)


class Recipes(unittest.TestCase):
    maxDiff = None

    def test_versions_are_the_library_s(self):
        numbers = re.findall(r"#define UPSUN_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", text_of("include/upsun/version.hpp"))
        self.assertEqual(".".join(numbers), VERSION)
        self.assertEqual(PORT["version-semver"], VERSION)
        self.assertEqual(RECIPE.version, VERSION)

    def test_every_option_is_offered_or_known_not_to_be(self):
        self.assertEqual(OPTIONS, set(NOT_OFFERED) | set(PORT_FEATURES.values()))
        self.assertFalse(set(NOT_OFFERED) & set(PORT_FEATURES.values()))

    def test_features_are_the_same_options(self):
        self.assertEqual(set(PORT["features"]), set(PORT_FEATURES))
        self.assertEqual(set(RECIPE.options) - {"shared"}, set(PORT_FEATURES))
        for feature, option in PORT_FEATURES.items():
            expected = {each: each == option for each in PORT_FEATURES.values()} | dict.fromkeys(TURNED_OFF, False)
            self.assertEqual(cmake_options(**{feature: True}), expected)
            self.assertIn(f"| `{option}` | `{feature}` | `{feature}` | {'on' if RECIPE.default_options[feature] else 'off'} |", text_of("packaging/README.md"))
        self.assertEqual(set(PORT["default-features"]), {name for name, value in RECIPE.default_options.items() if value and name in PORT_FEATURES})

    def test_what_is_for_developers_is_turned_off(self):
        on_by_itself = set(re.findall(r"option\((UPSUN_\w+) [^)]*\$\{PROJECT_IS_TOP_LEVEL\}\)", text_of("CMakeLists.txt")))
        self.assertEqual(TURNED_OFF, on_by_itself - {"UPSUN_INSTALL", "UPSUN_UNITY"} - set(PORT_FEATURES.values()))
        self.assertEqual(TURNED_OFF, set(re.findall(r"-D(UPSUN_\w+)=OFF", PORTFILE)))

    def test_dependencies_are_those_of_cmake(self):
        """The port has no least versions, for vcpkg takes only those that its registry once had. CMake checks them there."""
        least = least_versions(library_and_tool())
        self.assertEqual(set(least), set(DEPENDENCIES))
        for name, (in_vcpkg, in_conan, option) in DEPENDENCIES.items():
            features = [feature for feature, its_option in PORT_FEATURES.items() if its_option == option]
            self.assertIn(in_vcpkg, PORT["features"][features[0]]["dependencies"] if option else PORT["dependencies"])
            reference = required(**dict.fromkeys(features, True))[in_conan]
            self.assertEqual(in_conan in required(), not option, f"{name} is required by {option}")
            if least[name]:
                self.assertEqual(padded(re.match(r"\[>=([\d.]+) ", reference)[1]), padded(least[name]), f"{name} in conanfile.py")
        self.assertEqual(len(DEPENDENCIES), len(required(**dict.fromkeys(PORT_FEATURES, True))))
        listed = [each for part in (PORT, *PORT["features"].values()) for each in part.get("dependencies", []) if isinstance(each, str)]
        self.assertEqual({each for each in listed if not each.startswith("boost-")} | {"boost-headers"}, {each[0] for each in DEPENDENCIES.values()})

    def test_what_cmake_is_asked_for_is_seen(self):
        text = "find_package(Some 1.2 QUIET)\nfind_package(Some)\npkg_check_modules(a QUIET IMPORTED_TARGET liba>=1.10 libb)\n"
        text += "pkg_check_modules(${c} ${c}>=${d})"
        self.assertEqual(least_versions(text), {"Some": "1.2", "liba": "1.10", "libb": ""})

    def test_the_libraries_of_the_sandbox_are_linked_by_programs(self):
        """By itself Conan keeps what a shared library needs from those who link it, and so from upsun::testing, which is static."""
        for sandbox in (False, True):
            recipe = RECIPE(**dict.fromkeys(RECIPE.options, True) | {"sandbox": sandbox})
            recipe.requirements()
            transitive = {reference.partition("/")[0] for reference, traits in recipe.required.items() if traits.get("transitive_libs")}
            self.assertEqual(transitive, {"openssl", "libnghttp2", "zlib", "zstd", "brotli"} if sandbox else set())

    def test_the_command_of_the_page_turns_off_what_is_for_developers(self):
        command = re.search(r"^cmake -B build .*$", text_of("packaging/README.md"), re.MULTILINE)[0]
        self.assertEqual(TURNED_OFF, set(re.findall(r"-D(UPSUN_\w+)=OFF", command)))

    def test_the_port_names_each_library_of_boost(self):
        sources = [path for folder in ("include", "src") for path in (SOURCE / folder).rglob("*.[ch]pp")]
        included = {name for path in sources for name in re.findall(r"#include <boost/(\w+)[./]", path.read_text())} - {"version"}
        expected = {f"boost-{name.replace('_', '-')}" for name in included | {"headers"}}
        self.assertEqual({each for each in PORT["dependencies"] if isinstance(each, str) and each.startswith("boost-")}, expected)

    def test_components_are_the_targets(self):
        recipe = RECIPE(**dict.fromkeys(RECIPE.options, True))
        recipe.package_info()
        targets = {each.properties["cmake_target_name"]: each for each in recipe.cpp_info.components.values()}
        self.assertEqual(set(targets), {"upsun::upsun", "upsun::testing"})
        self.assertEqual({name: each.libs for name, each in targets.items()}, {"upsun::upsun": ["upsun"], "upsun::testing": ["upsun_testing"]})
        modules = {name: each.properties["pkg_config_name"] for name, each in targets.items()}
        self.assertEqual(modules, {"upsun::upsun": "upsun", "upsun::testing": "upsun-testing"})
        linked = {name.partition("::")[0] for each in targets.values() for name in each.requires} - {"upsun"}
        self.assertEqual(linked, set(required(**dict.fromkeys(RECIPE.options, True))) - {"cli11"})

    def test_what_the_recipe_exports_is_enough(self):
        with tempfile.TemporaryDirectory() as scratch:
            exported = pathlib.Path(scratch) / "exported"
            for pattern in re.search(r"for pattern in \((.*?)\):", text_of("packaging/conan/conanfile.py"))[1].split(", "):
                name = pattern.strip('"').removesuffix("/*")
                if (SOURCE / name).is_dir():
                    shutil.copytree(SOURCE / name, exported / name)
                else:
                    exported.mkdir(exist_ok=True)
                    shutil.copy(SOURCE / name, exported / name)
            chosen = [f"-D{name}={'ON' if value else 'OFF'}" for name, value in cmake_options(sandbox=True, tools=True).items()]
            done = subprocess.run(["cmake", "-S", exported, "-B", f"{scratch}/build", *chosen], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
