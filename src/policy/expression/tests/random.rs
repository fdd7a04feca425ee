//! Whatever is written: no panic, no overflow of the stack; and what compiles keeps the promises of
//! its type.

use super::{World, compile, place, scope, with_schema};
use crate::{
    policy::{
        Value,
        expression::{Budget, Expression, Stop, Type, functions},
    },
    source::RecordId,
};
use proptest::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

/// A stack far smaller than any thread's on which policies are read or records judged.
const STACK: usize = 1 << 20;

fn on_small_stack<T: Send>(run: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|threads| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(threads, run);
        thread.expect("a thread").join().expect("no panic on the small stack")
    })
}

/// Whether a value is one of the type.
fn is_of(value: &Value, result: &Type) -> bool {
    match (result, value) {
        (Type::Optional(whole), value) => *value == Value::Missing || is_of(value, whole),
        (Type::Bool, Value::Bool(_))
        | (Type::Number, Value::Number(_))
        | (Type::Text | Type::Post | Type::Department | Type::PersonOrPost, Value::Text(_))
        | (Type::PersonOrPost | Type::Record(_), Value::Record(_))
        | (Type::Date, Value::Date(_))
        | (Type::Time, Value::Time(_))
        | (Type::Timestamp, Value::Timestamp(_))
        | (Type::Days | Type::Months | Type::Calendar, Value::Duration(_)) => true,
        (Type::Enumeration(members), Value::Text(text)) => members.contains(text),
        (Type::List(element), Value::List(items)) => items.iter().all(|item| is_of(item, element)),
        (Type::Table(columns), Value::Table(table)) => {
            columns.iter().all(|(name, column)| is_of(table.get(name).unwrap_or(&Value::Missing), column))
        }
        _ => false,
    }
}

/// Evaluates for each kind of customer: one with most of the optional fields, one without.
fn keeps_its_promises(expression: &Expression) -> Result<(), String> {
    for customer in ["C-1", "C-2"] {
        let world = World::default();
        let value = expression.evaluate(Some(&RecordId::from(customer)), &world.variables(), &world, &Budget::new(20_000));
        match value {
            Ok(value) if !is_of(&value, &expression.result) => return Err(format!("{value:?} is not {}", expression.result.words().en)),
            // Only what the customer's record lacks or the world does not know is unknown: here the
            // field `unreadable`.
            Err(Stop::Unknown) if !expression.source.contains("unreadable") => {
                return Err("unknown, though nothing that must be there lacks".into());
            }
            _ => {}
        }
    }
    Ok(())
}

const PIECES: [&str; 64] = [
    "grade",
    "credit_limit",
    "opened",
    "closed",
    "owner",
    "custodian",
    "feedback",
    ".date",
    ".note",
    "contact",
    ".email",
    "o",
    ".due",
    ".amount",
    "tags",
    "unreadable",
    "self",
    "today",
    "settings",
    ".strict",
    ".id",
    ".name",
    "\"A\"",
    "'信用'",
    "\"",
    "'''",
    "\\",
    "5万",
    "80%",
    "18个月",
    "45 days",
    "2026-03-01",
    "2026-2-3",
    "1",
    "0",
    "9999999999999999999999999999",
    "(",
    ")",
    "[",
    "]",
    ",",
    "?",
    ":",
    "&&",
    "||",
    "!",
    "-",
    "+",
    "*",
    "/",
    "%",
    "==",
    "<=",
    " in ",
    "has(",
    "bind(x, ",
    ".all(x, ",
    ".filter(x, ",
    "x",
    "linked(\"report\")",
    "latest(",
    ".orValue(",
    "（",
    "\u{3000}",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics(text in "\\PC*") {
        let _ = compile(&text, None);
    }

    #[test]
    fn no_pieces_panic(pieces in prop::collection::vec(0..PIECES.len(), 0..40)) {
        let text: String = pieces.iter().map(|piece| PIECES[*piece]).collect();
        if let Ok(expression) = with_schema(|schema| Expression::compile(&text, place(&text), &scope(), schema, None)) {
            prop_assert_eq!(keeps_its_promises(&expression), Ok(()), "{}", text);
        }
    }
}

/// Grows whole expressions out of random bytes: of the right type mostly, asked with has() mostly.
struct Grower<'b> {
    bytes: &'b [u8],
    names: usize,
}

impl Grower<'_> {
    fn choose(&mut self, choices: usize) -> usize {
        let Some((byte, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        *byte as usize % choices
    }

    fn pick(&mut self, from: &[&str]) -> String {
        from[self.choose(from.len())].to_owned()
    }

    fn optional(&mut self) -> String {
        self.pick(&[
            "closed",
            "owner",
            "feedback",
            "feedback.date",
            "feedback.note",
            "contact.email",
            "o.due",
            "o.paid_date",
            "tags",
            "self.closed",
            "previous(self)",
            "latest(linked(\"report\"), date)",
            "linked(\"report\").first()",
            "grade.on(today)",
            "grade.on(opened)",
            "superior(custodian, today)",
            "department(custodian, today)",
            "approval(self, \"manager\")",
            "[1, 2].average()",
            "head(\"sales\")",
            "notes",
            "supersedes",
        ])
    }

    fn condition(&mut self, depth: u32) -> String {
        if depth == 0 {
            return self.pick(&["vip", "true", "grade == \"C\"", "opened < today", "approved(self)", "unreadable > 1"]);
        }
        let depth = depth - 1;
        match self.choose(10) {
            0 => format!("{} && {}", self.condition(depth), self.condition(depth)),
            1 => format!("({} || {})", self.condition(depth), self.condition(depth)),
            2 => format!("!({})", self.condition(depth)),
            3 => format!("has({})", self.optional()),
            4 => {
                let asked = self.optional();
                let join = self.pick(&[
                    "has(A) && A == A",
                    "(!has(A) || A == A)",
                    "(has(A) ? A == A : true)",
                    "!(!has(A) || A != A)",
                    "A == A",
                    "has(A) || A == A",
                ]);
                join.replace('A', &asked)
            }
            5 => {
                let (asked, other) = (self.optional(), self.condition(depth));
                format!("bind(b, {asked}, {other} && has(b) && b == b)")
            }
            6 => format!("{} {} {}", self.number(depth), self.pick(&["<", "<=", "==", "!="]), self.number(depth)),
            7 => format!("{}.{}({})", self.list(depth), self.pick(&["all", "exists", "exists_one"]), self.element(depth)),
            8 => format!("({} ? {} : {})", self.condition(depth), self.condition(depth), self.condition(depth)),
            _ => format!("{} in {}.map(m, m.date)", self.date(depth), self.list(depth)),
        }
    }

    /// `x, condition of x`
    fn element(&mut self, depth: u32) -> String {
        self.names += 1;
        let name = if self.choose(3) == 0 { "o".to_owned() } else { format!("x{}", self.names) };
        let condition = self.pick(&[
            "has(X.answered)",
            "X.date < today",
            "has(X.answered) && X.answered > X.date",
            "X.found > \"A\"",
            "X.answered > X.date",
            "has(X.about)",
        ]);
        let condition = condition.replace('X', &name);
        match self.choose(3) {
            0 => format!("{name}, {condition} && {}", self.condition(depth)),
            1 => format!("{name}, {} || {condition}", self.condition(depth)),
            _ => format!("{name}, {condition}"),
        }
    }

    fn list(&mut self, depth: u32) -> String {
        match self.choose(4) {
            0 => "records(\"report\")".to_owned(),
            1 if depth > 0 => format!("{}.filter({})", self.list(depth - 1), self.element(depth - 1)),
            2 if depth > 0 => format!("{}.sort_by(s, s.date)", self.list(depth - 1)),
            _ => "linked(\"report\")".to_owned(),
        }
    }

    fn number(&mut self, depth: u32) -> String {
        if depth == 0 {
            return self.pick(&["credit_limit", "0", "1", "50万", "80%", "o.amount", "unreadable", "79228162514264337593543950335"]);
        }
        let depth = depth - 1;
        match self.choose(8) {
            0 => format!("({} {} {})", self.number(depth), self.pick(&["+", "-", "*", "/", "%"]), self.number(depth)),
            1 => format!("{}.count({})", self.list(depth), self.element(depth)),
            2 => format!("round({}, {})", self.number(depth), self.number(depth)),
            3 => format!(
                "[{}, {}].{}().orValue({})",
                self.number(depth),
                self.number(depth),
                self.pick(&["max", "average", "first"]),
                self.number(depth)
            ),
            4 => format!("[{}][{}]", self.number(depth), self.number(depth)),
            5 => format!("years({}, {}).size()", self.number(depth), self.number(depth)),
            6 => format!("{}({})", self.pick(&["year", "month", "day"]), self.date(depth)),
            _ => format!("bind(n, {}, n * n)", self.number(depth)),
        }
    }

    fn date(&mut self, depth: u32) -> String {
        if depth == 0 {
            return self.pick(&["today", "opened", "2024-02-29", "9999-12-31", "date(asked)"]);
        }
        let depth = depth - 1;
        match self.choose(5) {
            0 => format!("({} + {}({}))", self.date(depth), self.pick(&["days", "months"]), self.number(depth)),
            1 => format!("week({})", self.date(depth)),
            2 => format!("weeks({}, {})[{}]", self.date(depth), self.date(depth), self.number(depth)),
            3 => format!("{}.orValue({})", self.pick(&["closed", "feedback.date", "o.due"]), self.date(depth)),
            _ => format!("({} ? {} : {})", self.condition(depth), self.date(depth), self.date(depth)),
        }
    }

    fn whole(&mut self) -> String {
        match self.choose(5) {
            0 => self.number(4),
            1 => self.date(4),
            2 => self.list(4),
            3 => self.optional(),
            _ => self.condition(4),
        }
    }
}

#[test]
fn what_compiles_keeps_the_promises_of_its_type() {
    let (tried, compiled) = (AtomicU32::new(0), AtomicU32::new(0));
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() });
    let outcome = runner.run(&prop::collection::vec(any::<u8>(), 1..120), |bytes| {
        let text = Grower { bytes: &bytes, names: 0 }.whole();
        tried.fetch_add(1, Ordering::Relaxed);
        if let Ok(expression) = compile(&text, None) {
            compiled.fetch_add(1, Ordering::Relaxed);
            prop_assert_eq!(keeps_its_promises(&expression), Ok(()), "{}", text);
        }
        Ok(())
    });
    assert!(outcome.is_ok(), "{}", outcome.expect_err("a failure"));
    let (tried, compiled) = (tried.into_inner(), compiled.into_inner());
    assert!(compiled * 3 > tried, "only {compiled} of {tried} compile: the rest shows nothing");
}

/// What nests deeply, just within the bound and far beyond it, in every way in which text can nest.
#[test]
fn depth_never_exhausts_the_stack() {
    let nest = |open: &str, inner: &str, close: &str, times: usize| open.repeat(times) + inner + &close.repeat(times);
    let compiled = [10, 25, 30, 60, 63, 64, 100, 20_000].into_iter().flat_map(|times| {
        [
            nest("(", "1", ")", times),
            nest("!", "true", "", times),
            nest("-", "1", "", times),
            nest("", "1", " + 1", times),
            nest("1 + (", "1", ")", times),
            nest("", "name", ".trim()", times),
            nest("[", "1", "]", times),
            nest("", "[1]", ".map(x, x)", times),
            nest("[1].map(x, ", "1", ")", times),
            nest("[1].all(x, ", "true", ")", times),
            nest("bind(x, 1, ", "1", ")", times),
            nest("true ? 1 : ", "2", "", times),
            nest("(true ? ", "2", " : 1)", times),
            nest("[1].filter(x, has(closed) && ", "true", ")", times),
            nest("round(", "1", ", 0)", times),
            nest("true && (true || ", "vip", ")", times),
        ]
    });
    let texts: Vec<String> = compiled.collect();
    let good = on_small_stack(|| {
        let good = texts.iter().filter_map(|text| compile(text, None).ok());
        good.map(|expression| keeps_its_promises(&expression)).collect::<Result<Vec<()>, String>>()
    });
    assert!(good.expect("values of their types").len() > 40, "the bound must leave room for what people write");
}

#[test]
fn functions_have_different_names_and_usages_that_name_them() {
    let names: Vec<&str> = functions::all().map(|function| function.name).collect();
    assert!(names.iter().enumerate().all(|(at, name)| !names[..at].contains(name)));
    assert!(functions::all().all(|function| function.usage.contains(&format!("{}(", function.name))));
}
