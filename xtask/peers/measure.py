"""Runs a command with a limit and prints what it took, as one JSON object.

    measure.py SECONDS COMMAND ARG...

wall and cpu in seconds, peak in bytes of the largest process, of the command and whatever it waited for; `out`
is the last line of its standard output. A command over the limit is ended with its children: `code` is then null.
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

limit = float(sys.argv[1])
with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
    start = time.monotonic()
    child = subprocess.Popen(sys.argv[2:], stdout=out, stderr=err, start_new_session=True)
    late = threading.Event()

    def end():
        late.set()
        os.killpg(child.pid, signal.SIGKILL)

    timer = threading.Timer(limit, end)
    timer.start()
    _, status, usage = os.wait4(child.pid, 0)
    timer.cancel()
    wall = time.monotonic() - start
    out.seek(0)
    err.seek(0)
    lines = out.read().decode(errors="replace").strip().splitlines()
    code = None if late.is_set() else os.waitstatus_to_exitcode(status)
    print(json.dumps({
        "code": code,
        "wall": wall,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss * 1024,
        "out": lines[-1] if lines else "",
        "err": err.read().decode(errors="replace")[-2000:] if code else "",
    }))
