//! Request bodies: JSON objects, checked field by field so that all complaints come back at once.

use poem::http::header;
use serde_json::{Map, Value};

use super::errors::{Complaint, DiscordError, invalid_form, not_json};
use crate::http::Call;

/// A body under inspection.
pub(super) struct Form {
    fields: Map<String, Value>,
    complaints: Vec<Complaint>,
}

impl Form {
    /// Reads the body. Any content type other than JSON is a 50035 (Discord docs, basics).
    pub(super) fn read(call: &Call) -> Result<Self, DiscordError> {
        if !call.is_type("application/json") {
            let found = call.header(header::CONTENT_TYPE).unwrap_or_default();
            let message = format!(
                "Expected \"Content-Type\" header to be one of {{'application/json'}}, found {found:?}."
            );
            return Err(invalid_form(&[(Vec::new(), "CONTENT_TYPE_INVALID", message)]));
        }
        match serde_json::from_slice(&call.body).map_err(|_| not_json())? {
            Value::Object(fields) => Ok(Self { fields, complaints: Vec::new() }),
            _ => Err(invalid_form(&[(
                Vec::new(),
                "DICT_TYPE_CONVERT",
                "Only dictionaries may be used in a DictType".into(),
            )])),
        }
    }

    fn complain(&mut self, name: &str, code: &'static str, message: impl Into<String>) {
        self.complaints.push((vec![name.into()], code, message.into()));
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// Absent or null: `None`.
    fn value(&self, name: &str) -> Option<Value> {
        self.fields.get(name).filter(|value| !value.is_null()).cloned()
    }

    /// A string of `min` to `max` characters.
    pub(super) fn string(&mut self, name: &str, min: usize, max: usize) -> Option<String> {
        match self.value(name)? {
            Value::String(text) if text.chars().count() > max => {
                self.complain(name, "BASE_TYPE_BAD_LENGTH", format!("Must be {max} or fewer in length."));
            }
            Value::String(text) if text.chars().count() < min => {
                self.complain(
                    name,
                    "BASE_TYPE_BAD_LENGTH",
                    format!("Must be between {min} and {max} in length."),
                );
            }
            Value::String(text) => return Some(text),
            _ => self.complain(name, "STRING_TYPE_CONVERT", "Could not interpret value as string."),
        }
        None
    }

    /// Like [`Self::string`], but required.
    pub(super) fn required_string(&mut self, name: &str, max: usize) -> Option<String> {
        if self.value(name).is_none() {
            self.complain(name, "BASE_TYPE_REQUIRED", "This field is required");
        }
        self.string(name, 1, max)
    }

    /// A nickname: 32 characters at most, without what Discord reserves (Discord docs, usernames and nicknames).
    pub(super) fn nick(&mut self, name: &str) -> Option<String> {
        const RESERVED_PARTS: [&str; 5] = ["@", "#", ":", "```", "discord"];
        const RESERVED: [&str; 2] = ["everyone", "here"];
        let nick = self.string(name, 0, 32)?;
        let lower = nick.trim().to_lowercase();
        if let Some(part) = RESERVED_PARTS.into_iter().find(|part| lower.contains(part)) {
            self.complain(name, "USERNAME_INVALID_CONTAINS", format!("Username cannot contain \"{part}\""));
        } else if RESERVED.contains(&lower.as_str()) {
            self.complain(name, "USERNAME_INVALID_EQUALS", format!("Username cannot be \"{lower}\""));
        } else {
            return Some(nick);
        }
        None
    }

    /// An integer from 0 to `max`; also as a decimal string, which permissions use.
    pub(super) fn integer(&mut self, name: &str, max: u64) -> Option<u64> {
        let value = self.value(name)?;
        let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
        match number {
            Some(number) if number > max => {
                let message = format!("int value should be less than or equal to {max}.");
                self.complain(name, "NUMBER_TYPE_MAX", message);
            }
            Some(number) => return Some(number),
            None => self.complain(name, "NUMBER_TYPE_COERCE", format!("Value \"{value}\" is not int.")),
        }
        None
    }

    pub(super) fn boolean(&mut self, name: &str) -> Option<bool> {
        let value = self.value(name)?;
        if value.as_bool().is_none() {
            self.complain(name, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.");
        }
        value.as_bool()
    }

    /// Up to `max` different snowflakes.
    pub(super) fn snowflakes(&mut self, name: &str, max: usize) -> Option<Vec<u64>> {
        let Value::Array(items) = self.value(name)? else {
            self.complain(name, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType");
            return None;
        };
        if items.len() > max {
            self.complain(name, "BASE_TYPE_MAX_LENGTH", format!("Must be {max} or fewer in length."));
            return None;
        }
        let mut ids = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let path = || vec![name.to_owned(), index.to_string()];
            match item.as_str().and_then(snowflake).or(item.as_u64()) {
                None => {
                    let message = format!("Value {item} is not snowflake.");
                    self.complaints.push((path(), "NUMBER_TYPE_COERCE", message));
                }
                Some(id) if ids.contains(&id) => {
                    let message = "The set already contains this value".to_owned();
                    self.complaints.push((path(), "SET_TYPE_ALREADY_CONTAINS_VALUE", message));
                }
                Some(id) => ids.push(id),
            }
        }
        Some(ids)
    }

    /// Ends the inspection: fails if there are complaints.
    pub(super) fn finish(self) -> Result<(), DiscordError> {
        if self.complaints.is_empty() { Ok(()) } else { Err(invalid_form(&self.complaints)) }
    }
}

/// A snowflake in its only spelling (schema `SnowflakeType`).
pub(super) fn snowflake(text: &str) -> Option<u64> {
    text.parse().ok().filter(|id: &u64| id.to_string() == text)
}

/// A snowflake in a path.
pub(super) fn path_id(name: &str, text: &str) -> Result<u64, DiscordError> {
    let message = format!("Value \"{text}\" is not snowflake.");
    snowflake(text).ok_or_else(|| invalid_form(&[(vec![name.into()], "NUMBER_TYPE_COERCE", message)]))
}

/// A number in the query between two bounds.
pub(super) fn query_number(
    call: &Call,
    name: &str,
    default: u64,
    min: u64,
    max: u64,
) -> Result<u64, DiscordError> {
    let Some(text) = call.query(name) else { return Ok(default) };
    let complaint = |code, message| invalid_form(&[(vec![name.into()], code, message)]);
    let number: u64 =
        text.parse().map_err(|_| complaint("NUMBER_TYPE_COERCE", format!("Value \"{text}\" is not int.")))?;
    if number < min {
        let message = format!("int value should be greater than or equal to {min}.");
        return Err(complaint("NUMBER_TYPE_MIN", message));
    }
    if number > max {
        return Err(complaint(
            "NUMBER_TYPE_MAX",
            format!("int value should be less than or equal to {max}."),
        ));
    }
    Ok(number)
}
