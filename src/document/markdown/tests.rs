use super::*;

fn html(text: &str) -> String {
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, events(text).into_iter().map(|(event, _)| event));
    html
}

#[test]
fn raw_html_is_text() {
    assert_eq!(html("<script>alert(1)</script>\n"), "<p>&lt;script&gt;alert(1)&lt;/script&gt;\n</p>\n");
    assert_eq!(html("a <b onclick=x>b</b>"), "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>\n");
}

#[test]
fn heading_attributes_are_words() {
    assert_eq!(html("# a {onclick=x}"), "<h1>a {onclick=x}</h1>\n");
}

#[test]
fn stray_brackets_are_one_text() {
    assert_eq!(events("a [[[ b").into_iter().filter(|(e, _)| matches!(e, Event::Text(_))).count(), 1);
}

#[test]
fn emphasis_next_to_chinese_punctuation_is_bold() {
    check("这是**重点。**后文", "这是<strong>重点。</strong>后文");
    check("甲**“乙”**丙**丁。**戊", "甲<strong>“乙”</strong>丙<strong>丁。</strong>戊");
    check("前~~作废。~~后", "前<del>作废。</del>后");
    check("甲**见[书](b.md)。**乙", "甲<strong>见<a href=\"b.md\">书</a>。</strong>乙");
    check("甲**一~~二。~~三。**四", "甲<strong>一<del>二。</del>三。</strong>四");
    check("甲~~一**二。~~三。**四", "甲<del>一**二。</del>三。**四");
}

#[test]
fn what_is_no_emphasis_stays_as_written() {
    check("甲\\*\\*乙。**丙", "甲**乙。**丙");
    check("甲\\***乙。**丙", "甲***乙。**丙");
    check("二 ** 三 ** 四", "二 ** 三 ** 四");
    check("`**甲。**`乙", "<code>**甲。**</code>乙");
    check("甲**", "甲**");
    assert_eq!(html("```\n甲**乙。**丙\n```\n"), "<pre><code>甲**乙。**丙\n</code></pre>\n");
    check("甲****乙。****丙", "甲****乙。****丙");
    check("**[甲。**乙](c.md)", "**<a href=\"c.md\">甲。**乙</a>");
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(html(text), format!("<p>{expected}</p>\n"), "{text}");
}

#[test]
fn emphasis_next_to_chinese_punctuation_by_one_two_and_three() {
    check("这是*重点。*后文", "这是<em>重点。</em>后文");
    check("匹配*“词”*字符", "匹配<em>“词”</em>字符");
    check("前***强调。***后", "前<em><strong>强调。</strong></em>后");
    check(
        "这是*重点。*后文，匹配*“词”*字符，前***强调。***后",
        "这是<em>重点。</em>后文，匹配<em>“词”</em>字符，前<em><strong>强调。</strong></em>后",
    );
    check("甲*（乙）*丙**（丁）**戊", "甲<em>（乙）</em>丙<strong>（丁）</strong>戊");
    check("甲**乙*丙。*丁。**戊", "甲<strong>乙<em>丙。</em>丁。</strong>戊");
    check("甲*乙**丙。**丁。*戊", "甲<em>乙<strong>丙。</strong>丁。</em>戊");
    check("甲***乙。**丙。*丁", "甲<em><strong>乙。</strong>丙。</em>丁");
    check("甲**`a.b`**乙*“c”*丁", "甲<strong><code>a.b</code></strong>乙<em>“c”</em>丁");
    check("**甲。***乙。*丙", "<strong>甲。</strong><em>乙。</em>丙");
    check("甲*[乙。*](c.md)*丁", "甲<em><a href=\"c.md\">乙。*</a></em>丁");
}

#[test]
fn stars_between_latin_words_are_as_commonmark_has_them() {
    check("2 * 3 and *a* b", "2 * 3 and <em>a</em> b");
    check("*$*alpha. *£*bravo.", "*$*alpha. *£*bravo.");
    check("a*\"b\"*c *d*", "a*\"b\"*c <em>d</em>");
    check("*foo**bar*  * x", "<em>foo**bar</em>  * x");
    check("**a *b** c", "*<em>a <em>b</em></em> c");
}

/// Every text of a few letters: without Chinese the marks are paired as the parser pairs them.
#[test]
fn without_chinese_nothing_is_paired_anew() {
    const LETTERS: [char; 4] = ['a', '*', ' ', '.'];
    const LENGTH: u32 = 7;
    for number in 0..LETTERS.len().pow(LENGTH) {
        let text: String = (0..LENGTH).map(|digit| LETTERS[number / LETTERS.len().pow(digit) % LETTERS.len()]).collect();
        let mut parsed = String::new();
        pulldown_cmark::html::push_html(&mut parsed, Parser::new_ext(&text, options()));
        if !parsed.contains("****") {
            assert_eq!(html(&text), parsed, "{text:?}");
        }
    }
}

#[test]
fn a_line_end_between_chinese_is_nothing() {
    check("信用报\n告", "信用报告");
    check("到期，\n须付", "到期，须付");
    check("信用**报**\n*告*书", "信用<strong>报</strong><em>告</em>书");
    check("见[报\n告](a.md)\n书", "见<a href=\"a.md\">报告</a>书");
    check("他说：“好。”\n“不好。”", "他说：“好。”“不好。”");
    check("Ａ\nＢ", "ＡＢ");
    assert_eq!(html("> 甲\n> 乙\n\n- 丙\n  丁\n"), "<blockquote>\n<p>甲乙</p>\n</blockquote>\n<ul>\n<li>丙丁</li>\n</ul>\n");
    assert_eq!(html("甲\n乙\n===\n"), "<h1>甲乙</h1>\n");
}

#[test]
fn another_line_end_is_a_space() {
    for text in ["a\nb", "甲\nb", "a\n乙", "a “b”\n“c” d", "한국\n말", "甲\n5 台"] {
        check(text, text);
    }
    check("甲\\\n乙", "甲<br />\n乙");
}

#[test]
fn comments_are_not_shown() {
    assert_eq!(html("正文一。\n\n<!-- 备注\n\n再注 -->\n\n正文二<!-- 待核 -->。\n"), "<p>正文一。</p>\n<p>正文二。</p>\n");
    assert_eq!(html("- 甲 <!-- 注 -->\n- <!-- 注 -->\n"), "<ul>\n<li>甲 </li>\n<li></li>\n</ul>\n");
    check("<!-- a --> 甲 <!-- b --> 乙", " 甲  乙");
    check("<div>\n甲<!-- 注\n注 -->乙\n</div>", "&lt;div&gt;\n甲乙\n&lt;/div&gt;");
    check("信用报<!-- 注\n注 -->\n告", "信用报告");
    assert_eq!(html("# 甲 <!-- 注 -->\n\n> <!-- 注\n> 注 -->\n> 乙\n"), "<h1>甲 </h1>\n<blockquote>\n<p>乙</p>\n</blockquote>\n");
    assert_eq!(html("<!--> 甲\n\n<!---> 乙\n"), "<p> 甲\n</p>\n<p> 乙\n</p>\n");
}

#[test]
fn what_looks_like_a_comment_and_is_none_is_shown() {
    assert_eq!(
        html("`<!-- a -->`\n\n    <!-- b -->\n"),
        "<p><code>&lt;!-- a --&gt;</code></p>\n<pre><code>&lt;!-- b --&gt;\n</code></pre>\n"
    );
    check("\\<!-- a -->", "&lt;!-- a --&gt;");
    check("<!-- 没有完\n\n正文", "&lt;!-- 没有完\n\n正文");
}

#[test]
fn an_address_is_a_link() {
    let link = |href: &str| format!("<a href=\"{href}\">{href}</a>");
    check("见 https://example.com/a，与 b", &format!("见 {}，与 b", link("https://example.com/a")));
    check("见http://a.cn。https://b.cn/c?d=1#e）", &format!("见{}。{}）", link("http://a.cn"), link("https://b.cn/c?d=1#e")));
    check("(https://a.cn/b_(c)).", &format!("({}).", link("https://a.cn/b_(c)")));
    check("见https://a.cn了解", &format!("见{}了解", link("https://a.cn")));
    check("**https://a.cn**", &format!("<strong>{}</strong>", link("https://a.cn")));
    check("来信 <a@b.cn>", "来信 <a href=\"mailto:a@b.cn\">a@b.cn</a>");
    for text in ["xhttps://a.cn", "https://", "http://。", "ftp://a.cn", "http:/a.cn", "www.a.cn"] {
        check(text, text);
    }
    check("`https://a.cn`", "<code>https://a.cn</code>");
    check("[https://a.cn](b.md)", "<a href=\"b.md\">https://a.cn</a>");
}

#[test]
fn a_wiki_link_in_a_table_has_words_of_its_own() {
    let destinations = |text: &str| -> Vec<String> {
        let of = |event: Event<'_>| match event {
            Event::Start(pulldown_cmark::Tag::Link { dest_url, .. } | pulldown_cmark::Tag::Image { dest_url, .. }) => {
                Some(dest_url.to_string())
            }
            _ => None,
        };
        events(text).into_iter().filter_map(|(event, _)| of(event)).collect()
    };
    assert_eq!(destinations("| a |\n|---|\n| [[lin\\|林]] |\n| [[r#节\\|林]] ![[图.png\\|林]] [[c]] |\n"), ["lin", "r#节", "图.png", "c"]);
    assert_eq!(destinations("[[lin\\|林]] [[lin|林]]"), ["lin\\", "lin"]);
}
