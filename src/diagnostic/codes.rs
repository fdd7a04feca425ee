//! The codes of findings that are built in: what no policy need say.

/// A code, and what it tells, in Chinese and in English.
pub struct BuiltIn {
    pub code: &'static str,
    pub about: [&'static str; 2],
}

const fn code(code: &'static str, zh: &'static str, en: &'static str) -> BuiltIn {
    BuiltIn { code, about: [zh, en] }
}

/// Every built-in code, in alphabetical order.
pub const BUILT_IN: &[BuiltIn] = &[
    code("approval.form", "审批记录写法不对，无法识读", "an approval cannot be read as written"),
    code("approval.future", "审批时间在今天之后", "an approval is dated in the future"),
    code("approval.order", "审批没有按次序进行", "the steps of a chain are out of order"),
    code("approval.own-record", "本人批准了自己所写的档案", "somebody approved his own record"),
    code("approval.post", "批准人当天并不担任该职务", "who approved did not hold the post on that day"),
    code("approval.register", "登记簿中有一行无法识读", "a line of the register cannot be read"),
    code("approval.same-person", "同一人批准了两个步骤", "one person approved two steps of a chain"),
    code("approval.signers", "allowed_signers 中有一行无法识读", "a line of allowed_signers cannot be read"),
    code("approval.stale", "批准之后内容有改动，批准失效", "the content was changed after the approval, which is void"),
    code("approval.unsigned", "批准没有可信密钥的签名", "no trusted key has signed the approval"),
    code("document.byte-order-mark", "文件开头有字节顺序标记", "a byte-order mark stands at the head of the file"),
    code("document.circle", "符号链接绕回上级文件夹", "a symbolic link leads back to a folder above it"),
    code("document.duplicate-key", "同一个键写了两次", "a key stands twice"),
    code("document.encoding", "文件不是 UTF-8 编码", "the file is not UTF-8"),
    code(
        "document.front-matter",
        "前置字段缺失、没有结束或不是键值",
        "the front matter is missing, not closed, or not made of keys and values",
    ),
    code("document.full-width-colon", "键后用了全角冒号", "a full-width colon stands behind a key"),
    code("document.indentation", "用制表符或全角空格缩进", "the indentation is made of tabs or ideographic spaces"),
    code("document.line-ends", "换行只用回车符", "lines end with a carriage return alone"),
    code("document.name", "文件名含控制字符，或不是 NFC 形式", "the file's name has control characters, or is not in form NFC"),
    code("document.nul", "文件中有空字符", "there is a NUL character in the file"),
    code("document.outside", "符号链接指向档案库之外", "a symbolic link leaves the archive"),
    code("document.too-large", "文件过大", "the file is too large"),
    code("document.unreadable", "文件无法读取", "the file cannot be read"),
    code("document.vanished", "文件在读取时已不在", "the file was gone when it was read"),
    code("document.yaml", "前置字段不合 YAML 写法", "the front matter is not well-formed YAML"),
    code("policy.approved", "制度生效前未经批准", "a policy was not approved before it took effect"),
    code("policy.block", "条文下的机器条款写法不对", "a block under an article is not well made"),
    code("policy.budget", "一条规则计算过久，未能判断", "a rule took too many steps and was not judged"),
    code("policy.duplicate-id", "两个机器条款用了同一编号", "two blocks have one id"),
    code("policy.example", "制度自带的例子不成立", "an example of a policy does not come out as it says"),
    code("policy.expression", "规则表达式有误", "an expression of a rule is wrong"),
    code("policy.fault", "规则在某份档案上无法算出", "a rule cannot be worked out at a record"),
    code("policy.front-matter", "制度的前置字段不全或有误", "a policy's front matter is incomplete or wrong"),
    code("policy.reference", "制度所引的制度、部门不存在", "a policy names a policy or a department that does not exist"),
    code("policy.status", "制度的状态或生效日期有误", "a policy's status or its date of effect is wrong"),
    code("policy.type", "档案类型的定义有误", "the definition of a record type is wrong"),
    code("records.duplicate-id", "两份档案用了同一编号", "two records have one id"),
    code("records.supersedes-known", "所取代的档案不存在", "the record that is superseded does not exist"),
    code("reference.attachment", "所列附件不在档案旁边", "an attachment that is listed does not lie beside the record"),
    code("reference.dangling", "所引档案不存在", "a reference names no record"),
    code("reference.link", "正文中的链接落空", "a link in the body leads nowhere"),
    code("reference.policy-link", "所引制度或条文不存在", "a link names a policy or an article that does not exist"),
    code("reference.wrong-type", "所引档案类型不符", "a reference names a record of another type"),
    code("structure.blank", "必填字段为空", "a field that must be filled is blank"),
    code("structure.duplicate-field", "一个字段既用键又用标签写了两次", "a field stands twice, by key and by label"),
    code("structure.exactly-one", "两个字段须有且只有一个", "exactly one of two fields must stand"),
    code("structure.missing-field", "缺少必填字段", "a field that must be there is missing"),
    code("structure.section", "缺少规定的章节，或章节为空、次序不对", "a section is missing, empty or out of order"),
    code("structure.type", "没有写明档案类型，或没有此类型", "the record names no type, or one of no policy"),
    code("structure.unknown-field", "没有这个字段", "there is no such field"),
    code("structure.wrong-type", "字段的值不合其类型", "a value is not of its field's type"),
];
