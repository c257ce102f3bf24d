"""Import this before numpy: its matrix products then run on one thread, so that CPU seconds mean one core's work."""

import os

for _library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")
