from dataclasses import is_dataclass

import pytest

from schemas import search_settings, settings, shop_settings
from schemas.environment import REQUIRED, SettingsError, load, variables_of

MODULES = (settings, search_settings, shop_settings)
CLASSES = [
    each for module in MODULES for each in vars(module).values() if is_dataclass(each) and isinstance(each, type)
]
REQUIRED_VALUES = {
    "DATABASE_URL": "postgresql://aisle:secret@db:5432/aisle",
    "REDIS_URL": "redis://cache:6379/0",
    "ELASTICSEARCH_URL": "http://search:9200",
    "KAFKA_BOOTSTRAP_SERVERS": "broker-1:9092,broker-2:9092",
    "SMTP_URL": "smtps://shop:secret@mail:465",
    "AISLE_SECRET_KEY": "k" * 32,
}


@pytest.mark.parametrize("settings_class", CLASSES, ids=lambda each: each.__name__)
def test_required_values_are_enough(settings_class: type) -> None:
    load(settings_class, REQUIRED_VALUES)


def test_required_values_are_exactly_those_without_a_default() -> None:
    wanted = {
        each.name for settings_class in CLASSES for each in variables_of(settings_class) if each.default is REQUIRED
    }
    assert wanted == set(REQUIRED_VALUES)


@pytest.mark.parametrize("settings_class", CLASSES, ids=lambda each: each.__name__)
def test_every_default_is_a_value_that_would_be_accepted(settings_class: type) -> None:
    for each in variables_of(settings_class):
        if each.default is not REQUIRED and each.default not in {None, ""}:
            assert each.parse(str(each.default)) == each.default, each.name


@pytest.mark.parametrize("settings_class", CLASSES, ids=lambda each: each.__name__)
def test_every_variable_says_what_it_expects_and_what_it_is_about(settings_class: type) -> None:
    for each in variables_of(settings_class):
        assert each.expects, each.name
        assert each.about.endswith("."), each.name
        assert each.name == each.name.upper()


def test_no_variable_is_declared_twice_with_different_meanings() -> None:
    meanings: dict[str, set[str]] = {}
    for settings_class in CLASSES:
        for each in variables_of(settings_class):
            meanings.setdefault(each.name, set()).add(f"{each.expects} {each.about} {each.default}")
    assert {name: texts for name, texts in meanings.items() if len(texts) > 1} == {}


def test_whatever_holds_a_password_is_a_secret() -> None:
    secrets = {each.name for settings_class in CLASSES for each in variables_of(settings_class) if each.secret}
    assert {"DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL", "SMTP_URL", "AISLE_SECRET_KEY"} <= secrets


@pytest.mark.parametrize(
    ("settings_class", "name", "value"),
    [
        (settings.DatabaseSettings, "DATABASE_URL", "mysql://db/aisle"),
        (settings.DatabaseSettings, "DATABASE_POOL_SIZE", "0"),
        (search_settings.SearchSettings, "ELASTICSEARCH_URL", "search:9200"),
        (search_settings.SearchSettings, "SEARCH_REFRESH_INTERVAL_MS", "1"),
        (shop_settings.ShopSettings, "AISLE_ENV", "staging"),
        (shop_settings.ShopSettings, "SHOP_CURRENCY", "XXX"),
        (shop_settings.ShopSettings, "MIN_ORDER_AMOUNT", "-1"),
        (shop_settings.ShopSettings, "GUEST_ORDERS", "maybe"),
        (settings.AuthSettings, "AISLE_SECRET_KEY", "short"),
    ],
)
def test_a_wrong_value_is_refused_by_name(settings_class: type, name: str, value: str) -> None:
    with pytest.raises(SettingsError) as raised:
        load(settings_class, {**REQUIRED_VALUES, name: value})
    assert set(raised.value.faults) == {name}


@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
def test_currencies_of_two_none_and_three_decimals_are_accepted(currency: str) -> None:
    assert load(shop_settings.ShopSettings, {"SHOP_CURRENCY": currency}).currency == currency
