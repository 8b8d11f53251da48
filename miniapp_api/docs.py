"""The OpenAPI document as JSON, and as a page that people can read: server-rendered, without a script."""

from typing import Any

import orjson
from flask import Blueprint, Response, current_app, render_template

from models.kernel.installation import Installation

blueprint = Blueprint(
    "api_docs", __name__, template_folder="templates", static_folder="static", static_url_path="/static/api"
)

METHODS = ("get", "post", "put", "patch", "delete")


def _spec() -> dict[str, Any]:
    spec: dict[str, Any] = current_app.extensions["openapi"]
    return spec


@blueprint.get("/api/v1/openapi.json")
def openapi() -> Response:
    """The document."""
    answer = Response(orjson.dumps(_spec()), mimetype="application/json")
    answer.headers["Cache-Control"] = "public, max-age=60"
    return answer


@blueprint.get("/api/docs")
def docs() -> str:
    """The page."""
    spec = _spec()
    groups = [{**tag, "operations": _operations(spec, tag["name"])} for tag in spec.get("tags", [])]
    return render_template(
        "api/docs.html",
        info=spec["info"],
        demonstration=Installation.is_demonstration(),
        groups=groups,
        schemas=_schemas(spec),
    )


def _operations(spec: dict[str, Any], tag: str) -> list[dict[str, Any]]:
    found = []
    for path, item in spec["paths"].items():
        for method in METHODS:
            operation = item.get(method)
            if operation is None or tag not in operation.get("tags", []):
                continue
            parameters = [_resolved(spec, p) for p in [*item.get("parameters", []), *operation.get("parameters", [])]]
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            found.append(
                {
                    "id": f"{method}-{path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}",
                    "method": method.upper(),
                    "path": path,
                    "summary": operation.get("summary", ""),
                    "description": operation.get("description", ""),
                    "signed_in": bool(operation.get("security")),
                    "parameters": parameters,
                    "body": _name(body),
                    "responses": [
                        {"status": status, **_response(spec, response)}
                        for status, response in sorted(operation.get("responses", {}).items())
                    ],
                }
            )
    return found


def _resolved(spec: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """Follow one reference into the components."""
    if "$ref" not in node:
        return node
    _, _, kind, name = node["$ref"].split("/")
    found: dict[str, Any] = spec["components"][kind][name]
    return found


def _response(spec: dict[str, Any], node: dict[str, Any]) -> dict[str, str]:
    response = _resolved(spec, node)
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    return {"description": response.get("description", ""), "schema": _name(schema)}


def _name(schema: dict[str, Any]) -> str:
    """The name of the schema that a node refers to."""
    return str(schema.get("$ref", "")).rsplit("/", 1)[-1]


def _kind(schema: dict[str, Any]) -> dict[str, str]:
    """A field's type in a word, with the schema it refers to."""
    for wrapper in ("allOf", "anyOf", "oneOf"):
        for inner in schema.get(wrapper, []):
            if "$ref" in inner:
                return {"kind": "", "ref": _name(inner)}
    if "$ref" in schema:
        return {"kind": "", "ref": _name(schema)}
    if schema.get("type") == "array":
        inner = _kind(schema.get("items", {}))
        return {"kind": f"array of {inner['kind']}".rstrip(), "ref": inner["ref"]}
    words = [str(schema.get("type", "any")), str(schema.get("format", ""))]
    if "enum" in schema:
        words.append(" | ".join(str(word) for word in schema["enum"] if word is not None))
    limits = [f"{word} {schema[key]}" for key, word in LIMITS.items() if key in schema]
    return {"kind": " ".join(word for word in [*words, *limits] if word), "ref": ""}


LIMITS = {"minLength": "≥", "maxLength": "≤", "minimum": "from", "maximum": "to", "pattern": "like"}


def _schemas(spec: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for name, schema in sorted(spec.get("components", {}).get("schemas", {}).items()):
        required = set(schema.get("required", []))
        found.append(
            {
                "name": name,
                "fields": [
                    {
                        "name": field,
                        "required": field in required,
                        "nullable": inner.get("nullable", False),
                        "description": inner.get("description", ""),
                        **_kind(inner),
                    }
                    for field, inner in schema.get("properties", {}).items()
                ],
            }
        )
    return found
