//! The rulebooks say all that their design demands (`demands.txt`): every id under its article, in
//! both languages, with examples of both kinds and a case of its own; every type in both languages;
//! every figure as a setting; every chain.

use crate::support::memory::InMemory;
use chancery::{
    diagnostic::Words,
    policy::{Block, BlockKind, Duty, DutyDue, DutyNeed, Example, Expected, Field, FieldType, Policies, Say, SayPiece},
};
use std::{fs, path::Path, sync::LazyLock};

static POLICIES: LazyLock<Policies> = LazyLock::new(|| {
    let shipped = InMemory::shipped();
    Policies::compile(&shipped.sources(), shipped.demo_day())
});

/// The lines of a kind, each as its columns.
fn demands(kind: &str) -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/demands.txt");
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| line.split(" | ").map(str::to_owned).collect::<Vec<_>>());
    let rows: Vec<Vec<String>> = lines.filter(|columns| columns[0] == kind).map(|columns| columns[1..].to_vec()).collect();
    assert!(!rows.is_empty());
    rows
}

fn blocks() -> impl Iterator<Item = &'static Block> {
    POLICIES.versions.iter().flat_map(|policy| &policy.blocks)
}

/// What a block that finds something says, does about it, and tries.
fn finds(block: &Block) -> Option<(Option<&Say>, Option<&Say>, &[Example])> {
    match &block.kind {
        BlockKind::Rule(rule) => Some((rule.say.as_ref(), rule.fix.as_ref(), &rule.examples)),
        BlockKind::Duty(duty) => Some((duty.say.as_ref(), duty.fix.as_ref(), &duty.examples)),
        BlockKind::Style(style) => Some((style.say.as_ref(), style.fix.as_ref(), &style.examples)),
        _ => None,
    }
}

/// Whether words are there in both languages, and are not the same; those that an expression
/// chooses among count.
fn in_both(say: Option<&Say>) -> bool {
    let words = |piece: &SayPiece| match piece {
        SayPiece::Text(text) => text.to_string(),
        SayPiece::Expression(expression) => expression.source.split('"').skip(1).step_by(2).collect(),
    };
    let text = |pieces: &[SayPiece]| pieces.iter().map(words).collect::<String>();
    let speaks = |zh: &str, en: &str| zh != en && zh.chars().any(is_han) && en.chars().any(|c| c.is_ascii_alphabetic());
    say.is_some_and(|say| speaks(&text(&say.zh), &text(&say.en)))
}

fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

#[test]
fn every_id_stands_under_its_article_in_both_languages_with_both_kinds_of_example_and_a_case() {
    let mut missing = Vec::new();
    for row in demands("rule") {
        let [policy, articles, id] = &row[..] else { panic!("{row:?}") };
        let Some(block) = blocks().find(|block| *block.id == **id) else {
            missing.push(format!("{id}: no block"));
            continue;
        };
        let mut lacks = |what: &str| missing.push(format!("{id}: {what}"));
        let Some((say, fix, examples)) = finds(block) else {
            lacks("the block finds nothing");
            continue;
        };
        if *block.citation.policy != **policy || !articles.split('、').any(|article| article == &*block.citation.article) {
            lacks(&format!("stands under {} {}, not {policy} {articles}", block.citation.policy, block.citation.article));
        }
        if !in_both(say) {
            lacks("does not say it in both languages");
        }
        if !in_both(fix) {
            lacks("names no remedy in both languages");
        }
        for holds in [true, false] {
            if !examples.iter().any(|example| (example.expected == Expected::Holds) == holds) {
                lacks(if holds { "no example holds" } else { "no example breaks it" });
            }
        }
        if !Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/violations").join(id).join("expected.json").is_file() {
            lacks("no case in tests/violations");
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// What is told of a duty that was done, but not when it should have been, has a case: `ID+late`
/// where it is done once, `ID+gap` where it is done again and again.
#[test]
fn every_duty_has_a_case_of_what_was_late_or_left_out() {
    let mut missing = Vec::new();
    let duties = blocks().filter_map(|block| match &block.kind {
        BlockKind::Duty(duty) => Some((&block.id, kept_late(duty)?)),
        _ => None,
    });
    for (id, how) in duties {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/violations/{id}+{how}/expected.json"));
        let expected: Vec<serde_json::Value> =
            fs::read_to_string(path).map_or_else(|_| Vec::new(), |text| serde_json::from_str(&text).unwrap());
        if !expected.iter().any(|finding| finding["code"] == **id && finding["state"] == "past") {
            missing.push(format!("{id}: no case {id}+{how} in which it is of the past"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// How a duty can have been kept late. None where nothing tells when it was done: its record bears
/// no date, or its field the last day alone.
fn kept_late(duty: &Duty) -> Option<&'static str> {
    match (&duty.due, &duty.need) {
        (DutyDue::Every { .. }, DutyNeed::Record(_)) => Some("gap"),
        (DutyDue::Every { .. }, DutyNeed::Fields(_)) => None,
        (DutyDue::By { .. }, DutyNeed::Fields(_)) => Some("late"),
        (DutyDue::By { .. }, DutyNeed::Record(needed)) => {
            let bears_a_date = POLICIES.record_type(needed).is_some_and(|own| own.date.is_some());
            (duty.approved || bears_a_date).then_some("late")
        }
    }
}

/// The list is the policies' whole: what they demand beside it is entered in it.
#[test]
fn every_block_that_finds_something_is_listed() {
    let listed: Vec<String> = demands("rule").into_iter().map(|row| row[2].clone()).collect();
    let unlisted: Vec<&str> =
        blocks().filter(|block| finds(block).is_some() && !listed.contains(&block.id.to_string())).map(|block| &*block.id).collect();
    assert!(unlisted.is_empty(), "{unlisted:?}");
}

#[test]
fn every_type_speaks_both_languages() {
    for row in demands("type") {
        let [policy, id] = &row[..] else { panic!("{row:?}") };
        let own = POLICIES.record_type(id).unwrap_or_else(|| panic!("no type {id}"));
        assert_eq!(&*own.citation.policy, policy, "{id}");
    }
    let mut mute = Vec::new();
    for own in POLICIES.types.values() {
        if !both(&own.label) {
            mute.push(own.id.to_string());
        }
        own.fields.iter().for_each(|field| labels(&own.id, field, &mut mute));
    }
    assert!(mute.is_empty(), "{}", mute.join("\n"));
}

fn both(label: &Words) -> bool {
    !label.zh.is_empty() && !label.en.is_empty() && label.zh != label.en
}

fn labels(path: &str, field: &Field, mute: &mut Vec<String>) {
    let path = format!("{path}.{}", field.name);
    if !both(&field.label) {
        mute.push(path.clone());
    }
    match field.field_type.element() {
        FieldType::Table(columns) => columns.iter().for_each(|column| labels(&path, column, mute)),
        FieldType::Enumeration(members) => {
            mute.extend(members.iter().filter(|m| !both(&m.label) && m.label.zh != *m.name).map(|m| format!("{path}={}", m.name)));
        }
        _ => {}
    }
}

#[test]
fn every_figure_is_a_setting_and_is_used_by_name() {
    for row in demands("figure") {
        let [policy, name] = &row[..] else { panic!("{row:?}") };
        let own = POLICIES.versions.iter().find(|own| *own.id == **policy).unwrap_or_else(|| panic!("no policy {policy}"));
        assert!(own.settings.contains_key(&**name), "{policy}: {name}");
        let text = InMemory::shipped();
        let text = text.text(&own.document.path.0).unwrap();
        assert!(text.contains(&format!("settings.{name}")), "{policy}: settings.{name} is not used");
    }
}

#[test]
fn every_chain_has_its_steps_in_order() {
    for row in demands("chain") {
        let [judged, steps] = &row[..] else { panic!("{row:?}") };
        let rule = blocks().find_map(|block| match &block.kind {
            BlockKind::Approval(rule) if rule.judged.iter().any(|own| **own == **judged) => Some(rule),
            _ => None,
        });
        let rule = rule.unwrap_or_else(|| panic!("no chain for {judged}"));
        assert_eq!(rule.steps.iter().map(|step| &*step.post).collect::<Vec<_>>().join(", "), *steps, "{judged}");
    }
}
