import asyncio

import pytest

from benchmarks.fixed_rate import FixedRate, content_length


def test_the_length_of_a_body_is_read_whatever_the_letter_case() -> None:
    assert content_length(b"HTTP/1.1 200 OK\r\nCONTENT-length: 17\r\nA: b") == 17
    assert content_length(b"HTTP/1.1 204 No Content") == 0


async def asked(status: bytes, pause_s: float) -> list[float]:
    """Ask a server that answers one request after the other, each after a pause, forty times at 1,000 a second."""
    turn = asyncio.Lock()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            async with turn:
                await asyncio.sleep(pause_s)
            writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\n\r\nok")

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = FixedRate("127.0.0.1", server.sockets[0].getsockname()[1])
    try:
        await client.open()
        return await client.run(["/"] * 40, 1_000)
    finally:
        client.close()
        server.close()


async def test_a_slow_server_is_charged_with_the_requests_that_were_due_meanwhile() -> None:
    seconds = await asked(b"200 OK", 0.005)
    assert len(seconds) == 40
    assert max(seconds) > 0.1  # the last was due after 40 ms and had its turn after 200


async def test_an_answer_but_200_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="40 of 40"):
        await asked(b"503 Away", 0)
