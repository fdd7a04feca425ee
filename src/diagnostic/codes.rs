//! The codes of findings that are built in: what no policy need say.

/// A code, what it tells, and what to do, in Chinese and in English.
pub struct BuiltIn {
    pub code: &'static str,
    pub about: [&'static str; 2],
    pub remedy: [&'static str; 2],
}

const fn code(code: &'static str, about: [&'static str; 2], remedy: [&'static str; 2]) -> BuiltIn {
    BuiltIn { code, about, remedy }
}

/// Every built-in code, in alphabetical order.
pub const BUILT_IN: &[BuiltIn] = &[
    code(
        "approval.early",
        ["审批时间在所批的文书之前", "an approval is older than what it approves"],
        ["核对文书的日期；日期无误的，重新审批", "check the record's date; where it is right, approve anew"],
    ),
    code(
        "approval.form",
        ["审批记录写法不对，无法识读", "an approval cannot be read as written"],
        ["删去这条审批记录，用 chancery approve 重新批准", "delete the entry and approve anew with `chancery approve`"],
    ),
    code(
        "approval.future",
        ["审批时间在今天之后", "an approval is dated in the future"],
        ["核对批准时间，到日子再批准", "check the time; approve when the day has come"],
    ),
    code(
        "approval.moved",
        ["文件移动过，审批是对原来的编号的", "the file was moved, and the approval is of the id that it had before"],
        ["移回原处，或写明 id 后重新审批", "move it back, or give it an id and have it approved anew"],
    ),
    code(
        "approval.order",
        ["审批没有按次序进行", "the steps of a chain are out of order"],
        ["先办前一步的批准，再办后一步", "have the earlier step approved first, then the later one"],
    ),
    code(
        "approval.own-record",
        ["本人批准了自己所写的档案", "somebody approved his own record"],
        ["由他人批准", "have somebody else approve it"],
    ),
    code(
        "approval.paper",
        ["chancery.yaml 或签署人名单不是最后签署的那一份", "chancery.yaml, or the list of signers, is not the one that was signed last"],
        ["恢复签署的那一份，或重新签署", "restore the one that was signed, or sign it anew"],
    ),
    code(
        "approval.person",
        ["人员档案尚未批准，本人不能登录", "a person's record is not approved: that person cannot sign in"],
        ["由批准人审批人员档案", "have the person's record approved"],
    ),
    code(
        "approval.post",
        ["批准人当天并不担任该职务", "who approved did not hold the post on that day"],
        [
            "由当日担任该职务的人批准；岗位表有误的先更正",
            "have the holder of the post on that day approve it; mend the posts first if they are wrong",
        ],
    ),
    code(
        "approval.register",
        ["登记簿中有一行无法识读", "a line of the register cannot be read"],
        ["恢复这一行原来的内容；登记簿只由 chancery 添加", "restore the line as it was; only `chancery` adds to the register"],
    ),
    code(
        "approval.register-shrunk",
        ["登记簿中缺了一行", "a line of the register is gone"],
        [
            "从备份或版本历史恢复这一行，并查明是谁删去的；登记簿只增不减",
            "restore it from a backup or the history of versions, and find out who took it out; lines are only ever added",
        ],
    ),
    code(
        "approval.same-person",
        ["同一人批准了两个步骤", "one person approved two steps of a chain"],
        ["其中一步由另一人批准", "have another person approve one of the steps"],
    ),
    code(
        "approval.signers",
        ["allowed_signers 中有一行无法识读", "a line of allowed_signers cannot be read"],
        ["改成 ssh-keygen 的 ALLOWED SIGNERS 格式", "write the line in the format of ssh-keygen's ALLOWED SIGNERS"],
    ),
    code(
        "approval.stale",
        ["批准之后内容有改动，批准失效", "the content was changed after the approval, which is void"],
        ["恢复所批准的内容，或按现在的内容重新批准", "restore what was approved, or have it approved again as it stands"],
    ),
    code(
        "approval.superseded",
        ["不是同一编号最后批准的内容", "this is not what was approved last under the id"],
        [
            "恢复最后批准的内容；确要改回的，改动其中一处后重新审批",
            "restore what was approved last; to go back on purpose, change something in it and have it approved again",
        ],
    ),
    code(
        "approval.unregistered",
        ["已获批准，登记簿中却没有登记", "it is approved, and the register has no line of it"],
        [
            "恢复登记簿中的这一行；从来没有登记簿的旧档案库，用 chancery register make 建立一次",
            "restore its line; an older archive that never had a register gets one by `chancery register make`",
        ],
    ),
    code(
        "approval.unsigned",
        ["批准没有可信密钥的签名", "no trusted key has signed the approval"],
        [
            "由批准人以自己的密钥签署；密钥须列在 policies/allowed_signers 中",
            "have the approver sign with the own key, which is listed in policies/allowed_signers",
        ],
    ),
    code(
        "document.byte-order-mark",
        ["文件开头有字节顺序标记", "a byte-order mark stands at the head of the file"],
        ["另存为不带字节顺序标记的 UTF-8", "save the file as UTF-8 without a byte-order mark"],
    ),
    code(
        "document.circle",
        ["符号链接绕回上级文件夹", "a symbolic link leads back to a folder above it"],
        ["删去这个符号链接", "remove the link"],
    ),
    code("document.duplicate-key", ["同一个键写了两次", "a key stands twice"], ["两处合为一处", "make one of the two"]),
    code("document.encoding", ["文件不是 UTF-8 编码", "the file is not UTF-8"], ["另存为 UTF-8", "save the file as UTF-8"]),
    code(
        "document.front-matter",
        ["前置字段缺失、没有结束或不是键值", "the front matter is missing, not closed, or not made of keys and values"],
        ["文件以一行 --- 开头，写完各字段后再写一行 ---", "begin with a line `---`, write the fields, and end them with a line `---`"],
    ),
    code(
        "document.full-width-colon",
        ["键后用了全角冒号", "a full-width colon stands behind a key"],
        ["改用半角冒号，后面空一格", "write a colon of half width, and a space behind it"],
    ),
    code(
        "document.indentation",
        ["用制表符或全角空格缩进", "the indentation is made of tabs or ideographic spaces"],
        ["改用空格缩进", "indent with spaces"],
    ),
    code(
        "document.invisible",
        [
            "文件中有看不见的字符：方向标记、零宽字符或控制字符",
            "there are invisible characters in the file: marks of direction, of no width, or control characters",
        ],
        ["删去这些字符", "take the characters out"],
    ),
    code(
        "document.line-ends",
        ["换行只用回车符", "lines end with a carriage return alone"],
        ["改用换行符（LF 或 CRLF）", "end lines with LF or CRLF"],
    ),
    code(
        "document.link",
        ["附件是符号链接，或在链接的文件夹里", "an attachment is a symbolic link, or lies in a folder that is one"],
        ["把文件本身放在档案旁边", "put the file itself beside the record"],
    ),
    code(
        "document.name",
        ["文件名含控制字符或看不见的字符，或不是 NFC 形式", "the file's name has control or invisible characters, or is not in form NFC"],
        ["给文件改名：去掉这些字符，用 NFC 形式", "rename the file: without such characters, in form NFC"],
    ),
    code(
        "document.nul",
        ["文件中有空字符", "there is a NUL character in the file"],
        ["删去空字符，或从备份恢复文件", "take the character out, or restore the file from a backup"],
    ),
    code(
        "document.odd-space",
        [
            "标记旁边的空格不是半角空格，这一行因此不算标题、列表、表格或引用",
            "the space next to a mark is no plain one, so that the line is no heading, list, table or quotation",
        ],
        ["行首的删去；标记后面的，改为一个半角空格", "take it out before the mark; behind it, write one plain space"],
    ),
    code(
        "document.outside",
        ["符号链接指向档案库之外", "a symbolic link leaves the archive"],
        ["把文件放进档案库，不用链接", "put the file into the archive instead of a link"],
    ),
    code(
        "document.passed-over",
        ["文件看来是档案或制度，却没有读入", "a file looks like a record or a policy, and is not read"],
        [
            "给文件改名，以 .md 结尾；是附件的，列入所属档案的 attachments",
            "rename it so that it ends in .md; list it in the attachments of its record if it is one",
        ],
    ),
    code(
        "document.too-large",
        ["文件过大", "the file is too large"],
        ["把文件分开，图片和附件放在旁边", "divide it; put pictures and attachments beside it"],
    ),
    code(
        "document.unreadable",
        ["文件无法读取", "the file cannot be read"],
        ["检查文件的权限和磁盘", "look at the file's permissions, and at the disk"],
    ),
    code(
        "document.vanished",
        ["文件在读取时已不在", "the file was gone when it was read"],
        ["再核对一次；文件被删的从备份恢复", "check again; restore the file from a backup if it was deleted"],
    ),
    code(
        "document.yaml",
        ["前置字段不合 YAML 写法", "the front matter is not well-formed YAML"],
        ["按所指之处改正写法", "mend it where the mark stands"],
    ),
    code(
        "policy.approved",
        ["制度生效前未经批准", "a policy was not approved before it took effect"],
        ["在 effective 以前办理批准，或推迟 effective", "have it approved before it takes effect, or put `effective` off"],
    ),
    code(
        "policy.block",
        ["条文下的机器条款写法不对", "a block under an article is not well made"],
        ["按 docs/policies.md 改正这一段", "mend the block as docs/policies.md says"],
    ),
    code(
        "policy.budget",
        [
            "一条规则计算过久，对某一记录或整个档案未作判断",
            "a rule took too many steps, and a record or the whole archive was not judged by it",
        ],
        ["把规则写得简单些，或分成几条", "make the rule simpler, or divide it"],
    ),
    code(
        "policy.duplicate-id",
        ["两个机器条款用了同一编号", "two blocks have one id"],
        ["给其中一条换一个编号", "give one of them another id"],
    ),
    code(
        "policy.example",
        ["制度自带的例子不成立", "an example of a policy does not come out as it says"],
        ["改正例子，或改正这一条", "mend the example, or the block"],
    ),
    code(
        "policy.expression",
        ["规则表达式有误", "an expression of a rule is wrong"],
        ["按所指之处改正表达式", "mend the expression where the mark stands"],
    ),
    code(
        "policy.fault",
        ["规则在某份档案上无法算出", "a rule cannot be worked out at a record"],
        ["改正规则，使各种取值都能算出", "mend the rule so that it can be worked out for every value"],
    ),
    code(
        "policy.front-matter",
        ["制度的前置字段不全或有误", "a policy's front matter is incomplete or wrong"],
        ["补齐或改正制度的前置字段", "complete or mend the policy's front matter"],
    ),
    code(
        "policy.heading",
        ["标题写得认不出条号", "a heading whose key cannot be told"],
        ["在“#”之后空一格，条号与题目之间空一格，数字用半角", "put blanks behind “#” and behind the key, and write plain digits"],
    ),
    code(
        "policy.reference",
        ["制度所引的制度、部门不存在", "a policy names a policy or a department that does not exist"],
        ["更正所引的编号，或先制定该制度、设立该部门", "mend the id, or issue that policy or set up that department first"],
    ),
    code(
        "policy.status",
        ["制度的状态或生效日期有误", "a policy's status or its date of effect is wrong"],
        [
            "将 status 改为 draft、trial、in-force 或 withdrawn，并写明 effective",
            "set `status` to draft, trial, in-force or withdrawn, and write `effective`",
        ],
    ),
    code(
        "policy.type",
        ["档案类型的定义有误", "the definition of a record type is wrong"],
        ["按所指之处改正类型、字段或取值的名称", "mend the name of the type, field or value where the mark stands"],
    ),
    code(
        "policy.unjudged",
        ["一段规定有误，依它判断的暂不核对", "a block has a mistake, and what rests on it is not judged"],
        ["先更正这一段", "mend this block first"],
    ),
    code(
        "posts.not-on-staff",
        ["岗位表写明的任职期间，此人还没有入职，或者已经离职", "a post is held by somebody who had not joined yet, or has left"],
        [
            "写明任职的起止日期，使之在入职以后、离职以前；入职、离职日期有误的，先更正人员档案",
            "set from and until within the person's time on staff; if the days of joining and leaving are wrong, mend them first",
        ],
    ),
    code(
        "posts.unknown-person",
        ["担任岗位或负责部门的人没有人员档案", "who holds a post or heads a department is not on file"],
        ["核对人员编号；尚未建立人员档案的先建立", "check the id; write the person's file first if there is none yet"],
    ),
    code(
        "posts.vacant",
        [
            "审批、职责或查阅规定所指的岗位今天没有在职的人担任",
            "an approval, a duty or an access block rests on a post that nobody on staff holds today",
        ],
        [
            "在岗位表中写明任职的人；不再设置的，修订所涉条文",
            "say in the posts block who holds it; where the post is no more, amend what rests on it",
        ],
    ),
    code(
        "records.duplicate-id",
        ["两份档案用了同一编号", "two records have one id"],
        ["给其中一份换一个编号，并更正引用", "give one of them another id, and mend the references"],
    ),
    code(
        "records.idle-note",
        ["违规处理说明对不上任何已经结束的违规", "a note on a breach matches no breach that is over"],
        ["核对 rule、record 和 day", "check rule, record and day"],
    ),
    code(
        "records.still-there",
        ["写明已经销毁的文书还在", "what is said to be disposed of is still there"],
        ["改正编号；没有销毁的，从销毁记录中去掉", "mend the id, or take out of the disposal what was not disposed of"],
    ),
    code(
        "records.supersedes-known",
        ["所取代的档案不存在", "the record that is superseded does not exist"],
        ["更正 supersedes 中的编号", "mend the id in `supersedes`"],
    ),
    code(
        "reference.attachment",
        ["所列附件不在档案旁边", "an attachment that is listed does not lie beside the record"],
        ["把附件放在档案旁边，或更正名称", "put the attachment beside the record, or mend its name"],
    ),
    code(
        "reference.dangling",
        ["所引档案不存在", "a reference names no record"],
        ["核对编号；尚未建立的先建立", "check the id; write that record first if there is none yet"],
    ),
    code("reference.link", ["正文中的链接落空", "a link in the body leads nowhere"], ["更正链接", "mend the link"]),
    code(
        "reference.policy-link",
        ["所引制度或条文不存在", "a link names a policy or an article that does not exist"],
        ["更正所引的制度或条文", "mend the policy or the article that is named"],
    ),
    code(
        "reference.wrong-type",
        ["所引档案类型不符", "a reference names a record of another type"],
        ["改为所要求类型的档案的编号", "name a record of the type that is demanded"],
    ),
    code(
        "sense.future",
        ["记载的事情，日期还没有到", "something is recorded as done on a day still to come"],
        ["改为实际的日期；还没有做的，做了再写", "give the day on which it was done, or write it when it is"],
    ),
    code(
        "sense.not-on-staff",
        ["所写的人当日不是在职人员", "somebody named was not on staff on that day"],
        ["核对人员和日期，更正写错的一个", "check the person and the day, and mend the one that is wrong"],
    ),
    code(
        "sense.order",
        ["两个日期先后颠倒", "of two dates the later one lies before the earlier"],
        ["核对两个日期，更正写错的一个", "check the two dates, and mend the one that is wrong"],
    ),
    code(
        "sense.range",
        ["数或金额超出应有的范围", "a figure lies outside its bounds"],
        ["核对凭证，更正写错的数", "check it against the voucher, and mend the figure"],
    ),
    code("structure.blank", ["必填字段为空", "a field that must be filled is blank"], ["填写该字段", "fill the field in"]),
    code(
        "structure.cut-short",
        ["“#”起的文字成了注释，值没有写全", "what stands behind “ #” is taken for a comment, and the value is cut short"],
        ["把整个值放进引号；注释另起一行写", "put the whole value in quotes; give a comment a line of its own"],
    ),
    code(
        "structure.duplicate-field",
        ["一个字段既用键又用标签写了两次", "a field stands twice, by key and by label"],
        ["两处合为一处", "make one of the two"],
    ),
    code(
        "structure.exactly-one",
        ["两个字段须有且只有一个", "exactly one of two fields must stand"],
        ["留下其中一个，去掉另一个", "keep one of the two, and take the other out"],
    ),
    code(
        "structure.look-alike",
        ["编号用了形似的字母，看起来像另一个编号", "the id's letters pass for others: it looks like another id"],
        ["换一个一眼能分清的编号", "choose an id that can be told apart"],
    ),
    code("structure.missing-field", ["缺少必填字段", "a field that must be there is missing"], ["补上该字段", "add the field"]),
    code(
        "structure.no-content",
        ["必填的内容写的是“略”“待补”“—”，或者名单是空的", "what must be said is put off, a dash, or a list of nobody"],
        ["照实写明", "say what it is"],
    ),
    code(
        "structure.section",
        ["缺少规定的章节，或章节为空、次序不对", "a section is missing, empty or out of order"],
        ["补上该节，或移到规定的次序", "add the section, or move it to its place"],
    ),
    code(
        "structure.type",
        ["没有写明档案类型，或没有此类型", "the record names no type, or one of no policy"],
        ["在 type 中写明已有的类型", "name a type of the policies in `type`"],
    ),
    code(
        "structure.unknown-field",
        ["没有这个字段", "there is no such field"],
        ["更正字段名；没有这个字段的删去", "mend the name of the field, or take it out"],
    ),
    code(
        "structure.wrong-type",
        ["字段的值不合其类型", "a value is not of its field's type"],
        ["按字段的类型改写其值", "write the value as its field's type demands"],
    ),
];
