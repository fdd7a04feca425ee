//! Calls: functions and methods by their signatures, macros and special forms by rules of their
//! own.

use super::{
    Drafts, Type, Value,
    check::{BUILT_IN, Checked, Checker, Local, Result, Untypable, ValueName, order_of},
    functions::{self, CallStyle, Function, Shape, Signature, Sort},
    mistake::unknown,
    parser::{Call, Syntax, SyntaxForm},
    presence::Known,
    tree::{Macro, Typed, TypedNode},
};
use crate::diagnostic::Words;
use std::{collections::BTreeSet, ops::Range, sync::Arc};

impl Checker<'_> {
    pub fn call(&mut self, call: &Call, range: &Range<usize>) -> Result {
        let function = self.function(call)?;
        match &function.shape {
            Shape::Form(form) => self.form(*form, function, call, range),
            Shape::Signatures(signatures) => {
                let arguments: Vec<&Syntax> = call.target.as_deref().into_iter().chain(&call.arguments).collect();
                match signatures.iter().find(|signature| signature.parameters.len() == arguments.len()) {
                    Some(signature) => self.signature(function, signature, &arguments, range),
                    None => self.misused(function, range),
                }
            }
        }
    }

    fn function(&mut self, call: &Call) -> Result<&'static Function> {
        let name = &*call.name.name;
        let Some(function) = functions::function(name) else {
            let fitting = functions::all().filter(|f| f.style != if call.target.is_some() { CallStyle::Plain } else { CallStyle::Method });
            let (zh, en) =
                if call.target.is_some() { ("没有方法", "there is no method") } else { ("没有函数", "there is no function") };
            let message = if BUILT_IN.contains(&name) && call.target.is_none() {
                Words::new(format!("“{name}”不是函数，后面没有括号"), format!("“{name}” is no function: no brackets belong behind it"))
            } else {
                unknown(zh, en, name, fitting.map(|f| f.name))
            };
            return self.told(&call.name.range, message);
        };
        match (function.style, &call.target) {
            (CallStyle::Plain, Some(_)) | (CallStyle::Method, None) => self.misused(function, &call.name.range),
            _ => Ok(function),
        }
    }

    fn misused<T>(&mut self, function: &Function, range: &Range<usize>) -> Result<T> {
        let (name, usage) = (function.name, function.usage);
        self.told(range, Words::new(format!("“{name}”的用法是 {usage}"), format!("“{name}” is written {usage}")))
    }

    fn signature(&mut self, function: &Function, signature: &Signature, arguments: &[&Syntax], range: &Range<usize>) -> Result {
        let checked: Vec<Result> = arguments.iter().map(|argument| self.required(argument)).collect();
        let checked = checked.into_iter().collect::<Result<Vec<Checked>>>()?;
        let elements = checked.first().filter(|first| matches!(first.result, Type::List(_))).map(|list| list.elements.clone());
        let keys: Option<Vec<String>> = checked.iter().map(|argument| argument.key().cloned()).collect();
        let key = keys.map(|keys| format!("{}({})", function.name, keys.join(", ")));
        let mut bound = None;
        let fitted: Vec<Result> =
            checked.into_iter().zip(signature.parameters).map(|(argument, sort)| self.argument(argument, *sort, &mut bound)).collect();
        let fitted = fitted.into_iter().collect::<Result<Vec<Checked>>>()?;
        let result = signature.result.result(&bound.unwrap_or(Type::Never), &self.schema.person());
        // Some of a list's elements, or one of them, keep what is known of each.
        let elements = elements.unwrap_or_default();
        let node = TypedNode::Function(signature.run, fitted.into_iter().map(|argument| argument.tree).collect());
        Ok(Checked { elements, ..Checked::new(range, node, result).keyed(key) })
    }

    fn argument(&mut self, mut argument: Checked, sort: Sort, bound: &mut Option<Type>) -> Result {
        let given = argument.result.clone();
        let fits = match (sort, &given) {
            (Sort::Record, Type::Record(_)) => {
                bound.get_or_insert(given.clone());
                true
            }
            (Sort::Sized, Type::List(_)) => true,
            (Sort::People, Type::List(element)) => self.schema.person().accepts(element),
            (Sort::People, given) => self.schema.person().accepts(given),
            (Sort::Sized, given) => Type::Text.accepts(given),
            (Sort::Scalar, given) => {
                !matches!(given, Type::List(_) | Type::Table(_) | Type::Days | Type::Months | Type::Calendar | Type::Optional(_))
            }
            (Sort::List(Sort::Ordered), Type::List(element)) if element.is_ordered() && order_of(element).is_none() => {
                bound.get_or_insert((**element).clone());
                true
            }
            (Sort::List(Sort::Element), Type::List(element)) => {
                let bound = bound.get_or_insert_with(|| (**element).clone()).clone();
                self.fit_literals(&mut argument.tree, &Type::List(Box::new(bound.clone())))?;
                bound.compares(element)
            }
            (Sort::Record | Sort::List(Sort::Ordered | Sort::Element), _) => false,
            (sort, _) => {
                let expected = sort.result(&Type::Never, &self.schema.person());
                return self.fit(argument, &expected);
            }
        };
        if fits {
            return Ok(argument);
        }
        let expected = match (sort, bound) {
            (Sort::List(_), Some(element)) => Type::List(Box::new(element.clone())).words(),
            (sort, _) => sort.words(&self.schema.person()),
        };
        let given = given.words();
        let message = Words::new(
            format!("这里应是{}，却是{}", expected.zh, given.zh),
            format!("this should be {}, but is {}", expected.en, given.en),
        );
        self.told(&argument.tree.range, message)
    }

    fn form(&mut self, form: functions::SpecialForm, function: &Function, call: &Call, range: &Range<usize>) -> Result {
        use functions::SpecialForm as F;
        match (form, call.target.as_deref(), &call.arguments[..]) {
            (F::Has, None, [asked]) => self.has(asked, range),
            (F::OrValue, Some(target), [other]) => self.or_value(target, other, range),
            (F::Bind, None, [name, value, body]) => self.bind(function, name, value, body, range),
            (F::Linked, target, [record_type]) => self.linked(target, record_type, Drafts::Out, range),
            (F::Records, None, [record_type]) => self.records(record_type, Drafts::Out, range),
            (F::Drafts, None, [record_type]) => self.records(record_type, Drafts::In, range),
            (F::Drafts, target, [record_type]) => self.linked(target, record_type, Drafts::In, range),
            (F::Latest, None, [list, key]) => self.latest(function, list, key, range),
            (F::On, Some(field), [day]) => self.history(field, day, range),
            (F::Map, Some(list), [name, condition, body]) => self.map_some(function, list, name, condition, body, range),
            (F::All | F::Exists | F::ExistsOne | F::Filter | F::Map | F::Count | F::SortBy, Some(list), [name, body]) => {
                self.each(form, function, list, name, body, range)
            }
            _ => self.misused(function, range),
        }
    }

    fn has(&mut self, asked: &Syntax, range: &Range<usize>) -> Result {
        let asked = self.asked(asked)?;
        let keys = asked.identity.way.iter().chain(asked.key()).cloned();
        let when_true = Known::of(keys);
        Ok(Checked { when_true, ..Checked::new(range, TypedNode::Has(Box::new(asked.tree)), Type::Bool) })
    }

    fn or_value(&mut self, target: &Syntax, other: &Syntax, range: &Range<usize>) -> Result {
        let (target, other) = (self.asked(target), self.check(other));
        let (target, mut other) = (target?, other?);
        self.fit_literals(&mut other.tree, target.result.whole())?;
        let Some(joined) = target.result.whole().joined(other.result.whole()) else {
            let (wanted, given) = (target.result.whole().words(), other.result.words());
            let message = Words::new(
                format!("代替的值应是{}，却是{}", wanted.zh, given.zh),
                format!("the value instead should be {}, but is {}", wanted.en, given.en),
            );
            return self.told(&other.tree.range, message);
        };
        // The members of an enumeration stay known beside a text that is one of them.
        let result = if target.result.whole().accepts(other.result.whole()) { target.result.whole().clone() } else { joined };
        let result = if other.result.is_optional() { result.optional() } else { result };
        Ok(Checked::new(range, TypedNode::OrValue(Box::new(target.tree), Box::new(other.tree)), result))
    }

    fn bind(&mut self, function: &Function, name: &Syntax, value: &Syntax, body: &Syntax, range: &Range<usize>) -> Result {
        let value = self.asked(value);
        let name = self.variable(function, name);
        let (value, name) = (value?, name?);
        let Checked { tree, result, identity, elements, .. } = value;
        let identity = if identity.key.is_some() { identity } else { self.fresh(&name) };
        let parts = if matches!(result, Type::List(_)) { None } else { identity.key.clone() };
        let known = Known::of(parts.iter().flat_map(|key| elements.iter().map(move |part| format!("{key}{part}"))));
        let local = Local { name, result, identity, elements };
        let body = self.with_local(local, |checker| checker.knowing(&known, |checker| checker.check(body)))?;
        let node = TypedNode::Bind(Box::new(tree), Box::new(body.tree));
        Ok(Checked { tree: Typed { range: range.clone(), node }, ..body })
    }

    fn variable(&mut self, function: &Function, name: &Syntax) -> Result<Arc<str>> {
        match &name.form {
            SyntaxForm::Name(name) => Ok(name.clone()),
            _ => self.misused(function, &name.range),
        }
    }

    /// A key that no other value has, nor ever had: the number of the locals that were made tells
    /// equal names apart.
    fn fresh(&mut self, name: &str) -> ValueName {
        self.made += 1;
        ValueName { key: Some(format!("{name}#{}", self.made)), way: Vec::new() }
    }

    fn with_local<T>(&mut self, local: Local, run: impl FnOnce(&mut Self) -> T) -> T {
        self.locals.push(local);
        let result = run(self);
        self.locals.pop();
        result
    }

    /// Runs with a variable for each element of a list.
    fn with_element<T>(&mut self, list: &Checked, element: &Type, name: &Arc<str>, run: impl FnOnce(&mut Self, &str) -> T) -> T {
        let identity = self.fresh(name);
        let key = identity.key.clone().unwrap_or_default();
        let known = Known::of(list.elements.iter().map(|part| format!("{key}{part}")));
        let local = Local { name: name.clone(), result: element.clone(), identity, elements: BTreeSet::new() };
        self.with_local(local, |checker| checker.knowing(&known, |checker| run(checker, &key)))
    }

    fn element_of(&mut self, list: &Checked) -> Result<Type> {
        if let Type::List(element) = &list.result {
            return Ok((**element).clone());
        }
        let words = list.result.words();
        self.told(
            &list.tree.range,
            Words::new(format!("这里应是列表，却是{}", words.zh), format!("this should be a list, but is {}", words.en)),
        )
    }

    fn each(
        &mut self,
        form: functions::SpecialForm,
        function: &Function,
        list: &Syntax,
        name: &Syntax,
        body: &Syntax,
        range: &Range<usize>,
    ) -> Result {
        use functions::SpecialForm as F;
        let (list, name) = (self.required(list), self.variable(function, name));
        let (mut list, name) = (list?, name?);
        let element = self.element_of(&list)?;
        let slot = self.scope.variables.len() + self.locals.len();
        let is_condition = !matches!(form, F::Map | F::SortBy);
        let (body, parts) = self.with_element(&list, &element, &name, |checker, key| {
            let body = if is_condition { checker.condition(body)? } else { checker.required(body)? };
            let parts = body.when_true.parts_of(key);
            Ok::<_, Untypable>((body, parts))
        })?;
        if matches!(form, F::Filter | F::Exists | F::ExistsOne | F::Count) {
            demand_equalities(&mut list.tree, &body.tree, slot);
        }
        let kept: BTreeSet<String> = &list.elements | &parts;
        let (kind, result, elements) = match form {
            F::All => (Macro::All, Type::Bool, BTreeSet::new()),
            F::Exists => (Macro::Exists, Type::Bool, BTreeSet::new()),
            F::ExistsOne => (Macro::ExistsOne, Type::Bool, BTreeSet::new()),
            F::Count => (Macro::Count, Type::Number, BTreeSet::new()),
            F::Filter => (Macro::Filter, list.result.clone(), kept),
            F::SortBy => (Macro::SortBy(order_of(&body.result)), list.result.clone(), list.elements.clone()),
            _ => (Macro::Map, Type::List(Box::new(body.result.clone())), BTreeSet::new()),
        };
        if form == F::SortBy {
            self.demand_order(&body)?;
        }
        let node = TypedNode::Macro { kind, list: Box::new(list.tree), bodies: vec![body.tree] };
        Ok(Checked { elements, ..Checked::new(range, node, result) })
    }

    fn demand_order(&mut self, key: &Checked) -> Result<()> {
        if key.result.whole().is_ordered() {
            return Ok(());
        }
        let words = key.result.words();
        let message = Words::new(format!("不能按{}排先后", words.zh), format!("{} has no order", words.en));
        self.told(&key.tree.range, message)
    }

    /// CEL's `map` with a condition: the values of those elements for which it holds.
    fn map_some(
        &mut self,
        function: &Function,
        list: &Syntax,
        name: &Syntax,
        condition: &Syntax,
        body: &Syntax,
        range: &Range<usize>,
    ) -> Result {
        let (list, name) = (self.required(list), self.variable(function, name));
        let (mut list, name) = (list?, name?);
        let element = self.element_of(&list)?;
        let slot = self.scope.variables.len() + self.locals.len();
        let (condition, body) = self.with_element(&list, &element, &name, |checker, _| {
            let condition = checker.condition(condition)?;
            let body = checker.knowing(&condition.when_true, |checker| checker.required(body))?;
            Ok::<_, Untypable>((condition, body))
        })?;
        demand_equalities(&mut list.tree, &condition.tree, slot);
        let node = TypedNode::Macro { kind: Macro::Map, list: Box::new(list.tree), bodies: vec![condition.tree, body.tree] };
        Ok(Checked::new(range, node, Type::List(Box::new(body.result))))
    }

    /// `key` is a field of the elements, or a path from one.
    fn latest(&mut self, function: &Function, list: &Syntax, key: &Syntax, range: &Range<usize>) -> Result {
        let list = self.required(list)?;
        let element = self.element_of(&list)?;
        let name: Arc<str> = "it".into();
        let Some(path) = path_from(key, &name) else { return self.misused(function, &key.range) };
        let body = self.with_element(&list, &element, &name, |checker, _| checker.asked(&path))?;
        self.demand_order(&body)?;
        let node = TypedNode::Macro { kind: Macro::Latest(order_of(&body.result)), list: Box::new(list.tree), bodies: vec![body.tree] };
        let key = list.identity.key.map(|list| format!("latest({list}, {})", &self.text[key.range.clone()]));
        Ok(Checked { elements: list.elements, ..Checked::new(range, node, element.optional()).keyed(key) })
    }

    fn linked(&mut self, target: Option<&Syntax>, record_type: &Syntax, drafts: Drafts, range: &Range<usize>) -> Result {
        let target = match target {
            Some(target) => self.required(target),
            None => self.implied_record(range),
        };
        let id = self.record_type(record_type);
        let (target, id) = (target?, id?);
        if !matches!(target.result, Type::Record(_)) {
            let words = target.result.words();
            let message = Words::new(format!("这里应是记录，却是{}", words.zh), format!("this should be a record, but is {}", words.en));
            return self.told(&target.tree.range, message);
        }
        let key = target.key().map(|target| format!("{target}.linked({id:?}, {drafts:?})"));
        let result = Type::List(Box::new(Type::Record(Some(id.clone()))));
        Ok(Checked::new(range, TypedNode::Linked(Box::new(target.tree), id, drafts), result).keyed(key))
    }

    fn records(&mut self, record_type: &Syntax, drafts: Drafts, range: &Range<usize>) -> Result {
        let id = self.record_type(record_type)?;
        let key = format!("records({id:?}, {drafts:?})");
        let result = Type::List(Box::new(Type::Record(Some(id.clone()))));
        Ok(Checked::new(range, TypedNode::Records { record_type: id, equal: Vec::new(), drafts }, result).keyed(Some(key)))
    }

    /// The id of a type, written out.
    fn record_type(&mut self, syntax: &Syntax) -> Result<Arc<str>> {
        let SyntaxForm::Literal(Value::Text(id)) = &syntax.form else {
            let message = Words::new("这里须直接写出记录类型，如 \"customer\"", "the record type is written out here, like \"customer\"");
            return self.told(&syntax.range, message);
        };
        let schema = self.schema;
        let id = &schema.type_called(id).map_or_else(|| id.clone(), |own| own.id.clone());
        self.known_name(id, &syntax.range, "没有记录类型", "there is no record type", schema.types.keys())?;
        Ok(id.clone())
    }

    fn history(&mut self, field: &Syntax, day: &Syntax, range: &Range<usize>) -> Result {
        let (checked, day) = (self.check(field), self.expect(day, &Type::Date));
        let (checked, day) = (checked?, day?);
        let key = checked.key().zip(day.key()).map(|(field, day)| format!("{field}.on({day})"));
        match checked.tree.node {
            TypedNode::Field { record, name, .. } if checked.has_history => {
                let node = TypedNode::History { record, field: name, day: Box::new(day.tree) };
                Ok(Checked::new(range, node, checked.result.optional()).keyed(key))
            }
            _ => self.no_history(&checked.tree.range),
        }
    }

    fn no_history<T>(&mut self, range: &Range<usize>) -> Result<T> {
        let source = &self.text[range.clone()];
        let message = Words::new(
            format!("“{source}”没有 history：只有类型里写了 history 的字段才能问某一天的值"),
            format!("“{source}” has no history: only a field that the type lists under `history` has past values"),
        );
        self.told(range, message)
    }
}

/// `key` as a path from the variable: `date` as `it.date`, `feedback.date` as `it.feedback.date`.
fn path_from(key: &Syntax, variable: &Arc<str>) -> Option<Syntax> {
    let mut path = key.clone();
    match &mut path.form {
        SyntaxForm::Name(name) => {
            let name = super::parser::NamedRange { name: name.clone(), range: key.range.clone() };
            let target = Syntax { form: SyntaxForm::Name(variable.clone()), ..key.clone() };
            path.form = SyntaxForm::Select(Box::new(target), name);
        }
        SyntaxForm::Select(target, _) => **target = path_from(target, variable)?,
        _ => return None,
    }
    Some(path)
}

/// Passes the equalities of a condition to the search for the records that it chooses from.
fn demand_equalities(list: &mut Typed, condition: &Typed, slot: usize) {
    let TypedNode::Records { equal, .. } = &mut list.node else { return };
    let parts = match &condition.node {
        TypedNode::And(parts) => &parts[..],
        _ => std::slice::from_ref(condition),
    };
    for part in parts {
        let TypedNode::Equal { left, right, negated: false } = &part.node else { continue };
        for (field, value) in [(left, right), (right, left)] {
            if let Some(name) = field_of(field, slot).filter(|_| !value.mentions(slot)) {
                equal.push((name.clone(), (**value).clone()));
                break;
            }
        }
    }
}

/// `x.f` of the variable.
fn field_of(typed: &Typed, slot: usize) -> Option<&Arc<str>> {
    match &typed.node {
        TypedNode::Field { record, name, .. } if matches!(record.node, TypedNode::Variable(s) if s == slot) => Some(name),
        _ => None,
    }
}
