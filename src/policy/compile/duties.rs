//! `yaml duty`: what must exist by when.

use super::{
    desk::{Desk, code},
    examples,
    expressions::Scopes,
};
use crate::{
    diagnostic::{Severity, Words},
    document::Node,
    policy::{
        Cadence, Duty, DutyDue, DutyNeed, Each, Expression, Field, FieldPath, FieldType, Judged, RecordType, Target,
        expression::{ExpressionPlace, Type},
    },
};
use std::{collections::BTreeMap, sync::Arc};

const KEYS: [&str; 22] = [
    "id", "short", "for", "each", "where", "need", "match", "done", "approved", "from", "every", "until", "within", "by", "grace", "ahead",
    "who", "say", "fix", "severity", "settings", "examples",
];

const YES: [(&str, bool); 4] = [("yes", true), ("true", true), ("no", false), ("false", false)];

/// Days that a duty shows before it is due, where the block does not say.
const AHEAD: u32 = 14;

pub(super) fn read(desk: &Desk<'_>, node: &Node) -> Option<Duty> {
    desk.keys(node, &KEYS);
    let id = desk.required(node, "id", desk.head).and_then(|n| desk.identifier(n));
    let judged = desk.judged(node)?;
    let types = desk.record_types(&judged);
    let (each, scopes) = desk.each(node, Scopes::of(&judged))?;
    let condition = desk.condition(node, "where", &scopes);
    let scopes = scopes.where_holds(condition.as_deref());
    let need = desk.required(node, "need", desk.head).and_then(|n| need(desk, n, &types, &each, &scopes));
    let matches = matches(desk, node, need.as_ref(), &scopes, types.len().max(1));
    let due = due(desk, node, &types, &scopes);
    let again = node.get("every").is_some();
    let counted =
        if again { scopes.clone().with(&"last".into(), std::iter::repeat_n(Type::Date, types.len().max(1))) } else { scopes.clone() };
    let grace = desk.optional(node, "grace").and_then(|n| desk.optional_date(n, &counted));
    let who = desk.required(node, "who", desk.head).map_or(Vec::new(), |n| desk.readers(n, &scopes));
    Some(Duty {
        short: desk.say(node, "short", &Scopes::of(&Judged::Archive)),
        say: desk.say(node, "say", &counted),
        fix: desk.say(node, "fix", &counted),
        severity: desk.severity(node, Severity::Warning),
        ahead: desk.optional(node, "ahead").and_then(|n| desk.count(n)).unwrap_or(AHEAD),
        examples: examples::read(desk, node, &types),
        citation: desk.citation.clone(),
        head: desk.head,
        condition: condition.and_then(|c| c.into_iter().next()),
        id: desk.full_id(&id?),
        done: desk.optional(node, "done").and_then(|n| desk.optional_date(n, &scopes)),
        approved: desk.optional(node, "approved").and_then(|n| desk.choice(n, &YES)).unwrap_or(false),
        need: need?,
        due: due?,
        judged,
        each,
        matches,
        grace,
        who,
    })
}

/// A type, or a field of the record or row, or a list of such fields. A word that is both is the
/// type where its records refer to what the duty is for.
fn need(desk: &Desk<'_>, node: &Node, types: &[Arc<RecordType>], each: &[Each], scopes: &Scopes) -> Option<DutyNeed> {
    if node.list().is_some() {
        let fields: Vec<_> = desk.items(node).iter().filter_map(|item| need_field(desk, item, types, scopes)).collect();
        return (!fields.is_empty()).then_some(DutyNeed::Fields(fields));
    }
    let text = desk.text(node)?;
    let first = text.split('.').next().unwrap_or(&text);
    let field = each.iter().any(|e| &*e.name == first) || types.iter().any(|t| t.fields.iter().any(|f| &*f.name == first));
    let needed = desk.schema.types.get(&text);
    let refers = |needed: &RecordType| types.iter().all(|t| needed.fields.iter().any(|f| refers_to(f, &t.id)));
    match needed {
        Some(needed) if refers(needed) => Some(DutyNeed::Record(needed.id.clone())),
        Some(needed) if !field => {
            let message = Words::new(
                format!("“{}”没有指向所涉记录的字段，无法知道哪份记录属于谁", needed.id),
                format!("“{}” has no field that refers to what the duty is for", needed.id),
            );
            desk.error(code::TYPE, node.span, message);
            None
        }
        _ if field => Some(DutyNeed::Fields(vec![need_field(desk, node, types, scopes)?])),
        _ => {
            let message = Words::new(format!("没有类型或字段“{text}”"), format!("there is no type or field “{text}”"));
            let fields = types.iter().flat_map(|t| t.fields.iter().map(|f| &*f.name));
            desk.unknown(code::TYPE, node.span, &text, message, desk.schema.types.keys().map(|id| &**id).chain(fields));
            None
        }
    }
}

fn refers_to(field: &Field, record_type: &str) -> bool {
    match field.field_type.element() {
        FieldType::Reference(Target::Type(id)) => **id == *record_type,
        FieldType::Reference(Target::Any) => &*field.name != "supersedes",
        FieldType::Table(columns) => columns.iter().any(|c| refers_to(c, record_type)),
        _ => false,
    }
}

fn need_field(desk: &Desk<'_>, node: &Node, types: &[Arc<RecordType>], scopes: &Scopes) -> Option<(FieldPath, Expression)> {
    Some((desk.pointed_at(node, types, scopes)?, desk.expression(node, scopes, None)?))
}

fn matches(desk: &Desk<'_>, node: &Node, need: Option<&DutyNeed>, scopes: &Scopes, count: usize) -> Option<Expression> {
    let written = desk.optional(node, "match")?;
    match need? {
        DutyNeed::Record(id) => {
            let it = std::iter::repeat_n(Type::Record(Some(id.clone())), count);
            desk.expression(written, &scopes.clone().with(&"it".into(), it), Some(&Type::Bool))
        }
        DutyNeed::Fields(_) => {
            let message = Words::new("“match”只用于需要一份记录的职责", "“match” is for duties that need a record");
            desk.error(desk.shape, written.span, message);
            None
        }
    }
}

fn due(desk: &Desk<'_>, node: &Node, types: &[Arc<RecordType>], scopes: &Scopes) -> Option<DutyDue> {
    let ways: Vec<&str> = ["every", "within", "by"].into_iter().filter(|key| node.get(key).is_some()).collect();
    let [way] = ways[..] else {
        let message = Words::new("须有且只有“every”“within”“by”之一", "exactly one of “every”, “within” and “by” is needed");
        desk.error(desk.shape, desk.head, message);
        return None;
    };
    let written = desk.optional(node, way)?;
    if way == "by" {
        let from = desk.optional(node, "from").and_then(|n| desk.expression(n, scopes, Some(&Type::Date)));
        return desk.expression(written, scopes, Some(&Type::Date)).map(|day| DutyDue::By { day, from });
    }
    let from_node = desk.required(node, "from", desk.head);
    let from = from_node.and_then(|n| desk.expression(n, scopes, Some(&Type::Date)));
    if way == "every" {
        let period = cadence(desk, written, types, scopes);
        let until = desk.optional(node, "until").and_then(|n| desk.optional_date(n, scopes));
        return Some(DutyDue::Every { from: from?, period: period?, until });
    }
    let within = duration(desk, written, scopes);
    let (from, within) = (from?, within?);
    let sum = format!("({}) + ({})", from.source, within.source);
    let place = ExpressionPlace { span: written.span, verbatim_from: None };
    let day = desk.compile_text(&sum, place, scopes, Some(&Type::Date))?.into_iter().next();
    day.map(|day| DutyDue::By { day, from: Some(from) })
}

fn duration(desk: &Desk<'_>, node: &Node, scopes: &Scopes) -> Option<Expression> {
    let fits = |t: &Type| matches!(t, Type::Days | Type::Months | Type::Calendar);
    desk.expression_of(
        node,
        scopes,
        fits,
        Words::new("此处应为时长（如 6 months、30 天）", "a duration is expected here (as 6 months, 30 days)"),
    )
}

fn cadence(desk: &Desk<'_>, node: &Node, types: &[Arc<RecordType>], scopes: &Scopes) -> Option<Cadence> {
    if !node.is_map() {
        return duration(desk, node, scopes).map(Cadence::Fixed);
    }
    let by = desk.required(node, "by", node.span)?;
    let field = desk.text(by)?;
    let members = members(desk, by, &field, types)?;
    let mut periods = BTreeMap::new();
    for (key, value) in node.entries().iter().filter(|(key, _)| &*key.text != "by") {
        if !members.contains(&key.text) {
            let message = Words::new(format!("“{field}”没有取值“{}”", key.text), format!("“{field}” has no value “{}”", key.text));
            desk.unknown(code::TYPE, key.span, &key.text, message, members.iter().map(|m| &**m));
        } else if let Some(period) = duration(desk, value, scopes) {
            periods.insert(key.text.clone(), period);
        }
    }
    let missing: Vec<&str> = members.iter().filter(|m| node.get(m).is_none()).map(|m| &**m).collect();
    if !missing.is_empty() {
        let message = Words::new(
            format!("没有写明“{field}”为 {} 时的周期", missing.join("、")),
            format!("no period for “{field}” = {}", missing.join(", ")),
        );
        desk.error(desk.shape, node.span, message);
    }
    Some(Cadence::By { field, periods })
}

/// The values of an enumeration that every record of these types has.
fn members(desk: &Desk<'_>, node: &Node, name: &str, types: &[Arc<RecordType>]) -> Option<Vec<Arc<str>>> {
    let mut members: Vec<Arc<str>> = Vec::new();
    desk.checked_path(node, &[name], types)?;
    for field in types.iter().filter_map(|t| t.fields.iter().find(|f| &*f.name == name)) {
        let FieldType::Enumeration(own) = &field.field_type else {
            let message = Words::new(format!("“{name}”不是有固定取值的字段"), format!("“{name}” is no field with a list of values"));
            desk.error(code::TYPE, node.span, message);
            return None;
        };
        if !field.must {
            let message =
                Words::new(format!("“{name}”可以没有，不能据以定周期"), format!("“{name}” may be missing; no period can rest on it"));
            desk.error(code::TYPE, node.span, message);
            return None;
        }
        members.extend(own.iter().map(|m| m.name.clone()).filter(|m| !members.contains(m)).collect::<Vec<_>>());
    }
    Some(members)
}
