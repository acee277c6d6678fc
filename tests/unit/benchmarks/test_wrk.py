import pytest

from benchmarks.wrk import read_report

REPORT = """Running 8s test @ http://127.0.0.1:1/
  Latency Distribution
     50%  108.76ms
     99%    {slowest}
  4043 requests in 8.06s, 3.56MB read
{bad}Requests/sec:    501.46
"""


@pytest.mark.parametrize(("slowest", "milliseconds"), [("1.09s", 1090), ("386.99ms", 386.99), ("870.00us", 0.87)])
def test_a_report_gives_the_rate_and_the_slowest_hundredth(slowest: str, milliseconds: float) -> None:
    load = read_report(REPORT.format(slowest=slowest, bad=""))
    assert load.per_second == 501.46
    assert load.p99_ms == pytest.approx(milliseconds)


@pytest.mark.parametrize(
    "bad", ["  Non-2xx or 3xx responses: 22\n", "  Socket errors: connect 0, read 3, write 0, timeout 0\n"]
)
def test_a_report_of_failures_gives_no_figure(bad: str) -> None:
    with pytest.raises(RuntimeError, match="wrk"):
        read_report(REPORT.format(slowest="1.00s", bad=bad))


def test_a_report_without_figures_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="unable to connect"):
        read_report("unable to connect to 127.0.0.1")
