"""What a fresh configuration decides and refuses, and what it then says to pkg-config. Nothing is compiled."""
import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
OFF = [f"-DUPSUN_BUILD_{part}=OFF" for part in ("TESTS", "BENCHMARKS", "EXAMPLES")]


class Configuring(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.build = pathlib.Path(scratch.name)

    def configure(self, *settings, source=SOURCE):
        return subprocess.run(["cmake", "-S", source, "-B", self.build, "-G", "Ninja", *settings], capture_output=True, text=True)

    def configured(self, *settings, **options):
        """What the cache then holds."""
        done = self.configure(*settings, **options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return dict(re.findall(r"^(\w+):\w+=(.*)$", (self.build / "CMakeCache.txt").read_text(), re.MULTILINE))

    def refused(self, *settings):
        done = self.configure(*settings)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        return " ".join(done.stderr.split())

    def test_a_build_is_for_release_unless_somebody_says_otherwise(self):
        self.assertEqual(self.configured(*OFF)["CMAKE_BUILD_TYPE"], "Release")
        self.assertEqual(self.configured(*OFF, "-DCMAKE_BUILD_TYPE=Debug")["CMAKE_BUILD_TYPE"], "Debug")

    def test_another_project_keeps_its_kind_of_build(self):
        self.assertEqual(self.configured(source=SOURCE / "test/package/add_subdirectory")["CMAKE_BUILD_TYPE"], "")

    def test_what_is_missing_is_named_with_the_option_that_needs_it(self):
        for option, needed in (("UPSUN_BUILD_TESTS", "GTest"), ("UPSUN_BUILD_BENCHMARKS", "benchmark"), ("UPSUN_BUILD_TOOLS", "CLI11")):
            others = [each for each in OFF if option not in each]
            said = self.refused(*others, f"-D{option}=ON", f"-DCMAKE_DISABLE_FIND_PACKAGE_{needed}=ON")
            self.assertRegex(said, rf"{option} is on, and there is no {needed}: install \S+, or turn it off \(-D{option}=OFF\)")

    def test_the_tool_is_built_by_itself_where_cli11_is_found(self):
        self.assertIn(self.configured(*OFF, "-DCMAKE_DISABLE_FIND_PACKAGE_CLI11=ON")["UPSUN_BUILD_TOOLS"], ("OFF", "0", ""))

    def test_the_command_of_the_page_configures(self):
        command = re.search(r"^cmake -B build (.*)$", (SOURCE / "packaging/README.md").read_text(), re.MULTILINE)[1]
        cache = self.configured(*shlex.split(command))
        self.assertEqual((cache["CMAKE_BUILD_TYPE"], cache["BUILD_SHARED_LIBS"], cache["UPSUN_BUILD_SANDBOX"]), ("Release", "ON", "ON"))

    def test_directories_for_pkg_config(self):
        for settings, libdir, includedir in (
            (("-DCMAKE_INSTALL_LIBDIR=lib64", "-DCMAKE_INSTALL_INCLUDEDIR=include"), "{prefix}/lib64", "{prefix}/include"),
            (("-DCMAKE_INSTALL_LIBDIR=/elsewhere/lib", "-DCMAKE_INSTALL_INCLUDEDIR=/elsewhere/include"), "/elsewhere/lib", "/elsewhere/include"),
        ):
            self.configured(*OFF, *settings)
            for module, variables in (("upsun", {"libdir": libdir, "includedir": includedir}), ("upsun-testing", {"libdir": libdir})):
                for variable, expected in variables.items():
                    self.assertEqual(self.variable(module, variable), expected.format(prefix=self.variable(module, "prefix")))

    def variable(self, module, name):
        environment = os.environ | {"PKG_CONFIG_PATH": str(self.build / "cmake")}
        return subprocess.run(["pkg-config", f"--variable={name}", module], check=True, capture_output=True, text=True, env=environment).stdout.strip()


if __name__ == "__main__":
    unittest.main()
