"""litellm's router as its users have it, without retries: `python -m tests.bench.llm.peer URL`.

It has a Python environment of its own, because it wants other versions of the SDKs than we do.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib.metadata import version

import uvloop

from .calls import serve

# Else it fetches the prices of models from the internet.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"


async def _main(url: str) -> None:
    from litellm import Router  # type: ignore[import-not-found]

    way = {"model": "openai/openai/gpt-4o", "api_base": f"{url}/200/v1", "api_key": "a-key"}
    router = Router([{"model_name": "gpt-4o", "litellm_params": way}], num_retries=0)
    messages = [{"role": "user", "content": "Какой город?"}]

    async def ask() -> None:
        await router.acompletion("gpt-4o", messages, temperature=0.2)

    await ask()
    gc.freeze()
    await serve({"litellm": ask}, f"litellm {version('litellm')}")


if __name__ == "__main__":
    uvloop.run(_main(sys.argv[1]))
