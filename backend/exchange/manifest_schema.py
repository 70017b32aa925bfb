"""The published JSON Schema of a manifest, made from the models that read it."""

from functools import cache
from typing import Any

from backend.catalogue.service import item_schemas
from backend.exchange.manifest import VERSION, Manifest

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_ID = f"urn:shengshitong:manifest:{VERSION}"
_DEFINITIONS = "#/$defs/"


@cache
def manifest_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a manifest (YAML or JSON) of the present version.

    What a schema cannot say (check digits, keys that are points of the curve, parts that have to
    agree) is checked when the manifest is read; what it refuses is refused there too.
    """
    schema = Manifest.model_json_schema(ref_template=_DEFINITIONS + "{model}")
    definitions = schema.pop("$defs")
    items, of_items = item_schemas(_DEFINITIONS)
    schema["properties"]["service_items"] = items
    return {
        "$schema": DIALECT,
        "$id": SCHEMA_ID,
        **schema,
        "title": "省事通接入清单",
        "description": "一个接入系统的全部登记内容；service_items 在文件中也可写作“@文件名”，"
        "由工具读入后再提交。",
        "$defs": {**definitions, **of_items},
    }
