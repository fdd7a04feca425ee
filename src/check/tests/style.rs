use super::{customer, expect, house, record, with_people};

const BLOCKS: &str = "```yaml style\nid: guesswork\nfor: report\nsections: [事实]\navoid: [大概, 也许]\nsay: {zh: 不用推测的词语, en: no guesswork}\nfix: {zh: 写查实的, en: what was found}\n```\n
```yaml style\nid: figures\nfor: report\nfigures_max: 20%\n```\n";

#[track_caller]
fn judged(facts: &str, expected: &str) {
    let text = format!(
        "---\ntype: report\nid: R-1\ncustomer: C-1\nreported: 2025-05-01\n---\n## 事实\n\n{facts}\n\n## 结论\n\n大概照旧，没有其他的情况需要另行报告。\n"
    );
    let records = with_people([customer("C-1", "grade: A\nlimit: 0\n"), record("r.md", &text)]);
    expect(&[&house(BLOCKS)], &records, "2026-01-01", expected);
}

#[test]
fn words_to_avoid_are_told_each_at_its_place() {
    judged("货款已经收清，**没有**拖欠。", "");
    judged(
        "大概有，也许没有。\n\n`大概` 是代码，> 大概",
        "records/r.md:9:1 `大概` error[house.guesswork] 不用推测的词语 | 写查实的 | 第2条
         records/r.md:9:5 `也许` error[house.guesswork] 不用推测的词语 | 写查实的 | 第2条
         records/r.md:11:12 `大概` error[house.guesswork] 不用推测的词语 | 写查实的 | 第2条",
    );
}

#[test]
fn words_are_met_across_line_ends_and_marks() {
    judged(
        "该公司大\n概有，也**许**没有，*也*[许](a.md)。\n\n大\\\n概。也<!-- 注 -->许。\n\n> 大\n> 概\n\n| a |\n|---|\n| 大~~概~~ |",
        "records/r.md:9:4 `大` error[house.guesswork] 不用推测的词语 | 写查实的 | 第2条
         records/r.md:10:4 `也**许` error[house.guesswork] 不用推测的词语 | 写查实的 | 第2条
         records/r.md:10:14 `也*[许` error[house.guesswork] 不用推测的词语 | 写查实的 | 第2条
         records/r.md:10:16 `[许](a.md)` error[reference.link] 链接“a.md”没有指向任何文件 | 核对路径；指向记录的，可写 [[编号]] | -
         records/r.md:12:1 `大\\` error[house.guesswork] 不用推测的词语 | 写查实的 | 第2条
         records/r.md:13:3 `也<!-- 注 -->许` error[house.guesswork] 不用推测的词语 | 写查实的 | 第2条
         records/r.md:15:3 `大` error[house.guesswork] 不用推测的词语 | 写查实的 | 第2条
         records/r.md:20:3 `大~~概` error[house.guesswork] 不用推测的词语 | 写查实的 | 第2条",
    );
    judged(
        "大\n\n概。- 大\n- 概\n\n大`码`概，大 概，大![](概)概",
        "records/r.md:14:12 `![](概)` error[reference.attachment] 没有图片“概” | 核对路径；指向记录的，可写 [[编号]] | -",
    );
}

#[test]
fn words_are_met_in_fields_of_text() {
    let blocks = "```yaml style\nid: guesswork\nfor: customer\navoid: [大概, might be]\n```\n";
    let more = "grade: A\nlimit: 0\ncontact: {person: 大概姓王}\n";
    let (path, text) = customer("C-1", more);
    let text = text.replace("name: 恒润纺织\n", "name: |-\n  might\n  be 大\n  概\n");
    expect(
        &[&house(blocks)],
        &with_people([(path, text)]),
        "2026-01-01",
        "records/C-1.md:5:3 `might` error[house.guesswork] 不用“might be” | - | 第2条
         records/C-1.md:5:3 `might` error[house.guesswork] 不用“大概” | - | 第2条
         records/C-1.md:12:19 `大概` error[house.guesswork] 不用“大概” | - | 第2条",
    );
}

#[test]
fn a_word_in_latin_letters_is_found_whole_in_capitals_or_not() {
    let blocks = "```yaml style\nid: guesswork\nfor: report\navoid: [might, in my view]\nsay: {zh: '{found}', en: '{found}'}\n```\n";
    let text = "---\ntype: report\nid: R-1\ncustomer: C-1\nreported: 2025-05-01\n---\n## 事实\n\nMight be; the mighty might, MIGHTED. In my viewing, in My View: 说might吧。\n\n## 结论\n\n收清。\n";
    let records = with_people([customer("C-1", "grade: A\nlimit: 0\n"), record("r.md", text)]);
    expect(
        &[&house(blocks)],
        &records,
        "2026-01-01",
        "records/r.md:9:1 `Might` error[house.guesswork] might | - | 第2条
         records/r.md:9:22 `might` error[house.guesswork] might | - | 第2条
         records/r.md:9:53 `in My View` error[house.guesswork] in my view | - | 第2条
         records/r.md:9:66 `might` error[house.guesswork] might | - | 第2条",
    );
}

#[test]
fn figures_beyond_their_share_and_those_in_a_table() {
    judged("| 月份 | 金额 |\n|---|---|\n| 202501 | 1234567890123456789012345678901234567890 |\n", "");
    judged(
        "货款48000元、36500元、27800元。",
        "records/r.md:9:1 `货款48000元、36500元、27800元。` error[house.figures] 数字占正文的 35.7%，至多 20% | - | 第2条",
    );
}

/// The words may name what was found, and the share of figures; that is told where most of them
/// stand.
#[test]
fn the_words_of_a_style_name_what_was_found() {
    let blocks = "```yaml style\nid: guesswork\nfor: report\navoid: [大概]\nfigures_max: 20%\nsay: {zh: '{found}{share}', en: '{found} {share}'}\n```\n";
    let text = "---\ntype: report\nid: R-1\ncustomer: C-1\nreported: 2025-05-01\n---\n## 事实\n\n收清。\n\n48000元、36500元。\n\n## 结论\n\n大概照旧。\n";
    let records = with_people([customer("C-1", "grade: A\nlimit: 0\n"), record("r.md", text)]);
    expect(
        &[&house(blocks)],
        &records,
        "2026-01-01",
        "records/r.md:11:1 `48000元、36500元。` error[house.guesswork] 45.5 | - | 第2条
         records/r.md:15:1 `大概` error[house.guesswork] 大概0 | - | 第2条",
    );
}
