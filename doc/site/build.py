#!/usr/bin/python3
"""Builds the site: build.py OUTPUT makes OUTPUT/html. It lays out OUTPUT/source as Sphinx reads it, a copy of the pages and a page for each header, example
and other file that a page links to, named as the file with .md added. What stands where is in navigation.toml."""
import collections
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib
import xml.etree.ElementTree

SITE = pathlib.Path(__file__).parent
ROOT = SITE.parents[1]
NAMESPACES = ("upsun", "upsun::testing")
LANGUAGES = {".cpp": "cpp", ".hpp": "cpp", ".py": "python", ".sh": "sh", ".json": "json", ".cmake": "cmake"}
# A link or an image to something in the repository.
LINK = re.compile(r"(\]\()([^\s()#:]+)((?:#[^\s()]*)?\))")

# Of a page that is in no group, only linked to.
ORPHAN = "---\norphan: true\n---\n\n"


def fenced(directive, argument, *options, body=()):
    return "\n".join([f"```{{{directive}}} {argument}".rstrip(), *options, *body, "```\n"])


def toctree(pages, *options):
    return fenced("toctree", "", *options, body=pages)


class Layout:
    """The folder that Sphinx reads."""

    def __init__(self, folder):
        self.folder = folder
        self.written = set()

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        self.written.add(name)

    def copy_image(self, name):
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, self.folder / name)

    def copy_page(self, source, name, more="", orphan=False):
        """A page whose links to files lead to the pages of those files."""
        text = (ORPHAN if orphan else "") + (ROOT / source).read_text()
        self.written.add(name)

        def led_on(link):
            target = os.path.normpath(pathlib.Path(source).parent / link[2])
            if not (ROOT / target).exists():
                return link[0]
            if target == "README.md":
                return f"{link[1]}{link[2].replace('README', 'index')}{link[3]}"
            if target.endswith(".md"):
                if target not in self.written:  # in no group, or written again when its group is
                    self.copy_page(target, target, orphan=True)
                return link[0]
            if target.endswith((".svg", ".png")):
                self.copy_image(target)
                return link[0]
            if target + ".md" not in self.written:
                if (ROOT / target).is_dir():
                    sys.exit(f"{source}: {link[2]} is a folder, of which the site has no page: link to a file in it")
                self.write_file_page(target, orphan=True)
            return f"{link[1]}{link[2].rstrip('/')}.md{link[3]}"

        self.write(name, LINK.sub(led_on, text) + more)

    def write_file_page(self, *files, name=None, title=None, text="", orphan=False):
        name = name or files[0]
        parts = [f"{ORPHAN if orphan else ''}# {title or name}\n", text]
        for file in files:
            language = LANGUAGES.get(pathlib.Path(file).suffix, "")
            if len(files) > 1:
                parts.append(f"## {pathlib.Path(file).name}\n")
            parts.append(f"`````{language}\n{(ROOT / file).read_text()}`````\n")
        self.write(f"{name}.md", "\n".join(parts))


def slug(title):
    return re.sub(r"\W+", "-", title.lower())


def leading_comment(source):
    lines = []
    for line in source.read_text().splitlines():
        if not line.startswith("// "):
            break
        lines.append(line[3:])
    return " ".join(lines)


def write_examples(layout, programs):
    parts = ["# Examples\n", "Small programs, each about one thing. `cmake/dev test` builds all of them, and runs those that bring their own server.\n"]
    for program in programs:
        path = ROOT / "examples" / program
        files = sorted(path.iterdir(), key=lambda file: (file.stem != "main", file.stem, file.suffix != ".hpp")) if path.is_dir() else [path]
        about = leading_comment(files[0])
        if not about and files[0].read_text() in (ROOT / "README.md").read_text():
            about = "The program of the front page."
        elif not about:
            sys.exit(f"{files[0].relative_to(ROOT)} does not begin with a comment that says what it shows")
        layout.write_file_page(*(str(file.relative_to(ROOT)) for file in files), name=f"examples/{program}", title=path.stem, text=about + "\n")
        parts.append(f"- [{path.stem}](examples/{program}.md): {about}")
    layout.write("examples.md", "\n".join(parts) + "\n\n" + toctree([f"examples/{program}" for program in programs], ":hidden:"))


def declared_names(xml_folder):
    """What each header declares in the namespaces of programs, by the header's path."""
    names = collections.defaultdict(set)
    for file in xml_folder.glob("*_8hpp.xml"):
        compound = xml.etree.ElementTree.parse(file).find("compounddef")
        names[compound.find("location").get("file")] = {each.text for each in compound.findall("innerclass")}
    for namespace in NAMESPACES:
        members = xml.etree.ElementTree.parse(xml_folder / f"namespace{namespace.replace('::', '_1_1')}.xml").findall(".//memberdef")
        for member in members:
            names[member.find("location").get("file")].add(f"{namespace}::{member.findtext('name')}")
    return {header: sorted(name for name in found if name.rpartition("::")[0] in NAMESPACES and re.fullmatch(r"(?!.*::operator)[\w:]+", name))
            for header, found in names.items()}


def write_reference(layout, topics, xml_folder):
    names = declared_names(xml_folder)
    for topic in topics:
        parts = [f"# {topic['title']}\n", "| Header | Declares |", "|---|---|"]
        for header in topic["headers"]:
            path = f"include/upsun/{header}"
            declared = ", ".join(f"{{cpp:any}}`{name.rpartition('::')[2]} <{name}>`" for name in names[path])
            parts.append(f"| [{header}](../{path}.md) | {declared} |")
            include = fenced("code-block", "cpp", body=[f"#include <upsun/{header}>"])
            layout.write(f"{path}.md", f"# {header}\n\n{include}\n" + fenced("doxygenfile", path))
        pages = [f"/include/upsun/{header}" for header in topic["headers"]]
        layout.write(f"reference/{slug(topic['title'])}.md", "\n".join(parts) + "\n\n" + toctree(pages, ":hidden:"))


def write_guide(layout, navigation):
    decisions = sorted(str(page.relative_to(ROOT)) for page in (ROOT / "doc/decisions").glob("*.md"))
    layout.write("doc/decisions.md", "# Decisions\n\nWhy the library is built as it is, a page each.\n\n" +
                 toctree([pathlib.Path(page).relative_to("doc").with_suffix("").as_posix() for page in decisions]))
    layout.write_file_page("LICENSE", title="License")
    groups = [(group["title"], [os.path.normpath(f"doc/{page}") for page in group["pages"]]) for group in navigation["guide"]]
    for page in [*decisions, *(f"{page}.md" for _, pages in groups for page in pages), "CHANGELOG.md"]:
        layout.copy_page(page, page)

    groups[0][1].append("examples")
    groups[-1][1].extend(["doc/decisions", "CHANGELOG", "LICENSE"])
    groups.insert(-1, ("Reference", [f"reference/{slug(topic['title'])}" for topic in navigation["reference"]]))
    layout.copy_page("README.md", "index.md", "\n" + "\n".join(toctree(pages, ":hidden:", f":caption: {title}") for title, pages in groups))


def run(*command, **options):
    if subprocess.run(command, cwd=ROOT, **options).returncode != 0:
        sys.exit(f"{command[0]} failed")


def without_private_members(xml_folder):
    """Doxygen writes them for whoever wants them."""
    for file in [*xml_folder.glob("class*.xml"), *xml_folder.glob("struct*.xml")]:
        tree = xml.etree.ElementTree.parse(file)
        compound = tree.find("compounddef")
        for section in [each for each in compound.findall("sectiondef") if each.get("kind").startswith("private")]:
            compound.remove(section)
        tree.write(file)


def complete_theme(static):
    """Mends three faults of Debian's furo: it takes a style sheet from where Debian's web servers have it, lacks the dark colours for those who prefer them,
    and imports a script as modules do, but is not loaded as one."""
    style, elsewhere = static / "styles/furo.css", "/javascript/normalize.css/normalize.css"
    text = style.read_text()
    if elsewhere in text:
        shutil.copy(f"/usr/share{elsewhere}", static / "styles")
        text = text.replace(elsewhere, "normalize.css")
    if "prefers-color-scheme" not in text:
        dark = re.search(r'body\[data-theme="dark"\] ({[^}]*})', text)[1]
        text += f'@media (prefers-color-scheme: dark) {{ body[data-theme="auto"] {dark} }}\n'
    style.write_text(text)
    script, imports = static / "scripts/furo.js", 'import Gumshoe from "./gumshoe-patched.js";'
    script.write_text(script.read_text().replace(imports, (static / "scripts/gumshoe-patched.js").read_text()))


def main():
    output = pathlib.Path(sys.argv[1]).resolve()
    output.mkdir(parents=True, exist_ok=True)
    for made in ("doxygen", "source", "doctrees", "html"):
        shutil.rmtree(output / made, ignore_errors=True)
    doxyfile = (ROOT / "doc/Doxyfile").read_text() + f'OUTPUT_DIRECTORY = "{output}/doxygen"\n'
    run("doxygen", "-q", "-", input=doxyfile, text=True)
    without_private_members(output / "doxygen/xml")

    navigation = tomllib.loads((SITE / "navigation.toml").read_text())
    layout = Layout(output / "source")
    write_examples(layout, navigation["examples"]["programs"])
    write_reference(layout, navigation["reference"], output / "doxygen/xml")
    write_guide(layout, navigation)
    run(sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-j", "auto", "-c", str(SITE), "-d", str(output / "doctrees"),
        "-D", f"breathe_projects.upsun={output}/doxygen/xml", str(layout.folder), str(output / "html"))
    complete_theme(output / "html/_static")


main()
