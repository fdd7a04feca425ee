//! What drafts would change, as lines for other programs.

use super::{Amendment, DraftPolicy, Effect, ToldFindings};
use crate::{
    diagnostic::{Lang, json},
    policy::Keyword,
};
use serde_json::{Value, json};

impl Amendment {
    /// Each on a line of its own; `draft` is the path of the draft of which it tells, and `…` is a
    /// finding as `check` gives it. `{"what":"mistake", …}`, then for each draft
    /// `{"what":"article","draft","change","id","title"}`,
    /// `{"what":"block","draft","change","id","kind","article"}` (of one that stands there with a
    /// mistake, `change` is `failing`),
    /// `{"what":"setting","draft","change","id","before","after"}`; then
    /// `{"what":"finding","change":"new|ceased|unjudged", …}`, and of what nobody would watch over
    /// any more `{"what":"unwatched","kind":"value|type|article","id",…}`; last
    /// `{"what":"effect", …}`.
    pub fn json(&self, lang: Lang) -> Vec<Value> {
        let told = |told: &ToldFindings, head: Value| -> Vec<Value> {
            let line = |finding| joined(&head, json::object(finding, &told.sources, lang));
            told.findings.iter().map(line).collect()
        };
        let found = |change: &str| json!({ "what": "finding", "change": change });
        [
            told(&self.mistakes, json!({ "what": "mistake" })),
            self.drafts.iter().flat_map(DraftPolicy::json).collect(),
            told(&self.begun, found("new")),
            told(&self.past_begun, found("new")),
            told(&self.ended, found("ceased")),
            told(&self.past_ended, found("ceased")),
            told(&self.unjudged, found("unjudged")),
            if self.changes_nothing() { Vec::new() } else { self.effect.json() },
        ]
        .concat()
    }
}

impl DraftPolicy {
    fn json(&self) -> Vec<Value> {
        let (draft, difference) = (&self.shown, &self.difference);
        let articles = difference.articles.iter().map(|(change, article)| {
            json!({ "what": "article", "draft": draft, "change": change.name(), "id": &*article.key, "title": &*article.title })
        });
        let block = |change: &str, id: Option<&str>, kind: Keyword, article: &str| json!({ "what": "block", "draft": draft, "change": change, "id": id, "kind": kind, "article": article });
        let blocks =
            difference.blocks.iter().map(|(change, own)| block(change.name(), Some(&own.id), own.kind.keyword(), &own.citation.article));
        let failing = difference.failing.iter().map(|own| block("failing", own.id.as_deref(), own.kind, &own.citation.article));
        let settings = difference.settings.iter().map(|setting| {
            let (before, after) = (setting.before.as_deref(), setting.after.as_deref());
            json!({
                "what": "setting", "draft": draft, "change": setting.change().name(), "id": &*setting.name, "before": before, "after": after,
            })
        });
        articles.chain(blocks).chain(failing).chain(settings).collect()
    }
}

impl Effect {
    fn json(&self) -> Vec<Value> {
        let unwatched = &self.unwatched;
        let values = unwatched.values.iter().map(
            |value| json!({ "what": "unwatched", "kind": "value", "id": &*value.value, "type": &*value.record_type, "field": value.field }),
        );
        let types = unwatched.types.iter().map(|id| json!({ "what": "unwatched", "kind": "type", "id": &**id }));
        let articles = unwatched
            .articles
            .iter()
            .map(|article| json!({ "what": "unwatched", "kind": "article", "id": &*article.article, "policy": &*article.policy }));
        let stopped = self.stopped.iter().map(|stopped| {
            let failing = &stopped.failing;
            let (id, article) = (failing.id.as_deref(), &*failing.citation.article);
            json!({ "what": "stopped", "kind": failing.kind, "id": id, "policy": &*stopped.policy, "article": article })
        });
        let of_types = self.types.iter().map(|(id, own)| {
            json!({
                "type": &**id, "bound": own.bound, "breaks": own.breaks, "stays": own.stays, "mends": own.mends,
                "past_begun": own.past_begun, "past_ended": own.past_ended,
            })
        });
        let people = self.people.iter().map(|(id, own)| {
            json!({
                "person": &*id.0, "name": own.name, "breaks": own.breaks, "mends": own.mends, "duties_begun": own.duties_begun,
                "duties_ended": own.duties_ended,
            })
        });
        let effect = json!({
            "what": "effect",
            "types": of_types.collect::<Vec<_>>(),
            "people": people.collect::<Vec<_>>(),
            "offices": self.offices.iter().map(|id| &**id).collect::<Vec<_>>(),
            "duties": { "begun": self.duties_begun, "ended": self.duties_ended, "moved": self.duties_moved },
        });
        values.chain(types).chain(articles).chain(stopped).chain([effect]).collect()
    }
}

fn joined(head: &Value, rest: Value) -> Value {
    let entries = |value: &Value| value.as_object().cloned().unwrap_or_default();
    Value::Object(entries(head).into_iter().chain(entries(&rest)).collect())
}
