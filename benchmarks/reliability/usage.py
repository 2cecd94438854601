"""What the workers of a server hold."""

import os
from pathlib import Path

from benchmarks.harness import Server


def rss_mib(server: Server) -> float:
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in server.workers())
    return round(pages * os.sysconf("SC_PAGESIZE") / 2**20, 1)


def descriptors(server: Server) -> int:
    return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in server.workers())
