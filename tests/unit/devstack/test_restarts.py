from devstack.restarts import Restarted


class Relay:
    """A process that can end, and that counts its starts."""

    def __init__(self) -> None:
        self.running = True
        self.starts = 0
        self.said: list[str] = []

    def start(self) -> None:
        self.starts += 1
        self.running = True

    def watched(self) -> Restarted:
        return Restarted("relay", lambda: self.running, self.start, self.said.append)


def delays(relay: Relay, failures: int) -> list[str]:
    watched = relay.watched()
    now = 1000.0
    for _ in range(failures):
        relay.running = False
        watched.look(now)
        now += 40.0
        watched.look(now)
    return [line.rpartition(" in ")[2] for line in relay.said if "ended" in line]


def test_what_runs_is_left_alone() -> None:
    relay = Relay()
    relay.watched().look(1000.0)
    assert (relay.starts, relay.said) == (0, [])


def test_what_ended_is_started_again_after_the_delay_and_the_log_says_so() -> None:
    relay = Relay()
    watched = relay.watched()
    relay.running = False
    watched.look(1000.0)
    watched.look(1000.4)
    assert relay.starts == 0
    watched.look(1000.5)
    assert relay.starts == 1
    assert relay.said == ["relay has ended; starting it again in 0.5 s", "starting relay again"]


def test_each_failure_in_a_row_doubles_the_delay_up_to_a_limit() -> None:
    assert delays(Relay(), 8) == ["0.5 s", "1 s", "2 s", "4 s", "8 s", "16 s", "30 s", "30 s"]


def test_who_has_run_steadily_starts_with_the_first_delay_again() -> None:
    relay = Relay()
    watched = relay.watched()
    for now in (1000.0, 1000.5, 2000.0, 2000.5):
        relay.running = now % 1 != 0
        watched.look(now)
    assert [line for line in relay.said if "ended" in line] == ["relay has ended; starting it again in 0.5 s"] * 2
