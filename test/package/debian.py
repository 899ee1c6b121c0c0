"""usage: debian.py BUILD: the Debian packages in BUILD/packages contain what they should, and work: installed into a fresh directory, programs are built
with them by CMake and by pkg-config, the tools run, the manual pages are rendered, and lintian has nothing to say."""
import gzip
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
BUILD = pathlib.Path(sys.argv[1]).resolve()
PROGRAMS = ("upsun-integrations", "upsun-load", "upsun-sandbox")
VERSION = re.search(r'UPSUN_VERSION_STRING "(.*)"', (SOURCE / "include/upsun/version.hpp").read_text())[1]
MAJOR, MINOR, _ = VERSION.split(".")
LIBRARY = f"libupsun{MAJOR}"


def run(*command, **options):
    options.setdefault("timeout", 1800)
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.mkdtemp(prefix="upsun-packages-")
        cls.addClassCleanup(shutil.rmtree, scratch)
        cls.scratch = pathlib.Path(scratch)
        cls.root = cls.scratch / "root"
        cls.packages = {path.name.partition("_")[0]: path for path in (BUILD / "packages").glob("*.deb")}
        # With this machine's list of packages, by which dpkg sees whether what they depend on is there.
        for directory in ("info", "updates", "triggers"):
            (cls.root / "var/lib/dpkg" / directory).mkdir(parents=True)
        shutil.copy("/var/lib/dpkg/status", cls.root / "var/lib/dpkg/status")
        dpkg = ("dpkg", f"--root={cls.root}")
        run("fakeroot", *dpkg, "--install", *cls.packages.values(), env=os.environ | {"PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"})
        listed = {name: (path[1:] for path in run(*dpkg, "--listfiles", name).splitlines()) for name in cls.packages}
        cls.files = {name: {path for path in paths if (cls.root / path).is_symlink() or (cls.root / path).is_file()} for name, paths in listed.items()}
        cls.architecture = run("dpkg", "--print-architecture").strip()
        cls.libraries = f"usr/lib/{run('dpkg-architecture', '--query', 'DEB_HOST_MULTIARCH').strip()}"
        cls.environment = os.environ | {"LD_LIBRARY_PATH": str(cls.root / cls.libraries)}

    def tool(self, name):
        return self.root / "usr/bin" / name

    def field(self, package, name):
        return run("dpkg-deb", "--field", self.packages[package], name).strip()

    def test_there_are_three_packages_of_this_version(self):
        expected = {f"{name}_{VERSION}-1_{self.architecture}.deb" for name in (LIBRARY, "libupsun-dev", "upsun-tools")}
        self.assertEqual({path.name for path in self.packages.values()}, expected)

    def test_they_contain_what_they_should(self):
        papers = ("changelog.Debian.gz", "changelog.gz", "copyright")
        expected = {name: {f"usr/share/doc/{name}/{paper}" for paper in papers} for name in self.packages}
        expected[LIBRARY] |= {f"{self.libraries}/libupsun.so.{MAJOR}", f"{self.libraries}/libupsun.so.{VERSION}"}
        expected["libupsun-dev"] |= {f"usr/include/{path.relative_to(SOURCE / 'include')}" for path in (SOURCE / "include").rglob("*.hpp")}
        expected["libupsun-dev"] |= {f"{self.libraries}/{name}" for name in ("libupsun.so", "libupsun_testing.a")}
        expected["libupsun-dev"] |= {f"{self.libraries}/pkgconfig/{name}.pc" for name in ("upsun", "upsun-testing")}
        cmake = ("upsun-config.cmake", "upsun-config-version.cmake", "upsun-targets.cmake", "upsun-targets-release.cmake")
        expected["libupsun-dev"] |= {f"{self.libraries}/cmake/upsun/{name}" for name in cmake}
        expected["upsun-tools"] |= {f"usr/bin/{name}" for name in PROGRAMS}
        expected["upsun-tools"] |= {f"usr/share/bash-completion/completions/{name}" for name in PROGRAMS}
        expected["upsun-tools"] |= {f"usr/share/man/man1/{name}" for name in os.listdir(self.root / "usr/share/man/man1")}  # see test_manual_pages
        self.assertEqual(self.files, expected)

    def test_their_papers_are_those_of_the_sources(self):
        papers = self.root / f"usr/share/doc/{LIBRARY}"
        self.assertEqual(gzip.decompress((papers / "changelog.gz").read_bytes()), (SOURCE / "CHANGELOG.md").read_bytes())
        license = "".join(line[1:].replace(".\n", "\n", line == " .\n") for line in (papers / "copyright").read_text().splitlines(True) if line[0] == " ")
        self.assertEqual(license.strip(), (SOURCE / "LICENSE").read_text().strip())

    def test_they_depend_on_each_other_and_on_the_boost_they_were_built_with(self):
        this = f"{LIBRARY} (= {VERSION}-1)"
        self.assertIn(this, self.field("libupsun-dev", "Depends").split(", "))
        self.assertIn(this, self.field("upsun-tools", "Depends").split(", "))
        developed = [rf"{package} \(>= .*?\)" for package in ("libnghttp2-dev", "zlib1g-dev", "libzstd-dev", "libbrotli-dev")]
        boost = re.search(r"#define BOOST_VERSION (\d+)", pathlib.Path("/usr/include/boost/version.hpp").read_text())[1]
        for needed in (f"libboost{int(boost) // 100000}.{int(boost) // 100 % 1000}-dev", r"libssl-dev \(>= 3.0\)", "pkgconf", *developed):
            self.assertRegex(self.field("libupsun-dev", "Depends"), rf"(^|, ){needed}(,|$)")
        for linked in ("libc6", r"libstdc\+\+6", "libssl3", "libnghttp2-14", "zlib1g", "libzstd1", "libbrotli1"):
            self.assertRegex(self.field(LIBRARY, "Depends"), rf"(^|, ){linked} \(")

    def test_the_library_recommends_the_authorities_that_it_trusts(self):
        self.assertEqual(self.field(LIBRARY, "Recommends"), "ca-certificates")

    def test_programs_of_others_depend_on_the_minor_version(self):
        packaging = self.scratch / "other_package"
        (packaging / "debian").mkdir(parents=True)
        (packaging / "debian/control").write_text("Source: other\n\nPackage: other\nArchitecture: any\n")
        libraries = self.root / self.libraries
        run("c++", "-std=c++20", f"-I{self.root}/usr/include", HERE / "mixture/main.cpp", libraries / "libupsun.so", "-o", packaging / "program")
        shlibs = self.root / f"var/lib/dpkg/info/{LIBRARY}.shlibs"
        depends = run("dpkg-shlibdeps", f"-L{shlibs}", f"-l{libraries}", "-O", "program", cwd=packaging)
        self.assertIn(f"{LIBRARY} (>= {MAJOR}.{MINOR}), {LIBRARY} (<< {MAJOR}.{int(MINOR) + 1}~)", depends)
        self.assertEqual(run("dpkg-deb", "--info", self.packages[LIBRARY], "triggers"), "activate-noawait ldconfig\n")

    def test_lintian_has_nothing_to_say(self):
        # The packages are not uploaded to Debian, where the first version closes the request for it.
        said = run("lintian", "--allow-root", "--suppress-tags", "initial-upload-closes-no-bugs", *self.packages.values())
        self.assertEqual(said, "")

    def test_the_library_exports_upsun(self):
        library = self.root / self.libraries / f"libupsun.so.{MAJOR}"
        self.assertRegex(run("readelf", "--dynamic", library), rf"\(SONAME\) .*\[libupsun\.so\.{MAJOR}\]")
        run(sys.executable, "-B", HERE / "check_exports.py", library)

    def test_programs_are_built_by_cmake(self):
        build = self.scratch / "find_package"
        run("cmake", "-S", HERE / "find_package", "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={self.root}/usr", "-DCMAKE_CXX_STANDARD=20")
        self.assertIn(str(self.root), (build / "CMakeCache.txt").read_text())
        run("cmake", "--build", build)
        self.assertIn(f"upsun {VERSION} works", run(build / "consumer"))
        self.assertIn("integration-0", run(build / "service_test"))
        self.assertIn(str(self.root / self.libraries / f"libupsun.so.{MAJOR}"), run("ldd", build / "consumer"))

    def test_programs_are_built_by_pkg_config(self):
        environment = os.environ | {"PKG_CONFIG_PATH": str(self.root / self.libraries / "pkgconfig")}
        self.assertEqual(run("pkg-config", "--modversion", "upsun", env=environment).strip(), VERSION)
        done = run(HERE / "pkg_config/build_and_run.sh", os.environ.get("CXX", "c++"), self.scratch / "by_pkg_config", env=environment)
        self.assertIn(f"upsun {VERSION} works", done)
        self.assertIn("integration-0", done)

    def test_the_test_package_of_the_conan_recipe(self):
        build = self.scratch / "test_package"
        run("cmake", "-S", SOURCE / "packaging/conan/test_package", "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={self.root}/usr")
        run("cmake", "--build", build)
        self.assertEqual(run(build / "test_package"), f"upsun {VERSION} works\n")
        self.assertEqual(run(build / "test_sandbox"), "the sandbox works\n")

    def test_a_program_of_another_minor_version_does_not_link(self):
        library = self.root / self.libraries / "libupsun.so"
        run("cmake", "-DCOMPILER=c++", f"-DINCLUDE={self.root}/usr/include", f"-DLIBRARY={library}", f"-DPROGRAM={self.scratch}/mixture", "-P",
            HERE / "mixture/check.cmake", env=self.environment)

    def test_a_program_of_another_minor_version_does_not_start(self):
        other = self.scratch / "other"
        other.mkdir()
        compiler = ("c++", "-std=c++20", f"-I{HERE}/mixture/upsun_0_99", f"-I{self.root}/usr/include")
        run(*compiler, "-shared", "-fPIC", f"-Wl,-soname,libupsun.so.{MAJOR}", SOURCE / "src/client/same_asio.cpp", "-o", other / "libupsun.so")
        run(*compiler, HERE / "mixture/main.cpp", other / "libupsun.so", "-o", other / "program")
        done = subprocess.run([other / "program"], capture_output=True, text=True, env=self.environment)
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stderr, "undefined symbol: .*needs_library_built.*upsun_version_0_99")

    def test_the_tools_run(self):
        for name in PROGRAMS:
            self.assertEqual(run(self.tool(name), "--version", env=self.environment), f"{name} {VERSION}\n")
        sandbox = subprocess.Popen([self.tool("upsun-sandbox"), "--exit-with-parent"], stdout=subprocess.PIPE, text=True, env=self.environment)
        try:
            url, authority = (sandbox.stdout.readline().rstrip("\n").partition("=")[2] for _ in range(2))
            there = ("--url", url, "--ca-file", authority, "--project", "project-0")
            environment = {k: v for k, v in self.environment.items() if not k.startswith(("UPSUN_", "PLATFORM"))} | {"UPSUN_ACCESS_TOKEN": "sandbox-token"}
            listed = run(self.tool("upsun-integrations"), *there, "list", env=environment)
            self.assertEqual(len(re.findall(r"integration-\d+", listed)), 18)
            loaded = run(self.tool("upsun-load"), *there, "--integration", "integration-0", "--requests", "20", env=environment)
            self.assertRegex(loaded, r"fetched +20\n")
        finally:
            sandbox.terminate()
            sandbox.wait()
            sandbox.stdout.close()

    def test_manual_pages(self):
        run(sys.executable, "-B", HERE / "check_manuals.py", self.root / "usr/share/man/man1", *map(self.tool, PROGRAMS), env=self.environment)

    def test_completion(self):
        completions = self.root / "usr/share/bash-completion/completions"
        for name in PROGRAMS:
            run(sys.executable, "-B", HERE / "check_completion.py", completions / name, self.tool(name), env=self.environment)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
