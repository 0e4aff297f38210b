"""Processor time until a function's file is imported, beside other checkouts: `python -m benchmarks.imports DIR`.

Each checkout stages its own code and layer, compiled. Runs alternate, because noise is then shared.
"""

import shutil
import subprocess
import sys
from compileall import compile_dir
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.fresh_process import Fresh, cpu_ms

ROUNDS = 25
STAGE = """
import sys
from pathlib import Path
from infra.asset import stage_code
from infra.layer import build_layer
stage_code({}, Path(sys.argv[1]))
print(build_layer())
"""


def staged(checkout: Path, folder: Path) -> list[str]:
    """The folders of a checkout's compiled code and layer, as Lambda has them."""
    code, layer = folder / "code", folder / "layer"
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", STAGE, str(code)], cwd=checkout, capture_output=True, text=True, check=True
    )
    shutil.copytree(Path(done.stdout.split()[-1]) / "python", layer)
    for each in (code, layer):
        compile_dir(each, quiet=1)
    return [str(layer), str(code)]


def functions(name: str, path: list[str]) -> list[Fresh]:
    """Each entry file, and deliver with the adapter that it builds for Slack."""
    [adapter] = Path(path[1]).rglob("slack/channels.py")
    slack = ".".join(adapter.relative_to(path[1]).with_suffix("").parts)
    code = {"observe": "import observe", "sweep": "import sweep", "deliver": f"import deliver, {slack}"}
    return [Fresh(f"{function}, {name}", lambda text=text: text, path) for function, text in code.items()]  # type: ignore[misc]  # mypy infers no default of a lambda


def main(checkouts: list[str]) -> None:
    with TemporaryDirectory() as folder:
        fresh: list[Fresh] = []
        for number, checkout in enumerate([".", *checkouts]):
            path = staged(Path(checkout).resolve(), Path(folder) / str(number))
            fresh += functions(checkout, path)
        for name, used_ms in sorted(cpu_ms(fresh, ROUNDS).items()):
            sys.stdout.write(f"{name}: {used_ms:.0f} ms\n")


if __name__ == "__main__":
    main(sys.argv[1:])
