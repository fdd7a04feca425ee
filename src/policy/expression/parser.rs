//! Tokens into an untyped tree, with CEL's precedence. Bounded in depth, so that no text can
//! exhaust the stack, here or in what walks the tree.

use super::{
    Value,
    lexer::{Lexeme, TokenKind, tokens},
    mistake::Slip,
};
use crate::diagnostic::Words;
use std::{ops::Range, sync::Arc};

/// No tree is deeper.
const DEPTH: usize = 48;

/// A part of an expression as written.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Syntax {
    pub range: Range<usize>,
    pub form: SyntaxForm,
    pub depth: usize,
}

#[derive(Clone, PartialEq, Debug)]
pub(super) enum SyntaxForm {
    Literal(Value),
    Name(Arc<str>),
    Select(Box<Syntax>, NamedRange),
    Index(Box<Syntax>, Box<Syntax>),
    Call(Call),
    List(Vec<Syntax>),
    Not(Box<Syntax>),
    Negate(Box<Syntax>),
    /// Two or more joined by `&&`.
    And(Vec<Syntax>),
    /// Two or more joined by `||`.
    Or(Vec<Syntax>),
    Binary(Operator, Box<Syntax>, Box<Syntax>),
    Conditional(Box<Syntax>, Box<Syntax>, Box<Syntax>),
}

/// `name(…)` or `target.name(…)`.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Call {
    pub name: NamedRange,
    pub target: Option<Box<Syntax>>,
    pub arguments: Vec<Syntax>,
}

#[derive(Clone, PartialEq, Debug)]
pub(super) struct NamedRange {
    pub name: Arc<str>,
    pub range: Range<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Plus,
    Minus,
    Times,
    Divided,
    Remainder,
}

impl Operator {
    pub fn sign(self) -> &'static str {
        match self {
            Operator::Equal => "==",
            Operator::NotEqual => "!=",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::In => "in",
            Operator::Plus => "+",
            Operator::Minus => "-",
            Operator::Times => "*",
            Operator::Divided => "/",
            Operator::Remainder => "%",
        }
    }

    fn of(kind: &TokenKind) -> Option<(Operator, u8)> {
        let sign = match kind {
            TokenKind::Symbol(sign) => sign,
            TokenKind::Name(name) if &**name == "in" => "in",
            _ => return None,
        };
        Some(match sign {
            "==" => (Operator::Equal, RELATION),
            "!=" => (Operator::NotEqual, RELATION),
            "<" => (Operator::Less, RELATION),
            "<=" => (Operator::LessOrEqual, RELATION),
            ">" => (Operator::Greater, RELATION),
            ">=" => (Operator::GreaterOrEqual, RELATION),
            "in" => (Operator::In, RELATION),
            "+" => (Operator::Plus, SUM),
            "-" => (Operator::Minus, SUM),
            "*" => (Operator::Times, PRODUCT),
            "/" => (Operator::Divided, PRODUCT),
            "%" => (Operator::Remainder, PRODUCT),
            _ => return None,
        })
    }
}

const RELATION: u8 = 1;
const SUM: u8 = 2;
const PRODUCT: u8 = 3;

/// The tree of a text.
///
/// # Errors
/// All that the lexer could not read, or else the first place where the text is not an expression.
pub(super) fn parse(text: &str) -> Result<Syntax, Vec<Slip>> {
    let (tokens, slips) = tokens(text);
    if !slips.is_empty() {
        return Err(slips);
    }
    let mut parser = Parser { tokens, at: 0, depth: 0 };
    let whole = parser.expression().and_then(|tree| parser.end().map(|()| tree));
    whole.map_err(|slip| vec![slip])
}

struct Parser {
    tokens: Vec<Lexeme>,
    at: usize,
    depth: usize,
}

type Parsed<T = Syntax> = Result<T, Slip>;

impl Parser {
    fn next(&self) -> &Lexeme {
        &self.tokens[self.at]
    }

    fn advance(&mut self) -> Lexeme {
        let token = self.tokens[self.at].clone();
        // The end is never passed, so that there always is a next token.
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    fn sees(&self, symbol: &str) -> bool {
        matches!(self.next().kind, TokenKind::Symbol(s) if s == symbol)
    }

    fn eat(&mut self, symbol: &str) -> bool {
        let seen = self.sees(symbol);
        if seen {
            self.advance();
        }
        seen
    }

    fn need(&mut self, symbol: &str) -> Parsed<()> {
        if self.eat(symbol) {
            return Ok(());
        }
        Err(self.slip(Words::new(format!("这里应有“{symbol}”"), format!("“{symbol}” is missing here"))))
    }

    fn slip(&self, message: Words) -> Slip {
        Slip { range: self.next().range.clone(), message }
    }

    fn end(&self) -> Parsed<()> {
        let message = match &self.next().kind {
            TokenKind::End => return Ok(()),
            TokenKind::Name(name) => match meant_operator(name) {
                Some(sign) => Words::new(format!("“{name}”应写作“{sign}”"), format!("write “{sign}” instead of “{name}”")),
                None => Words::new(format!("这里不能接着写“{name}”"), format!("“{name}” cannot follow here")),
            },
            _ => Words::new("表达式在这之前已经完整", "the expression is complete before this"),
        };
        Err(self.slip(message))
    }

    /// Runs one level deeper.
    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEPTH {
            return Err(self.slip(too_deep()));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn node(&self, range: Range<usize>, form: SyntaxForm) -> Parsed {
        let depth = 1 + form.parts().map(|part| part.depth).max().unwrap_or(0);
        if depth > DEPTH {
            return Err(Slip { range, message: too_deep() });
        }
        Ok(Syntax { range, form, depth })
    }

    fn expression(&mut self) -> Parsed {
        self.deeper(|parser| {
            let condition = parser.or()?;
            if !parser.eat("?") {
                return Ok(condition);
            }
            let then = parser.or()?;
            parser.need(":")?;
            let otherwise = parser.expression()?;
            let range = condition.range.start..otherwise.range.end;
            parser.node(range, SyntaxForm::Conditional(Box::new(condition), Box::new(then), Box::new(otherwise)))
        })
    }

    fn or(&mut self) -> Parsed {
        self.joined("||", Self::and, SyntaxForm::Or)
    }

    fn and(&mut self) -> Parsed {
        self.joined("&&", |parser| parser.binary(RELATION), SyntaxForm::And)
    }

    fn joined(&mut self, sign: &str, part: fn(&mut Self) -> Parsed, form: fn(Vec<Syntax>) -> SyntaxForm) -> Parsed {
        let first = part(self)?;
        if !self.sees(sign) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.eat(sign) {
            parts.push(part(self)?);
        }
        let range = parts[0].range.start..parts[parts.len() - 1].range.end;
        self.node(range, form(parts))
    }

    /// Operators that bind at least as tightly as `least`, from left to right.
    fn binary(&mut self, least: u8) -> Parsed {
        let mut left = self.unary()?;
        while let Some((operator, level)) = Operator::of(&self.next().kind).filter(|(_, level)| *level >= least) {
            self.advance();
            let right = if level == PRODUCT { self.unary()? } else { self.binary(level + 1)? };
            let range = left.range.start..right.range.end;
            left = self.node(range, SyntaxForm::Binary(operator, Box::new(left), Box::new(right)))?;
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed {
        let form: fn(Box<Syntax>) -> SyntaxForm = match self.next().kind {
            TokenKind::Symbol("!") => SyntaxForm::Not,
            TokenKind::Symbol("-") => SyntaxForm::Negate,
            _ => return self.member(),
        };
        self.deeper(|parser| {
            let start = parser.advance().range.start;
            let operand = parser.unary()?;
            parser.node(start..operand.range.end, form(Box::new(operand)))
        })
    }

    fn member(&mut self) -> Parsed {
        let mut target = self.primary()?;
        loop {
            let start = target.range.start;
            let form = if self.eat(".") {
                let name = self.word()?;
                match self.arguments()? {
                    Some(arguments) => SyntaxForm::Call(Call { name, target: Some(Box::new(target)), arguments }),
                    None => SyntaxForm::Select(Box::new(target), name),
                }
            } else if self.eat("[") {
                let index = self.expression()?;
                self.need("]")?;
                SyntaxForm::Index(Box::new(target), Box::new(index))
            } else {
                return Ok(target);
            };
            target = self.node(start..self.tokens[self.at - 1].range.end, form)?;
        }
    }

    fn word(&mut self) -> Parsed<NamedRange> {
        match self.next().kind.clone() {
            TokenKind::Name(name) => Ok(NamedRange { name, range: self.advance().range }),
            _ => Err(self.slip(Words::new("点的后面应是字段或方法的名称", "the name of a field or method belongs after the point"))),
        }
    }

    fn arguments(&mut self) -> Parsed<Option<Vec<Syntax>>> {
        if !self.eat("(") {
            return Ok(None);
        }
        self.list_until(")").map(Some)
    }

    fn list_until(&mut self, close: &'static str) -> Parsed<Vec<Syntax>> {
        let mut items = Vec::new();
        while !self.eat(close) {
            items.push(self.expression()?);
            if !self.eat(",") {
                self.need(close)?;
                break;
            }
        }
        Ok(items)
    }

    fn primary(&mut self) -> Parsed {
        let Lexeme { kind, range } = self.next().clone();
        let literal = match kind {
            TokenKind::Number(number) => Value::Number(number),
            TokenKind::Duration(duration) => Value::Duration(duration),
            TokenKind::Date(date) => Value::Date(date),
            TokenKind::Text(text) => Value::Text(text),
            TokenKind::Name(name) => return self.named(name),
            TokenKind::Symbol(symbol) => return self.bracketed(symbol),
            TokenKind::End => {
                return Err(self.slip(Words::new("表达式没有写完：这里缺一个值", "the expression breaks off: a value is missing here")));
            }
        };
        self.advance();
        self.node(range, SyntaxForm::Literal(literal))
    }

    fn named(&mut self, name: Arc<str>) -> Parsed {
        let range = self.advance().range;
        let form = match &*name {
            "true" => SyntaxForm::Literal(Value::Bool(true)),
            "false" => SyntaxForm::Literal(Value::Bool(false)),
            "in" => return Err(Slip { range, message: Words::new("“in”的前面缺一个值", "a value is missing before “in”") }),
            _ => match self.arguments()? {
                Some(arguments) => SyntaxForm::Call(Call { name: NamedRange { name, range: range.clone() }, target: None, arguments }),
                None => SyntaxForm::Name(name),
            },
        };
        self.node(range.start..self.tokens[self.at - 1].range.end, form)
    }

    fn bracketed(&mut self, symbol: &str) -> Parsed {
        let start = self.next().range.start;
        match symbol {
            "(" => {
                self.advance();
                let inner = self.expression()?;
                self.need(")")?;
                Ok(Syntax { range: start..self.tokens[self.at - 1].range.end, ..inner })
            }
            "[" => {
                self.advance();
                let items = self.list_until("]")?;
                self.node(start..self.tokens[self.at - 1].range.end, SyntaxForm::List(items))
            }
            _ => Err(self.slip(Words::new(format!("这里应是一个值，却是“{symbol}”"), format!("a value belongs here, not “{symbol}”")))),
        }
    }
}

impl SyntaxForm {
    fn parts(&self) -> Box<dyn Iterator<Item = &Syntax> + '_> {
        match self {
            SyntaxForm::Literal(_) | SyntaxForm::Name(_) => Box::new(std::iter::empty()),
            SyntaxForm::Select(inner, _) | SyntaxForm::Not(inner) | SyntaxForm::Negate(inner) => Box::new(std::iter::once(&**inner)),
            SyntaxForm::Index(a, b) | SyntaxForm::Binary(_, a, b) => Box::new([&**a, &**b].into_iter()),
            SyntaxForm::Conditional(a, b, c) => Box::new([&**a, &**b, &**c].into_iter()),
            SyntaxForm::Call(call) => Box::new(call.target.as_deref().into_iter().chain(&call.arguments)),
            SyntaxForm::List(parts) | SyntaxForm::And(parts) | SyntaxForm::Or(parts) => Box::new(parts.iter()),
        }
    }
}

fn meant_operator(name: &str) -> Option<&'static str> {
    Some(match name {
        "and" | "AND" | "且" | "并且" => "&&",
        "or" | "OR" | "或" | "或者" => "||",
        "is" | "等于" => "==",
        _ => return None,
    })
}

fn too_deep() -> Words {
    Words::new(format!("嵌套超过 {DEPTH} 层"), format!("this is nested more than {DEPTH} deep"))
}
