"""Prints the part of a lock that another machine needs: locked_for.py LOCK PYTHON MACHINE.

pip decides by the Python that runs it which lines with a condition count, even when it fetches for another.
"""

import re
import sys
from pathlib import Path

from packaging.markers import Marker


def part(lock: str, python: str, machine: str) -> str:
    """The lines for this version of Python (3.13) and this processor (aarch64), without their conditions."""
    there = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "platform_machine": machine,
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    kept: list[str] = []
    for block in re.split(r"(?m)^(?=\S)", lock):
        condition = re.match(r"[^\n]*? ; ([^\n\\]*)", block)
        if not condition or Marker(condition[1].strip()).evaluate(there):
            kept.append(re.sub(r" ; [^\n\\]*", " ", block, count=1))
    return "".join(kept)


if __name__ == "__main__":
    path, python, machine = sys.argv[1:]
    sys.stdout.write(part(Path(path).read_text("utf-8"), python, machine))
