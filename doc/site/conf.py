"""The settings of Sphinx. doc/site/build.py lays out what it reads."""
import logging
import pathlib
import re

from docutils import nodes
from sphinx import addnodes
from sphinx.domains.cpp import CPPDomain

root = pathlib.Path(__file__).parents[2]
version = re.search(r'VERSION_STRING "(.*)"', (root / "include/upsun/version.hpp").read_text())[1]
project = "upsun"
html_title = f"upsun {version}"

extensions = ["myst_parser", "breathe"]
myst_heading_anchors = 4
breathe_default_project = "upsun"
breathe_show_include = False
# Sphinx warns that every header opens namespace upsun, of overloads that differ in their constraints, which Breathe leaves out, and of what it does
# not highlight in an initializer.
UNTRUE = re.compile("Duplicate C.. declaration|Using fallback parser")
for module in ("domains.cpp", "util.cfamily"):
    logging.getLogger(f"sphinx.sphinx.{module}").addFilter(lambda record: not UNTRUE.search(record.getMessage()))
highlight_language = "none"

html_theme = "furo"
html_static_path = ["static"]
html_favicon = "static/icon.svg"
html_css_files = ["site.css"]
html_show_copyright = False
html_copy_source = False
html_use_index = False
html_domain_indices = False

NAMESPACE = re.compile(r"upsun|(upsun::)?(calls|detail|operations|testing)")
PAGE = re.compile(r"\bdoc/([a-z0-9-]+)\.md\b")


class Reference(CPPDomain):
    def get_objects(self):
        """What the search lists by name: no parameters, and of overloads one."""
        listed = set()
        for each in super().get_objects():
            if each[2] not in ("functionParam", "templateParam") and each[0] not in listed:
                listed.add(each[0])
                yield each


def without_namespaces(doctree):
    """Shows what namespace upsun contains in its place, and no other namespace but testing; links to none, for every header opens them."""
    for described in list(doctree.findall(addnodes.desc)):
        signature = described[0].astext()
        if signature == "namespace upsun":
            described.parent.replace(described, described[-1].children)
        elif signature.startswith("namespace ") and signature != "namespace testing":
            described.parent.remove(described)
    for reference in list(doctree.findall(addnodes.pending_xref)):
        if NAMESPACE.fullmatch(reference["reftarget"]):
            reference.parent.replace(reference, reference.children)


def list_in_contents(node, parents=(), listed=None):
    """Puts what a header declares into the list of the page's contents, and its members: overloads once, enumerators not."""
    listed = set() if listed is None else listed
    for child in node.children:
        if not isinstance(child, addnodes.desc):
            list_in_contents(child, parents, listed)
        elif child["objtype"] != "enumerator":
            declarator = child[0][-1] if isinstance(child[0][-1], addnodes.desc_signature_line) else child[0]  # below the template's parameters
            name = next((each.astext() for each in declarator.findall(addnodes.desc_name)), "")
            if name not in listed:
                child[0]["_toc_name"], child[0]["_toc_parts"] = name, (*parents, name)
                listed.add(name)
            list_in_contents(child[-1], (*parents, name))


def link_pages(doctree, docname):
    """Where a header's text names a page, links to it."""
    for text in list(doctree.findall(nodes.Text)):
        if isinstance(text.parent, (nodes.paragraph, nodes.inline)) and PAGE.search(text):
            parts = PAGE.split(text)
            for at in range(1, len(parts), 2):
                target = f"doc/{parts[at]}"
                parts[at] = addnodes.pending_xref("", nodes.inline("", f"{target}.md"), refdomain="std", reftype="doc", reftarget=f"/{target}", refdoc=docname,
                                                  refexplicit=True, refwarn=True)
            text.parent.replace(text, [nodes.Text(part) if isinstance(part, str) else part for part in parts])


def on_doctree_read(app, doctree):
    if not app.env.docname.startswith("include/"):
        return
    without_namespaces(doctree)
    list_in_contents(doctree)
    link_pages(doctree, app.env.docname)


def setup(app):
    app.add_domain(Reference, override=True)
    app.connect("doctree-read", on_doctree_read, priority=100)  # before the contents are collected
