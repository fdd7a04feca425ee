use super::{
    super::{FoundingPlan, RULEBOOKS, founding},
    *,
};
use crate::{
    archive::Settings,
    check::{Tried, try_all},
    diagnostic::{Lang, Severity},
    document::Writing,
    policy::{Policies, figure::named},
};
use chrono::NaiveDate;
use std::collections::BTreeSet;

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2027, 5, 6).unwrap()
}

/// Each rulebook: its path, the Chinese text, the overlay and the English text.
fn rulebooks() -> impl Iterator<Item = (&'static str, &'static str, &'static str, String)> {
    RULEBOOKS.into_iter().zip(OVERLAYS).map(|((path, text), (same, overlay))| {
        assert_eq!(path, same);
        (path, text, overlay, in_english(path, text))
    })
}

fn english() -> Policies {
    let sources = Sources::from_memory(rulebooks().map(|(path, _, _, english)| (path, english)).collect::<Vec<_>>());
    Policies::compile(&sources, day())
}

/// Han characters and the punctuation and full-width forms that go with them; the space that parts
/// a key from its title is none.
fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3001}'..='\u{303f}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}')
}

#[test]
fn articles_blocks_and_own_entries_make_an_english_rulebook() {
    let text = "---
policy: notes
title: 记事制度
prose:
  purpose: [第1条]
---
# 记事制度

## 第1条　目的

为了记事。

## 第11条 A　内容

依第1条记下。

```yaml type
id: note
label: {zh: 记事, en: Note}
title: \"记事（{date}）\"
sections: [事实]
```

```yaml style
id: plain
avoid: [大概,
  也许]
say:
  zh: >-
    依第1条，
    不说“大概”
  en: no guesses, by 第1条 and 第11条 A
examples:
- breaks: 大概。
```
";
    let overlay = "---
title: Policy on Notes
words:
  \"记事（{date}）\": \"Note ({date})\"
  \"[事实]\": \"[Facts]\"
---
## 第1条 => 1　Purpose

So that notes are made.

## 第11条 A => 11A　Contents

They are made under article 1,

each at its time.

```yaml style
id: plain
avoid: [maybe]
examples:
- breaks: Maybe.
```
";
    let english = "---
policy: notes
title: Policy on Notes
prose:
  purpose: [1]
---
# Policy on Notes

## 1　Purpose

So that notes are made.

## 11A　Contents

They are made under article 1,

each at its time.

```yaml type
id: note
label: {zh: 记事, en: Note}
title: \"Note ({date})\"
sections: [Facts]
```

```yaml style
id: plain
avoid: [maybe]
say:
  zh: >-
    依第1条，
    不说“大概”
  en: no guesses, by 1 and 11A
examples:
- breaks: Maybe.
```
";
    assert_eq!(composed(text, overlay), english);
    assert_eq!(in_english("policies/other.md", text), text);
    assert_eq!(composed("no rulebook", overlay), "no rulebook\n");
}

#[test]
fn every_article_has_one_english_counterpart_and_every_entry_is_used() {
    let mut wrong = Vec::new();
    for (path, text, overlay, _) in rulebooks() {
        let (rulebook, overlay) = (Paper::read(text), Paper::read(overlay));
        assert!(overlay.document.findings.is_empty(), "{path}: {:?}", overlay.document.findings);
        let (articles, translated) = (rulebook.articles(), overlay.articles());
        let keys: Vec<&str> = articles.iter().map(|article| key(article.heading)).collect();
        let read = translated.iter().map(|article| Heading::read(article.heading).unwrap_or_else(|| panic!("{path}: {}", article.heading)));
        let headings: Vec<Heading<'_>> = read.collect();
        if headings.iter().map(|heading| heading.stands_for).ne(keys.iter().copied()) {
            let known: BTreeSet<&str> = headings.iter().map(|heading| heading.stands_for).collect();
            let missing: Vec<_> = keys.iter().filter(|key| !known.contains(**key)).collect();
            let stale: Vec<_> = known.iter().filter(|key| !keys.contains(*key)).collect();
            wrong.push(format!("{path}: missing {missing:?}, stale {stale:?}, or in another order"));
        }
        for (article, english) in articles.iter().zip(&translated) {
            let own = english.blocks.iter().filter(|own| !article.blocks.iter().any(|block| rulebook.names(block) == overlay.names(own)));
            wrong.extend(own.map(|own| format!("{path}: {:?} stands for no block of {}", overlay.names(own), article.heading)));
            if article.prose.is_empty() != english.prose.is_empty() || article.level != english.level {
                wrong.push(format!("{path}: {} and {}", article.heading, english.heading));
            }
            let (theirs, ours) = (placeholders(article.prose), placeholders(english.prose));
            if theirs != ours {
                wrong.push(format!("{path}: {} has {theirs:?}, {} {ours:?}", article.heading, english.heading));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

/// The figures that a piece of prose names.
fn placeholders(prose: &str) -> BTreeSet<&str> {
    let figures = named(prose).into_iter().map(|(_, name)| name);
    figures.chain(prose.contains("{effective}").then_some("effective")).collect()
}

#[test]
fn every_word_in_front_of_an_overlay_stands_in_the_rulebook() {
    for (path, text, overlay, _) in rulebooks() {
        let overlay = Paper::read(overlay);
        let listed = overlay.document.front.get("words").map_or(&[][..], Node::entries);
        let stale: Vec<_> = listed.iter().map(|(word, _)| &*word.text).filter(|word| !text.contains(word)).collect();
        assert_eq!(stale, [""; 0], "{path}");
    }
}

/// A reader of English meets Chinese only where a reader of Chinese is spoken to.
#[test]
fn nothing_but_what_is_said_in_chinese_is_chinese() {
    for (path, _, _, english) in rulebooks() {
        let paper = Paper::read(&english);
        let mut kept = Vec::new();
        let fences = &paper.document.body.fences;
        fences.iter().for_each(|fence| collect_chinese(&yaml::read(&english, fence.content).node, &mut kept));
        let (mut rest, mut from) = (String::new(), 0);
        kept.sort_by_key(|place| place.start);
        for place in kept {
            rest += &english[from..place.start];
            from = place.end;
        }
        rest += &english[from..];
        let chinese: Vec<&str> = rest.lines().filter(|line| line.contains(is_chinese)).collect();
        assert_eq!(chinese, [""; 0], "{path}");
    }
}

/// Prose that stands behind a block would have no place in an overlay.
#[test]
fn the_prose_of_every_article_stands_before_its_blocks() {
    for (path, text, _, _) in rulebooks() {
        let paper = Paper::read(text);
        for article in paper.articles() {
            let Some(first) = article.blocks.first() else { continue };
            let behind = first.span.start as usize;
            let end = paper.document.body.headings.iter().map(|heading| heading.span.start as usize).find(|start| *start > behind);
            let prose = Writing::read(text, paper.document.body.span).prose;
            let late = prose.iter().find(|run| (behind..end.unwrap_or(text.len())).contains(&(run.span.start as usize)));
            assert!(late.is_none(), "{path}: {}: {}", article.heading, late.unwrap().text);
        }
    }
}

#[test]
fn the_english_rulebooks_compile_and_their_blocks_are_the_chinese_ones() {
    let english = english();
    let told: Vec<_> = english.findings.iter().map(|finding| (&finding.code, finding.severity, &finding.message.en)).collect();
    assert!(told.iter().all(|(_, severity, _)| *severity != Severity::Error), "{told:?}");
    let chinese = Policies::compile(&Sources::from_memory(RULEBOOKS), day());
    let codes = |policies: &Policies| policies.findings.iter().map(|finding| finding.code.to_string()).collect::<Vec<_>>();
    assert_eq!(codes(&english), codes(&chinese), "{told:?}");
    let blocks = |policies: &Policies| -> Vec<(String, String)> {
        let all = policies.versions.iter().flat_map(|policy| &policy.blocks);
        all.map(|block| (block.id.to_string(), format!("{:?}", std::mem::discriminant(&block.kind)))).collect()
    };
    assert_eq!(blocks(&english), blocks(&chinese));
}

#[test]
fn every_example_of_the_english_rulebooks_holds() {
    let policies = english();
    let settings = Settings::of(&Sources::from_memory([("chancery.yaml", "name: House\nlanguage: en\ntime_zone: \"+08:00\"\n")])).unwrap();
    let chinese = Policies::compile(&Sources::from_memory(RULEBOOKS), day());
    let count = |tried: &[Tried<'_>]| tried.iter().map(|tried| (tried.holds, tried.breaks, tried.late)).collect::<Vec<_>>();
    let tried = try_all(&policies, &settings);
    assert_eq!(count(&tried), count(&try_all(&chinese, &settings)));
    let failed: Vec<_> = tried.iter().flat_map(|tried| &tried.failed).map(|finding| (&finding.code, &finding.message.en)).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

/// What is cut with the rulebooks that are left out is cut by what blocks say to the program, in
/// either language.
#[test]
fn the_same_is_left_out_in_either_language() {
    let left = |lang, id: &str| {
        let policies = [id.to_owned()];
        let founded = founding(&FoundingPlan {
            id: "3kq7-2mvd",
            name: "House",
            lang,
            today: day(),
            admin: "jane.doe",
            admin_name: "Jane Doe",
            public_key: "",
            server_key: None,
            policies: &policies,
        });
        let policies = founded.unwrap().policies;
        let blocks = policies.versions.iter().flat_map(|policy| &policy.blocks).map(|block| block.id.to_string()).collect::<Vec<_>>();
        let (posts, departments) = (&policies.posts.posts, &policies.posts.departments);
        (blocks, posts.keys().cloned().collect::<Vec<_>>(), departments.keys().cloned().collect::<Vec<_>>())
    };
    for id in ["credit", "market-information"] {
        assert_eq!(left(Lang::En, id), left(Lang::Zh, id), "{id}");
    }
}
