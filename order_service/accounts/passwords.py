"""Argon2id hashing off the event loop, a few at a time; used by registration, sign-in and `aisle users`.

Cost: 19 MiB, two passes, one lane, the first choice of OWASP's password storage cheat sheet. At most two hashes run
at once in a process, so that a flood of sign-ins cannot take all its memory or starve the other threads.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

MEMORY_KIB = 19 * 1024
PASSES = 2
AT_ONCE = 2

NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$C2dJLkt1Xf4Zm/BJe5w7JA$eZYN0PsBV8NfEsFaVRdhn59mzH2CjXjLl2ZSrkwMJR4"
"""The hash of a random text that nobody knows, see `PasswordHasher.verify`."""


class PasswordHasher:
    """Hashes and verifies in its own threads; one per process."""

    def __init__(self) -> None:
        self._argon2 = argon2.PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")

    async def hash(self, password: str) -> str:
        """Give the encoded hash; takes some 20 ms of a thread, never of the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._argon2.hash, password)

    async def verify(self, encoded: str | None, password: str) -> bool:
        """Tell whether the password matches; without a hash it takes as long and says no.

        The equal time keeps an unknown account from being told apart from a wrong password.
        """
        matches = await asyncio.get_running_loop().run_in_executor(
            self._threads, self._matches, encoded or NOBODY, password
        )
        return matches and encoded is not None

    def close(self) -> None:
        """Let running hashes finish and stop the threads."""
        self._threads.shutdown()

    def _matches(self, encoded: str, password: str) -> bool:
        try:
            return self._argon2.verify(encoded, password)
        except (VerificationError, InvalidHashError):
            return False
