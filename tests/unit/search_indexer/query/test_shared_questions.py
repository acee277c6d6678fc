"""Lanes with a server that waits and fails as told."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from search_indexer.errors import SearchRefused, SearchUnavailable
from search_indexer.query.query_builder import Body
from search_indexer.query.shared_questions import LANES, MOST_TOGETHER, SharedQuestions


class Server:
    """Gives each body back as its own answer, once it may; refuses a multi-search that holds a bad one."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.was_asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.is_away = False

    async def ask(self, bodies: Sequence[Body]) -> list[Mapping[str, Any]]:
        self.sizes.append(len(bodies))
        self.was_asked.set()
        await self.may_answer.wait()
        if self.is_away:
            raise SearchUnavailable("away")
        if {"bad": True} in bodies:
            raise SearchRefused("bad")
        return list(bodies)


async def asked(server: Server, bodies: Sequence[Body]) -> list[Any]:
    """Ask all of them at once; in place of an answer stands what was raised."""
    shared = SharedQuestions(server.ask)
    waiting = asyncio.gather(*(shared.answer(body) for body in bodies), return_exceptions=True)
    for _ in range(3):
        await asyncio.sleep(0)
    server.may_answer.set()
    return list(await waiting)


async def test_a_question_alone_is_sent_at_once() -> None:
    server = Server()
    assert await asked(server, [{"q": 1}]) == [{"q": 1}]
    assert server.sizes == [1]


async def test_what_waits_goes_together_and_everybody_gets_their_own_answer() -> None:
    server = Server()
    bodies = [{"q": number} for number in range(100)]
    assert await asked(server, bodies) == bodies
    assert sum(server.sizes) == 100
    assert len(server.sizes) <= LANES + 100 // MOST_TOGETHER + 1
    assert max(server.sizes) == MOST_TOGETHER


async def test_a_refused_question_spoils_no_other() -> None:
    bodies: list[Body] = [{"q": 1}, {"bad": True}, *({"q": number} for number in range(2, 30))]
    answers = await asked(Server(), bodies)
    assert isinstance(answers[1], SearchRefused)
    assert [answers[0], *answers[2:]] == [bodies[0], *bodies[2:]]


async def test_while_the_server_is_away_everybody_is_told_and_later_questions_are_sent_again() -> None:
    server = Server()
    server.is_away = True
    shared = SharedQuestions(server.ask)
    server.may_answer.set()
    told = await asyncio.gather(*(shared.answer({"q": each}) for each in range(20)), return_exceptions=True)
    assert all(isinstance(each, SearchUnavailable) for each in told)
    server.is_away = False
    assert await shared.answer({"q": 1}) == {"q": 1}


async def test_closing_leaves_nobody_waiting() -> None:
    server = Server()
    shared = SharedQuestions(server.ask)
    waiting = [asyncio.ensure_future(shared.answer({"q": each})) for each in range(2 * LANES * MOST_TOGETHER)]
    await server.was_asked.wait()
    await shared.close()
    done = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 5)
    assert all(isinstance(each, asyncio.CancelledError) for each in done)


async def test_who_gives_up_waiting_disturbs_nobody() -> None:
    server = Server()
    shared = SharedQuestions(server.ask)
    impatient = asyncio.ensure_future(shared.answer({"q": 1}))
    patient = asyncio.ensure_future(shared.answer({"q": 2}))
    await asyncio.sleep(0)
    impatient.cancel()
    server.may_answer.set()
    assert await patient == {"q": 2}
    with pytest.raises(asyncio.CancelledError):
        await impatient
