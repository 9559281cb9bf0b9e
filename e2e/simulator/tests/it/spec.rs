//! The official specifications, extracts of which are in `spec/`.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

static ESI: LazyLock<Value> = LazyLock::new(|| closed(parse(include_str!("../../spec/esi-2026-08-18.json"))));
static OLD_ESI: LazyLock<Value> =
    LazyLock::new(|| closed(parse(include_str!("../../spec/esi-2026-07-17.json"))));
static DISCORD: LazyLock<Value> = LazyLock::new(|| {
    let mut document = parse(include_str!("../../spec/discord.json"));
    // The published schema reuses the outer error, whose code is a number, for the errors of fields. Discord's own
    // documentation shows strings there ("BASE_TYPE_BAD_LENGTH"), and so do its answers.
    let inner = &mut document["components"]["schemas"]["InnerErrors"]["properties"]["_errors"]["items"];
    assert_eq!(*inner, json!({ "$ref": "#/components/schemas/Error" }));
    let text = json!({ "type": "string" });
    *inner = json!({
        "type": "object",
        "properties": { "code": text, "message": text },
        "required": ["code", "message"],
    });
    document
});

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Makes a schema with members refuse others, so that a misspelt optional one is found.
fn closed(mut document: Value) -> Value {
    fn close(value: &mut Value) {
        match value {
            Value::Object(members) => {
                if members.get("properties").is_some_and(Value::is_object) {
                    members.insert("additionalProperties".into(), json!(false));
                }
                members.values_mut().for_each(close);
            }
            Value::Array(items) => items.iter_mut().for_each(close),
            _ => {}
        }
    }
    close(&mut document["components"]["schemas"]);
    document
}

/// Checks a body against the response schema of an operation, as of the newest compatibility date.
pub(crate) fn esi(method: &str, path: &str, status: u16, body: &Value) {
    check(&ESI, method, path, status, body);
}

/// The same as of 2026-07-17.
pub(crate) fn old_esi(method: &str, path: &str, status: u16, body: &Value) {
    check(&OLD_ESI, method, path, status, body);
}

/// Checks a body against Discord's specification.
pub(crate) fn discord(method: &str, path: &str, status: u16, body: &Value) {
    check(&DISCORD, method, path, status, body);
}

/// Rate limit of an ESI operation: group and tokens.
pub(crate) fn esi_rate_limit(method: &str, path: &str) -> Option<(String, u64)> {
    let limit = ESI["paths"][path][method].get("x-rate-limit")?;
    Some((limit["group"].as_str()?.to_owned(), limit["max-tokens"].as_u64()?))
}

/// How long an ESI answer may be cached.
pub(crate) fn esi_ttl(method: &str, path: &str) -> Option<u64> {
    ESI["paths"][path][method].get("x-client-cache-ttl")?.as_u64()
}

fn check(document: &Value, method: &str, path: &str, status: u16, body: &Value) {
    let operation = &document["paths"][path][method];
    assert!(operation.is_object(), "{method} {path} is not in the specification");
    let responses = operation["responses"].as_object().unwrap();
    let response =
        response(responses, status).unwrap_or_else(|| panic!("{method} {path} has no answer {status}"));
    if response.is_null() {
        assert!(body.is_null(), "{method} {path} {status} has no body: {body}");
        return;
    }
    let schema = json!({ "allOf": [response], "components": document["components"] });
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let errors: Vec<_> =
        validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{method} {path} {status}: {errors:#?}\n{body:#}");
}

fn response(responses: &Map<String, Value>, status: u16) -> Option<&Value> {
    let class = format!("{}XX", status / 100);
    responses.get(&status.to_string()).or(responses.get(&class)).or(responses.get("default"))
}
