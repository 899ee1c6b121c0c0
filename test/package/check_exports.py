"""usage: check_exports.py LIBRARY: the shared library exports symbols of namespace upsun, and the data that Asio and Boost.System keep once in a process, by
which the program's Asio and the library's work together. It exports no function of theirs, and nothing of the standard library or Boost.JSON."""
import re
import subprocess
import sys

UPSUN = re.compile(r"_Z(N[KRO]*|T[ISVT]N|Th.*_NK?|GVN)5upsun")
ASIO = re.compile(r"_Z(GV)?(Z?NK?|T[IS]N)5boost(4asio|6system)")
DATA = ("OBJECT", "TLS")

table = subprocess.run(["readelf", "--wide", "--dyn-syms", sys.argv[1]], check=True, capture_output=True, text=True).stdout
rows = [line.split() for line in table.splitlines() if re.match(r" *\d+: ", line)]
exported = {row[7]: row[3] for row in rows if len(row) > 7 and row[6] != "UND"}  # number, value, size, type, binding, visibility, section, name
foreign = [name for name, kind in exported.items() if not (UPSUN.match(name) or (ASIO.match(name) and kind in DATA))]
if foreign:
    shown = subprocess.run(["c++filt", *foreign[:20]], check=True, capture_output=True, text=True).stdout
    sys.exit(f"{sys.argv[1]} exports {len(foreign)} symbols that it must keep to itself, such as:\n{shown}")

shown = subprocess.run(["c++filt", *exported], check=True, capture_output=True, text=True).stdout.splitlines()
needed = [
    r"upsun::client::client\(",
    r"typeinfo for upsun::call_failed$",
    r"upsun::needs_library_built::",
    r"boost::asio::detail::call_stack<boost::asio::detail::thread_context, .*>::top_$",  # else dispatch() always posts
    r"boost::asio::detail::execution_context_service_base<boost::asio::detail::scheduler>::id$",  # else, without RTTI, a context has two schedulers
    r"boost::asio::error::get_misc_category\(\)::instance$",  # else the library's error::eof is not the program's
    r"boost::asio::execution::detail::any_executor_base::target_fns_table<.*>\(.*::fns",  # else equal executors differ
]
missing = [pattern for pattern in needed if not any(re.match(pattern, name) for name in shown)]
if missing:
    sys.exit(f"{sys.argv[1]} does not export {missing}")
print(f"{len(exported)} symbols, {sum(1 for name in exported if UPSUN.match(name))} of them upsun's.")
