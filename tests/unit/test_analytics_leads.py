"""The lead-scoring eval on a small table of its own: the real one names no licence and stays outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.leads import BadLeads, features, run

HEADER = "Prospect ID,Lead Number,Lead Source,TotalVisits,Total Time Spent on Website,Page Views Per Visit"


def table(path: Path, header: str = f"{HEADER},Converted") -> Path:
    lines = [f"p{n},{n},{'Chat' if n % 2 else 'Search'},{n},{100 * (n % 2)},,{n % 2}" for n in range(40)]
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def test_leads_that_tell_are_ranked_and_printed_beside_the_baselines(tmp_path: Path) -> None:
    auc, brier, _ = run(table(tmp_path / "leads.csv"))
    assert auc.value == 1.0
    assert "0.8772" in auc.baseline
    assert float(brier.value) < 0.25
    assert brier.baseline == "mean of three 0.134, base rate 0.250"


def test_ids_and_the_target_are_no_features() -> None:
    cells = dict(zip(f"{HEADER},Converted".split(","), ["p1", "1", "Chat", "3", "", "1.5", "1"], strict=True))
    assert features(cells) == {
        "Lead Source": "Chat",
        "TotalVisits": 3.0,
        "TotalVisits step": "3",
        "Total Time Spent on Website": 0.0,
        "Total Time Spent on Website step": "?",
        "Page Views Per Visit": 1.5,
        "Page Views Per Visit step": "2",
    }


def test_a_table_of_something_else_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadLeads, match=r"^leads.csv has no column Converted$"):
        run(table(tmp_path / "leads.csv", HEADER))
