//! The blocks of a policy as boxes that a person can read: what is judged, under which condition,
//! and what is said.

use super::{asked::Asked, frame, in_short::in_short, link::ShownLink, shown, words::fill};
use crate::{
    access::Figures,
    diagnostic::Severity,
    document::{Key, Node, NodeValue},
    policy::{
        AccessRule, ApprovalRule, Block, BlockKind, Cadence, Duty, DutyDue, DutyNeed, Each, Example, Expected, Expression, Field,
        FieldPath, FieldType, Figure, Judged, Keyword, Party, Policy, RecordType, Rule, Source, Style,
        block::{Say, SayPiece},
    },
};
use serde::Serialize;
use std::sync::Arc;

/// A block, for its template.
#[derive(Serialize, Default)]
pub(super) struct Boxed {
    pub lang: &'static str,
    pub kind: &'static str,
    pub kind_label: &'static str,
    pub id: String,
    pub title: Option<String>,
    /// What it asks, in one line.
    pub short: String,
    pub error: bool,
    /// It has a severity at all.
    pub judges: bool,
    pub say: Vec<BoxPart>,
    pub rows: Vec<BoxRow>,
    /// Rows in which expressions stand: for whoever maintains the block.
    pub code: Vec<BoxRow>,
    pub tables: Vec<BoxTable>,
    pub examples: Vec<ExampleText>,
    /// What came of it, as far as the reader may know.
    pub figures: Vec<BoxPart>,
    /// The text of a block that is switched off.
    pub source: Option<String>,
}

/// Words, an expression in its own text, or a link.
#[derive(Serialize, Clone, Debug, PartialEq)]
pub(super) struct BoxPart {
    pub text: String,
    pub code: bool,
    pub href: Option<String>,
}

#[derive(Serialize)]
pub(super) struct BoxRow {
    pub label: &'static str,
    pub parts: Vec<BoxPart>,
}

#[derive(Serialize)]
pub(super) struct BoxTable {
    pub columns: Vec<&'static str>,
    pub rows: Vec<Vec<Vec<BoxPart>>>,
}

#[derive(Serialize)]
pub(super) struct ExampleText {
    pub holds: bool,
    pub late: bool,
    pub text: String,
}

/// The label of a kind of block, as a key of the words.
pub(super) fn label_of(kind: Keyword) -> &'static str {
    match kind {
        Keyword::Type => "block_type",
        Keyword::Rule => "block_rule",
        Keyword::Duty => "block_duty",
        Keyword::Approval => "block_approval",
        Keyword::Access => "block_access",
        Keyword::Style => "block_style",
        Keyword::Posts => "block_posts",
        Keyword::Settings => "block_settings",
    }
}

/// A block that has a mistake and is switched off.
pub(super) fn off(asked: &Asked<'_>, kind: Keyword, source: &str) -> Boxed {
    Boxed { source: Some(source.trim_end().to_owned()), ..empty(asked, kind, String::new()) }
}

/// A block; `content` is the text between its fences, `came` what came of it, as far as the reader
/// may know.
pub(super) fn boxed(asked: &Asked<'_>, policy: &Policy, block: &Block, content: &str, came: Option<Figures>) -> Boxed {
    let head = empty(asked, block.kind.keyword(), block.id.to_string());
    let shown = match &block.kind {
        BlockKind::Type(record_type) => of_type(asked, head, record_type),
        BlockKind::Rule(rule) => of_rule(asked, head, rule),
        BlockKind::Duty(duty) => of_duty(asked, head, duty),
        BlockKind::Approval(rule) => of_approval(asked, head, rule),
        BlockKind::Access(rule) => of_access(asked, head, rule),
        BlockKind::Style(style) => of_style(asked, head, style),
        BlockKind::Posts => of_posts(asked, head),
        BlockKind::Settings => of_settings(asked, head, policy, content),
    };
    let is_code = |row: &BoxRow| row.parts.iter().any(|part| part.code);
    let (code, rows) = shown.rows.into_iter().partition(is_code);
    Boxed { short: in_short(asked, policy, block, came), rows, code, figures: figures(asked, block, came), ..shown }
}

/// What came of a block: findings of today, breaches that are over, and how often in a hundred
/// times a duty was done in time.
fn figures(asked: &Asked<'_>, block: &Block, figures: Option<Figures>) -> Vec<BoxPart> {
    let Some(Figures { open, past, punctuality }) = figures else { return Vec::new() };
    let led = |key, count: usize, href: String| {
        let text = fill(asked.word(key), "n", &count.to_string());
        BoxPart { text, code: false, href: (count > 0).then(|| asked.href(&href)) }
    };
    let in_time = punctuality.map(|part| words(&fill(asked.word("b_in_time"), "n", &part.to_string())));
    let anchor = format!("/findings/past/#{}", block.id);
    [led("b_open_now", open, "/findings/".to_owned()), led("b_past_breaches", past, anchor)].into_iter().chain(in_time).collect()
}

fn empty(asked: &Asked<'_>, kind: Keyword, id: String) -> Boxed {
    Boxed { lang: frame::tag(asked.lang), kind: kind.name(), kind_label: asked.word(label_of(kind)), id, ..Boxed::default() }
}

/// Rows, those that are empty left out.
struct Rows<'a> {
    asked: &'a Asked<'a>,
    rows: Vec<BoxRow>,
}

impl<'a> Rows<'a> {
    fn of(asked: &'a Asked<'a>) -> Rows<'a> {
        Rows { asked, rows: Vec::new() }
    }

    fn row(mut self, key: &str, parts: Vec<BoxPart>) -> Self {
        if !parts.is_empty() {
            self.rows.push(BoxRow { label: self.asked.word(key), parts });
        }
        self
    }

    fn code(self, key: &str, expression: Option<&Expression>) -> Self {
        self.row(key, expression.map(code).into_iter().collect())
    }
}

fn of_rule(asked: &Asked<'_>, head: Boxed, rule: &Rule) -> Boxed {
    let builtin = rule.builtin.as_ref().map(|family| code_text(family));
    let rows = Rows::of(asked)
        .row("b_for", if builtin.is_some() && rule.require.is_none() { Vec::new() } else { judged(asked, &rule.judged) })
        .row("b_each", each(asked, &rule.each))
        .code("b_on", rule.on.as_ref())
        .code("b_until", rule.until.as_ref())
        .code("b_when", rule.when.as_ref())
        .code("b_require", rule.require.as_ref())
        .row("b_builtin", builtin.into_iter().collect())
        .row("b_at", rule.at.iter().map(path).collect())
        .row("b_fix", said(asked, rule.fix.as_ref()));
    judging(asked, Boxed { rows: rows.rows, ..head }, rule.severity, rule.say.as_ref(), &rule.examples)
}

fn of_duty(asked: &Asked<'_>, head: Boxed, duty: &Duty) -> Boxed {
    let need = match &duty.need {
        DutyNeed::Record(id) => vec![type_part(asked, id)],
        DutyNeed::Fields(fields) => fields.iter().map(|(field, _)| path(field)).collect(),
    };
    let ahead = fill(asked.word("b_days"), "n", &duty.ahead.to_string());
    let rows = Rows::of(asked)
        .row("b_for", judged(asked, &duty.judged))
        .row("b_each", each(asked, &duty.each))
        .code("b_when", duty.condition.as_ref());
    let approved = if duty.approved { vec![words(asked.word("yes"))] } else { Vec::new() };
    let rows =
        rows.row("b_need", need).code("b_match", duty.matches.as_ref()).code("b_done", duty.done.as_ref()).row("b_approved", approved);
    let rows = due(rows, &duty.due).code("b_grace", duty.grace.as_ref()).row("b_ahead", vec![words(&ahead)]);
    let rows = rows.row("b_who", readers(asked, &duty.who)).row("b_fix", said(asked, duty.fix.as_ref()));
    judging(asked, Boxed { rows: rows.rows, ..head }, duty.severity, duty.say.as_ref(), &duty.examples)
}

fn due<'a>(rows: Rows<'a>, due: &DutyDue) -> Rows<'a> {
    match due {
        DutyDue::By { day, from } => rows.code("b_from", from.as_ref()).code("b_by", Some(day)),
        DutyDue::Every { from, period: Cadence::Fixed(period), until } => {
            rows.code("b_from", Some(from)).code("b_every", Some(period)).code("b_until", until.as_ref())
        }
        DutyDue::Every { from, period: Cadence::By { field, periods }, until } => {
            let by = periods.iter().flat_map(|(value, period)| [words(&format!("{field} {value}: ")), code(period), words("; ")]);
            let mut parts: Vec<BoxPart> = by.collect();
            parts.pop();
            rows.code("b_from", Some(from)).row("b_every", parts).code("b_until", until.as_ref())
        }
    }
}

fn of_style(asked: &Asked<'_>, head: Boxed, style: &Style) -> Boxed {
    let rows = Rows::of(asked)
        .row("b_for", types(asked, &style.judged))
        .row("b_sections", listed(asked, &style.sections))
        .row("b_avoid", listed(asked, &style.demand.avoid))
        .code("b_figures", style.demand.figures_max.as_ref())
        .row("b_fix", said(asked, style.fix.as_ref()));
    judging(asked, Boxed { rows: rows.rows, ..head }, style.severity, style.say.as_ref(), &style.examples)
}

fn judging(asked: &Asked<'_>, head: Boxed, severity: Severity, say: Option<&Say>, examples: &[Example]) -> Boxed {
    let text = |example: &Example| ExampleText {
        holds: example.expected == Expected::Holds,
        late: example.expected == Expected::Late,
        text: example_text(&example.node),
    };
    let examples = examples.iter().map(text).collect();
    Boxed { judges: true, error: severity == Severity::Error, say: said(asked, say), examples, ..head }
}

fn of_approval(asked: &Asked<'_>, head: Boxed, rule: &ApprovalRule) -> Boxed {
    let mut steps = Vec::new();
    for (at, step) in rule.steps.iter().enumerate() {
        steps.extend((at > 0).then(|| words(" → ")));
        steps.push(words(&asked.post(&step.post)));
        if let Some(when) = &step.when {
            steps.extend([words(" ("), code(when), words(")")]);
        }
    }
    let sees = rule.readers_see_approved.then(|| words(asked.word("b_approved_version")));
    let rows = Rows::of(asked).row("b_for", types(asked, &rule.judged)).row("b_steps", steps).row("b_later", listed(asked, &rule.later));
    let rows = rows.row("b_not_before", listed(asked, rule.not_before.as_slice())).row("b_despite", listed(asked, &rule.despite));
    Boxed { rows: rows.row("b_readers_see", sees.into_iter().collect()).rows, ..head }
}

fn of_access(asked: &Asked<'_>, head: Boxed, rule: &AccessRule) -> Boxed {
    let mut hidden = Vec::new();
    for (field, shown) in &rule.hide {
        hidden.extend((!hidden.is_empty()).then(|| words("; ")));
        hidden.push(path(field));
        if !shown.is_empty() {
            hidden.push(words(&format!(" — {} ", asked.word("b_except"))));
            hidden.extend(readers(asked, shown));
        }
    }
    let rows = Rows::of(asked).row("b_for", types(asked, &rule.judged)).code("b_when", rule.when.as_ref());
    let rows = rows.row("b_readers", readers(asked, &rule.readers));
    let rows = rows.row("b_readings", readers(asked, &rule.readings));
    let rows = rows.row("b_inherits", rule.inherits.iter().map(|field| code_text(field)).collect());
    let rows = rows.row("b_authorised", rule.authorised_by.iter().map(|id| type_part(asked, id)).collect());
    Boxed { rows: rows.row("b_hidden", hidden).rows, ..head }
}

fn of_type(asked: &Asked<'_>, head: Boxed, record_type: &RecordType) -> Boxed {
    let one_of = record_type.xor.iter().map(|(a, b)| words(&format!("{} / {}", a.0.join("."), b.0.join("."))));
    let sense = &record_type.sense;
    let order = sense.order.iter().map(|dates| words(&dates.iter().map(|path| path.0.join(".")).collect::<Vec<_>>().join(" ≤ ")));
    let past = sense.past.iter().map(|path| words(&path.0.join(".")));
    let bounds = sense.bounds.iter().map(|bound| words(&bound.to_string()));
    let staff = sense.staff.iter().map(|(who, on)| words(&format!("{} @ {}", who.0.join("."), on.0.join("."))));
    let history = record_type.history.iter().map(|(field, history)| words(&format!("{field} ← {}", asked.record_type(&history.from))));
    let given = record_type.given.iter().map(|(path, given)| words(&format!("{} ← {}", path.0.join("."), given.source)));
    let rows = Rows::of(asked)
        .row("b_sections", listed(asked, &record_type.sections))
        .row("b_one_of", joined(asked, one_of.collect()))
        .row("b_order", joined(asked, order.collect()))
        .row("b_past", joined(asked, past.collect()))
        .row("b_bounds", joined(asked, bounds.collect()))
        .row("b_staff", joined(asked, staff.collect()))
        .row("b_history", joined(asked, history.collect()))
        .row("b_given", joined(asked, given.collect()));
    let mut table = BoxTable { columns: ["b_field", "b_key", "b_holds", "b_must"].map(|key| asked.word(key)).into(), rows: Vec::new() };
    for field in &record_type.fields {
        field_rows(asked, field, "", &mut table.rows);
    }
    let title = Some(asked.label(&record_type.label, &record_type.id));
    Boxed { title, rows: rows.rows, tables: vec![table], ..head }
}

/// A field, and below it the columns of its table.
fn field_rows(asked: &Asked<'_>, field: &Field, above: &str, rows: &mut Vec<Vec<Vec<BoxPart>>>) {
    let key = format!("{above}{}", field.name);
    let must = words(asked.word(if field.must { "b_must" } else { "b_may" }));
    let holds = words(&shown::type_words(asked, &field.field_type));
    rows.push(vec![vec![words(&asked.label(&field.label, &field.name))], vec![code_text(&key)], vec![holds], vec![must]]);
    if let FieldType::Table(fields) = field.field_type.element() {
        fields.iter().for_each(|inner| field_rows(asked, inner, &format!("{key}."), rows));
    }
}

fn of_posts(asked: &Asked<'_>, head: Boxed) -> Boxed {
    let Some(posts) = asked.view.map(|view| &view.policies().posts) else { return head };
    let post_rows = posts.posts.values().map(|post| {
        let holders = post.held_by.iter().flat_map(|held| {
            let (from, until) = (held.from.to_string(), held.until.map(|day| day.to_string()));
            let span = asked.word(if until.is_some() { "b_span" } else { "b_since" });
            let span = fill(&fill(span, "from", &from), "until", until.as_deref().unwrap_or_default());
            [link(asked.named(&held.person)), words(&format!(" {span}")), words("\n")]
        });
        let above = post.reports_to.as_ref().map(|id| words(&asked.post(id)));
        vec![vec![words(&asked.label(&post.label, &post.id))], vec![code_text(&post.id)], above.into_iter().collect(), holders.collect()]
    });
    let department_rows = posts.departments.values().map(|department| {
        let head = department.head.as_ref().map(|id| link(asked.named(id)));
        vec![vec![words(&asked.label(&department.label, &department.id))], vec![code_text(&department.id)], head.into_iter().collect()]
    });
    let tables = vec![
        BoxTable { columns: ["b_post", "b_key", "b_reports_to", "b_held_by"].map(|key| asked.word(key)).into(), rows: post_rows.collect() },
        BoxTable { columns: ["b_department", "b_key", "b_head"].map(|key| asked.word(key)).into(), rows: department_rows.collect() },
    ];
    Boxed { tables, ..head }
}

/// A policy's settings stand together; a block shows those that it writes.
fn of_settings(asked: &Asked<'_>, head: Boxed, policy: &Policy, content: &str) -> Boxed {
    let written = |name: &str| content.lines().any(|line| line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with(':')));
    let rows = policy.figures.iter().filter(|(name, _)| written(name));
    let row = |(name, figure): (&Arc<str>, &Figure)| {
        let source = match figure.source {
            Source::Company => "b_by_company",
            Source::Rulebook => "b_by_rulebook",
        };
        let called = figure.label.as_ref().map_or_else(|| code_text(name), |_| words(policy.called(name, asked.lang)));
        vec![vec![called], vec![words(&figure.written)], vec![words(asked.word(source))]]
    };
    let table = BoxTable { columns: ["b_setting", "b_value", "b_source"].map(|key| asked.word(key)).into(), rows: rows.map(row).collect() };
    Boxed { tables: vec![table], ..head }
}

fn judged(asked: &Asked<'_>, judged: &Judged) -> Vec<BoxPart> {
    match judged {
        Judged::Archive => vec![words(asked.word("b_archive"))],
        Judged::Types(ids) => types(asked, ids),
    }
}

fn types(asked: &Asked<'_>, ids: &[Arc<str>]) -> Vec<BoxPart> {
    joined(asked, ids.iter().map(|id| type_part(asked, id)).collect())
}

fn type_part(asked: &Asked<'_>, id: &str) -> BoxPart {
    link(shown::type_link(asked, id))
}

fn each(asked: &Asked<'_>, each: &[Each]) -> Vec<BoxPart> {
    joined(asked, each.iter().map(|each| code_text(&format!("{} in {}", each.name, each.list.source))).collect())
}

fn readers(asked: &Asked<'_>, readers: &[Party]) -> Vec<BoxPart> {
    let part = |reader: &Party| match reader {
        Party::Everyone => words(asked.word("b_everyone")),
        Party::Post(id) => words(&asked.post(id)),
        Party::Department(id) => words(&asked.department(id)),
        Party::Path(path) => code(path),
    };
    joined(asked, readers.iter().map(part).collect())
}

/// The words of a block in the language asked for; expressions in them as they are written.
fn said(asked: &Asked<'_>, say: Option<&Say>) -> Vec<BoxPart> {
    let pieces = say.map(|say| match asked.lang {
        crate::diagnostic::Lang::Zh => &say.zh,
        crate::diagnostic::Lang::En => &say.en,
    });
    let part = |piece: &SayPiece| match piece {
        SayPiece::Text(text) => words(text),
        SayPiece::Expression(expression) => code(expression),
    };
    pieces.into_iter().flatten().map(part).collect()
}

fn listed(asked: &Asked<'_>, names: &[Arc<str>]) -> Vec<BoxPart> {
    joined(asked, names.iter().map(|name| words(name)).collect())
}

fn joined(asked: &Asked<'_>, parts: Vec<BoxPart>) -> Vec<BoxPart> {
    let mut all = Vec::new();
    for (at, part) in parts.into_iter().enumerate() {
        all.extend((at > 0).then(|| words(asked.word("comma"))));
        all.push(part);
    }
    all
}

fn words(text: &str) -> BoxPart {
    BoxPart { text: text.to_owned(), code: false, href: None }
}

fn code(expression: &Expression) -> BoxPart {
    code_text(expression.source.trim())
}

fn code_text(text: &str) -> BoxPart {
    BoxPart { code: true, ..words(text) }
}

fn path(field: &FieldPath) -> BoxPart {
    code_text(&field.0.join("."))
}

fn link(link: ShownLink) -> BoxPart {
    BoxPart { text: link.text, code: false, href: link.href }
}

/// The record's fields, and beside them what else the example supposes, a line each.
fn example_text(node: &Node) -> String {
    let line = |(key, node): &(Key, Node)| match &*key.text {
        "holds" | "breaks" | "late" => flow(node),
        beside => format!("{beside}: {}", flow(node)),
    };
    node.entries().iter().map(line).collect::<Vec<_>>().join("\n")
}

/// YAML on one line, as people write it.
fn flow(node: &Node) -> String {
    match &node.value {
        NodeValue::Scalar { text, plain: true } => text.to_string(),
        NodeValue::Scalar { text, plain: false } => format!("{text:?}"),
        NodeValue::List(nodes) => format!("[{}]", nodes.iter().map(flow).collect::<Vec<_>>().join(", ")),
        NodeValue::Map(entries) => {
            let entries: Vec<String> = entries.iter().map(|(key, node)| format!("{}: {}", key.text, flow(node))).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

pub(super) fn escape(text: &str) -> String {
    let mut out = Vec::new();
    tera::escape_html(text, &mut out).expect("writing into memory does not fail");
    String::from_utf8(out).expect("escaped UTF-8 is UTF-8")
}
