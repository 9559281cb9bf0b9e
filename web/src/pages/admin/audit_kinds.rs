//! The kinds of entries in the audit log, and what they are called.

use crate::i18n::texts::audit as text;

/// A kind, and its name.
type Kind = (&'static str, fn() -> &'static str);

/// All that the server writes: accounts, characters, services, groups, states, and what happens by itself.
const KINDS: &[Kind] = &[
    ("registered", text::registered),
    ("activated", text::activated),
    ("deactivated", text::deactivated),
    ("staff_granted", text::staff_granted),
    ("staff_revoked", text::staff_revoked),
    ("superuser_created", text::superuser_created),
    ("superuser_granted", text::superuser_granted),
    ("superuser_revoked", text::superuser_revoked),
    ("password_set", text::password_set),
    ("permissions_edited", text::permissions_edited),
    ("main_changed", text::main_changed),
    ("character_added", text::character_added),
    ("character_returned", text::character_returned),
    ("character_transferred", text::character_transferred),
    ("character_biomassed", text::character_biomassed),
    ("ownership_lost", text::ownership_lost),
    ("service_linked", text::service_linked),
    ("service_unlinked", text::service_unlinked),
    ("service_account_removed", text::service_account_removed),
    ("service_role_adopted", text::service_role_adopted),
    ("group_created", text::group_created),
    ("group_edited", text::group_edited),
    ("group_deleted", text::group_deleted),
    ("group_joined", text::group_joined),
    ("group_left", text::group_left),
    ("group_requested", text::group_requested),
    ("group_request_accepted", text::group_request_accepted),
    ("group_request_rejected", text::group_request_rejected),
    ("group_request_retracted", text::group_request_retracted),
    ("group_members_added", text::group_members_added),
    ("group_members_removed", text::group_members_removed),
    ("group_name_reserved", text::group_name_reserved),
    ("group_name_released", text::group_name_released),
    ("state_created", text::state_created),
    ("state_edited", text::state_edited),
    ("state_deleted", text::state_deleted),
    ("token_created", text::token_created),
    ("token_revoked", text::token_revoked),
    ("affiliations_changed", text::affiliations_changed),
    ("characters_renamed", text::characters_renamed),
    ("time_passed", text::time_passed),
    ("recomputed", text::recomputed),
];

/// For a choice: each with what it is called.
pub fn choices() -> Vec<(String, String)> {
    KINDS.iter().map(|(kind, name)| ((*kind).to_owned(), name().to_owned())).collect()
}

/// What a kind is called; its own name where this program is older than the entry.
pub fn name(kind: &str) -> String {
    KINDS
        .iter()
        .find(|(known, _)| *known == kind)
        .map_or_else(|| kind.to_owned(), |(_, name)| name().to_owned())
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    fn sources(folder: &Path, found: &mut String) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push_str(&fs::read_to_string(path).unwrap_or_default());
            }
        }
    }

    /// The first text within a call, when it is a kind's: before that of the object, which begins with a bracket.
    fn kind_in(call: &str) -> Option<&str> {
        let call = call.split(';').next()?.split("(\"").next()?;
        let text = call.split('"').nth(1)?;
        (text.len() > 3 && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')).then_some(text)
    }

    #[test]
    fn every_kind_that_the_server_writes_has_a_name() {
        let mut source = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/src"), &mut source);
        let calls = source.split("Cause::new(").skip(1).chain(source.split(" cause(").skip(1));
        let written: Vec<&str> = calls.filter_map(kind_in).filter(|kind| *kind != "test").collect();
        assert!(written.len() > 15, "the server's sources are read: {written:?}");
        for kind in written {
            assert!(KINDS.iter().any(|(known, _)| *known == kind), "{kind} has no name");
        }
        for (kind, _) in KINDS {
            assert!(source.contains(&format!("\"{kind}\"")), "{kind} is written nowhere");
        }
    }
}
