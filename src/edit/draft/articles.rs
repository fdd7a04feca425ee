//! The articles that ask something of a type of record, in words, each with its citation and, where
//! there is one, the field it speaks of.

use super::DraftForm;
use crate::{
    diagnostic::{Citation, Lang},
    policy::{ApprovalRule, Block, BlockKind, Duty, DutyNeed, Each, FieldPath, Judged, Policy, Rule, Say, SayPiece, Step, Style},
};
use std::sync::Arc;

/// What only a record could fill in.
const OPEN: &str = "…";

/// Characters of an expression that is told.
pub(super) const SHORT: usize = 40;

#[derive(Clone, PartialEq, Debug)]
pub(super) struct Note {
    pub field: Option<Arc<str>>,
    pub text: String,
}

/// In the order of the policies and of their articles.
pub(super) fn notes(form: &DraftForm<'_>) -> Vec<Note> {
    let blocks = form.policies.in_force(form.day()).flat_map(|policy| policy.blocks.iter().map(move |block| (&**policy, block)));
    blocks.filter_map(|(policy, block)| Clerk { form, policy }.note(block)).collect()
}

/// Reads the blocks of one policy.
struct Clerk<'a> {
    form: &'a DraftForm<'a>,
    policy: &'a Policy,
}

impl Clerk<'_> {
    fn note(&self, block: &Block) -> Option<Note> {
        match &block.kind {
            BlockKind::Rule(rule) if self.is_judged(&rule.judged) => self.of_rule(rule),
            BlockKind::Duty(duty) => self.of_duty(duty),
            BlockKind::Style(style) if self.is_ours(&style.judged) => self.of_style(style),
            BlockKind::Approval(rule) if self.is_ours(&rule.judged) => Some(self.of_approval(rule)),
            _ => None,
        }
    }

    fn is_ours(&self, types: &[Arc<str>]) -> bool {
        types.contains(&self.form.record_type.id)
    }

    fn is_judged(&self, judged: &Judged) -> bool {
        matches!(judged, Judged::Types(types) if self.is_ours(types))
    }

    fn of_rule(&self, rule: &Rule) -> Option<Note> {
        let at = rule.at.first().map(|path| path.0.clone());
        let path = at.or_else(|| rule.require.as_ref()?.first_path());
        let field = path.and_then(|path| self.field(path.first()?, &rule.each));
        Some(Note { field, text: self.cited(&rule.citation, &self.asked(rule)?, &rule.id) })
    }

    /// What a rule asks for: its words, or, where those tell of a record that breaks it, what is to
    /// be done.
    fn asked(&self, rule: &Rule) -> Option<String> {
        let said = self.said(rule.say.as_ref()?);
        let done = rule.fix.as_ref().map(|fix| self.said(fix)).filter(|done| !done.contains(OPEN));
        Some(done.filter(|_| said.contains(OPEN)).unwrap_or(said))
    }

    /// A duty of this kind of record, or one that a record of this kind fulfils.
    fn of_duty(&self, duty: &Duty) -> Option<Note> {
        let field = match &duty.need {
            DutyNeed::Record(needed) if *needed == self.form.record_type.id => None,
            _ if !self.is_judged(&duty.judged) => return None,
            DutyNeed::Fields(fields) => fields.iter().find_map(|(FieldPath(path), _)| self.field(path.first()?, &duty.each)),
            DutyNeed::Record(_) => None,
        };
        Some(Note { field, text: self.cited(&duty.citation, &self.said(duty.say.as_ref()?), &duty.id) })
    }

    fn of_style(&self, style: &Style) -> Option<Note> {
        let said = self.said(style.say.as_ref()?);
        let sections = style.sections.join("、");
        let said = match self.form.lang {
            _ if sections.is_empty() => said,
            Lang::Zh => format!("“{sections}”：{said}"),
            Lang::En => format!("“{sections}”: {said}"),
        };
        Some(Note { field: None, text: self.cited(&style.citation, &said, &style.id) })
    }

    fn of_approval(&self, rule: &ApprovalRule) -> Note {
        let steps: Vec<String> = rule.steps.iter().map(|step| self.step(step)).collect();
        let (steps, later) = (steps.join(" → "), rule.later.join("、"));
        let mut said = self.say(format!("依次由 {steps} 批准"), format!("approved by {steps}"));
        if !later.is_empty() {
            said += &self.say(format!("；{later} 可在批准以后填写"), format!("; filled in after the approval: {later}"));
        }
        Note { field: None, text: cited(&rule.citation, &said, self.form.lang) }
    }

    fn step(&self, step: &Step) -> String {
        let post = self.form.policies.posts.posts.get(&step.post);
        let label = post.map_or_else(|| step.post.to_string(), |post| post.label.get(self.form.lang).to_owned());
        match &step.when {
            None => label,
            Some(when) => match one_line(&when.source) {
                source if source.chars().count() <= SHORT => label + &self.say(format!("（{source} 时）"), format!(" (when {source})")),
                _ => label + &self.say("（条文所说情形）".to_owned(), " (where the article says so)".to_owned()),
            },
        }
    }

    /// The type's own field of a name, or the one whose rows a variable stands for.
    fn field(&self, name: &Arc<str>, each: &[Each]) -> Option<Arc<str>> {
        if let Some(each) = each.iter().find(|each| each.name == *name) {
            return each.field.clone();
        }
        self.form.record_type.fields.iter().find(|field| field.name == *name).map(|field| field.name.clone())
    }

    /// Words with the company's figures filled in; what only a record could fill in is left open.
    fn said(&self, say: &Say) -> String {
        let pieces = match self.form.lang {
            Lang::Zh => &say.zh,
            Lang::En => &say.en,
        };
        let piece = |piece: &SayPiece| match piece {
            SayPiece::Text(text) => text.to_string(),
            SayPiece::Expression(expression) => self.setting(&expression.source).unwrap_or_else(|| OPEN.to_owned()),
        };
        one_line(&pieces.iter().map(piece).collect::<String>())
    }

    fn setting(&self, source: &str) -> Option<String> {
        let name = source.trim().strip_prefix("settings.")?;
        self.policy.settings.get(name).map(|value| value.words(self.form.lang))
    }

    fn cited(&self, citation: &Citation, said: &str, code: &str) -> String {
        format!("{} [{code}]", cited(citation, said, self.form.lang))
    }

    fn say(&self, zh: String, en: String) -> String {
        if self.form.lang == Lang::Zh { zh } else { en }
    }
}

pub(super) fn cited(citation: &Citation, said: &str, lang: Lang) -> String {
    let between = if lang == Lang::Zh { "：" } else { ": " };
    format!("{}{between}{said}", citation.named(lang))
}

/// A line in which no character ends it, or shows as nothing.
pub(super) fn on_its_line(line: &str) -> String {
    line.chars().map(|c| if c.is_control() || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect()
}

/// A comment ends with its line.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
