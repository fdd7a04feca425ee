//! What a block demands otherwise than it did before, in sentences: for whoever reads the rulebook,
//! and not the machine's part of it.

use super::{
    asked::Asked,
    boxes::{self, BoxPart, BoxRow},
    in_short, shown,
    words::fill,
};
use crate::policy::{ApprovalRule, Block, BlockKind, Field, FieldType, Member, Policy, RecordType, Step};
use std::sync::Arc;

mod offices;

/// A block, with the version in which it stands and the text of that.
#[derive(Clone, Copy)]
pub(super) struct Versioned<'a> {
    pub policy: &'a Policy,
    pub text: &'a str,
    pub block: &'a Block,
}

/// A sentence for each thing that has changed; one at least.
pub(super) fn sentences(asked: &Asked<'_>, before: Versioned<'_>, after: Versioned<'_>) -> Vec<String> {
    let telling = Telling { asked, before, after };
    let mut told = match (&before.block.kind, &after.block.kind) {
        (BlockKind::Type(own), BlockKind::Type(later)) => {
            [telling.line_of_type(own, later), telling.rows(), telling.fields(own, later)].concat()
        }
        (BlockKind::Approval(own), BlockKind::Approval(later)) => [telling.rows(), telling.steps(own, later)].concat(),
        (BlockKind::Posts, BlockKind::Posts) => offices::sentences(asked, before, after),
        (own, later) if own.keyword() == later.keyword() => [telling.line(), telling.rows(), telling.saying()].concat(),
        _ => vec![telling.turned("kind", &telling.lines())],
    };
    if told.is_empty() {
        told.push(asked.word("c_machine").to_owned());
    }
    told
}

/// That it stands under another article.
pub(super) fn moved(asked: &Asked<'_>, before: Versioned<'_>, after: Versioned<'_>) -> String {
    filled(asked, "c_moved", &[("before", &before.block.citation.article), ("after", &after.block.citation.article)])
}

pub(super) fn turned(asked: &Asked<'_>, what: &str, [before, after]: &[String; 2]) -> String {
    filled(asked, "c_turned", &[("what", what), ("before", before), ("after", after)])
}

struct Telling<'a> {
    asked: &'a Asked<'a>,
    before: Versioned<'a>,
    after: Versioned<'a>,
}

impl Telling<'_> {
    fn lines(&self) -> [String; 2] {
        [self.before, self.after].map(|own| in_short::asks(self.asked, own.policy, own.block))
    }

    /// What it asks, in one line, where that is another.
    fn line(&self) -> Vec<String> {
        let [before, after] = [self.before, self.after].map(|own| in_short::what(self.asked, own.policy, own.block));
        let Some((key, [before, after])) = before.zip(after).map(|(before, after)| (after.0, [before.1, after.1])) else {
            return Vec::new();
        };
        if before == after {
            return Vec::new();
        }
        vec![fill(self.asked.word(key), "what", &self.fill("c_to", &[("before", &before), ("after", &after)]))]
    }

    fn line_of_type(&self, own: &RecordType, later: &RecordType) -> Vec<String> {
        let [before, after] = [own, later].map(|own| self.asked.label(&own.label, &own.id));
        if before == after { Vec::new() } else { vec![self.turned("title", &[before, after])] }
    }

    /// The rows of its box: whom it is for, when, by when.
    fn rows(&self) -> Vec<String> {
        let [before, after] = [self.before, self.after].map(|own| self.rows_of(own));
        let labels = before.iter().map(|row| row.label).chain(after.iter().map(|row| row.label));
        let mut seen: Vec<&str> = Vec::new();
        for label in labels {
            if !seen.contains(&label) {
                seen.push(label);
            }
        }
        let items = |rows: &[BoxRow], own, label| rows.iter().find(|row| row.label == label).map(|row| self.items(own, &row.parts));
        seen.into_iter().flat_map(|label| self.row(label, items(&before, self.before, label), items(&after, self.after, label))).collect()
    }

    fn rows_of(&self, own: Versioned<'_>) -> Vec<BoxRow> {
        let untold = ["b_at", "b_steps", "b_builtin"].map(|key| self.asked.word(key));
        let shown = boxes::boxed(self.asked, own.policy, own.block, "", None);
        shown.rows.into_iter().chain(shown.code).filter(|row| !untold.contains(&row.label)).collect()
    }

    /// What a row lists.
    fn items(&self, own: Versioned<'_>, parts: &[BoxPart]) -> Vec<String> {
        let comma = self.asked.word("comma");
        let said = |part: &BoxPart| match part.code {
            true => in_short::spoken(self.asked, own.policy, own.block, &part.text).unwrap_or_else(|| part.text.clone()),
            false => part.text.clone(),
        };
        parts.split(|part| !part.code && part.text == comma).map(|parts| parts.iter().map(said).collect()).collect()
    }

    fn row(&self, label: &str, before: Option<Vec<String>>, after: Option<Vec<String>>) -> Vec<String> {
        let joined = |items: &[String]| items.join(self.asked.word("comma"));
        match (before, after) {
            (Some(before), Some(after)) if before == after => Vec::new(),
            (Some(before), Some(after)) if before.len() > 1 || after.len() > 1 => self.members(label, &before, &after),
            (Some(before), Some(after)) => {
                vec![self.fill("c_turned", &[("what", label), ("before", &joined(&before)), ("after", &joined(&after))])]
            }
            (None, Some(after)) => vec![self.fill("c_new", &[("what", label), ("after", &joined(&after))])],
            (Some(before), None) => vec![self.fill("c_gone", &[("what", label), ("before", &joined(&before))])],
            (None, None) => Vec::new(),
        }
    }

    /// What came to a list, and what went; where neither, it is in another order.
    fn members(&self, label: &str, before: &[String], after: &[String]) -> Vec<String> {
        let comma = self.asked.word("comma");
        let beyond =
            |all: &[String], known: &[String]| all.iter().filter(|one| !known.contains(one)).cloned().collect::<Vec<_>>().join(comma);
        let [more, less] = [beyond(after, before), beyond(before, after)];
        if more.is_empty() && less.is_empty() {
            return vec![self.fill("c_turned", &[("what", label), ("before", &before.join(comma)), ("after", &after.join(comma))])];
        }
        let told = [("c_more", more), ("c_less", less)].into_iter().filter(|(_, items)| !items.is_empty());
        told.map(|(key, items)| self.fill(key, &[("what", label), ("items", &items)])).collect()
    }

    /// How grave it is, what is said of a breach, and its examples.
    fn saying(&self) -> Vec<String> {
        let [before, after] = [self.before, self.after].map(|own| boxes::boxed(self.asked, own.policy, own.block, "", None));
        let said = |say: &[BoxPart]| say.iter().map(|part| if part.code { "…" } else { &*part.text }).collect::<String>();
        let mut told = Vec::new();
        if before.error != after.error {
            told.push(
                self.turned("c_severity", &[before.error, after.error].map(|error| self.word(if error { "error" } else { "warning" }))),
            );
        }
        if self.line().is_empty() && before.say != after.say {
            let sides = [said(&before.say), said(&after.say)];
            told.push(if sides[0] == sides[1] { self.word("c_say_values") } else { self.turned("c_say", &sides) });
        }
        if before.examples.iter().map(|one| &one.text).ne(after.examples.iter().map(|one| &one.text)) {
            told.push(self.word("c_examples"));
        }
        told
    }

    fn fields(&self, own: &RecordType, later: &RecordType) -> Vec<String> {
        self.fields_below("", &own.fields, &later.fields)
    }

    /// The fields of a type or of a table, by their keys; `above` is the label of the table.
    fn fields_below(&self, above: &str, before: &[Field], after: &[Field]) -> Vec<String> {
        let named = |field: &Field| format!("{above}{}", self.asked.label(&field.label, &field.name));
        let find = |all: &[Field], name: &Arc<str>| all.iter().find(|field| field.name == *name).cloned();
        let mut told = Vec::new();
        for field in after {
            match find(before, &field.name) {
                Some(own) => told.extend(self.field(&named(&own), &named(field), &own, field)),
                None => {
                    let holds = shown::type_words(self.asked, &field.field_type);
                    told.push(self.fill("c_field_new", &[("field", &named(field)), ("holds", &holds), ("must", &self.must(field))]));
                }
            }
        }
        let gone = before.iter().filter(|field| find(after, &field.name).is_none());
        told.extend(gone.map(|field| self.fill("c_field_gone", &[("field", &named(field))])));
        told
    }

    fn must(&self, field: &Field) -> String {
        self.word(if field.must { "b_must" } else { "b_may" })
    }

    fn field(&self, called: &str, now: &str, own: &Field, later: &Field) -> Vec<String> {
        let mut told = Vec::new();
        if called != now {
            told.push(self.fill("c_field_label", &[("before", called), ("after", now)]));
        }
        if own.must != later.must {
            told.push(self.fill("c_field_must", &[("field", now), ("before", &self.must(own)), ("after", &self.must(later))]));
        }
        match (own.field_type.element(), later.field_type.element()) {
            (FieldType::Table(before), FieldType::Table(after)) => {
                told.extend(self.fields_below(&format!("{now}{}", self.word("c_below")), before, after));
            }
            (FieldType::Enumeration(before), FieldType::Enumeration(after)) => {
                let labels = |all: &[Member]| all.iter().map(|one| self.asked.label(&one.label, &one.name)).collect::<Vec<_>>();
                let (before, after) = (labels(before), labels(after));
                let what = fill(self.asked.word("c_values"), "field", now);
                told.extend((before != after).then(|| self.members(&what, &before, &after)).into_iter().flatten());
            }
            _ if own.field_type != later.field_type => {
                let [before, after] = [own, later].map(|field| shown::type_words(self.asked, &field.field_type));
                told.push(self.fill("c_field_holds", &[("field", now), ("before", &before), ("after", &after)]));
            }
            _ => {}
        }
        told
    }

    /// Who approves, one after the other.
    fn steps(&self, own: &ApprovalRule, later: &ApprovalRule) -> Vec<String> {
        let find = |all: &[Step], post: &Arc<str>| all.iter().position(|step| step.post == *post);
        let mut told = Vec::new();
        for step in &later.steps {
            match find(&own.steps, &step.post) {
                None => told.push(self.fill("c_step_new", &[("step", &self.step(self.after, step))])),
                Some(at) => told.extend(self.step_when(&own.steps[at], step)),
            }
        }
        let gone = own.steps.iter().filter(|step| find(&later.steps, &step.post).is_none());
        told.extend(gone.map(|step| self.fill("c_step_gone", &[("step", &self.step(self.before, step))])));
        let shared = |all: &[Step], other: &[Step]| {
            all.iter().filter(|step| find(other, &step.post).is_some()).map(|step| step.post.clone()).collect::<Vec<_>>()
        };
        if shared(&own.steps, &later.steps) != shared(&later.steps, &own.steps) {
            let order = |rule: &ApprovalRule| rule.steps.iter().map(|step| self.asked.post(&step.post)).collect::<Vec<_>>().join(" → ");
            told.push(self.turned("c_order", &[order(own), order(later)]));
        }
        told
    }

    /// A step with the case in which it is taken.
    fn step(&self, own: Versioned<'_>, step: &Step) -> String {
        let post = self.asked.post(&step.post);
        step.when.as_ref().map_or(post.clone(), |_| self.fill("c_step_if", &[("step", &post), ("when", &self.when(own, step))]))
    }

    fn step_when(&self, own: &Step, later: &Step) -> Option<String> {
        let [before, after] = [self.when(self.before, own), self.when(self.after, later)];
        let what = fill(self.asked.word("c_step_when"), "step", &self.asked.post(&later.post));
        (before != after).then(|| self.fill("c_turned", &[("what", &what), ("before", &before), ("after", &after)]))
    }

    fn when(&self, own: Versioned<'_>, step: &Step) -> String {
        let spoken = |source: &str| in_short::spoken(self.asked, own.policy, own.block, source).unwrap_or_else(|| source.trim().to_owned());
        step.when.as_ref().map_or_else(|| self.word("c_always"), |when| spoken(&when.source))
    }

    fn turned(&self, what: &str, sides: &[String; 2]) -> String {
        turned(self.asked, self.asked.word(what), sides)
    }

    fn word(&self, key: &str) -> String {
        self.asked.word(key).to_owned()
    }

    fn fill(&self, key: &str, blanks: &[(&str, &str)]) -> String {
        filled(self.asked, key, blanks)
    }
}

fn filled(asked: &Asked<'_>, key: &str, blanks: &[(&str, &str)]) -> String {
    let mut pieces = String::new();
    let mut rest = asked.word(key);
    // What is filled in is not looked into: it may have braces of its own.
    while let Some((front, (name, behind))) = rest.split_once('{').and_then(|(front, rest)| Some((front, rest.split_once('}')?))) {
        pieces += front;
        pieces += blanks.iter().find(|(own, _)| *own == name).map_or("", |(_, value)| value);
        rest = behind;
    }
    pieces + rest
}
