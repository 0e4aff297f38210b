"""Synthesise a cloud assembly of local settings in a process of its own: SETTINGS OUT EVENT_SOURCE CUSTOM."""

import sys
from pathlib import Path

from infra.synth import synth

if __name__ == "__main__":
    settings, out, event_source, custom = sys.argv[1:]
    synth(Path(settings), Path(out), event_source, Path(custom))
