//! Agreement with CEL: random typed expressions of the shared subset have the same value here as
//! with the `cel` crate, or an error in both.

use super::{World, compile};
use crate::policy::{Value, expression::Budget};
use proptest::prelude::*;
use std::fmt::Write;

/// An expression as a tree; printed with the fewest brackets, so that both parsers must agree on
/// what binds how.
#[derive(Clone, Debug)]
enum Tree {
    Leaf(String),
    Unary(&'static str, Box<Tree>),
    Binary(Box<Tree>, &'static str, Box<Tree>),
    Conditional(Box<[Tree; 3]>),
    List(Vec<Tree>),
    Index(Box<Tree>, Box<Tree>),
    Function(&'static str, Box<Tree>),
    Method(Box<Tree>, &'static str, Option<Box<Tree>>),
    Macro(Box<Tree>, &'static str, String, Box<Tree>),
}

fn level(sign: &str) -> u8 {
    match sign {
        "||" => 1,
        "&&" => 2,
        "+" | "-" => 4,
        "*" | "%" => 5,
        _ => 3,
    }
}

impl Tree {
    fn level(&self) -> u8 {
        match self {
            Tree::Conditional(_) => 0,
            Tree::Binary(_, sign, _) => level(sign),
            Tree::Unary(..) => 6,
            _ => 7,
        }
    }

    fn print(&self) -> String {
        match self {
            Tree::Leaf(text) => text.clone(),
            Tree::Unary(sign, inner) => format!("{sign}{}", inner.within(6)),
            Tree::Binary(left, sign, right) => format!("{} {sign} {}", left.within(level(sign)), right.within(level(sign) + 1)),
            Tree::Conditional(parts) => format!("{} ? {} : {}", parts[0].within(1), parts[1].within(1), parts[2].within(0)),
            Tree::List(items) => format!("[{}]", items.iter().map(Tree::print).collect::<Vec<_>>().join(", ")),
            Tree::Index(list, index) => format!("{}[{}]", list.within(7), index.print()),
            Tree::Function(name, argument) => format!("{name}({})", argument.print()),
            Tree::Method(target, name, argument) => {
                format!("{}.{name}({})", target.within(7), argument.as_ref().map_or(String::new(), |argument| argument.print()))
            }
            Tree::Macro(list, name, variable, body) => format!("{}.{name}({variable}, {})", list.within(7), body.print()),
        }
    }

    fn within(&self, least: u8) -> String {
        if self.level() < least { format!("({})", self.print()) } else { self.print() }
    }
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Kind {
    Int,
    Bool,
    Text,
    Ints,
    Texts,
}

impl Kind {
    fn element(self) -> Kind {
        if self == Kind::Ints { Kind::Int } else { Kind::Text }
    }
}

/// Grows trees out of random bytes; where they run out, the smallest leaf.
struct Grower<'b> {
    bytes: &'b [u8],
    variables: Vec<(String, Kind)>,
}

impl Grower<'_> {
    fn choose(&mut self, choices: usize) -> usize {
        let Some((byte, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        *byte as usize % choices
    }

    fn boxed(&mut self, kind: Kind, depth: u32) -> Box<Tree> {
        Box::new(self.tree(kind, depth))
    }

    fn tree(&mut self, kind: Kind, depth: u32) -> Tree {
        if depth == 0 || self.choose(5) == 0 {
            return self.leaf(kind);
        }
        if self.choose(8) == 0 {
            return Tree::Conditional(Box::new([self.tree(Kind::Bool, depth - 1), self.tree(kind, depth - 1), self.tree(kind, depth - 1)]));
        }
        match kind {
            Kind::Int => self.int(depth - 1),
            Kind::Bool => self.bool(depth - 1),
            Kind::Text => self.text(depth - 1),
            Kind::Ints | Kind::Texts => self.list(kind, depth - 1),
        }
    }

    fn leaf(&mut self, kind: Kind) -> Tree {
        let fitting: Vec<String> = self.variables.iter().filter(|(_, k)| *k == kind).map(|(name, _)| name.clone()).collect();
        if !fitting.is_empty() && self.choose(3) > 0 {
            let chosen = self.choose(fitting.len());
            return Tree::Leaf(fitting[chosen].clone());
        }
        match kind {
            Kind::Int => Tree::Leaf(self.choose(8).to_string()),
            Kind::Bool => Tree::Leaf(["true", "false"][self.choose(2)].to_owned()),
            Kind::Text => {
                Tree::Leaf(["\"\"", "'a'", "\"ab\"", "'信用'", "\"a\\n\\u4fe1\\x41\"", "r'\\a'", "'''it's'''"][self.choose(7)].to_owned())
            }
            Kind::Ints | Kind::Texts => Tree::List(Vec::new()),
        }
    }

    fn int(&mut self, depth: u32) -> Tree {
        match self.choose(7) {
            0 => Tree::Unary("-", self.boxed(Kind::Int, depth)),
            1 => {
                let list = self.list_kind();
                Tree::Method(self.boxed(list, depth), "size", None)
            }
            2 => Tree::Function("size", self.boxed(Kind::Text, depth)),
            3 => Tree::Index(self.boxed(Kind::Ints, depth), self.boxed(Kind::Int, depth)),
            n => Tree::Binary(self.boxed(Kind::Int, depth), ["+", "-", "*", "%"][n % 4], self.boxed(Kind::Int, depth)),
        }
    }

    fn list_kind(&mut self) -> Kind {
        [Kind::Ints, Kind::Texts][self.choose(2)]
    }

    fn bool(&mut self, depth: u32) -> Tree {
        let kind = [Kind::Int, Kind::Text, Kind::Bool, Kind::Ints, Kind::Texts][self.choose(5)];
        match self.choose(7) {
            0 => Tree::Unary("!", self.boxed(Kind::Bool, depth)),
            1 => Tree::Binary(self.boxed(kind, depth), ["==", "!="][self.choose(2)], self.boxed(kind, depth)),
            2 => {
                let kind = [Kind::Int, Kind::Text][self.choose(2)];
                Tree::Binary(self.boxed(kind, depth), ["<", "<=", ">", ">="][self.choose(4)], self.boxed(kind, depth))
            }
            3 => {
                let name = ["contains", "startsWith", "endsWith"][self.choose(3)];
                Tree::Method(self.boxed(Kind::Text, depth), name, Some(self.boxed(Kind::Text, depth)))
            }
            4 => {
                let list = self.list_kind();
                Tree::Binary(self.boxed(list.element(), depth), "in", self.boxed(list, depth))
            }
            5 => {
                let (list, name) = (self.list_kind(), ["all", "exists", "exists_one"][self.choose(3)]);
                self.with_variable(list, name, Kind::Bool, depth)
            }
            _ => Tree::Binary(self.boxed(Kind::Bool, depth), ["&&", "||"][self.choose(2)], self.boxed(Kind::Bool, depth)),
        }
    }

    fn text(&mut self, depth: u32) -> Tree {
        match self.choose(2) {
            0 => Tree::Index(self.boxed(Kind::Texts, depth), self.boxed(Kind::Int, depth)),
            _ => Tree::Binary(self.boxed(Kind::Text, depth), "+", self.boxed(Kind::Text, depth)),
        }
    }

    fn list(&mut self, kind: Kind, depth: u32) -> Tree {
        match self.choose(5) {
            0 => Tree::Binary(self.boxed(kind, depth), "+", self.boxed(kind, depth)),
            1 => self.with_variable(kind, "filter", Kind::Bool, depth),
            2 => {
                let source = self.list_kind();
                self.with_variable(source, "map", kind.element(), depth)
            }
            _ => Tree::List((0..self.choose(4)).map(|_| self.tree(kind.element(), depth)).collect()),
        }
    }

    fn with_variable(&mut self, list: Kind, name: &'static str, body: Kind, depth: u32) -> Tree {
        let source = self.boxed(list, depth);
        // Now and then a name that hides an outer one.
        let variable = ["x", "y", "变量"][self.choose(2)].to_owned();
        self.variables.retain(|(name, _)| *name != variable);
        self.variables.push((variable.clone(), list.element()));
        let body = self.boxed(body, depth);
        self.variables.pop();
        Tree::Macro(source, name, variable, body)
    }
}

fn written(value: &Value) -> String {
    match value {
        Value::Number(number) => number.normalize().to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::List(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
        other => format!("{other:?}"),
    }
}

fn written_by_cel(value: &cel::Value) -> String {
    match value {
        cel::Value::Int(number) => number.to_string(),
        cel::Value::UInt(number) => number.to_string(),
        cel::Value::Bool(truth) => truth.to_string(),
        cel::Value::String(text) => format!("{text:?}"),
        cel::Value::List(items) => format!("[{}]", items.iter().map(written_by_cel).collect::<Vec<_>>().join(", ")),
        other => format!("{other:?}"),
    }
}

fn ours(text: &str) -> String {
    let expression = compile(text, None).unwrap_or_else(|mistakes| panic!("{text}\n{mistakes}"));
    let world = World::default();
    let value = expression.evaluate(None, &world.variables(), &world, &Budget::new(10_000_000));
    value.map_or("error".to_owned(), |value| written(&value))
}

fn theirs(text: &str) -> String {
    let program = cel::Program::compile(text).unwrap_or_else(|error| panic!("{text}\n{error}"));
    program.execute(&cel::Context::default()).map_or("error".to_owned(), |value| written_by_cel(&value))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_cel(bytes in prop::collection::vec(any::<u8>(), 1..160), kind in 0..5usize) {
        let kind = [Kind::Int, Kind::Bool, Kind::Text, Kind::Ints, Kind::Texts][kind];
        let text = Grower { bytes: &bytes, variables: Vec::new() }.tree(kind, 4).print();
        prop_assert_eq!(ours(&text), theirs(&text), "{}", text);
    }
}

/// Where the generator would find a difference only now and then.
#[test]
fn agrees_with_cel_in_known_cases() {
    let mut table = String::new();
    for text in [
        "1 + 2 * 3 - 4 % 3",
        "1 < 2 == true",
        "1 % 0 == 1 || true",
        "1 % 0 == 1 && false",
        "[0, 1].exists(x, 1 % x == 0)",
        "[0, 1].all(x, 1 % x == 1)",
        "[1, 2].map(x, [x].map(x, x + 1))",
        "[1, 2, 3].map(x, x > 1, x * 2)",
        "!true ? 1 : true ? 2 : 3",
        "- -1",
        "[1] + []",
        "[[1], []] == [[1], []]",
        "\"\\101\" == 'A'",
        "[1, 2].exists_one(x, x > 1)",
        "'a' < 'b' && '信' > 'z'",
        "size('信用') == 2",
    ] {
        writeln!(table, "{text} => {} {}", ours(text), if ours(text) == theirs(text) { "" } else { "and not with cel" })
            .expect("a string takes all");
    }
    assert!(!table.contains("and not with cel"), "{table}");
}
