//! The type checker: from the tree as written to the typed tree. Resolves every name, and knows at
//! every point which optional values are there. Goes on after a mistake, so that all of them are
//! told at once.

use super::{
    Choice, Schema, Scope, Type, Value,
    mistake::{Slip, unknown},
    operand::Order,
    parser::{NamedRange, Operator, Syntax, SyntaxForm, parse},
    presence::Known,
    tree::{Arithmetic, Relation, Typed, TypedNode},
};
use crate::{
    diagnostic::Words,
    policy::{CalendarDuration, RecordType},
};
use chrono::NaiveTime;
use std::{collections::BTreeSet, ops::Range, sync::Arc};

pub(super) struct Checker<'s> {
    pub text: &'s str,
    pub schema: &'s Schema<'s>,
    pub scope: &'s Scope,
    pub locals: Vec<Local>,
    pub known: Known,
    /// How many locals were made.
    pub made: u32,
    /// Written out, or on the side of an order that is asked for.
    pub choices: BTreeSet<Choice>,
    slips: Vec<Slip>,
}

/// A variable that a macro or `bind` made.
#[derive(Clone)]
pub(super) struct Local {
    pub name: Arc<str>,
    pub result: Type,
    pub identity: ValueName,
    /// Parts that every element of it, where it is a list, surely has.
    pub elements: BTreeSet<String>,
}

/// What tells a value from another for the sake of has().
#[derive(Clone, Default)]
pub(super) struct ValueName {
    /// `None` where it has no name that could be asked for again.
    pub key: Option<String>,
    /// The optional values on the way to it: where it is there, they are.
    pub way: Vec<String>,
}

/// A typed part and what is known of it.
#[derive(Clone)]
pub(super) struct Checked {
    pub tree: Typed,
    pub result: Type,
    pub identity: ValueName,
    /// Parts that every element, where it is a list, or the value itself surely has.
    pub elements: BTreeSet<String>,
    /// A field of a record whose past values are known.
    pub has_history: bool,
    pub when_true: Known,
    pub when_false: Known,
}

/// A mistake that has been told already: nothing more is said about what it makes impossible to
/// type.
pub(super) struct Untypable;

pub(super) type Result<T = Checked> = std::result::Result<T, Untypable>;

/// A longer key names nothing that a person would ask for twice.
const LONGEST_KEY: usize = 400;

/// What a bare name may be, where no variable has that name.
pub(super) const BUILT_IN: [&str; 3] = ["self", "today", "settings"];

impl Checked {
    pub fn new(range: &Range<usize>, node: TypedNode, result: Type) -> Checked {
        Checked {
            tree: Typed { range: range.clone(), node },
            result,
            identity: ValueName::default(),
            elements: BTreeSet::new(),
            has_history: false,
            when_true: Known::nothing(),
            when_false: Known::nothing(),
        }
    }

    pub fn keyed(mut self, key: Option<String>) -> Checked {
        self.identity.key = key.filter(|key| key.len() <= LONGEST_KEY);
        self
    }

    pub fn key(&self) -> Option<&String> {
        self.identity.key.as_ref()
    }
}

/// The typed tree of a text and what is known where it holds.
pub(super) fn check(
    text: &str,
    scope: &Scope,
    schema: &Schema<'_>,
    expected: Option<&Type>,
) -> std::result::Result<(Checked, BTreeSet<Choice>), Vec<Slip>> {
    let syntax = parse(text)?;
    let known = Known::of(scope.present.iter().flat_map(|path| keys_of(path, scope, schema)));
    let mut checker = Checker::new(text, schema, scope, known);
    let checked = checker.check(&syntax).and_then(|checked| match expected {
        Some(expected) => checker.fit(checked, expected),
        None => Ok(checked),
    });
    match checked {
        Ok(checked) if checker.slips.is_empty() => Ok((checked, checker.choices)),
        _ => Err(checker.slips),
    }
}

/// The keys that a path in a scope's `present` stands for; none where it is no path there.
fn keys_of(path: &str, scope: &Scope, schema: &Schema<'_>) -> Vec<String> {
    let Ok(syntax) = parse(path) else { return Vec::new() };
    let mut checker = Checker::new(path, schema, scope, Known::nothing());
    checker.asked(&syntax).map_or(Vec::new(), |checked| checked.identity.way.into_iter().chain(checked.identity.key).collect())
}

/// What is known, as paths for another scope's `present`: a field of the record by its bare name,
/// nothing that hangs on a local.
pub(super) fn present_paths(known: &Known, scope: &Scope) -> Vec<String> {
    let is_variable = |path: &str| scope.variables.iter().any(|(name, _)| path.split('.').next() == Some(name));
    let bare = |key: &str| key.strip_prefix("self.").filter(|path| !is_variable(path)).unwrap_or(key).to_owned();
    known.keys().filter(|key| !key.contains('#')).map(|key| bare(key)).collect()
}

impl<'s> Checker<'s> {
    fn new(text: &'s str, schema: &'s Schema<'s>, scope: &'s Scope, known: Known) -> Checker<'s> {
        Checker { text, schema, scope, locals: Vec::new(), known, made: 0, choices: BTreeSet::new(), slips: Vec::new() }
    }
}

impl Checker<'_> {
    pub fn told<T>(&mut self, range: &Range<usize>, message: Words) -> Result<T> {
        self.slips.push(Slip { range: range.clone(), message });
        Err(Untypable)
    }

    /// The part, which must be there.
    pub fn required(&mut self, syntax: &Syntax) -> Result {
        let checked = self.check(syntax)?;
        self.demand_present(checked)
    }

    pub fn demand_present(&mut self, checked: Checked) -> Result {
        if !checked.result.is_optional() {
            return Ok(checked);
        }
        let range = checked.tree.range;
        let source = &self.text[range.clone()];
        let (zh, en) = match checked.identity.key {
            Some(_) => (
                format!("“{source}”可能没有：先用 has({source}) 问过，或用 orValue"),
                format!("“{source}” may be missing: ask has({source}) first, or use orValue"),
            ),
            None => (
                "这个值可能没有：先用 bind(v, …, has(v) && …) 问过，或用 orValue".to_owned(),
                "this may be missing: ask first, with bind(v, …, has(v) && …), or use orValue".to_owned(),
            ),
        };
        self.told(&range, Words::new(zh, en))
    }

    /// The part as a value of the type.
    pub fn expect(&mut self, syntax: &Syntax, expected: &Type) -> Result {
        let checked = self.check(syntax)?;
        self.fit(checked, expected)
    }

    pub fn condition(&mut self, syntax: &Syntax) -> Result {
        self.expect(syntax, &Type::Bool)
    }

    /// Demands that a part be of a type; texts written out are looked up among the members, posts
    /// or departments that there are.
    pub fn fit(&mut self, checked: Checked, expected: &Type) -> Result {
        let mut checked = if expected.is_optional() { checked } else { self.demand_present(checked)? };
        self.fit_literals(&mut checked.tree, expected.whole())?;
        let given = if matches!(checked.tree.node, TypedNode::Constant(Value::Time(_))) { &Type::Time } else { &checked.result };
        if expected.accepts(given) {
            return Ok(checked);
        }
        let (expected, given) = (expected.words(), given.words());
        let message = Words::new(
            format!("这里应是{}，却是{}", expected.zh, given.zh),
            format!("this should be {}, but is {}", expected.en, given.en),
        );
        self.told(&checked.tree.range, message)
    }

    pub fn fit_literals(&mut self, tree: &mut Typed, expected: &Type) -> Result<()> {
        match (&mut tree.node, expected) {
            (TypedNode::Constant(Value::Text(text)), expected) => {
                let text = text.clone();
                let read = self.read_literal(&text, &tree.range, expected)?;
                tree.node = TypedNode::Constant(read);
                Ok(())
            }
            (TypedNode::Constant(Value::List(items)), Type::List(element)) => {
                let items: Result<Vec<Value>> = items.iter().map(|item| self.read_item(item, &tree.range, element)).collect();
                tree.node = TypedNode::Constant(Value::List(items?.into()));
                Ok(())
            }
            (TypedNode::List(items), Type::List(element)) => {
                let fitted: Vec<Result<()>> = items.iter_mut().map(|item| self.fit_literals(item, element)).collect();
                fitted.into_iter().collect()
            }
            (TypedNode::Conditional(_, then, otherwise), expected) => {
                let (then, otherwise) = (self.fit_literals(then, expected), self.fit_literals(otherwise, expected));
                then.and(otherwise)
            }
            (TypedNode::OrValue(_, other) | TypedNode::Bind(_, other), expected) => self.fit_literals(other, expected),
            _ => Ok(()),
        }
    }

    fn read_item(&mut self, item: &Value, range: &Range<usize>, element: &Type) -> Result<Value> {
        match item {
            Value::Text(text) => self.read_literal(text, range, element),
            other => Ok(other.clone()),
        }
    }

    fn read_literal(&mut self, text: &Arc<str>, range: &Range<usize>, expected: &Type) -> Result<Value> {
        let schema = self.schema;
        let text = &self.of_label(text, expected);
        match expected {
            Type::Enumeration(members) => {
                self.known_name(text, range, "没有这个取值：", "there is no value", members.iter())?;
                self.choices.insert(Choice { of: members.clone(), name: text.clone() });
            }
            Type::Post | Type::PersonOrPost => {
                self.known_name(text, range, "没有这个岗位：", "there is no post", schema.posts.posts.keys())?
            }
            Type::Department => {
                self.known_name(text, range, "没有这个部门：", "there is no department", schema.posts.departments.keys())?
            }
            Type::Time => {
                if let Ok(time) = NaiveTime::parse_from_str(text, "%H:%M") {
                    return Ok(Value::Time(time));
                }
            }
            _ => {}
        }
        Ok(Value::Text(text.clone()))
    }

    /// The id of a post or department that is named by its label.
    fn of_label(&self, text: &Arc<str>, expected: &Type) -> Arc<str> {
        let posts = &self.schema.posts;
        let found = match expected {
            Type::Post | Type::PersonOrPost => posts.post_called(text).map(|post| &post.id),
            Type::Department => posts.department_called(text).map(|own| &own.id),
            _ => None,
        };
        found.unwrap_or(text).clone()
    }

    pub fn known_name<'n>(
        &mut self,
        name: &str,
        range: &Range<usize>,
        zh: &str,
        en: &str,
        known: impl Iterator<Item = &'n Arc<str>> + Clone,
    ) -> Result<()> {
        if known.clone().any(|known| **known == *name) {
            return Ok(());
        }
        self.told(range, unknown(zh, en, name, known.map(|known| &**known)))
    }

    /// The part, whose type is optional where it is not known to be there.
    pub fn check(&mut self, syntax: &Syntax) -> Result {
        let checked = self.check_form(syntax)?;
        Ok(self.present_if_known(checked))
    }

    fn present_if_known(&self, mut checked: Checked) -> Checked {
        let Type::Optional(whole) = &checked.result else { return checked };
        if checked.identity.key.as_deref().is_some_and(|key| self.known.has(key)) {
            checked.result = (**whole).clone();
        }
        checked
    }

    fn check_form(&mut self, syntax: &Syntax) -> Result {
        let range = &syntax.range;
        match &syntax.form {
            SyntaxForm::Literal(value) => Ok(literal(value.clone(), range)),
            SyntaxForm::Name(name) => self.name(name, range),
            SyntaxForm::Select(target, name) => self.select(target, name, range, false),
            SyntaxForm::Index(list, index) => self.index(list, index, range),
            SyntaxForm::Call(call) => self.call(call, range),
            SyntaxForm::List(items) => self.list(items, range),
            SyntaxForm::Not(inner) => {
                let inner = self.condition(inner)?;
                let (when_true, when_false) = (inner.when_false, inner.when_true);
                Ok(Checked { when_true, when_false, ..Checked::new(range, TypedNode::Not(Box::new(inner.tree)), Type::Bool) })
            }
            SyntaxForm::Negate(inner) => self.negate(inner, range),
            SyntaxForm::And(parts) => self.and(parts, range),
            SyntaxForm::Or(parts) => self.or(parts, range),
            SyntaxForm::Binary(operator, left, right) => self.binary(*operator, left, right, range),
            SyntaxForm::Conditional(condition, then, otherwise) => self.conditional(condition, then, otherwise, range),
        }
    }

    /// An optional path as has() asks for it: whatever on the way may be missing, too.
    pub fn asked(&mut self, syntax: &Syntax) -> Result {
        match &syntax.form {
            SyntaxForm::Select(target, name) => self.select(target, name, &syntax.range, true),
            _ => self.check_form(syntax),
        }
    }

    fn name(&mut self, name: &Arc<str>, range: &Range<usize>) -> Result {
        if let Some(at) = self.locals.iter().rposition(|local| local.name == *name) {
            let Local { result, identity, elements, .. } = self.locals[at].clone();
            let slot = self.scope.variables.len() + at;
            return Ok(Checked { identity, elements, ..Checked::new(range, TypedNode::Variable(slot), result) });
        }
        if let Some(slot) = self.scope.variables.iter().rposition(|(variable, _)| variable == name) {
            let result = self.scope.variables[slot].1.clone();
            return Ok(Checked::new(range, TypedNode::Variable(slot), result).keyed(Some(name.to_string())));
        }
        match &**name {
            "self" => self.this(range),
            "today" => Ok(Checked::new(range, TypedNode::Today, Type::Date).keyed(Some("today".into()))),
            "settings" => Ok(literal(Value::Table(Arc::new(self.schema.settings.clone())), range)),
            _ => self.own_field(name, range),
        }
    }

    fn this(&mut self, range: &Range<usize>) -> Result {
        match self.scope.record.clone() {
            Some(id) => Ok(Checked::new(range, TypedNode::This, Type::Record(Some(id))).keyed(Some("self".into()))),
            None => self
                .told(range, Words::new("这里没有 self：判断的不是某一份记录", "there is no self here: it is not a record that is judged")),
        }
    }

    /// The record that is implied where none is named.
    pub fn implied_record(&mut self, range: &Range<usize>) -> Result {
        self.this(range)
    }

    fn own_field(&mut self, name: &Arc<str>, range: &Range<usize>) -> Result {
        let own = self.scope.record.as_ref().and_then(|id| self.schema.types.get(id)).cloned();
        if own.as_ref().is_some_and(|own| field_type(own, name, self.schema).is_some()) {
            let this = self.this(range)?;
            return self.field_of(this, &NamedRange { name: name.clone(), range: range.clone() }, range);
        }
        let message = match &**name {
            "null" => Words::new("没有 null：用 has(x) 问有没有", "there is no null: ask has(x) whether a value is there"),
            _ if super::functions::function(name).is_some_and(|f| f.style != super::functions::CallStyle::Method) => {
                Words::new(format!("“{name}”是函数，后面要有括号"), format!("“{name}” is a function: brackets belong behind it"))
            }
            _ => {
                let fields = own.iter().flat_map(|own| own.fields.iter()).map(|field| &*field.name);
                let variables = self.scope.variables.iter().map(|(name, _)| &**name);
                let locals = self.locals.iter().map(|local| &*local.name);
                let built_in = BUILT_IN.into_iter().filter(|name| *name != "self" || own.is_some());
                unknown("没有名称", "there is nothing named", name, locals.chain(variables).chain(fields).chain(built_in))
            }
        };
        self.told(range, message)
    }

    fn select(&mut self, target: &Syntax, name: &NamedRange, range: &Range<usize>, asking: bool) -> Result {
        if let Some(setting) = self.setting(target, name, range) {
            return setting;
        }
        let target = if asking { self.asked(target).map(|checked| self.present_if_known(checked))? } else { self.required(target)? };
        let (whole, missing) = (target.result.whole().clone(), target.result.is_optional());
        let mut way = target.identity.way.clone();
        if missing {
            way.extend(target.identity.key.clone());
        }
        let mut selected = self.field_of(Checked { result: whole, ..target }, name, range)?;
        selected.identity.way = way;
        if missing {
            selected.result = selected.result.optional();
        }
        Ok(selected)
    }

    /// `settings.NAME`, folded in.
    fn setting(&mut self, target: &Syntax, name: &NamedRange, range: &Range<usize>) -> Option<Result> {
        let SyntaxForm::Name(settings) = &target.form else { return None };
        let shadowed = self.locals.iter().any(|l| &*l.name == "settings") || self.scope.variables.iter().any(|(n, _)| &**n == "settings");
        if &**settings != "settings" || shadowed {
            return None;
        }
        Some(match self.schema.settings.get(&name.name) {
            Some(value) => {
                let mut setting = literal(value.clone(), range).keyed(Some(format!("settings.{}", name.name)));
                setting.tree.node = TypedNode::Setting(name.name.clone(), value.clone());
                Ok(setting)
            }
            None => {
                let known = self.schema.settings.keys().map(|key| &**key);
                let message = unknown("这份制度的 settings 里没有", "the settings of this policy have no", &name.name, known);
                self.told(&name.range, message)
            }
        })
    }

    /// A field of a record or a column of a table that is there.
    fn field_of(&mut self, target: Checked, name: &NamedRange, range: &Range<usize>) -> Result {
        let mut has_history = false;
        let (node, result, key) = match &target.result {
            Type::Record(Some(id)) => {
                let Some((key, result)) = self.schema.types.get(id).and_then(|t| field_type(t, &name.name, self.schema)) else {
                    return self.unknown_field(&target.result, name);
                };
                has_history = self.schema.types[id].history.contains_key(&key);
                (TypedNode::Field { record: Box::new(target.tree), name: key.clone(), result: result.clone() }, result, key)
            }
            Type::Record(None) => match common_field(&name.name, self.schema) {
                Some(result) => {
                    let name = &name.name;
                    (TypedNode::Field { record: Box::new(target.tree), name: name.clone(), result: result.clone() }, result, name.clone())
                }
                None => return self.unknown_field(&target.result, name),
            },
            Type::Table(columns) => {
                let Some((key, result)) = columns.get_key_value(&name.name) else { return self.unknown_field(&target.result, name) };
                let must = !result.is_optional();
                let (key, result) = (key.clone(), result.clone());
                (TypedNode::Part { table: Box::new(target.tree), name: key.clone(), must }, result, key)
            }
            other => {
                let words = other.words();
                let message = Words::new(
                    format!("{}没有字段，不能取“.{}”", words.zh, name.name),
                    format!("{} has no fields; there is no “.{}”", words.en, name.name),
                );
                return self.told(&name.range, message);
            }
        };
        let key = target.identity.key.map(|target| format!("{target}.{key}"));
        Ok(Checked { has_history, ..Checked::new(range, node, result).keyed(key) })
    }

    fn unknown_field<T>(&mut self, of: &Type, name: &NamedRange) -> Result<T> {
        let message = match of {
            Type::Table(columns) => unknown("这里没有字段", "there is no field", &name.name, columns.keys().map(|key| &**key)),
            Type::Record(Some(id)) => {
                let record_type = self.schema.types.get(id).cloned();
                let fields = record_type.iter().flat_map(|t| t.fields.iter()).map(|field| &*field.name);
                let (zh, en) = (format!("“{id}”没有字段"), format!("“{id}” has no field"));
                unknown(&zh, &en, &name.name, fields.chain(["id", "type"]))
            }
            _ => Words::new(
                format!("任何类型的记录都可能在这里，不是每一种都有“{}”", name.name),
                format!("a record of any type may stand here, and not each has “{}”", name.name),
            ),
        };
        self.told(&name.range, message)
    }

    fn index(&mut self, list: &Syntax, index: &Syntax, range: &Range<usize>) -> Result {
        let (list, index) = (self.required(list), self.expect(index, &Type::Number));
        let (list, index) = (list?, index?);
        let Type::List(element) = list.result.clone() else {
            let words = list.result.words();
            let message = Words::new(format!("只有列表才能用 [n]，这是{}", words.zh), format!("only a list has [n]; this is {}", words.en));
            return self.told(&list.tree.range, message);
        };
        let key = list.key().zip(index.key()).map(|(list, index)| format!("{list}[{index}]"));
        let node = TypedNode::Index(Box::new(list.tree), Box::new(index.tree));
        Ok(Checked { elements: list.elements, ..Checked::new(range, node, *element).keyed(key) })
    }

    fn list(&mut self, items: &[Syntax], range: &Range<usize>) -> Result {
        let items: Vec<Result> = items.iter().map(|item| self.required(item)).collect();
        let items = items.into_iter().collect::<Result<Vec<Checked>>>()?;
        let mut element = Type::Never;
        for item in &items {
            let Some(joined) = element.joined(&item.result) else {
                let (others, this) = (element.words(), item.result.words());
                let message = Words::new(
                    format!("同一个列表里的值须是一类：前面是{}，这里是{}", others.zh, this.zh),
                    format!("a list holds values of one type: before this {}, here {}", others.en, this.en),
                );
                return self.told(&item.tree.range, message);
            };
            element = joined;
        }
        let keys: Option<Vec<&str>> = items.iter().map(|item| item.key().map(String::as_str)).collect();
        let key = keys.map(|keys| format!("[{}]", keys.join(", ")));
        let node = TypedNode::List(items.into_iter().map(|item| item.tree).collect());
        Ok(Checked::new(range, node, Type::List(Box::new(element))).keyed(key))
    }

    fn negate(&mut self, inner: &Syntax, range: &Range<usize>) -> Result {
        let inner = self.required(inner)?;
        if !matches!(inner.result, Type::Number | Type::Days | Type::Months | Type::Calendar | Type::Never) {
            return self.not_for("-", &inner);
        }
        let key = inner.key().map(|key| format!("(-{key})"));
        Ok(Checked::new(range, TypedNode::Negate(Box::new(inner.tree)), inner.result).keyed(key))
    }

    fn not_for<T>(&mut self, sign: &str, operand: &Checked) -> Result<T> {
        let words = operand.result.words();
        let message = Words::new(format!("“{sign}”不能用于{}", words.zh), format!("“{sign}” is not for {}", words.en));
        self.told(&operand.tree.range, message)
    }

    /// Runs with more known to be there.
    pub fn knowing<T>(&mut self, more: &Known, run: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.known.clone();
        self.known = before.both(more);
        let result = run(self);
        self.known = before;
        result
    }

    fn and(&mut self, parts: &[Syntax], range: &Range<usize>) -> Result {
        let (parts, known) = self.chain(parts, |part| &part.when_true)?;
        // One part may be false where an earlier one has no value: of the earlier ones nothing
        // follows then.
        let when_false = parts.iter().fold(Known::impossible(), |all, part| all.either(&part.when_false));
        let node = TypedNode::And(parts.into_iter().map(|part| part.tree).collect());
        Ok(Checked { when_true: known, when_false, ..Checked::new(range, node, Type::Bool) })
    }

    fn or(&mut self, parts: &[Syntax], range: &Range<usize>) -> Result {
        let (parts, known) = self.chain(parts, |part| &part.when_false)?;
        let when_true = parts.iter().fold(Known::impossible(), |all, part| all.either(&part.when_true));
        let node = TypedNode::Or(parts.into_iter().map(|part| part.tree).collect());
        Ok(Checked { when_true, when_false: known, ..Checked::new(range, node, Type::Bool) })
    }

    /// Conditions of which each is asked only where the ones before it left the question open.
    fn chain(&mut self, parts: &[Syntax], left_open: fn(&Checked) -> &Known) -> Result<(Vec<Checked>, Known)> {
        let mut known = Known::nothing();
        let mut checked = Vec::new();
        for part in parts {
            let part = self.knowing(&known, |checker| checker.condition(part));
            if let Ok(part) = &part {
                known = known.both(left_open(part));
            }
            checked.push(part);
        }
        Ok((checked.into_iter().collect::<Result<_>>()?, known))
    }

    fn conditional(&mut self, condition: &Syntax, then: &Syntax, otherwise: &Syntax, range: &Range<usize>) -> Result {
        let condition = self.condition(condition);
        let (holds, fails) = match &condition {
            Ok(condition) => (condition.when_true.clone(), condition.when_false.clone()),
            Err(Untypable) => (Known::nothing(), Known::nothing()),
        };
        let then = self.knowing(&holds, |checker| checker.check(then));
        let otherwise = self.knowing(&fails, |checker| checker.check(otherwise));
        let (condition, then, otherwise) = (condition?, then?, otherwise?);
        let Some(result) = then.result.joined(&otherwise.result) else {
            let (a, b) = (then.result.words(), otherwise.result.words());
            let message = Words::new(
                format!("“?”的两个结果须是一类：一个是{}，一个是{}", a.zh, b.zh),
                format!("both results of “?” must be of one type: one is {}, the other {}", a.en, b.en),
            );
            return self.told(&otherwise.tree.range, message);
        };
        let when_true = holds.both(&then.when_true).either(&fails.both(&otherwise.when_true));
        let when_false = holds.both(&then.when_false).either(&fails.both(&otherwise.when_false));
        let node = TypedNode::Conditional(Box::new(condition.tree), Box::new(then.tree), Box::new(otherwise.tree));
        Ok(Checked { when_true, when_false, ..Checked::new(range, node, result) })
    }

    fn binary(&mut self, operator: Operator, left: &Syntax, right: &Syntax, range: &Range<usize>) -> Result {
        let (left, right) = (self.required(left), self.required(right));
        let (mut left, mut right) = (left?, right?);
        let key = left.key().zip(right.key()).map(|(left, right)| format!("({left} {} {right})", operator.sign()));
        let checked = match operator {
            Operator::Equal | Operator::NotEqual => {
                self.comparable(operator, &mut left, &mut right, range)?;
                let negated = operator == Operator::NotEqual;
                Checked::new(range, TypedNode::Equal { left: Box::new(left.tree), right: Box::new(right.tree), negated }, Type::Bool)
            }
            Operator::Less => self.compare(operator, Relation::Less, left, right, range)?,
            Operator::LessOrEqual => self.compare(operator, Relation::LessOrEqual, left, right, range)?,
            Operator::Greater => self.compare(operator, Relation::Greater, left, right, range)?,
            Operator::GreaterOrEqual => self.compare(operator, Relation::GreaterOrEqual, left, right, range)?,
            Operator::In => self.within(left, right, range)?,
            Operator::Plus => self.arithmetic(operator, Arithmetic::Plus, left, right, range)?,
            Operator::Minus => self.arithmetic(operator, Arithmetic::Minus, left, right, range)?,
            Operator::Times => self.arithmetic(operator, Arithmetic::Times, left, right, range)?,
            Operator::Divided => self.arithmetic(operator, Arithmetic::Divided, left, right, range)?,
            Operator::Remainder => self.arithmetic(operator, Arithmetic::Remainder, left, right, range)?,
        };
        Ok(checked.keyed(key))
    }

    /// Looks the texts of each side up in the type of the other, and demands that the two can be
    /// equal.
    pub fn comparable(&mut self, operator: Operator, left: &mut Checked, right: &mut Checked, range: &Range<usize>) -> Result<()> {
        let (of_left, of_right) = (left.result.clone(), right.result.clone());
        self.fit_literals(&mut left.tree, &of_right)?;
        self.fit_literals(&mut right.tree, &of_left)?;
        let time = |side: &Checked| matches!(side.tree.node, TypedNode::Constant(Value::Time(_)));
        if of_left.compares(&of_right) || time(left) || time(right) {
            return Ok(());
        }
        self.mismatch(operator, &of_left, &of_right, range)
    }

    fn mismatch<T>(&mut self, operator: Operator, left: &Type, right: &Type, range: &Range<usize>) -> Result<T> {
        let (hint, sign) = (hint(operator, left, right), operator.sign());
        let (left, right) = (left.words(), right.words());
        let message = Words::new(
            format!("“{sign}”不能用于{}和{}{}", left.zh, right.zh, hint.zh),
            format!("“{sign}” does not go between {} and {}{}", left.en, right.en, hint.en),
        );
        self.told(range, message)
    }

    fn compare(&mut self, operator: Operator, relation: Relation, mut left: Checked, mut right: Checked, range: &Range<usize>) -> Result {
        self.comparable(operator, &mut left, &mut right, range)?;
        if !left.result.is_ordered() || !right.result.is_ordered() {
            return self.mismatch(operator, &left.result, &right.result, range);
        }
        let order = match (&left.result, &right.result) {
            (Type::Enumeration(a), Type::Enumeration(b)) if a != b => return self.mismatch(operator, &left.result, &right.result, range),
            (Type::Enumeration(members), _) | (_, Type::Enumeration(members)) => Some(members.clone()),
            _ => None,
        };
        if let Some(members) = &order {
            self.choices.extend(meant(members, relation, &left.tree, &right.tree));
        }
        let node = TypedNode::Compare { left: Box::new(left.tree), right: Box::new(right.tree), relation, order };
        Ok(Checked::new(range, node, Type::Bool))
    }

    fn within(&mut self, mut left: Checked, mut right: Checked, range: &Range<usize>) -> Result {
        let Type::List(element) = right.result.clone() else {
            return self.mismatch(Operator::In, &left.result, &right.result, range);
        };
        self.fit_literals(&mut left.tree, &element)?;
        self.fit_literals(&mut right.tree, &Type::List(Box::new(left.result.clone())))?;
        if !left.result.compares(&element) {
            return self.mismatch(Operator::In, &left.result, &right.result, range);
        }
        Ok(Checked::new(range, TypedNode::In(Box::new(left.tree), Box::new(right.tree)), Type::Bool))
    }

    fn arithmetic(&mut self, sign: Operator, operator: Arithmetic, left: Checked, right: Checked, range: &Range<usize>) -> Result {
        let Some(result) = arithmetic_result(operator, &left.result, &right.result) else {
            return self.mismatch(sign, &left.result, &right.result, range);
        };
        Ok(Checked::new(range, TypedNode::Arithmetic(operator, Box::new(left.tree), Box::new(right.tree)), result))
    }
}

/// The members for which an order holds, where one of its sides is written out.
fn meant(members: &Arc<[Arc<str>]>, relation: Relation, left: &Typed, right: &Typed) -> Vec<Choice> {
    let place = |side: &Typed| match &side.node {
        TypedNode::Constant(Value::Text(text)) => members.iter().position(|member| member == text),
        _ => None,
    };
    let holds = |at: usize| match (place(left), place(right)) {
        (None, Some(other)) => relation.holds(at.cmp(&other)),
        (Some(other), None) => relation.holds(other.cmp(&at)),
        _ => false,
    };
    let meant = members.iter().enumerate().filter(|(at, _)| holds(*at));
    meant.map(|(_, name)| Choice { of: members.clone(), name: name.clone() }).collect()
}

fn arithmetic_result(operator: Arithmetic, left: &Type, right: &Type) -> Option<Type> {
    // The element of an empty list is of any type that is asked for.
    if let (Type::Never, other) | (other, Type::Never) = (left, right) {
        return Some(other.clone());
    }
    use Arithmetic::{Minus, Plus};
    use Type::{Calendar, Date, Days, List, Months, Number, Text};
    let additive = matches!(operator, Plus | Minus);
    Some(match (left, right) {
        (Number, Number) => Number,
        (Date, Date) if operator == Minus => Days,
        (Date, Days | Months | Calendar) if additive => Date,
        (Days | Months | Calendar, Date) if operator == Plus => Date,
        (Days, Days) if additive => Days,
        (Months, Months) if additive => Months,
        (Days | Months | Calendar, Days | Months | Calendar) if additive => Calendar,
        (List(_), List(_)) if operator == Plus => left.joined(right)?,
        (a, b) if operator == Plus && Text.accepts(a) && Text.accepts(b) => Text,
        _ => return None,
    })
}

/// What was probably meant, where two types do not go together.
fn hint(operator: Operator, left: &Type, right: &Type) -> Words {
    use Type::{Date, Days, List, Months, Number, Record, Text, Timestamp};
    let (zh, en) = match (left, right) {
        (Days, Months) | (Months, Days) => ("：月有长短，不能与天数相比", ": months differ in length and are never compared with days"),
        (Days, Number) | (Number, Days) => ("：天数写作 5 天 或 days(5)", ": a number of days is written 5 days or days(5)"),
        (Months, Number) | (Number, Months) => ("：月数写作 3个月 或 months(3)", ": a number of months is written 3 months or months(3)"),
        (Date, Number) | (Number, Date) => {
            ("：日期加减天数，写作 5 天 或 days(5)", ": days are added to a date, written 5 days or days(5)")
        }
        (Date, Timestamp) | (Timestamp, Date) => ("：先用 date(…) 取时刻的日期", ": take the day of the time with date(…)"),
        (Date, Text) | (Text, Date) => ("：日期不加引号，写作 2026-03-01", ": a date stands without quotation marks, like 2026-03-01"),
        (Record(_), Text) | (Text, Record(_)) => ("：与编号相比写 .id", ": compare its .id with a text"),
        (Number, Text) | (Text, Number) if operator == Operator::Plus => {
            ("：先用 string(…) 把数写成文字", ": write the number as text with string(…)")
        }
        (_, List(_)) | (List(_), _) if matches!(operator, Operator::Equal | Operator::NotEqual) => {
            ("：是否在列表里，用 in 问", ": ask with “in” whether it is in the list")
        }
        (Text, Text) if operator == Operator::In => {
            ("：文字里有没有，用 contains 问", ": ask with contains() whether a text holds another")
        }
        _ => ("", ""),
    };
    Words::new(zh, en)
}

fn literal(value: Value, range: &Range<usize>) -> Checked {
    let key = match &value {
        Value::Number(number) => Some(number.normalize().to_string()),
        Value::Text(text) => Some(format!("{text:?}")),
        Value::Date(date) => Some(date.to_string()),
        Value::Duration(CalendarDuration { months: 0, days }) => Some(format!("{days} days")),
        Value::Duration(CalendarDuration { months, .. }) => Some(format!("{months} months")),
        _ => None,
    };
    let truths = match value {
        Value::Bool(true) => (Known::nothing(), Known::impossible()),
        Value::Bool(false) => (Known::impossible(), Known::nothing()),
        _ => (Known::nothing(), Known::nothing()),
    };
    let result = Type::of_value(&value);
    Checked { when_true: truths.0, when_false: truths.1, ..Checked::new(range, TypedNode::Constant(value), result).keyed(key) }
}

/// The key and the type of a field, written by key or label.
fn field_type(record_type: &RecordType, name: &str, schema: &Schema<'_>) -> Option<(Arc<str>, Type)> {
    match record_type.field(name) {
        Some(field) => Some((field.name.clone(), Type::of_field(&field.field_type, field.must))),
        None => common_field(name, schema).map(|result| (name.into(), result)),
    }
}

/// The fields of a record of any type.
fn common_field(name: &str, schema: &Schema<'_>) -> Option<Type> {
    let texts = Type::List(Box::new(Type::Text));
    Some(match name {
        "id" => Type::Text,
        "type" => Type::Enumeration(schema.types.keys().cloned().collect()),
        "title" | "notes" => Type::Text.optional(),
        "tags" | "attachments" => texts.optional(),
        "supersedes" => Type::Record(None).optional(),
        _ => return None,
    })
}

/// The order in which values of a type stand, where it is not their own.
pub(super) fn order_of(key: &Type) -> Order {
    match key.whole() {
        Type::Enumeration(members) => Some(members.clone()),
        _ => None,
    }
}
