"""What the API keeps beside runs and reviews: feeds, schedules, partnerships, deals, usage."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import pytest_asyncio

from memory import audit
from memory.db import Memory, TenantSession
from memory.models import Partnership, Usage
from memory.pipeline import LocalPipeline
from tests.fakes.rows import NOW, company
from tests.fakes.served import Api, served

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    async with served(tmp_path_factory.mktemp("api")) as api:
        yield api


@pytest.fixture(scope="module")
def memory(api: Api) -> Memory:
    return api.memory


async def schedule(api: Api) -> dict[str, Any]:
    [one] = (await api.client.get("schedules")).json()["items"]
    return dict(one)


async def test_a_feed_is_added_once_and_can_be_switched_off(api: Api) -> None:
    first = await api.client.post("feeds", json={"url": "https://feed.test/rss"})
    again = await api.client.post("feeds", json={"url": "https://feed.test/rss"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    feed = first.json()
    assert (feed["active"], feed["last_fetched_at"], feed["last_error"]) == (True, None, None)
    off = await api.client.patch(f"feeds/{feed['id']}", json={"active": False})
    assert off.json()["active"] is False
    assert off.json() in (await api.client.get("feeds")).json()["items"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "feed.test/rss",
        "ftp://feed.test/rss",
        "https://",
        "https:///rss",
        "https://feed.test/a b",
        "https://feed.test/\nx",
        "https://[::1/rss",
        "file://",
        "javascript:alert(1)",
        "https://feed.test/" + "x" * 2000,
        None,
    ],
)
async def test_an_address_that_no_feed_can_have_is_refused(api: Api, url: str | None) -> None:
    before = (await api.client.get("feeds")).json()
    answer = await api.client.post("feeds", json={"url": url})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "body.url"
    assert (await api.client.get("feeds")).json() == before


async def test_an_unknown_feed_is_a_404(api: Api) -> None:
    answer = await api.client.patch("feeds/none", json={"active": True})
    assert (answer.status_code, answer.json()["detail"]) == (404, "there is no feed 'none'")


async def test_a_schedule_says_when_it_fires_next_unless_it_is_paused(api: Api) -> None:
    planned = await schedule(api)
    times = [datetime.fromisoformat(at) for at in planned["next_times"]]
    assert [later - earlier for earlier, later in pairwise(times)] == [timedelta(minutes=15)] * 2
    paused = (await api.client.post(f"schedules/{planned['id']}/pause")).json()
    assert (paused["paused"], paused["next_times"]) == (True, [])
    resumed = (await api.client.post(f"schedules/{planned['id']}/resume")).json()
    assert (resumed["paused"], len(resumed["next_times"])) == (False, 3)


async def test_a_schedule_is_retimed(api: Api, memory: Memory) -> None:
    id = (await schedule(api))["id"]
    body = {"cron": "0 9 * * 1", "timezone": "Asia/Novosibirsk"}
    answer = await api.client.patch(f"schedules/{id}", json=body, headers={"X-Actor": "maria"})
    assert {name: answer.json()[name] for name in body} == body
    assert {datetime.fromisoformat(at).astimezone(UTC).hour for at in answer.json()["next_times"]} == {2}
    entry = (await memory.read(audit.entries, "schedule", id))[-1]
    assert (entry.actor, entry.action) == ("person:maria", "schedule.retime")


@pytest.mark.parametrize(
    "body",
    [
        {"cron": "often", "timezone": "Europe/Moscow"},
        {"cron": "* * * * *", "timezone": "Mars/Olympus"},
        {"cron": "0 0 30 2 *", "timezone": "Europe/Moscow"},
        {"cron": "* * * * *"},
    ],
)
async def test_a_time_that_means_nothing_changes_nothing(api: Api, body: dict[str, str]) -> None:
    before = await schedule(api)
    answer = await api.client.patch(f"schedules/{before['id']}", json=body)
    assert answer.status_code == 422
    assert (await schedule(api))["cron"] == before["cron"]


async def test_a_schedule_whose_graph_is_gone_cannot_be_run(api: Api) -> None:
    """These tests serve other graphs than the scout that the first schedule starts."""
    answer = await api.client.post(f"schedules/{(await schedule(api))['id']}/run")
    assert (answer.status_code, answer.json()["detail"]) == (404, "there is no graph 'scout'")


@pytest.mark.parametrize("action", ["pause", "resume", "run"])
async def test_an_unknown_schedule_is_a_404(api: Api, action: str) -> None:
    assert (await api.client.post(f"schedules/none/{action}")).status_code == 404
    body = {"cron": "* * * * *", "timezone": "UTC"}
    assert (await api.client.patch("schedules/none", json=body)).status_code == 404


def add_pairs(session: TenantSession, name: str, scores: list[float | None]) -> list[str]:
    """The ids of partnerships of one company with others, by their scores."""
    session.add_all(company(f"{name}-{number}") for number in range(len(scores) + 1))
    session.flush()
    rows = [
        Partnership(
            id=f"{name}-p{number}",
            company_a_id=f"{name}-0",
            company_b_id=f"{name}-{number}",
            score=score,
            factors=[{"name": "market", "weight": 0.2, "value": None, "evidence": []}],
            created_at=NOW,
            updated_at=NOW,
        )
        for number, score in enumerate(scores, 1)
    ]
    session.add_all(rows)
    return [row.id for row in rows]


async def test_partnerships_come_the_best_first_and_unknown_last(api: Api, memory: Memory) -> None:
    unknown, low, high, same = await memory.write(add_pairs, "listed", [None, 0.2, 0.9, 0.9])
    found, cursor = [], None
    while True:
        asked = {"limit": 1, **({"cursor": cursor} if cursor else {})}
        page = (await api.client.get("partnerships", params=asked)).json()
        found += [row["id"] for row in page["items"]]
        if (cursor := page["next"]) is None:
            break
    mine = [id for id in found if id.startswith("listed")]
    assert mine == [high, same, low, unknown]
    assert len(found) == len(set(found))
    good = (await api.client.get("partnerships", params={"min_score": 0.5, "status": "suggested"})).json()
    assert {row["id"] for row in good["items"]} >= {high, same}
    assert {row["id"] for row in good["items"]}.isdisjoint({low, unknown})


async def test_an_outcome_closes_the_partnership_and_is_audited(api: Api, memory: Memory) -> None:
    won, lost = await memory.write(add_pairs, "closed", [0.7, 0.4])
    body = {"outcome": "won", "value_rub": 1_500_000}
    answer = await api.client.post(f"partnerships/{won}/outcome", json=body, headers={"X-Actor": "maria"})
    assert answer.status_code == 200
    seen = (await api.client.get(f"partnerships/{won}")).json()
    assert (seen["outcome"], seen["value_rub"], seen["status"]) == ("won", 1_500_000, "active")
    assert [entry.actor for entry in await memory.read(audit.entries, "partnership", won)] == ["person:maria"]
    answer = await api.client.post(f"partnerships/{lost}/outcome", json={"outcome": "lost"})
    assert (answer.json()["outcome"], answer.json()["value_rub"]) == ("lost", None)


@pytest.mark.parametrize(
    "body",
    [{}, {"outcome": "maybe"}, {"outcome": "won", "value_rub": -1}, {"outcome": "won", "value_rub": 2**40}],
)
async def test_an_outcome_that_means_nothing_is_refused(api: Api, body: dict[str, Any]) -> None:
    assert (await api.client.post("partnerships/none/outcome", json=body)).status_code == 422


async def test_an_unknown_partnership_is_a_404(api: Api) -> None:
    for answer in (
        await api.client.get("partnerships/none"),
        await api.client.post("partnerships/none/outcome", json={"outcome": "won"}),
    ):
        assert (answer.status_code, answer.json()["detail"]) == (404, "there is no partnership 'none'")


@pytest.mark.parametrize(
    "params", [{"cursor": "!"}, {"min_score": 2}, {"min_score": "nan"}, {"status": "lost"}]
)
async def test_a_bad_question_about_partnerships_is_a_422(api: Api, params: dict[str, Any]) -> None:
    assert (await api.client.get("partnerships", params=params)).status_code == 422


async def test_deals_are_the_local_pipeline(api: Api, memory: Memory) -> None:
    fields = {
        "title": "Альфа × Бета",
        "stage": "contacted",
        "company": "Альфа",
        "partner": "Бета",
        "score": 0.7,
    }
    await LocalPipeline(memory, lambda: NOW).put("deal-key", fields, expected_version=None)
    [deal] = (await api.client.get("deals", params={"stage": "contacted"})).json()["items"]
    assert {name: deal[name] for name in fields} == fields
    assert (await api.client.get("deals", params={"stage": "won"})).json() == {"items": []}
    assert (await api.client.get("deals", params={"stage": "nowhere"})).status_code == 422


async def test_usage_is_summed_since_a_time(api: Api, memory: Memory) -> None:
    def spend(session: TenantSession) -> None:
        for number, day in enumerate((1, 5, 5)):
            at = datetime(2020, 3, day, tzinfo=UTC)
            called: dict[str, Any] = {"provider": "offline", "model": "template", "tokens_in": 10}
            session.add(Usage(id=f"call-{number}", agent="outreach", created_at=at, cost_rub=1.5, **called))

    await memory.write(spend)
    usage = (await api.client.get("usage", params={"since": "2020-03-02T00:00:00+03:00"})).json()
    [total] = usage["items"]
    assert (total["calls"], total["tokens_in"], total["cost_rub"]) == (2, 20, 3.0)
    apart = (
        await api.client.get("usage", params={"since": "2020-03-01T00:00:00Z", "by": ["day", "model"]})
    ).json()
    assert [(it["day"], it["model"], it["agent"], it["calls"]) for it in apart["items"]] == [
        ("2020-03-05", "template", None, 2),
        ("2020-03-01", "template", None, 1),
    ]
    assert (await api.client.get("usage", params={"by": "mood"})).status_code == 422
    assert (await api.client.get("usage")).json()["items"] == []
    assert (await api.client.get("usage", params={"since": "2020-03-02T00:00:00"})).status_code == 422
