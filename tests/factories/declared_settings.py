"""Every environment variable that a settings class declares; the tests of docs and packaging compare with it."""

from dataclasses import is_dataclass
from types import ModuleType

from api import settings as api_settings
from schemas import search_settings, settings, shop_settings
from schemas.environment import Variable, variables_of

MODULES: tuple[ModuleType, ...] = (settings, search_settings, shop_settings, api_settings)


def settings_classes() -> list[type]:
    """The settings classes in the order in which the modules declare them, without those made of others."""
    declared = [each for module in MODULES for each in vars(module).values() if _is_declared_in(each, module)]
    return [each for each in declared if each.__name__ != "ApiSettings"]


def declared_variables() -> dict[str, Variable]:
    """Each variable once, by name."""
    return {variable.name: variable for each in settings_classes() for variable in variables_of(each)}


def _is_declared_in(each: object, module: ModuleType) -> bool:
    return isinstance(each, type) and is_dataclass(each) and each.__module__ == module.__name__
