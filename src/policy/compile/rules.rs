//! `yaml rule` and `yaml style`: what must be true, and how prose is written.

use super::{
    desk::{Desk, code},
    examples,
    expressions::Scopes,
};
use crate::{
    diagnostic::{Finding, Severity, Words},
    document::Node,
    policy::{Judged, Rule, Style, StyleDemand, expression::Type},
};
use std::sync::Arc;

const RULE_KEYS: [&str; 17] = [
    "id", "short", "for", "each", "on", "until", "when", "require", "builtin", "at", "once_for", "also", "say", "fix", "severity",
    "settings", "examples",
];

const STYLE_KEYS: [&str; 11] = ["id", "short", "for", "sections", "avoid", "figures_max", "say", "fix", "severity", "settings", "examples"];

pub(super) fn read(desk: &Desk<'_>, node: &Node) -> Option<Rule> {
    desk.keys(node, &RULE_KEYS);
    if node.get("builtin").is_some() {
        return read_builtin(desk, node);
    }
    let id = desk.required(node, "id", desk.head).and_then(|n| desk.identifier(n));
    let judged = desk.judged(node)?;
    let types = desk.record_types(&judged);
    let (each, scopes) = desk.each(node, Scopes::of(&judged))?;
    let on = desk.optional(node, "on").and_then(|n| desk.optional_date(n, &scopes));
    let until = desk.optional(node, "until").and_then(|n| desk.optional_date(n, &scopes));
    let when = desk.condition(node, "when", &scopes);
    let scopes = scopes.where_holds(when.as_deref());
    let require = desk.required(node, "require", desk.head).and_then(|n| desk.expression(n, &scopes, Some(&Type::Bool)));
    let at = desk
        .optional(node, "at")
        .map_or(Vec::new(), |n| desk.items(n).iter().filter_map(|item| desk.pointed_at(item, &types, &scopes)).collect());
    let once_for = desk.optional(node, "once_for").and_then(|n| desk.expression(n, &scopes, None));
    let also = desk.optional(node, "also").and_then(|n| {
        let records = |result: &Type| matches!(result, Type::List(element) if matches!(**element, Type::Record(_)));
        desk.expression_of(n, &scopes, records, Words::new("此处应为档案的列表", "a list of records is expected here"))
    });
    desk.required(node, "say", desk.head);
    let say = desk.say(node, "say", &scopes);
    let fix = desk.say(node, "fix", &scopes);
    let examples = examples::read(desk, node, &types);
    if examples.is_empty() && !desk.failed() {
        no_examples(desk);
    }
    Some(Rule {
        short: desk.say(node, "short", &Scopes::of(&Judged::Archive)),
        id: desk.full_id(&id?),
        citation: desk.citation.clone(),
        head: desk.head,
        judged,
        each,
        on,
        until,
        when: when.and_then(|w| w.into_iter().next()),
        require: Some(require?),
        builtin: None,
        at,
        once_for,
        also,
        say,
        fix,
        severity: desk.severity(node, Severity::Error),
        examples,
    })
}

fn no_examples(desk: &Desk<'_>) {
    let message = Words::new("这条规则没有例子，无从知道它是否有效", "this rule has no examples: nobody can tell that it works");
    desk.note(
        Finding::warning(code::BLOCK, desk.head, message)
            .with_fix(Words::new("在 examples 下写出 holds 和 breaks", "give `holds` and `breaks` under examples")),
    );
}

/// A rule whose check is built into the program.
fn read_builtin(desk: &Desk<'_>, node: &Node) -> Option<Rule> {
    for key in ["require", "each", "on", "until", "when", "at", "once_for", "also"] {
        if let Some((key, _)) = node.entries().iter().find(|(k, _)| &*k.text == key) {
            let message =
                Words::new(format!("“builtin”与“{}”不能同时出现", key.text), format!("“builtin” and “{}” exclude each other", key.text));
            desk.error(desk.shape, key.span, message);
        }
    }
    let judged = if node.get("for").is_some() { desk.judged(node)? } else { Judged::Archive };
    let scopes = Scopes::of(&judged);
    let types = desk.record_types(&judged);
    let (id, builtin) = builtin_ids(desk, node)?;
    Some(Rule {
        short: desk.say(node, "short", &Scopes::of(&Judged::Archive)),
        id,
        citation: desk.citation.clone(),
        head: desk.head,
        each: Vec::new(),
        on: None,
        until: None,
        when: None,
        require: None,
        builtin: Some(builtin),
        at: Vec::new(),
        once_for: None,
        also: None,
        say: desk.say(node, "say", &scopes),
        fix: desk.say(node, "fix", &scopes),
        severity: desk.severity(node, Severity::Error),
        examples: examples::read(desk, node, &types),
        judged,
    })
}

/// The full id and the check that is meant: `true` means the one of the rule's own id, which may be
/// written whole.
fn builtin_ids(desk: &Desk<'_>, node: &Node) -> Option<(Arc<str>, Arc<str>)> {
    let id = desk.required(node, "id", desk.head).and_then(|n| Some((n, desk.text(n)?)));
    let builtin = desk.required(node, "builtin", desk.head).and_then(|n| Some((n, desk.text(n)?)));
    let ((id_node, id), (builtin_node, builtin)) = (id?, builtin?);
    let code = |text: &str| text.split('.').all(|p| !p.is_empty() && p.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_')));
    if &*builtin == "true" && code(&id) {
        let whole: Arc<str> = if id.contains('.') { id } else { desk.full_id(&id) };
        return Some((whole.clone(), whole));
    }
    if !code(&builtin) || builtin.split('.').count() != 2 {
        let message =
            Words::new("应为 true 或一个检查的编号，如 structure.section", "true or the code of a check is expected, as structure.section");
        desk.error(desk.shape, builtin_node.span, message);
        return None;
    }
    Some((desk.full_id(&desk.identifier(id_node)?), builtin))
}

pub(super) fn read_style(desk: &Desk<'_>, node: &Node) -> Option<Style> {
    desk.keys(node, &STYLE_KEYS);
    let id = desk.required(node, "id", desk.head).and_then(|n| desk.identifier(n));
    let judged = desk.required(node, "for", desk.head).and_then(|n| desk.type_ids(n))?;
    let variables = |scopes: Scopes, name: &str, kind: Type| {
        let kinds = std::iter::repeat_n(kind, judged.len().max(1));
        scopes.with(&name.into(), kinds)
    };
    let scopes = variables(variables(Scopes::of_types(&judged), "found", Type::Text), "share", Type::Number);
    let archive = Scopes::of(&Judged::Archive);
    let avoid = desk.optional(node, "avoid").map_or(Vec::new(), |n| desk.texts(n));
    let figures_max = desk.optional(node, "figures_max").and_then(|n| desk.expression(n, &archive, Some(&Type::Number)));
    if node.get("avoid").is_none() && node.get("figures_max").is_none() {
        desk.error(desk.shape, desk.head, Words::new("须有“avoid”或“figures_max”", "“avoid” or “figures_max” is needed"));
    }
    Some(Style {
        short: desk.say(node, "short", &Scopes::of(&Judged::Archive)),
        sections: desk.optional(node, "sections").map_or(Vec::new(), |n| sections(desk, n, &judged)),
        say: desk.say(node, "say", &scopes),
        fix: desk.say(node, "fix", &scopes),
        severity: desk.severity(node, Severity::Error),
        examples: examples::read_prose(desk, node),
        demand: StyleDemand { avoid, figures_max },
        citation: desk.citation.clone(),
        id: desk.full_id(&id?),
        judged,
    })
}

/// Sections that some of the types have.
fn sections(desk: &Desk<'_>, node: &Node, judged: &[Arc<str>]) -> Vec<Arc<str>> {
    let known: Vec<Arc<str>> = judged.iter().filter_map(|id| desk.schema.types.get(id)).flat_map(|t| t.sections.clone()).collect();
    for item in desk.items(node) {
        let Some(section) = desk.text(item).filter(|s| !known.contains(s)) else { continue };
        let message = Words::new(format!("类型没有“{section}”这一节"), format!("the type has no section “{section}”"));
        desk.unknown(code::TYPE, item.span, &section, message, known.iter().map(|s| &**s));
    }
    desk.texts(node)
}
