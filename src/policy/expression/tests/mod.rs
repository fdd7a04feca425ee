//! Expressions at their border: a text in, a value or the mistakes with their places out.

mod agreement;
mod mistakes;
mod random;
mod values;
mod world;

use super::{Budget, Expression, ExpressionPlace, Stop, Type};
use crate::{
    diagnostic::Lang,
    source::{FileId, RecordId, Span},
};
use world::{World, scope, with_schema};

fn place(text: &str) -> ExpressionPlace {
    ExpressionPlace {
        span: Span { file: FileId::NONE, start: 0, end: u32::try_from(text.len()).expect("a short text") },
        verbatim_from: Some(0),
    }
}

fn compile(text: &str, expected: Option<&Type>) -> Result<Expression, String> {
    with_schema(|schema| Expression::compile(text, place(text), &scope(), schema, expected)).map_err(|mistakes| {
        let lines = mistakes.iter().map(|m| {
            let (start, end) = (m.span.start as usize, m.span.end as usize);
            format!("[{}] {} | {}", &text[start..end], m.message.zh, m.message.en)
        });
        lines.collect::<Vec<_>>().join("\n")
    })
}

/// What an expression gives for the customer C-1 and his first order, in words; or why it gives
/// nothing.
fn evaluate(text: &str) -> String {
    let expression = match compile(text, None) {
        Ok(expression) => expression,
        Err(mistakes) => return mistakes,
    };
    let world = World::default();
    match expression.evaluate(Some(&RecordId::from("C-1")), &world.variables(), &world, &Budget::new(100_000)) {
        Ok(value) => value.words(Lang::En),
        Err(Stop::Fault(range, words)) => format!("fault [{}] {} | {}", &text[range], words.zh, words.en),
        Err(stop) => format!("{stop:?}"),
    }
}
