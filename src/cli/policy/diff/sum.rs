//! What drafts come to, as a manager reads it who is to decide on them.

use super::Layout;
use crate::{
    check::{OfPerson, Stopped, TypeEffect},
    diagnostic::Words,
    policy::{Change, Field, FieldType, UnwatchedArticle, UnwatchedValue},
};
/// Words in both languages.
type Both = [&'static str; 2];

const CHANGES: Both = ["改动", "changes"];
const FAILS: Both = ["失效", "failing"];
const BINDS: Both = ["涉及", "touches"];
const OFFICES: Both = ["岗位", "offices"];
const RECORDS: Both = ["档案", "records"];
const DUTIES: Both = ["应办", "duties"];
const PEOPLE: Both = ["有关的人", "people"];
const UNWATCHED: Both = ["无人核对", "unwatched"];
const STOPPED: Both = ["受阻", "stopped"];
const UNJUDGED: Both = ["未判断", "unjudged"];

impl Layout<'_> {
    /// Nothing where the drafts come to nothing. What each row is about stands in front of the
    /// first of its kind.
    pub(super) fn sum(&self) -> Vec<Vec<String>> {
        let effect = &self.amendment.effect;
        let mut rows: Vec<(Both, String)> = Vec::new();
        rows.extend(self.changes().map(|told| (CHANGES, told)));
        rows.extend(self.failing().map(|told| (FAILS, told)));
        rows.extend(self.binds().map(|told| (BINDS, told)));
        let posts = &self.amendment.policies.posts;
        let offices: Vec<&str> = effect.offices.iter().map(|id| posts.label(id, self.workplace.lang)).collect();
        rows.extend((!offices.is_empty()).then(|| (OFFICES, offices.join(self.say(["、", ", "])))));
        rows.extend(effect.types.iter().filter_map(|(id, own)| Some((RECORDS, self.records(id, own)?))));
        let duties = [
            (effect.duties_begun, ["新增 {n} 项", "{n} more"]),
            (effect.duties_ended, ["不再有 {n} 项", "{n} fewer"]),
            (effect.duties_moved, ["改期 {n} 项", "{n} on another day"]),
        ];
        rows.extend(Some(self.joined(&duties)).filter(|told| !told.is_empty()).map(|told| (DUTIES, told)));
        rows.extend(effect.people.values().map(|person| (PEOPLE, self.person(person))));
        rows.extend(effect.unwatched.values.iter().map(|value| (UNWATCHED, self.value(value))));
        rows.extend(effect.unwatched.types.iter().map(|id| (UNWATCHED, self.unjudged_type(id))));
        rows.extend(effect.unwatched.articles.iter().map(|article| (UNWATCHED, self.article(article))));
        rows.extend(effect.stopped.iter().map(|stopped| (STOPPED, self.stopped(stopped))));
        let unjudged = self.amendment.unjudged.findings.len();
        let words = ["现有的 {n} 个问题，因草案有误无从判断", "findings of today that cannot be judged for the mistakes in the draft: {n}"];
        rows.extend(Some(self.joined(&[(unjudged, words)])).filter(|told| !told.is_empty()).map(|told| (UNJUDGED, told)));
        let mut last = None;
        let row = |(of, told): (Both, String)| {
            let is_first = last.replace(of) != Some(of);
            vec![if is_first { self.say(of).to_owned() } else { String::new() }, told]
        };
        rows.into_iter().map(row).collect()
    }

    fn changes(&self) -> Option<String> {
        let differences = || self.amendment.drafts.iter().map(|draft| &draft.difference);
        let articles: Vec<Change> = differences().flat_map(|own| &own.articles).map(|(change, _)| *change).collect();
        let blocks: Vec<Change> = differences().flat_map(|own| &own.blocks).map(|(change, _)| *change).collect();
        let settings: Vec<Change> = differences().flat_map(|own| &own.settings).map(|setting| setting.change()).collect();
        let told = [
            self.counted(["条文 ", "articles: "], &articles),
            self.counted(["机器条款 ", "blocks: "], &blocks),
            self.counted(["数值 ", "settings: "], &settings),
        ];
        let told: Vec<String> = told.into_iter().flatten().collect();
        (!told.is_empty()).then(|| told.join(self.say(["；", "; "])))
    }

    fn counted(&self, what: Both, changes: &[Change]) -> Option<String> {
        let count = |change: Change| changes.iter().filter(|own| **own == change).count();
        let figures = [
            (count(Change::Changed), ["改 {n}", "{n} changed"]),
            (count(Change::Added), ["增 {n}", "{n} added"]),
            (count(Change::Removed), ["删 {n}", "{n} removed"]),
        ];
        let told = self.joined(&figures);
        (!told.is_empty()).then(|| format!("{}{told}", self.say(what)))
    }

    fn failing(&self) -> Option<String> {
        let failing = self.amendment.drafts.iter().map(|draft| draft.difference.failing.len()).sum();
        let words = ["{n} 项有错，照此施行便不起作用", "{n} with a mistake: in force like this, nobody would be bound by it"];
        Some(self.joined(&[(failing, words)])).filter(|told| !told.is_empty())
    }

    fn binds(&self) -> Option<String> {
        let bound = self.amendment.effect.types.iter().filter(|(_, own)| own.bound > 0);
        let told = bound.map(|(id, own)| format!("{} {}{}", self.type_label(id), own.bound, self.say([" 份", ""])));
        let told = told.collect::<Vec<_>>().join(self.say(["，", ", "]));
        (!told.is_empty()).then_some(told)
    }

    fn records(&self, id: &str, own: &TypeEffect) -> Option<String> {
        let figures = [
            (own.breaks, ["{n} 份新不合", "{n} newly broken"]),
            (own.stays, ["{n} 份仍不合，所说不同", "{n} broken as before, in other words"]),
            (own.mends, ["{n} 份转为相合", "{n} mended"]),
            (own.past_begun, ["往日的违反多 {n} 项", "{n} more in the past"]),
            (own.past_ended, ["往日的违反少 {n} 项", "{n} fewer in the past"]),
        ];
        let told = self.joined(&figures);
        (!told.is_empty()).then(|| format!("{}{}{told}", self.type_label(id), self.say(["：", ": "])))
    }

    fn person(&self, own: &OfPerson) -> String {
        let figures = [
            (own.breaks, ["{n} 份档案新不合", "{n} newly broken"]),
            (own.mends, ["{n} 份档案转为相合", "{n} mended"]),
            (own.duties_begun, ["多 {n} 项应办事项", "{n} more to do"]),
            (own.duties_ended, ["少 {n} 项应办事项", "{n} less to do"]),
        ];
        format!("{}{}{}", own.name, self.say(["：", ": "]), self.joined(&figures))
    }

    fn value(&self, own: &UnwatchedValue) -> String {
        let (type_label, value) = (self.type_label(&own.record_type), &own.value);
        let (field, label) = self.field(own);
        let called = if label == **value { format!("“{value}”") } else { format!("“{value}”（{label}）") };
        let zh = format!("{type_label}“{field}”的取值{called}：没有一项规定说到它");
        let called = if label == **value { format!("“{value}”") } else { format!("“{value}” ({label})") };
        let en = format!("{called} in “{field}” of {type_label}: no provision speaks of it");
        self.say([&*zh, &*en]).to_owned()
    }

    /// The labels of a field and of one of its values.
    fn field(&self, own: &UnwatchedValue) -> (String, String) {
        let mut fields: &[Field] = self.amendment.policies.record_type(&own.record_type).map_or(&[], |own| &own.fields);
        let (mut labels, mut label) = (Vec::new(), own.value.to_string());
        for part in own.field.split('.') {
            let Some(field) = fields.iter().find(|field| &*field.name == part) else { break };
            labels.push(self.label(&field.label, part));
            match field.field_type.element() {
                FieldType::Table(columns) => fields = columns,
                FieldType::Enumeration(members) => {
                    let member = members.iter().find(|member| member.name == own.value);
                    label = member.map_or(label, |member| self.label(&member.label, &own.value));
                }
                _ => {}
            }
        }
        (labels.join(self.say(["的", ", "])), label)
    }

    fn unjudged_type(&self, id: &str) -> String {
        let label = self.type_label(id);
        let zh = format!("{label}（{id}）：没有规则、应办事项或审批管它");
        let en = format!("{label} ({id}): no rule, duty or approval is for it");
        self.say([&*zh, &*en]).to_owned()
    }

    fn article(&self, own: &UnwatchedArticle) -> String {
        let title = self.amendment.policies.versions.iter().rfind(|policy| policy.id == own.policy).map_or(&own.policy, |own| &own.title);
        let article = &own.article;
        let zh = format!("《{title}》{article}：没有机器条款，也没有说明由谁核对");
        let en = format!("“{title}”, {article}: it has no block, and nobody says who watches over it");
        self.say([&*zh, &*en]).to_owned()
    }

    fn stopped(&self, own: &Stopped) -> String {
        let (title, article, id) = (&own.title, &own.failing.citation.article, own.failing.id.as_deref().unwrap_or("?"));
        let kind = super::kind(self.workplace, own.failing.kind);
        let zh = format!("《{title}》{article}的{kind} {id}：在这些草案之下不能成立");
        let en = format!("{kind} {id} (“{title}”, {article}) cannot stand beside these drafts");
        self.say([&*zh, &*en]).to_owned()
    }

    fn type_label(&self, id: &str) -> String {
        self.amendment.policies.record_type(id).map_or_else(|| id.to_owned(), |own| self.label(&own.label, id))
    }

    fn label(&self, label: &Words, id: &str) -> String {
        label.or_id(id).get(self.workplace.lang).to_owned()
    }
}
