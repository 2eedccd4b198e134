"""Bundle LangGraph's own client for browsers into tests/clients/vendor, for the tests that drive it.

Run by `make test`.
"""

from __future__ import annotations

import shutil
import subprocess

from assets import ROOT, bring, installed, npm

CLIENT = ROOT / "tests" / "clients"


def main() -> None:
    with installed(CLIENT / "package.json") as folder:
        shutil.copy(CLIENT / "client.js", folder)
        how = ("--bundle", "--outfile=bundle.js", "--log-level=warning")
        subprocess.run([*npm(), "exec", "--", "esbuild", "client.js", *how], cwd=folder, check=True)  # noqa: S603
        bring(folder / "bundle.js", CLIENT / "vendor" / "bundle.js")


if __name__ == "__main__":
    main()
