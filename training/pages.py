"""Pages to read and print: templates beside this module, where every value is escaped."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def render(template: str, **values: Any) -> str:
    """Fill a template; a value that it names and is not given is an error."""
    environment = Environment(loader=PackageLoader("training", "."), autoescape=True, undefined=StrictUndefined)
    return environment.get_template(template).render(**values)
