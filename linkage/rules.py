"""The rules a delivered row can break. Its name is that in the rejects; the text `delivery.rule_<name>` explains it."""

from enum import StrEnum


class Rule(StrEnum):
    """Why a row was set aside."""

    RAGGED_ROW = "ragged_row"
    UNDECODABLE_CHARACTER = "undecodable_character"
    LOCAL_ID_MISSING = "local_id_missing"
    AS_OF_MISSING = "as_of_missing"
    AS_OF_NOT_A_DATE = "as_of_not_a_date"
    AS_OF_IN_FUTURE = "as_of_in_future"
    BIRTH_DATE_NOT_A_DATE = "birth_date_not_a_date"
    BIRTH_DATE_IN_FUTURE = "birth_date_in_future"
    VALUE_NOT_ALLOWED = "value_not_allowed"
    NOT_A_NUMBER = "not_a_number"
    NOT_AN_INTEGER = "not_an_integer"
    BELOW_MINIMUM = "below_minimum"
    ABOVE_MAXIMUM = "above_maximum"
    MORE_ABSENT_THAN_REQUIRED = "more_absent_than_required"
    DUPLICATE_KEY = "duplicate_key"
