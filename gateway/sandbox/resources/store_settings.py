"""What a DICOM or an HL7v2 store can be told in its resource; a setting that would have no effect is refused."""

import re
from collections.abc import Mapping
from typing import Any

from gateway.sandbox.dicom.tables.streaming import targets_in
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.hl7v2.filter import FilterError, parse_filter
from gateway.sandbox.pubsub.resource import TOPIC
from gateway.sandbox.stores import OLD, PLURAL

IDS = {"hl7V2Stores": "hl7V2StoreId", "dicomStores": "dicomStoreId"}
FIELDS: Mapping[str, frozenset[str]] = {
    "hl7V2Stores": frozenset({"labels", OLD, PLURAL, "parserConfig", "rejectDuplicateMessage"}),
    "dicomStores": frozenset({"labels", OLD, PLURAL, "streamConfigs"}),
}
CONFIG_KEYS = {"pubsubTopic", "filter", "sendForBulkImport"}
LABEL_KEY, LABEL_VALUE = re.compile(r"[^\W\dA-Z][\w-]{0,62}"), re.compile(r"[\w-]{0,63}")
PARSER_KEYS = {"version", "allowNullHeader", "segmentTerminator", "schema"}
PARSER_VERSIONS = {"PARSER_VERSION_UNSPECIFIED", "V1", "V2", "V3"}
SEGMENT_TERMINATORS = {None, "", "DQ=="}
"""Of base64: the carriage return of HL7 2.5.1."""


def check(kind: str, body: Mapping[str, Any], *, can_stream: bool = False) -> dict[str, Any]:
    """Return the settings of a store in a request; raises a 400 or 501 for what cannot be."""
    settings = {name: value for name, value in body.items() if name != "name"}
    if set(settings) - FIELDS[kind]:
        raise ApiError(400, f"the store has a field that is not one of {', '.join(sorted(FIELDS[kind]))}")
    configs = settings.get(PLURAL) or []
    if not isinstance(configs, list):
        raise ApiError(400, f"{PLURAL} must be a list")
    # The old one may be without a topic: nothing is sent then. gcloud writes it so.
    old = settings.get(OLD) or {}
    with_topic = [*configs, old] if not isinstance(old, dict) or old.get("pubsubTopic") else configs
    if not all(map(_is_config, with_topic)):
        raise ApiError(400, f"{PLURAL} must name the topics, as projects/…/topics/…, and a filter that is valid")
    check_labels(settings.get("labels"))
    _check_parser(settings.get("parserConfig"))
    if not isinstance(settings.get("rejectDuplicateMessage", False), bool):
        raise ApiError(400, "rejectDuplicateMessage is true or false")
    if targets_in(settings) and not can_stream:
        raise ApiError(501, "the sandbox has no tables of BigQuery: leave streamConfigs out")
    return settings


def check_labels(labels: object) -> None:
    """Raise a 400 for labels that Google would not take."""
    if labels is None:
        return
    if not isinstance(labels, dict) or len(labels) > 64:
        raise ApiError(400, "labels must map strings to strings, up to 64 of them")
    for key, value in labels.items():
        if not (LABEL_KEY.fullmatch(key) and isinstance(value, str) and LABEL_VALUE.fullmatch(value)):
            raise ApiError(
                400, "a label needs a key that begins with a small letter, and a value of up to 63 characters"
            )


def _check_parser(config: object) -> None:
    if config is None:
        return
    if not isinstance(config, dict) or set(config) - PARSER_KEYS:
        raise ApiError(400, f"parserConfig has a field that is not one of {', '.join(sorted(PARSER_KEYS))}")
    if config.get("version", "V3") not in PARSER_VERSIONS:
        raise ApiError(400, "parserConfig.version is not V1, V2 or V3")
    if config.get("allowNullHeader") or config.get("schema"):
        raise ApiError(501, "the sandbox does not support allowNullHeader and schema of parserConfig")
    if config.get("segmentTerminator") not in SEGMENT_TERMINATORS:
        raise ApiError(501, "the sandbox knows no other parserConfig.segmentTerminator than carriage return")


def _is_config(config: object) -> bool:
    if not isinstance(config, dict) or set(config) - CONFIG_KEYS:
        return False
    topic, condition = config.get("pubsubTopic"), config.get("filter", "")
    try:
        parse_filter(condition)
    except (FilterError, AttributeError, TypeError):
        return False
    is_flag = isinstance(config.get("sendForBulkImport", False), bool)
    return isinstance(topic, str) and bool(TOPIC.match(topic)) and is_flag
