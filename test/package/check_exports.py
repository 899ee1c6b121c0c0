"""usage: check_exports.py LIBRARY: the shared library exports symbols of namespace upsun and no others."""
import re
import subprocess
import sys

NAMESPACE = r"_Z(N[KRO]*|T[ISVT]N|Th.*_NK?|GVN)5upsun"

table = subprocess.run(["nm", "-D", "--defined-only", "--format=posix", sys.argv[1]], check=True, capture_output=True, text=True).stdout
exported = [line.split()[0] for line in table.splitlines()]
foreign = [name for name in exported if not re.match(NAMESPACE, name)]
if foreign:
    shown = subprocess.run(["c++filt", *foreign], check=True, capture_output=True, text=True).stdout
    sys.exit(f"{sys.argv[1]} exports {len(foreign)} symbols that are not upsun's:\n{shown}")
needed = ["_ZN5upsun6clientC1", "_ZTIN5upsun11call_failedE", "_ZN5upsun19needs_library_built"]
missing = [name for name in needed if not any(each.startswith(name) for each in exported)]
assert not missing, f"{sys.argv[1]} does not export {missing}"
print(f"{len(exported)} symbols, all of them upsun's.")
