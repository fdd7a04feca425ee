//! How fields, settings and variables may be called.

/// Words of the expression language, and keys that every record has.
pub(super) const TAKEN: [&str; 11] = ["type", "id", "approvals", "self", "it", "today", "settings", "true", "false", "null", "in"];

/// Whether a field, a setting or a variable may be declared under this name.
pub(super) fn may_be_called(name: &str) -> bool {
    let mut letters = name.chars();
    let word = letters.next().is_some_and(|c| c.is_alphabetic() || c == '_') && letters.all(|c| c.is_alphanumeric() || c == '_');
    word && !TAKEN.contains(&name)
}
