"""Policies: what an agent does not say the default says; a comparison keeps a thread at its model."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.llm import catalogue, policy
from tools.llm.call import Region
from tools.llm.policy import Policy, PolicyError
from tools.llm.sticky import chosen

NAMES = st.text("abc/", min_size=1, max_size=5)


def test_our_own_file_names_only_models_that_have_a_price() -> None:
    policies, prices = policy.load(), catalogue.load()
    for one in (policies.default, *policies.agents.values()):
        for step in one.steps:
            assert all(name in prices.models for name in step)


def test_an_agent_takes_from_the_default_what_it_does_not_say(tmp_path: Path) -> None:
    path = tmp_path / "policies.yaml"
    path.write_text(
        "default: {steps: [a/b], deadline_s: 7, regions: [ru]}\nagents: {scout: {temperature: 0}}"
    )
    scout = policy.load(path).of("scout")
    assert (scout.models("scout", None), scout.deadline_s, scout.temperature) == ([("a", "b")], 7, 0)
    assert scout.regions == (Region.RUSSIA,)
    assert policy.load(path).of("other") == policy.load(path).default


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("default: {stepz: []}", "default.stepz"),
        ("default: {steps: [yandex]}", "'yandex' is not provider/model"),
        ("default: {steps: [{a/b: 0}]}", "a weight above 0"),
        ("default: {deadline_s: 0}", "greater than 0"),
        ("agents: [1]", "not a file of policies"),
        ("a: [", "not a file of policies"),
        ("default: {regions: [mars]}", "regions"),
    ],
)
def test_a_wrong_file_is_told_in_one_line(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(text)
    with pytest.raises(PolicyError) as caught:
        policy.load(tmp_path / "p.yaml")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.dictionaries(NAMES, st.floats(0.01, 100), min_size=1, max_size=5), st.text(max_size=10))
def test_the_same_asker_gets_the_same_choice(weights: dict[str, float], who: str) -> None:
    assert chosen(weights, who) == chosen(dict(reversed(weights.items())), who)


@given(st.dictionaries(NAMES, st.floats(0.1, 10), min_size=2, max_size=5), st.text(max_size=10))
def test_a_new_choice_takes_only_its_own(weights: dict[str, float], who: str) -> None:
    before, after = chosen(weights, who), chosen({**weights, "new": 1.0}, who)
    assert after in (before, "new")


def test_weights_are_kept_on_the_whole() -> None:
    got = Counter(chosen({"a": 9, "b": 1}, f"thread-{n}") for n in range(4000))
    assert 0.87 < got["a"] / 4000 < 0.93


def test_a_thread_keeps_its_version_of_a_prompt() -> None:
    given = Policy.model_validate({"prompts": {"letter": {"letter": 1, "letter-b": 1}}})
    assert {given.prompt("letter", f"t{n}") for n in range(50)} == {"letter", "letter-b"}
    assert given.prompt("letter", "t1") == given.prompt("letter", "t1")
    assert given.prompt("rewrite", "t1") == "rewrite"
