//! The tree above the parser's events: bounded in nodes and depth, aliases resolved within the
//! bounds, keys unique.

use super::{Key, MAX_DEPTH, MAX_NODES, Node, NodeValue, YamlStop, place::YamlPlace, stop::StopReason};
use crate::{
    diagnostic::{Finding, Words, text::is_odd_space},
    source::{Span, interned, shared},
};
use granit_parser::{ErrorKind, Event, Options, Parser, ScalarStyle, StructureStyle, Tag, options};
use std::{
    collections::{HashMap, hash_map::Entry},
    ops::Range,
    sync::Arc,
};

#[derive(Debug)]
pub struct Tree {
    pub root: Node,
    pub findings: Vec<Finding>,
    pub stop: Option<YamlStop>,
    /// Keys that look as if a slip of the input method made them what they are.
    pub odd_keys: Vec<Range<usize>>,
}

impl Tree {
    /// Whether it was read further, or to its end.
    pub fn is_better_than(&self, other: &Tree) -> bool {
        let reached = |tree: &Tree| tree.stop.as_ref().map_or(usize::MAX, |stop| stop.at);
        (reached(self), other.odd_keys.len()) > (reached(other), self.odd_keys.len())
    }
}

pub fn parse(source: &str, place: YamlPlace<'_>) -> Tree {
    let mut builder = Builder::new(source, place);
    let stop = builder.read().err();
    builder.finish(stop)
}

fn parser_options() -> Options {
    options! { emit_comments: false, disallow_directives: true, flow_nesting_limit: MAX_DEPTH, block_nesting_limit: MAX_DEPTH }
}

/// A collection that is not closed yet.
struct Frame {
    start: usize,
    end: usize,
    anchor: usize,
    is_flow: bool,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map {
        entries: Vec<(Key, Node)>,
        seen: HashMap<Arc<str>, Span>,
        /// The key whose value comes next, and whether the entry is kept.
        pending: Option<(Key, bool)>,
    },
}

struct Builder<'s> {
    source: &'s str,
    place: YamlPlace<'s>,
    frames: Vec<Frame>,
    anchors: HashMap<usize, (Node, usize)>,
    budget: usize,
    documents: usize,
    root: Option<Node>,
    findings: Vec<Finding>,
    odd_keys: Vec<Range<usize>>,
    /// Where what was read last begins: what comes to a stop may lie there.
    last: usize,
}

impl<'s> Builder<'s> {
    fn new(source: &'s str, place: YamlPlace<'s>) -> Self {
        Builder {
            source,
            place,
            frames: Vec::new(),
            anchors: HashMap::new(),
            budget: MAX_NODES,
            documents: 0,
            root: None,
            findings: Vec::new(),
            odd_keys: Vec::new(),
            last: 0,
        }
    }

    fn read(&mut self) -> Result<(), YamlStop> {
        for event in Parser::new_from_str_with_options(self.source, parser_options()) {
            let (event, span) = event.map_err(|error| {
                let at = error.marker().byte_offset().unwrap_or(self.source.len());
                self.stop(StopReason::Syntax(error.kind().clone()), at..at)
            })?;
            let range = span.byte_range().unwrap_or(0..0);
            self.take(event, range)?;
        }
        Ok(())
    }

    fn take(&mut self, event: Event<'_>, range: Range<usize>) -> Result<(), YamlStop> {
        match event {
            Event::DocumentStart(..) => self.next_document(range),
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(tag.as_deref(), &range);
                self.scalar(&text, style, anchor, range)
            }
            Event::Alias(id) => self.alias(id, range),
            Event::SequenceStart(style, anchor, tag) => {
                self.refuse_tag(tag.as_deref(), &range);
                self.open(Content::List(Vec::new()), style, anchor, range)
            }
            Event::MappingStart(style, anchor, tag) => {
                self.refuse_tag(tag.as_deref(), &range);
                let content = Content::Map { entries: Vec::new(), seen: HashMap::new(), pending: None };
                self.open(content, style, anchor, range)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(range),
            _ => Ok(()),
        }
    }

    fn stop(&self, reason: StopReason, range: Range<usize>) -> YamlStop {
        // A mapping of one pair in a list, `[a: b]`, has no bracket of its own.
        let has_bracket = |frame: &&Frame| frame.is_flow && self.source[frame.start..].starts_with(['[', '{']);
        let open = self.frames.iter().rev().find(has_bracket).map(|frame| frame.start);
        YamlStop { reason, at: range.start, end: range.end, doubtful: self.last, open }
    }

    fn next_document(&mut self, range: Range<usize>) -> Result<(), YamlStop> {
        self.documents += 1;
        if self.documents > 1 { Err(self.stop(StopReason::SecondDocument, range)) } else { Ok(()) }
    }

    fn refuse_tag(&mut self, tag: Option<&Tag>, range: &Range<usize>) {
        let Some(tag) = tag.map(Tag::original) else { return };
        let start = self.source[..range.start].rfind(&tag).unwrap_or(range.start);
        let message = Words::new(format!("不接受 YAML 标签“{tag}”"), format!("the YAML tag ‘{tag}’ is not accepted"));
        let fix = Words::new("删去标签；值怎样读，由字段的类型决定", "remove the tag; the field’s type decides how a value is read");
        let span = self.place.span(start..start + tag.len());
        self.findings.push(Finding::error("document.yaml", span, message).with_fix(fix));
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, anchor: usize, range: Range<usize>) -> Result<(), YamlStop> {
        let is_plain = style == ScalarStyle::Plain;
        self.last = if is_plain { range.start } else { range.end };
        let range = self.scalar_range(style, range);
        let text = if range.is_empty() && is_plain { "" } else { text };
        // Keys are the same few in all documents, and so are many values.
        let text = if self.awaits_key() { interned(text) } else { shared(text) };
        let value = NodeValue::Scalar { text, plain: is_plain };
        self.place_node(Node { span: self.place.span(range), value }, anchor, 1)
    }

    fn awaits_key(&self) -> bool {
        matches!(self.frames.last(), Some(Frame { content: Content::Map { pending: None, .. }, .. }))
    }

    /// Nothing written stands behind its key's colon; a block scalar ends with its last line of
    /// words.
    fn scalar_range(&self, style: ScalarStyle, range: Range<usize>) -> Range<usize> {
        if range.is_empty() {
            let blank = self.source[range.start..].trim_start_matches([' ', '\t']);
            let at = if blank.starts_with(':') { self.source.len() - blank.len() + 1 } else { range.start };
            return at..at;
        }
        match style {
            ScalarStyle::Literal | ScalarStyle::Folded => range.start..range.start + self.source[range].trim_end().len(),
            _ => range,
        }
    }

    fn alias(&mut self, id: usize, range: Range<usize>) -> Result<(), YamlStop> {
        self.last = range.end;
        let Some((node, weight)) = self.anchors.get(&id) else { return Err(self.stop(StopReason::OwnAlias, range)) };
        if *weight > self.budget {
            return Err(self.stop(StopReason::TooManyNodes, range));
        }
        let (value, weight) = (node.value.clone(), *weight);
        self.place_node(Node { span: self.place.span(range), value }, 0, weight)
    }

    fn open(&mut self, content: Content, style: StructureStyle, anchor: usize, range: Range<usize>) -> Result<(), YamlStop> {
        if self.frames.len() >= MAX_DEPTH {
            return Err(self.stop(StopReason::TooDeep, range));
        }
        self.last = range.end;
        self.frames.push(Frame { start: range.start, end: range.end, anchor, is_flow: style == StructureStyle::Flow, content });
        Ok(())
    }

    fn close(&mut self, range: Range<usize>) -> Result<(), YamlStop> {
        let Some(mut frame) = self.frames.pop() else { return Ok(()) };
        if frame.is_flow {
            frame.end = range.end;
            self.last = range.end;
        }
        let anchor = frame.anchor;
        let node = self.node_of(frame);
        self.place_node(node, anchor, 1)
    }

    /// A collection as a node. What is indented goes from its first part to its last, not to where
    /// the parser noticed its end.
    fn node_of(&self, frame: Frame) -> Node {
        let mut span = self.place.span(frame.start..frame.end);
        let (value, parts) = match frame.content {
            Content::List(mut nodes) => {
                nodes.shrink_to_fit();
                let parts = nodes.first().zip(nodes.last()).map(|(first, last)| (self.dash_before(first), last.span.end));
                (NodeValue::List(nodes), parts)
            }
            Content::Map { mut entries, .. } => {
                entries.shrink_to_fit();
                let parts = entries.first().zip(entries.last()).map(|(first, last)| (first.0.span.start, last.1.span.end));
                (NodeValue::Map(entries), parts)
            }
        };
        if let Some((start, end)) = parts {
            let is_whole = frame.is_flow && span.end > end;
            span = Span {
                start: if frame.is_flow { span.start } else { start },
                end: if is_whole { span.end } else { end.max(start) },
                ..span
            };
        }
        Node { span, value }
    }

    fn dash_before(&self, node: &Node) -> u32 {
        let before = self.source[..node.span.start as usize - self.place.base].trim_end();
        if before.ends_with('-') { (self.place.base + before.len() - 1) as u32 } else { node.span.start }
    }

    fn place_node(&mut self, node: Node, anchor: usize, weight: usize) -> Result<(), YamlStop> {
        let at = node.span.start as usize - self.place.base;
        self.budget = self.budget.checked_sub(weight).ok_or_else(|| self.stop(StopReason::TooManyNodes, at..at))?;
        if anchor != 0 {
            let weight = weight_of(&node);
            self.anchors.insert(anchor, (node.clone(), weight));
        }
        match self.frames.pop() {
            None => self.root = Some(node),
            Some(mut frame) => {
                self.place_in(&mut frame.content, node);
                self.frames.push(frame);
            }
        }
        Ok(())
    }

    fn place_in(&mut self, content: &mut Content, node: Node) {
        match content {
            Content::List(nodes) => nodes.push(node),
            Content::Map { entries, seen, pending } => match pending.take() {
                None => *pending = Some(self.key(node, seen)),
                Some((key, is_kept)) => {
                    self.note_odd_key(&key, &node);
                    if is_kept {
                        entries.push((key, node));
                    }
                }
            },
        }
    }

    fn key(&mut self, node: Node, seen: &mut HashMap<Arc<str>, Span>) -> (Key, bool) {
        let NodeValue::Scalar { text, plain } = node.value else {
            self.refuse_key(node.span, Words::new("键须是文字，不能是列表或表格", "a key is text, not a list or a mapping"));
            return (Key { text: "".into(), span: node.span }, false);
        };
        if plain && &*text == "<<" {
            self.refuse_key(node.span, Words::new("不接受 YAML 合并键“<<”", "the YAML merge key ‘<<’ is not accepted"));
            return (Key { text, span: node.span }, false);
        }
        let is_first = match seen.entry(text.clone()) {
            Entry::Vacant(place) => {
                place.insert(node.span);
                true
            }
            Entry::Occupied(first) => {
                self.findings.push(duplicate(&text, node.span, *first.get()));
                false
            }
        };
        (Key { text, span: node.span }, is_first)
    }

    fn refuse_key(&mut self, span: Span, message: Words) {
        let fix = Words::new("把各字段逐一写出", "write the fields out one by one");
        self.findings.push(Finding::error("document.yaml", span, message).with_fix(fix));
    }

    fn note_odd_key(&mut self, key: &Key, value: &Node) {
        let range = key.span.start as usize - self.place.base..key.span.end as usize - self.place.base;
        let written = &self.source[range.clone()];
        let is_odd = written.starts_with(is_odd_space)
            || written.split(':').skip(1).any(|behind| behind.starts_with(is_odd_space))
            || (written.contains('：') && value.is_blank());
        if is_odd && !written.starts_with(['"', '\'']) {
            self.odd_keys.push(range);
        }
    }

    /// Words in which a colon came too late were taken for more, or for less, than was meant.
    fn drop_last_scalar(&mut self) {
        match self.frames.last_mut().map(|frame| &mut frame.content) {
            None => self.root = None,
            Some(Content::List(nodes)) => drop(nodes.pop()),
            Some(Content::Map { entries, pending, .. }) => {
                if pending.take().is_none() {
                    entries.pop();
                }
            }
        }
    }

    fn finish(mut self, stop: Option<YamlStop>) -> Tree {
        if stop.as_ref().is_some_and(|stop| stop.reason == StopReason::Syntax(ErrorKind::MappingValueNotAllowed)) {
            self.drop_last_scalar();
        }
        while let Some(frame) = self.frames.pop() {
            let node = self.node_of(frame);
            match self.frames.last_mut().map(|frame| &mut frame.content) {
                None => self.root = Some(node),
                Some(Content::List(nodes)) => nodes.push(node),
                Some(Content::Map { entries, pending, .. }) => {
                    if let Some((key, true)) = pending.take() {
                        entries.push((key, node));
                    }
                }
            }
        }
        let blank = || Node { span: self.place.span(0..0), value: NodeValue::Scalar { text: "".into(), plain: true } };
        Tree { root: self.root.unwrap_or_else(blank), findings: self.findings, stop, odd_keys: self.odd_keys }
    }
}

fn duplicate(key: &str, span: Span, first: Span) -> Finding {
    let message = Words::new(format!("键“{key}”写了两次"), format!("the key ‘{key}’ is written twice"));
    let fix = Words::new("保留一处，删去另一处", "keep one, remove the other");
    let mut finding = Finding::error("document.duplicate-key", span, message).with_fix(fix);
    finding.related.push((first, Words::new("第一次写在这里", "first written here")));
    finding
}

fn weight_of(node: &Node) -> usize {
    1 + match &node.value {
        NodeValue::Scalar { .. } => 0,
        NodeValue::List(nodes) => nodes.iter().map(weight_of).sum(),
        NodeValue::Map(entries) => entries.iter().map(|(_, value)| 1 + weight_of(value)).sum(),
    }
}
