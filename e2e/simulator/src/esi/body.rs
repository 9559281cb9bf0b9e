//! Posted arrays: 1 to N unique ids or names, checked as the specification says.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::EsiError;
use crate::http::Call;

/// An array of unique integers.
pub(super) fn ids(call: &Call, most: usize) -> Result<Vec<i64>, EsiError> {
    let items = array(call, most)?;
    let mut seen = HashSet::with_capacity(items.len());
    let mut ids = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let id = item.as_i64().ok_or_else(|| invalid(index, "expected integer", item))?;
        if !seen.insert(id) {
            return Err(invalid(index, "expected array items to be unique", item));
        }
        ids.push(id);
    }
    Ok(ids)
}

/// An array of unique strings of 1 to 100 characters.
pub(super) fn names(call: &Call, most: usize) -> Result<Vec<String>, EsiError> {
    let items = array(call, most)?;
    let mut seen = HashSet::with_capacity(items.len());
    let mut names = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let name = item.as_str().ok_or_else(|| invalid(index, "expected string", item))?;
        if !(1..=100).contains(&name.chars().count()) {
            return Err(invalid(index, "expected length between 1 and 100", item));
        }
        if !seen.insert(name.to_owned()) {
            return Err(invalid(index, "expected array items to be unique", item));
        }
        names.push(name.to_owned());
    }
    Ok(names)
}

fn array(call: &Call, most: usize) -> Result<Vec<Value>, EsiError> {
    if !call.is_type("application/json") {
        return Err(EsiError::bad_request("The request body must be application/json"));
    }
    let body: Value = serde_json::from_slice(&call.body)
        .map_err(|_| EsiError::bad_request("The request body is not JSON"))?;
    let Value::Array(items) = body else {
        return Err(validation("body", "expected array", &body));
    };
    if items.is_empty() || items.len() > most {
        let message = format!("expected array length between 1 and {most}");
        return Err(validation("body", &message, &json!(items.len())));
    }
    Ok(items)
}

fn validation(location: impl Into<String>, message: &str, value: &Value) -> EsiError {
    EsiError::bad_request("validation failed").detail(location, message, value)
}

fn invalid(index: usize, message: &str, value: &Value) -> EsiError {
    validation(format!("body[{index}]"), message, value)
}
