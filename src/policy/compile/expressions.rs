//! Expressions in a block: compiled in the scope of every type that the block is for; what is said,
//! with expressions in braces; the variables of `each`; and who is meant by a reader.

use super::{
    desk::{Desk, code, stretch},
    naming::may_be_called,
};
use crate::{
    diagnostic::{Finding, Words, nearest},
    document::Node,
    policy::{
        Each, Expression, FieldPath, Judged, Party, RecordType,
        block::{Say, SayPiece},
        expression::{ExpressionPlace, Mistake, Scope, Type},
    },
    source::Span,
};
use std::sync::Arc;

/// The scopes of a block: one for each type it is for, or one for the archive.
#[derive(Clone, Debug)]
pub(super) struct Scopes(Vec<Scope>);

impl Scopes {
    pub fn of(judged: &Judged) -> Scopes {
        match judged {
            Judged::Archive => Scopes(vec![Scope::default()]),
            Judged::Types(types) => Scopes::of_types(types),
        }
    }

    pub fn of_types(types: &[Arc<str>]) -> Scopes {
        Scopes(types.iter().map(|id| Scope { record: Some(id.clone()), ..Scope::default() }).collect())
    }

    /// The archive's scope where there is no type.
    pub fn or_archive(self) -> Scopes {
        if self.0.is_empty() { Scopes::of(&Judged::Archive) } else { self }
    }

    /// The same with a variable more, whose type may differ from scope to scope.
    pub fn with(mut self, name: &Arc<str>, types: impl IntoIterator<Item = Type>) -> Scopes {
        for (scope, variable) in self.0.iter_mut().zip(types) {
            scope.variables.push((name.clone(), variable));
        }
        self
    }

    /// The same where a condition holds: what it has asked for with has() is there.
    pub fn where_holds(mut self, conditions: Option<&[Expression]>) -> Scopes {
        for (scope, condition) in self.0.iter_mut().zip(conditions.unwrap_or_default()) {
            scope.present.extend(condition.asserts_present());
        }
        self
    }
}

/// Compiling expressions.
impl Desk<'_> {
    /// One expression for each scope, in which nothing but the types of what it reads differs; none
    /// where a scope finds a mistake.
    pub fn expressions(&self, node: &Node, scopes: &Scopes, expected: Option<&Type>) -> Option<Vec<Expression>> {
        let text = self.expression_text(node)?;
        let place = self.place(node, &text);
        self.compile_text(&text, place, scopes, expected)
    }

    pub fn expression(&self, node: &Node, scopes: &Scopes, expected: Option<&Type>) -> Option<Expression> {
        self.expressions(node, scopes, expected)?.into_iter().next()
    }

    /// A condition: each scope's own, for [`Scopes::where_holds`].
    pub fn condition(&self, node: &Node, key: &str, scopes: &Scopes) -> Option<Vec<Expression>> {
        self.optional(node, key).and_then(|n| self.expressions(n, scopes, Some(&Type::Bool)))
    }

    /// An expression whose values are of one of a few types.
    pub fn expression_of(&self, node: &Node, scopes: &Scopes, fits: impl Fn(&Type) -> bool, wanted: Words) -> Option<Expression> {
        let expressions = self.expressions(node, scopes, None)?;
        if expressions.iter().all(|e| fits(&e.result)) {
            return expressions.into_iter().next();
        }
        self.error(code::EXPRESSION, node.span, wanted);
        None
    }

    /// A date that may be missing.
    pub fn optional_date(&self, node: &Node, scopes: &Scopes) -> Option<Expression> {
        let date = |t: &Type| matches!(t, Type::Date) || *t == Type::Optional(Box::new(Type::Date));
        self.expression_of(node, scopes, date, Words::new("此处应为日期", "a date is expected here"))
    }

    fn expression_text(&self, node: &Node) -> Option<Arc<str>> {
        if node.list().is_some() {
            let written = self.sources.slice(node.span);
            if written.starts_with('[') {
                return Some(written.into());
            }
        }
        let text = match node.text() {
            Some(text) if !text.trim().is_empty() => text.trim(),
            _ => {
                self.error(self.shape, node.span, Words::new("此处应为表达式", "an expression is expected here"));
                return None;
            }
        };
        if self.ends_at_comma(node, text) {
            let message = Words::new(
                "在 […] 或 {…} 里，值到逗号为止；含逗号的表达式须加引号",
                "inside […] or {…} a value ends at the comma; quote an expression that has one",
            );
            self.error(self.shape, node.span, message);
            return None;
        }
        Some(text.into())
    }

    /// A call cut in two by the comma of a YAML list or mapping.
    fn ends_at_comma(&self, node: &Node, text: &str) -> bool {
        let open = text.matches('(').count() > text.matches(')').count();
        open && self.sources.file(node.span.file).text.get(node.span.end as usize..).is_some_and(|rest| rest.trim_start().starts_with(','))
    }

    pub fn compile_text(&self, text: &str, place: ExpressionPlace, scopes: &Scopes, expected: Option<&Type>) -> Option<Vec<Expression>> {
        let mut compiled = Vec::new();
        let mut mistakes: Vec<Mistake> = Vec::new();
        for scope in &scopes.0 {
            match Expression::compile(text, place, scope, &self.schema, expected) {
                Ok(expression) => compiled.push(expression),
                Err(found) => mistakes.extend(found.into_iter().filter(|m| !mistakes.contains(m)).collect::<Vec<_>>()),
            }
        }
        let failed = !mistakes.is_empty();
        mistakes.into_iter().for_each(|mistake| self.note_mistake(mistake));
        (!failed).then_some(compiled)
    }

    fn note_mistake(&self, mistake: Mistake) {
        let written = self.sources.slice(mistake.span).trim_matches(['"', '\'']);
        let name = written.rsplit('.').next().unwrap_or(written);
        if self.told.contains(name) || self.told.speaks(&mistake.message.zh) {
            return self.note_consequence(code::EXPRESSION, mistake.span);
        }
        self.note(Finding::error(code::EXPRESSION, mistake.span, mistake.message));
    }
}

/// What is said.
impl Desk<'_> {
    pub fn say(&self, node: &Node, key: &str, scopes: &Scopes) -> Option<Say> {
        let (zh, en) = self.both(self.optional(node, key)?)?;
        let (zh, en) = (self.pieces(zh, scopes), self.pieces(en, scopes));
        Some(Say { zh: zh?, en: en? })
    }

    /// Text with expressions in braces; `{{` and `}}` are braces themselves.
    fn pieces(&self, node: &Node, scopes: &Scopes) -> Option<Vec<SayPiece>> {
        let text = self.text(node)?;
        let place = self.place(node, &text);
        let mut pieces = Vec::new();
        let mut words = String::new();
        let mut rest = &*text;
        while let Some(at) = rest.find(['{', '}']) {
            words.push_str(&rest[..at]);
            let brace = &rest[at..at + 1];
            if rest[at + 1..].starts_with(brace) {
                words.push_str(brace);
                rest = &rest[at + 2..];
                continue;
            }
            let Some(length) = (brace == "{").then(|| closing_brace(&rest[at + 1..])).flatten() else {
                return self.odd_brace(node, place, text.len() - rest.len() + at);
            };
            if !words.is_empty() {
                pieces.push(SayPiece::Text(std::mem::take(&mut words).into()));
            }
            let inner = &rest[at + 1..at + 1 + length];
            let from = (text.len() - rest.len() + at + 1) as u32;
            pieces.push(SayPiece::Expression(self.piece(inner, place, from, scopes)?));
            rest = &rest[at + 2 + length..];
        }
        words.push_str(rest);
        if !words.is_empty() {
            pieces.push(SayPiece::Text(words.into()));
        }
        Some(pieces)
    }

    fn piece(&self, inner: &str, whole: ExpressionPlace, from: u32, scopes: &Scopes) -> Option<Expression> {
        let place = ExpressionPlace { verbatim_from: whole.verbatim_from.map(|at| at + from), ..whole };
        self.compile_text(inner, place, scopes, None)?.into_iter().next()
    }

    fn odd_brace(&self, node: &Node, place: ExpressionPlace, at: usize) -> Option<Vec<SayPiece>> {
        let span = place.verbatim_from.map_or(node.span, |from| stretch(node.span, from + at as u32, 1));
        let message = Words::new("花括号不成对；要写花括号本身，请写两个", "an unpaired brace; write it twice for the brace itself");
        self.error(self.shape, span, message);
        None
    }
}

/// Where the brace closes that was opened just before: not inside quotes.
fn closing_brace(text: &str) -> Option<usize> {
    let (mut quote, mut escaped, mut depth) = (None, false, 0usize);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') if depth == 0 => return Some(at),
            (None, '}') => depth -= 1,
            _ => {}
        }
    }
    None
}

/// `each`.
impl Desk<'_> {
    /// The variables and the scopes with them.
    pub fn each(&self, node: &Node, scopes: Scopes) -> Option<(Vec<Each>, Scopes)> {
        let Some(each) = self.optional(node, "each") else { return Some((Vec::new(), scopes)) };
        if !each.is_map() {
            let text = self.text(each)?;
            return self.row(each, &text, scopes);
        }
        let mut variables = Vec::new();
        let mut scopes = scopes;
        for (key, list) in each.entries() {
            let name = self.variable(&key.text, key.span)?;
            let source = self.expression_text(list)?;
            let place = self.place(list, &source);
            let (each, wider) = self.variable_of(name, list, &source, place, scopes)?;
            variables.push(each);
            scopes = wider;
        }
        Some((variables, scopes))
    }

    /// `o in orders`.
    fn row(&self, node: &Node, text: &str, scopes: Scopes) -> Option<(Vec<Each>, Scopes)> {
        let Some((name, list)) = text.split_once(" in ") else {
            self.error(self.shape, node.span, Words::new("应写成“行 in 列表”，如“o in orders”", "write “row in list”, as “o in orders”"));
            return None;
        };
        let place = self.place(node, text);
        let at = |word: &str| place.verbatim_from.map(|from| from + (word.as_ptr() as usize - text.as_ptr() as usize) as u32);
        let (name, list) = (name.trim(), list.trim());
        let name = self.variable(name, at(name).map_or(node.span, |from| stretch(node.span, from, name.len())))?;
        let list_place = ExpressionPlace { span: node.span, verbatim_from: at(list) };
        let (each, scopes) = self.variable_of(name, node, list, list_place, scopes)?;
        Some((vec![each], scopes))
    }

    fn variable(&self, name: &str, span: Span) -> Option<Arc<str>> {
        if may_be_called(name) {
            return Some(name.into());
        }
        self.error(self.shape, span, Words::new(format!("“{name}”不能作变量名"), format!("“{name}” is no name for a variable")));
        None
    }

    fn variable_of(&self, name: Arc<str>, node: &Node, list: &str, place: ExpressionPlace, scopes: Scopes) -> Option<(Each, Scopes)> {
        let compiled = self.compile_text(list, place, &scopes, None)?;
        let elements: Option<Vec<Type>> = compiled.iter().map(|e| element(&e.result)).collect();
        let Some(elements) = elements else {
            self.error(code::EXPRESSION, node.span, Words::new(format!("“{list}”不是列表"), format!("“{list}” is no list")));
            return None;
        };
        let record_types = scopes.0.iter().filter_map(|s| self.schema.types.get(s.record.as_ref()?));
        let field = record_types.flat_map(|t| &t.fields).find(|f| &*f.name == list).map(|f| f.name.clone());
        let each = Each { name: name.clone(), list: compiled.into_iter().next()?, field };
        Some((each, scopes.with(&name, elements)))
    }
}

fn element(result: &Type) -> Option<Type> {
    match result {
        Type::List(element) => Some((**element).clone()),
        Type::Optional(inner) => element(inner),
        _ => None,
    }
}

/// Fields that are pointed at.
impl Desk<'_> {
    /// `due`, `contact.phone`, or with a variable of `each` `o.due` or `o`, as written.
    pub fn pointed_at(&self, node: &Node, types: &[Arc<RecordType>], scopes: &Scopes) -> Option<FieldPath> {
        let text = self.text(node)?;
        let segments: Vec<&str> = text.split('.').collect();
        let variable = scopes.0.iter().map(|s| s.variables.iter().find(|(name, _)| **name == *segments[0])).collect::<Option<Vec<_>>>();
        let Some(variables) = variable.filter(|v| !v.is_empty()) else {
            return self.checked_path(node, &segments, types);
        };
        let known = variables.iter().all(|(_, of)| self.has_part(node, of, &segments[1..]));
        known.then(|| FieldPath(segments.iter().map(|s| (*s).into()).collect()))
    }

    /// Whether values of a type have what a path names.
    fn has_part(&self, node: &Node, of: &Type, path: &[&str]) -> bool {
        let Some((first, rest)) = path.split_first() else { return true };
        match of {
            Type::Optional(inner) => self.has_part(node, inner, path),
            Type::Record(Some(id)) if self.schema.types.contains_key(id) => {
                super::fields::descend(self, &self.schema.types[id].fields, path, &|_| node.span).is_some()
            }
            Type::Table(columns) => match columns.get(*first) {
                Some(column) => self.has_part(node, column, rest),
                None => {
                    let message = Words::new(format!("没有字段“{first}”"), format!("there is no field “{first}”"));
                    self.unknown(code::TYPE, node.span, first, message, columns.keys().map(|c| &**c));
                    false
                }
            },
            _ => {
                self.error(code::TYPE, node.span, Words::new(format!("此处没有“{first}”"), format!("there is no “{first}” in this")));
                false
            }
        }
    }

    pub fn checked_path(&self, node: &Node, segments: &[&str], types: &[Arc<RecordType>]) -> Option<FieldPath> {
        if types.is_empty() {
            let message = Words::new("整个档案没有字段", "the archive as a whole has no fields");
            self.error(code::TYPE, node.span, message);
            return None;
        }
        let found = types.iter().all(|t| super::fields::descend(self, &t.fields, segments, &|_| node.span).is_some());
        found.then(|| FieldPath(segments.iter().map(|s| (*s).into()).collect()))
    }
}

/// Readers: to whom something is shown, or who has to do something.
impl Desk<'_> {
    pub fn readers(&self, node: &Node, scopes: &Scopes) -> Vec<Party> {
        self.items(node).iter().filter_map(|item| self.reader(item, scopes)).collect()
    }

    fn reader(&self, node: &Node, scopes: &Scopes) -> Option<Party> {
        let text = self.text(node)?;
        if &*text == "everyone" {
            return Some(Party::Everyone);
        }
        if let Some(post) = text.strip_prefix("post ") {
            return self.post(node, post.trim()).map(Party::Post);
        }
        if let Some(department) = text.strip_prefix("department ") {
            return self.department(node, department.trim()).map(Party::Department);
        }
        // A label names it as well as the id does.
        let posts = self.schema.posts;
        let called = || posts.post_called(&text).map(|post| &post.id).or_else(|| posts.department_called(&text).map(|own| &own.id));
        let text = if self.is_field(&text, scopes) { text } else { called().unwrap_or(&text).clone() };
        let (is_post, is_department) = (self.names.posts.contains(&text), self.names.departments.contains(&text));
        if (is_post || is_department) && self.is_field(&text, scopes) {
            let kind = if is_post { "post" } else { "department" };
            let message = Words::new(
                format!("“{text}”既是{}，又是字段或变量，无从知道指哪一个", if is_post { "岗位" } else { "部门" }),
                format!("“{text}” is both a {kind} and a field or variable: nobody can tell which is meant"),
            );
            let fix = Words::new(format!("写作 {kind} {text} 或 self.{text}"), format!("write `{kind} {text}` or `self.{text}`"));
            self.note(Finding::error(code::TYPE, node.span, message).with_fix(fix));
            return None;
        }
        if is_post {
            return Some(Party::Post(text));
        }
        if is_department {
            return Some(Party::Department(text));
        }
        self.reader_path(node, &text, scopes)
    }

    fn reader_path(&self, node: &Node, text: &str, scopes: &Scopes) -> Option<Party> {
        if let Some(meant) = self.misspelt_office(text, scopes) {
            let message = Words::new(format!("没有岗位或部门“{text}”"), format!("there is no post or department “{text}”"));
            self.note(Finding::error(code::TYPE, node.span, message).with_fix(super::desk::write(&meant)));
            return None;
        }
        let wanted =
            Words::new("此处应为人员、人员的列表、岗位或部门", "a person, a list of people, a post or a department is expected here");
        self.expression_of(node, scopes, |result| self.names_people(result), wanted).map(Party::Path)
    }

    /// A word that is no name in scope, and near to a post or department.
    fn misspelt_office(&self, text: &str, scopes: &Scopes) -> Option<Arc<str>> {
        let word = text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
        if !word || self.told.contains(text) || self.is_field(text, scopes) {
            return None;
        }
        nearest(text, self.names.posts.iter().chain(&self.names.departments).map(|id| &**id)).map(Into::into)
    }

    /// Whether a word is a field of a record that is spoken of, or a variable.
    fn is_field(&self, text: &str, scopes: &Scopes) -> bool {
        if scopes.0.iter().flat_map(|scope| &scope.variables).any(|(name, _)| **name == *text) {
            return true;
        }
        let mut in_scope = scopes.0.iter().filter_map(|s| self.schema.types.get(s.record.as_ref()?)).flat_map(|t| &t.fields);
        in_scope.any(|f| &*f.name == text)
    }

    fn names_people(&self, result: &Type) -> bool {
        match result {
            Type::Record(Some(id)) => self.names.is_person(id),
            Type::Post | Type::Department | Type::PersonOrPost | Type::Never => true,
            Type::List(inner) | Type::Optional(inner) => self.names_people(inner),
            _ => false,
        }
    }

    pub fn post(&self, node: &Node, id: &str) -> Option<Arc<str>> {
        let message = || Words::new(format!("没有岗位“{id}”"), format!("there is no post “{id}”"));
        let labelled = || self.schema.posts.post_called(id).map(|post| post.id.clone());
        let known = self.names.post(id).cloned().or_else(labelled);
        if known.is_none() {
            self.unknown(code::TYPE, node.span, id, message(), self.names.posts.iter().map(|p| &**p));
        }
        known
    }

    pub fn department(&self, node: &Node, id: &str) -> Option<Arc<str>> {
        let message = || Words::new(format!("没有部门“{id}”"), format!("there is no department “{id}”"));
        let labelled = || self.schema.posts.department_called(id).map(|own| own.id.clone());
        let known = self.names.department(id).cloned().or_else(labelled);
        if known.is_none() {
            self.unknown(code::TYPE, node.span, id, message(), self.names.departments.iter().map(|d| &**d));
        }
        known
    }
}

/// What a block is for.
impl Desk<'_> {
    /// A type, a list of types, or `archive`.
    pub fn judged(&self, node: &Node) -> Option<Judged> {
        let named = self.required(node, "for", self.head)?;
        if named.text().is_some_and(|text| text.trim() == "archive") {
            return Some(Judged::Archive);
        }
        Some(Judged::Types(self.type_ids(named)?))
    }

    /// The ids of one or more types.
    pub fn type_ids(&self, node: &Node) -> Option<Vec<Arc<str>>> {
        let ids: Vec<Option<Arc<str>>> = self.items(node).iter().map(|item| self.type_id(item)).collect();
        let ids = ids.into_iter().collect::<Option<Vec<_>>>()?;
        if ids.is_empty() {
            self.error(self.shape, node.span, Words::new("没有写明类型", "no type is named"));
            return None;
        }
        Some(ids)
    }

    pub fn type_id(&self, node: &Node) -> Option<Arc<str>> {
        let text = self.text(node)?;
        if let Some(own) = self.schema.type_called(&text) {
            return Some(own.id.clone());
        }
        let message = Words::new(format!("没有“{text}”这种类型"), format!("there is no type “{text}”"));
        self.unknown(code::TYPE, node.span, &text, message, self.schema.types.keys().map(|id| &**id));
        None
    }

    pub fn record_types(&self, judged: &Judged) -> Vec<Arc<RecordType>> {
        match judged {
            Judged::Archive => Vec::new(),
            Judged::Types(ids) => ids.iter().filter_map(|id| self.schema.types.get(id).cloned()).collect(),
        }
    }
}
