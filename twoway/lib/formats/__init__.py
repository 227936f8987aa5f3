"""How Django writes numbers and reads dates: as in English, whatever the reader's language.

What programs read of a page (styles, JSON, data attributes, values of fields) must not change with the language. Django
looks here for a module of each language (FORMAT_MODULE_PATH); how dates are written out for people is left to its own.
"""

from django.conf.locale.en.formats import (  # type: ignore[import-untyped]
    DATE_INPUT_FORMATS,
    DATETIME_INPUT_FORMATS,
    DECIMAL_SEPARATOR,
    NUMBER_GROUPING,
    THOUSAND_SEPARATOR,
    TIME_INPUT_FORMATS,
)

__all__ = [
    "DATETIME_INPUT_FORMATS",
    "DATE_INPUT_FORMATS",
    "DECIMAL_SEPARATOR",
    "NUMBER_GROUPING",
    "THOUSAND_SEPARATOR",
    "TIME_INPUT_FORMATS",
]
