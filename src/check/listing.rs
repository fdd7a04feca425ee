//! Duties as JSON.

use super::{Due, DueState};
use crate::diagnostic::Lang;

impl Due {
    /// `{"duty","record","who","due","state":"due|overdue","days","message","policy","article"}`
    pub fn json(&self, lang: Lang) -> serde_json::Value {
        let state = match self.state {
            DueState::Due => "due",
            DueState::Overdue => "overdue",
        };
        serde_json::json!({
            "duty": &*self.duty, "record": self.record.as_ref().map(|id| &*id.0),
            "who": self.who.iter().map(|person| &*person.0).collect::<Vec<_>>(), "due": self.due.to_string(), "state": state,
            "days": self.days, "message": self.message.get(lang), "policy": &*self.citation.policy, "article": &*self.citation.article,
        })
    }
}
