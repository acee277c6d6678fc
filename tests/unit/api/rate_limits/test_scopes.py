"""The scopes and how a limit is written."""

import pytest

from api.rate_limits.gcra import Limit
from api.rate_limits.scopes import DEVELOPMENT, PRODUCTION, SUGGEST, parse_limit
from api.settings import ApiSettings, RateSettings
from schemas.environment import SettingsError, load

REQUIRED = {
    "DATABASE_URL": "postgresql://a@b/c",
    "REDIS_URL": "redis://r:1/0",
    "ELASTICSEARCH_URL": "http://e:1",
    "AISLE_SECRET_KEY": "k" * 32,
}


@pytest.mark.parametrize(
    ("raw", "limit"),
    [("20/min", Limit(20, 60)), ("5 / second", Limit(5, 1)), ("120/HOUR", Limit(120, 3600)), ("1/d", Limit(1, 86400))],
)
def test_a_limit_is_a_count_over_a_period(raw: str, limit: Limit) -> None:
    assert parse_limit(raw) == limit


@pytest.mark.parametrize(
    "raw", ["", "20", "0/min", "-1/min", "1/fortnight", "10000000/min", "1.5/min", "٣/min", "a/min"]
)
def test_anything_else_is_no_limit(raw: str) -> None:
    with pytest.raises(ValueError, match="not count/period"):
        parse_limit(raw)


def test_twenty_suggestions_a_minute_in_every_environment() -> None:
    assert PRODUCTION[SUGGEST] == DEVELOPMENT[SUGGEST] == Limit(20, 60)


def test_what_is_set_goes_before_the_environments_default() -> None:
    limits = load(RateSettings, {"RATE_SUGGEST": "7/min"}).limits("production")
    assert limits == {**PRODUCTION, SUGGEST: Limit(7, 60)}


def test_a_wrong_limit_stops_the_start_by_its_name() -> None:
    with pytest.raises(SettingsError) as caught:
        load(ApiSettings, {**REQUIRED, "RATE_SEARCH": "many", "PORT": "high"})
    assert set(caught.value.faults) == {"RATE_SEARCH", "PORT"}
