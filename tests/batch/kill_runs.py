"""Starts the command line over and over, each time in a new process, and kills it.

A script, run by test_faults.py: `kill_runs.py N SEED LONGEST ARGUMENTS...`. The processes are
forked from this one, in which everything is loaded: the kills hit the work and not the imports.
After each kill one line is printed, and one is waited for.
"""

import os
import random
import signal
import sys
import time

from sigconv.cli import main

if __name__ == "__main__":
    n, seed, longest, *argv = sys.argv[1:]
    chance = random.Random(int(seed))
    within = float(longest)
    for _ in range(int(n)):
        child = os.fork()
        if child == 0:
            os._exit(main(argv))
        time.sleep(chance.uniform(0, within))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        # how fast runs are depends on what else the machine does: most of them shall be hit
        within *= 1.05 if os.WIFSIGNALED(status) else 0.8
        print("killed" if os.WIFSIGNALED(status) else "ended", flush=True)
        sys.stdin.readline()
