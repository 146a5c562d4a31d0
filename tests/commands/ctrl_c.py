"""Runs a command on a terminal of its own, types Ctrl-C once, and tells how it ends.

    python3 ctrl_c.py WHEN LIMIT_S COMMAND...

Ctrl-C is typed as soon as what the command prints matches the regular expression WHEN, and goes to the whole foreground
group, as a terminal sends it. Prints JSON: `code` (negative: killed by that signal; null: it did not end in LIMIT_S),
`seconds` since Ctrl-C, `left` (commands of processes that it leaves behind), `output`.
"""

import json
import os
import pty
import re
import select
import signal
import sys
import time
import uuid

when, limit_s, command = re.compile(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
mark = f"CTRL_C_TEST={uuid.uuid4()}"


def marked():
    """Processes with our mark in their environment, which children inherit."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as environ, open(f"/proc/{pid}/cmdline", "rb") as line:
                if mark.encode() in environ.read().split(b"\0"):
                    yield int(pid), line.read().replace(b"\0", b" ").decode().strip()
        except OSError:
            pass  # it has ended meanwhile, or is another user's


pid, terminal = pty.fork()
if pid == 0:
    name, value = mark.split("=")
    os.execvpe(command[0], command, {**os.environ, name: value})

output, typed, code, deadline = "", None, None, time.monotonic() + 300
while time.monotonic() < deadline:
    if select.select([terminal], [], [], 0.05)[0]:
        try:
            output += os.read(terminal, 65536).decode(errors="replace")
        except OSError:
            pass  # the other side is closed
    if typed is None and when.search(output):
        os.write(terminal, b"\x03")
        typed = time.monotonic()
        deadline = typed + limit_s
    ended, status = os.waitpid(pid, os.WNOHANG)
    if ended:
        code = os.waitstatus_to_exitcode(status)
        break

seconds = None if typed is None else round(time.monotonic() - typed, 2)
if code is not None:
    time.sleep(0.3)  # children that got the same signal may be about to end
left = dict(marked())
for child in left:
    os.kill(child, signal.SIGKILL)
print(json.dumps({"code": code, "seconds": seconds, "left": [line for line in left.values() if line], "output": output}))
