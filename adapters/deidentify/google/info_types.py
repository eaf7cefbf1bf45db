"""The infoTypes: which are recognised here by their form, and which need a model of language."""

BY_FORM = frozenset(
    {
        "AGE",
        "CREDIT_CARD_NUMBER",
        "DATE",
        "EMAIL_ADDRESS",
        "IBAN_CODE",
        "IP_ADDRESS",
        "MAC_ADDRESS",
        "PHONE_NUMBER",
        "URL",
        "US_HEALTHCARE_NPI",
        "US_SOCIAL_SECURITY_NUMBER",
        "VEHICLE_IDENTIFICATION_NUMBER",
    }
)
"""Recognised by a pattern, and by a checksum where there is one."""
BY_MODEL = frozenset({"LOCATION", "ORGANIZATION_NAME", "PERSON_NAME"})
"""Those of Google's default that only a model of language recognises."""
DEFAULT = BY_FORM | BY_MODEL
"""What is looked for if the configuration does not say more."""
OTHER_NAMES = {
    "DATE_OF_BIRTH": "DATE",
    "NPI": "US_HEALTHCARE_NPI",
    "ORGANIZATION": "ORGANIZATION_NAME",
    "US_VEHICLE_IDENTIFICATION_NUMBER": "VEHICLE_IDENTIFICATION_NUMBER",
    "VIN": "VEHICLE_IDENTIFICATION_NUMBER",
}
"""Other names that are in use for some of them."""


def standard_name(name: str) -> str:
    """Return the name by which an infoType is known here."""
    return OTHER_NAMES.get(name, name)
