//! Every word of the interface, in both languages: one list.

use crate::diagnostic::Lang;
use std::{collections::BTreeMap, sync::LazyLock};

/// Key, Chinese, English. `{n}` is filled in.
const WORDS: &[(&str, &str, &str)] = &[
    // the frame
    ("skip", "跳到正文", "Skip to the content"),
    ("language", "中文", "English"),
    ("comma", "、", ", "),
    ("main_nav", "主导航", "Main"),
    ("home", "首页", "Home"),
    ("records", "档案", "Records"),
    ("policies", "制度", "Policies"),
    ("people", "人员", "People"),
    ("due", "到期", "Due"),
    ("findings", "问题", "Findings"),
    ("search", "检索", "Search"),
    ("search_label", "检索档案和制度", "Search records and policies"),
    ("sign_in", "登录", "Sign in"),
    ("sign_out", "退出", "Sign out"),
    ("signed_in_as", "当前用户", "Signed in as"),
    ("state_of", "截至 {day}", "As of {day}"),
    ("demo_day", "演示：本站的“今天”是 {day}", "Demonstration: “today” is {day} here"),
    ("footer_static", "本站只含全体员工可以阅读的内容。", "This site holds what all staff may read."),
    ("footer_one", "本站只含{name}可以阅读的内容，不可交给他人。", "This site holds what {name} may read; it is for nobody else."),
    ("footer_signed", "本页只显示您有权阅读的内容。", "These pages show what you may read, and nothing else."),
    // home
    ("mine", "我的事项", "For me"),
    ("inbox", "待办", "Inbox"),
    ("asks", "查阅申请", "Access asked for"),
    ("wants_to_read", "申请查阅", "asks to read"),
    ("ask_until_day", "至 {day}", "until {day}"),
    ("grant", "准予查阅", "Grant"),
    ("refuse", "不予准许", "Refuse"),
    ("approve_as", "以“{post}”批准", "Approve as {post}"),
    ("signs_there", "打开档案，看过再批准。", "Open a record, read it, and approve it there."),
    (
        "signs_not",
        "此处不能签署；请用 chancery approve 和自己的密钥批准。",
        "Nothing can be signed here: approve with chancery approve and your own key.",
    ),
    ("done_approved", "已批准。", "Approved."),
    ("done_granted", "已准予查阅，授权记录已归档。", "Granted; the authorisation is on file."),
    ("done_refused", "未予准许。", "Refused."),
    ("done_busy", "别人正在写入，未作处理；请稍后再试。", "Somebody else is writing; nothing was done. Try again in a moment."),
    (
        "done_not_in_order",
        "这份档案不合规定，没有批准；能让您知道的原因写在页上。",
        "The record is not in order, and was not approved; its page says why, as far as you may know.",
    ),
    ("twins", "用这一编号的还有别的文件，请对照：", "There are other files of this id; compare them:"),
    ("held_up", "有 {n} 处错误，改正以后才送批。", "Errors to be mended before it goes for approval: {n}."),
    ("done_changed", "文件刚被改动，未作处理；请重新查看。", "The document has just been changed; nothing was done. Look at it again."),
    ("waits", "等我批准", "Waiting for my approval"),
    ("waits_none", "没有等您批准的档案。", "Nothing waits for your approval."),
    ("my_due", "我要办的", "For me to do"),
    ("my_due_none", "您没有到期或逾期的事项。", "Nothing of yours is due or overdue."),
    ("team_due", "下属要办的", "For those below me to do"),
    ("my_findings", "我的档案中的问题", "Findings in my records"),
    ("my_findings_none", "您的档案中没有问题。", "There are no findings in your records."),
    ("kinds", "档案种类", "Kinds of record"),
    ("recent", "最近的档案", "Recent records"),
    ("rulebooks", "现行制度", "Policies in force"),
    ("all", "全部", "All"),
    // lists
    ("kind", "种类", "Kind"),
    ("count", "份数", "Number"),
    ("latest", "最近日期", "Latest"),
    ("records_count", "共 {n} 份", "Records: {n}"),
    ("title", "标题", "Title"),
    ("id", "编号", "Id"),
    ("date", "日期", "Date"),
    ("previous_page", "上一页", "Previous"),
    ("next_page", "下一页", "Next"),
    ("page_of", "第 {n} 页，共 {of} 页", "Page {n} of {of}"),
    ("pages", "翻页", "Pages"),
    ("latest_shown", "只列出最近 {n} 份；全部见", "The latest {n} are listed; all of them stand under"),
    ("no_records", "没有您可以阅读的档案。", "There are no records that you may read."),
    ("untyped", "未定种类", "Without a kind"),
    ("defined_in", "依据", "Defined in"),
    // a record
    ("restricted", "限阅", "Restricted"),
    ("fields", "登记事项", "Particulars"),
    ("contents", "目录", "Contents"),
    ("approvals", "审批", "Approvals"),
    ("blank_form", "打印空白表格", "Print a blank form"),
    ("as_form", "打印成表格", "Print as a form"),
    ("copy_of", "第 {n} 份，共 {of} 份", "Copy {n} of {of}"),
    ("form_number", "编号", "Number"),
    ("signature", "签名", "Signature"),
    ("signed_on", "日期", "Date"),
    ("form_must", "带 * 的必须填写。", "What bears a * must be filled in."),
    ("valid", "有效", "valid"),
    ("void", "已失效", "void"),
    ("pending", "待批", "pending"),
    ("conditional", "视情形", "where it applies"),
    ("duties", "应办事项", "Duties"),
    ("backlinks", "引用本档的档案", "Referred to by"),
    ("in_body", "正文", "text"),
    ("attachments", "附件", "Attachments"),
    (
        "read_only",
        "凭查阅授权阅读：授权不准导出，附件不能打开，正文不供打印或另存。",
        "You read this under an authorisation for reading alone: its attachments do not open, and it is not to be printed or kept.",
    ),
    ("unread", "未能识别的内容", "Not understood"),
    (
        "unread_note",
        "以下照原样列出：它们属于封签的内容，审批的也包括它们。",
        "As it is written. It is part of what is sealed, and so of what is approved.",
    ),
    ("as_written", "将加封的原文", "The text to be sealed, as it is written"),
    ("source_file", "文件", "File"),
    ("yes", "是", "yes"),
    ("no", "否", "no"),
    ("none_written", "未填", "not given"),
    ("table_scroll", "表格，可左右滚动", "Table; scrolls sideways"),
    ("any_record", "任一档案", "any record"),
    // findings and duties
    ("error", "错误", "error"),
    ("warning", "提醒", "warning"),
    ("basis", "依据", "Under"),
    ("remedy", "改法", "Remedy"),
    ("findings_now", "现在", "Now"),
    ("findings_past", "过去", "Past"),
    ("past_breaches", "过去的违规", "Past breaches"),
    (
        "past_note",
        "当时如此，今天已经改变不了的，按规定分列；同一规定之内，近的在前。",
        "What was so and cannot be undone today, by rule; within each the latest first.",
    ),
    ("past_when", "起止", "When"),
    ("what_was", "当时的情形", "What was so"),
    ("past_end", "处理", "What came of it"),
    ("past_until", "至 {until}", "until {until}"),
    ("no_past", "没有过去的违规。", "No past breaches."),
    ("times", "{n} 次", "times: {n}"),
    ("dealt_with", "已处理", "Dealt with"),
    ("dealt_with_count", "其中已处理 {n} 次", "dealt with: {n}"),
    ("superseded_by", "已被取代：", "Superseded by"),
    ("disposed_by", "已销毁：", "Disposed of by"),
    ("figures_note", "各条款下的数字，只计您可以知道的。", "The figures under a block count what you may know of."),
    ("b_open_now", "现有 {n}", "now {n}"),
    ("b_past_breaches", "过去 {n}", "past {n}"),
    ("b_in_time", "按期 {n}%", "in time {n}%"),
    ("no_findings", "没有发现问题。", "No findings."),
    ("findings_count", "共 {n} 项", "Findings: {n}"),
    ("overdue", "逾期", "Overdue"),
    ("due_soon", "将到期", "Falling due"),
    ("overdue_days", "逾期 {n} 天", "overdue by {n} d"),
    ("days_left", "还有 {n} 天", "in {n} d"),
    ("due_today", "今天到期", "due today"),
    ("no_duties", "没有到期或逾期的事项。", "Nothing is due or overdue."),
    ("what", "事项", "What"),
    ("about", "所涉档案", "About"),
    ("who", "承办", "Who"),
    ("due_date", "期限", "Due"),
    // policies
    ("status_draft", "草案", "draft"),
    ("status_trial", "试行", "on trial"),
    ("status_in-force", "施行", "in force"),
    ("status_withdrawn", "废止", "withdrawn"),
    ("effective", "施行日期", "Effective"),
    ("withdrawn_on", "废止日期", "Withdrawn on"),
    ("owner", "解释部门", "Interpreted by"),
    ("supersedes", "取代", "Supersedes"),
    ("articles_count", "{n} 条", "Articles: {n}"),
    ("blocks_count", "{n} 项规定由系统执行", "Provisions enforced: {n}"),
    ("versions", "各版本", "Versions"),
    ("this_version", "本页所示", "shown here"),
    ("not_current", "这不是现行版本。", "This is not the version in force."),
    ("current_version", "现行版本", "The version in force"),
    ("not_in_force", "这项制度已经废止。", "This policy has been withdrawn."),
    ("withdrawing_version", "废止的决定", "How it was withdrawn"),
    ("no_policies", "还没有制度。", "There are no policies yet."),
    // a version beside the one before it
    ("changes", "与前版对照", "What changed"),
    ("changes_on", "{day} 的版本与前一版本对照", "What changed with the version of {day}"),
    ("changes_of", "《{title}》两版对照", "“{title}”: what changed"),
    ("changes_before", "前一版本", "Earlier version"),
    ("changes_after", "这一版本", "This version"),
    ("changes_none", "两个版本的条文、规定和数值都没有不同。", "No article, provision or figure differs."),
    ("c_blocks", "由系统执行的规定", "What the system sees to"),
    ("c_where", "所在条款", "Stands in"),
    ("c_prose_same", "条文没有改动。", "The article itself reads as before."),
    ("c_changed", "有改动", "changed"),
    ("c_added", "新增", "new"),
    ("c_removed", "删去", "removed"),
    ("c_n_changed", "{n} 条有改动", "articles changed: {n}"),
    ("c_n_added", "{n} 条新增", "new: {n}"),
    ("c_n_removed", "{n} 条删去", "removed: {n}"),
    ("c_n_same", "其余 {n} 条没有变", "unchanged and left out: {n}"),
    ("c_and_so", "，", "; "),
    ("c_status", "状态", "Status"),
    (
        "c_ended",
        "原来由系统执行的 {n} 项规定不再执行；条文见前一版本。",
        "Provisions that are enforced no longer: {n}. Their articles stand in the earlier version.",
    ),
    ("c_turned", "{what}由“{before}”改为“{after}”", "{what}: “{before}” became “{after}”"),
    ("c_to", "“{before}”改为“{after}”", "“{before}” became “{after}”"),
    ("c_new", "新增{what}：{after}", "{what}, new: {after}"),
    ("c_gone", "取消{what}，原为“{before}”", "{what}, dropped; it was “{before}”"),
    ("c_more", "{what}增加：{items}", "{what}, added: {items}"),
    ("c_less", "{what}减少：{items}", "{what}, taken out: {items}"),
    ("c_moved", "由{before}移至{after}", "Moved from {before} to {after}"),
    (
        "c_machine",
        "以上所述没有不同，改的是机器条款或另一种语言的写法",
        "What is told here is the same; it is written otherwise for the machine, or in the other language",
    ),
    ("c_block_new", "新增：{line}", "New: {line}"),
    ("c_block_gone", "取消：{line}", "Dropped: {line}"),
    ("c_block_fails", "有错，不起作用：{line}", "Has a mistake and binds nobody: {line}"),
    ("c_severity", "轻重", "Severity"),
    ("c_say", "提示语", "What is said"),
    ("c_say_values", "提示语中的数值另有算法", "The values in what is said are worked out otherwise"),
    ("c_examples", "示例有改动", "The examples are others"),
    ("c_field_new", "新增项目“{field}”（{holds}，{must}）", "New field “{field}” ({holds}, {must})"),
    ("c_field_gone", "删去项目“{field}”", "Field “{field}” removed"),
    ("c_field_label", "项目“{before}”改称“{after}”", "Field “{before}” is now called “{after}”"),
    ("c_field_must", "项目“{field}”由{before}改为{after}", "Field “{field}” was {before} and is now {after}"),
    ("c_field_holds", "项目“{field}”的内容由“{before}”改为“{after}”", "Field “{field}” held “{before}” and now holds “{after}”"),
    ("c_values", "项目“{field}”可填的值", "Values of “{field}”"),
    ("c_below", "·", " · "),
    ("c_step_new", "新增一道审批：{step}", "One more approval: {step}"),
    ("c_step_gone", "取消一道审批：{step}", "One approval fewer: {step}"),
    ("c_step_if", "{step}（限于：{when}）", "{step} (where {when})"),
    ("c_step_when", "须经“{step}”批准的情形", "When {step} approves"),
    ("c_always", "一律", "always"),
    ("c_order", "审批顺序", "Order of approval"),
    ("c_and", "且", "and"),
    ("c_or", "或", "or"),
    ("c_named", "{kind}“{name}”", "{kind} “{name}”"),
    ("c_renamed", "“{before}”改称“{after}”", "“{before}” is now called “{after}”"),
    ("c_of", "“{of}”的{what}", "{what} of “{of}”"),
    ("c_stands_in", "代行岗位", "Stood in for by"),
    ("block_off", "这一段规定有误，暂不执行", "This block has a mistake and is switched off"),
    // blocks
    ("block_type", "档案种类", "Record type"),
    ("block_rule", "规则", "Rule"),
    ("block_duty", "应办事项", "Duty"),
    ("block_approval", "审批", "Approval"),
    ("block_access", "查阅权限", "Access"),
    ("block_style", "文字要求", "Style"),
    ("block_posts", "岗位与部门", "Posts and departments"),
    ("block_settings", "可调数值", "Settings"),
    ("short_rule", "由系统核对：{what}", "The system checks: {what}"),
    ("short_style", "由系统核对文字：{what}", "The system checks the wording: {what}"),
    ("short_duty", "由系统催办：{what}", "The system reminds: {what}"),
    ("short_records", " · 现有 {n} 份", " · records: {n}"),
    ("short_broken", " · {n} 处不合", " · not so: {n}"),
    ("short_overdue", " · {n} 项逾期", " · overdue: {n}"),
    ("short_approval", "审批：{types}依次由 {steps} 批准", "Approval of {types}: {steps}"),
    ("short_access", "查阅：谁可以查阅{types}", "Access: who reads {types}"),
    ("short_type", "档案种类：{type}须写明 {must} 项", "Record type: “{type}” must hold {must} things"),
    ("short_posts", "岗位 {posts} 个，部门 {departments} 个，各由谁担任", "Posts: {posts}; departments: {departments}; and who holds them"),
    ("short_settings", "本制度的数额：{n} 项", "The figures of this policy: {n}"),
    ("b_code", "机器条款", "The machine's part"),
    ("article_link", "本条的地址", "Address of this article"),
    ("b_for", "适用于", "For"),
    ("b_archive", "全部档案", "the whole archive"),
    ("b_each", "逐项", "For each"),
    ("b_when", "条件", "When"),
    ("b_require", "要求", "Require"),
    ("b_builtin", "系统内置检查", "Built-in check"),
    ("b_at", "指向", "Points at"),
    ("b_fix", "改法", "Remedy"),
    ("b_need", "须有", "Needed"),
    ("b_match", "须符合", "That matches"),
    ("b_from", "起算", "From"),
    ("b_every", "周期", "Every"),
    ("b_by", "期限", "By"),
    ("b_grace", "不早于", "Not before"),
    ("b_ahead", "提前提示", "Shown ahead"),
    ("b_days", "{n} 天", "days: {n}"),
    ("b_who", "承办", "Who"),
    ("b_steps", "步骤", "Steps"),
    ("b_later", "批后填写", "Written after approval"),
    ("b_not_before", "审批不早于", "Approved not before"),
    ("b_despite", "不妨碍审批", "Approved in spite of"),
    ("b_readers_see", "读者所见", "Readers see"),
    ("b_approved_version", "最后批准的版本", "the last approved version"),
    ("b_readers", "可阅者", "Readers"),
    ("b_readings", "可看查阅情况", "Told who has read it"),
    ("b_inherits", "随同", "As for"),
    ("b_authorised", "凭授权", "Opened by"),
    ("b_hidden", "隐去", "Hidden"),
    ("b_except", "除外", "but from"),
    ("b_everyone", "全体员工", "everyone"),
    ("b_sections", "章节", "Sections"),
    ("b_avoid", "避免用语", "Words to avoid"),
    ("b_figures", "数字比例上限", "Share of figures, at most"),
    ("b_field", "项目", "Field"),
    ("b_key", "键", "Key"),
    ("b_holds", "内容", "Holds"),
    ("b_must", "必填", "required"),
    ("b_may", "选填", "optional"),
    ("b_post", "岗位", "Post"),
    ("b_department", "部门", "Department"),
    ("b_reports_to", "上级岗位", "Reports to"),
    ("b_held_by", "任职", "Held by"),
    ("b_head", "负责人", "Head"),
    ("b_since", "{from} 起", "since {from}"),
    ("b_span", "{from} 至 {until}", "{from} to {until}"),
    ("b_setting", "名称", "Name"),
    ("b_value", "数值", "Value"),
    ("b_source", "由谁定", "Fixed by"),
    ("b_by_company", "本公司所定", "the company"),
    ("b_by_rulebook", "制度规定", "the rulebook"),
    ("b_examples", "示例（{n}）", "Examples ({n})"),
    ("b_example_holds", "符合", "holds"),
    ("b_example_breaks", "违反", "breaks"),
    ("b_example_late", "做迟", "late"),
    ("b_on", "判断之日", "judged on"),
    ("b_until", "至", "until"),
    ("b_done", "完成之日", "done on"),
    ("b_approved", "须经批准", "approved"),
    ("b_one_of", "二者居一", "Exactly one of"),
    ("b_order", "日期先后", "Dates in order"),
    ("b_past", "不晚于当天", "Not in the future"),
    ("b_bounds", "数的范围", "Bounds"),
    ("b_staff", "当日在职", "On staff that day"),
    ("b_history", "历史取自", "History from"),
    ("b_given", "新建时填入", "Filled in when new"),
    // kinds of field
    ("t_text", "文字", "text"),
    ("t_date", "日期", "date"),
    ("t_time", "时刻", "time"),
    ("t_number", "数", "number"),
    ("t_count", "整数", "whole number"),
    ("t_money", "金额", "money"),
    ("t_timestamp", "日期与时刻", "date and time"),
    ("t_yes_no", "是或否", "yes or no"),
    ("t_phone", "电话", "telephone"),
    ("t_email", "电子邮箱", "e-mail"),
    ("t_url", "网址", "web address"),
    ("t_department", "部门", "department"),
    ("t_post", "岗位", "post"),
    ("t_person_or_post", "人员或岗位", "person or post"),
    ("t_list", "多项：{of}", "list of {of}"),
    ("t_table", "表：{of}", "table of {of}"),
    // people
    ("position", "职务", "Position"),
    ("department", "部门", "Department"),
    ("superior", "直接上级", "Superior"),
    ("posts", "岗位", "Posts"),
    ("reports", "直接下属", "Direct reports"),
    ("authored", "所撰档案", "Records written"),
    ("left_staff", "已离职", "no longer on staff"),
    ("no_people", "没有您可以查看的人员。", "There is nobody whom you may look up."),
    // search
    ("query", "检索词", "Search for"),
    (
        "search_hint",
        "可用简体或繁体；几个词之间用空格隔开，结果须全部含有。",
        "Simplified and Traditional Chinese are one; a hit holds every word.",
    ),
    ("hits_count", "找到 {n} 份", "Found: {n}"),
    ("no_hits", "没有找到含“{query}”的档案。", "Nothing found for “{query}”."),
    ("search_needs_script", "静态站点的检索需要启用 JavaScript。", "Search on the static site needs JavaScript."),
    ("searching", "正在检索…", "Searching…"),
    (
        "search_failed",
        "检索所用的文件没有全部读到：请重新打开本页；仍不行，就是网站没有复制完整。",
        "Not all files that search needs could be read: open the page again; where that does not help, the site was not copied whole.",
    ),
    // not found, sign-in
    // asking for access
    ("ask", "申请查阅", "Ask for access"),
    (
        "ask_why",
        "写明档案编号、用途和期限。若有这份档案，由有权批准的人决定；准予的，届时即可查阅，不另行答复。",
        "Give the record's id, the purpose and the period. If there is such a record, whoever may grant it decides; where it is granted you can read it then. There is no other answer.",
    ),
    ("ask_id", "档案编号", "Id of the record"),
    ("ask_purpose", "用途", "Purpose"),
    ("ask_until", "查阅至", "Until"),
    ("ask_send", "提交申请", "Send"),
    ("done_asked", "申请已收到。", "Your request has been received."),
    (
        "done_asked_incompletely",
        "申请未收到：请写明编号、用途，以及一年以内的截止日期。",
        "Nothing was sent: give the id, the purpose, and a last day within a year.",
    ),
    ("done_asked_too_often", "今天的申请次数已满，请明天再试。", "You have asked too often today; try again tomorrow."),
    ("readings", "查阅情况", "Read by"),
    ("sight_begin", "以此人的视角查看", "View as this person"),
    (
        "sight_of",
        "正以 {name} 的视角查看；只读，并有登记。",
        "You see what {name} sees. Nothing can be changed meanwhile, and it is logged.",
    ),
    ("sight_end", "返回自己的视角", "Be yourself again"),
    ("not_found", "没有这一页", "Page not found"),
    (
        "not_found_why",
        "这个地址没有内容，或者您无权阅读；两者在这里不作区别。",
        "There is nothing at this address, or it is not for you to read; the two are not told apart.",
    ),
    ("back_home", "回首页", "Back to the home page"),
    ("user_name", "用户名", "Name"),
    ("password", "密码", "Password"),
    ("sign_in_wrong", "用户名或密码不对。", "The name or the password is wrong."),
    ("sign_in_wait", "尝试次数过多，请过几分钟再试。", "Too many attempts; please wait a few minutes."),
    (
        "sign_in_kept_out",
        "密码无误，但您的人员档案尚未批准，因此还不能登录。请联系档案库的管理员。",
        "The password is right, but your record is not approved yet. Please ask the archive's administrator.",
    ),
    ("sign_in_help", "忘记密码请找系统管理员。", "If you have forgotten your password, ask the administrator."),
    // an account, and the one-time link to it
    ("account", "账户", "Account"),
    ("change_password", "更改密码", "Change password"),
    ("current_password", "现在的密码", "Current password"),
    ("new_password", "新密码", "New password"),
    ("password_again", "再输入一次新密码", "New password once more"),
    ("password_rule", "8 至 256 个字符，不能与人员编号相同。", "8 to 256 characters, and not your own id."),
    ("done_password_changed", "密码已更改，其他地方的登录都已退出。", "The password is changed; you are signed out everywhere else."),
    ("password_wrong", "现在的密码不对。", "The current password is wrong."),
    ("passwords_differ", "两次输入的新密码不一致。", "The new password was not the same both times."),
    ("password_demo", "演示中的密码不能更改。", "In a demonstration passwords cannot be changed."),
    ("not_on_staff", "在册人员中没有“{name}”，请核对人员编号。", "Nobody on staff has the id “{name}”; please check it."),
    ("sessions", "登录情况", "Signed in"),
    ("session_since", "登录时间", "Since"),
    ("session_seen", "最近使用", "Last seen"),
    ("session_this", "本次", "here"),
    ("sign_out_everywhere", "全部退出", "Sign out everywhere"),
    ("sign_out_everywhere_why", "所有地方的登录一并结束，包括这里。", "Ends every session, this one too."),
    ("calendar", "日历订阅", "Calendar"),
    (
        "calendar_what",
        "手机或电脑上的日历可以订阅您的到期事项。订阅地址不用登录，谁有地址谁就看得到，请勿转给别人。",
        "The calendar on your telephone or computer can show what falls due for you. Its address needs no sign-in: whoever has it sees the same, so keep it to yourself.",
    ),
    (
        "calendar_made",
        "这是您的订阅地址，只显示这一次，请现在就添加到日历中：",
        "This is the address. It is shown this once: add it to your calendar now.",
    ),
    ("calendar_since", "现有地址建于 {at}。", "The present address was made on {at}."),
    ("calendar_make", "生成订阅地址", "Make an address"),
    ("calendar_again", "换一个地址", "Make a new address"),
    ("calendar_ends", "原来的地址随即失效。", "The one of before ends."),
    ("welcome", "设置密码", "Set your password"),
    (
        "welcome_why",
        "请为您的账户设置密码，只有您自己知道。这个链接只能用一次。",
        "Choose the password of your account; nobody else will know it. The link serves once.",
    ),
    ("welcome_first", "建立第一个账户", "The first account"),
    (
        "welcome_first_why",
        "这个档案库还没有账户。请填写您在人员档案中的编号，并设置密码。这个链接只能用一次。",
        "This archive has no account yet. Give your id, as it stands in the records of people, and choose a password. The link serves once.",
    ),
    ("person_id", "人员编号", "Your id"),
    ("welcome_enter", "保存并登录", "Save and sign in"),
    ("link_dead", "链接无效", "This link does not work"),
    (
        "link_dead_why",
        "链接只能用一次，过期也会失效。请向系统管理员要一个新的。",
        "A link serves once, and not for long. Ask the administrator for a new one.",
    ),
    ("sign_in_demo", "演示：密码都是 demo。可以试试：", "Demonstration: every password is “demo”. You may try:"),
];

type Table = BTreeMap<&'static str, &'static str>;

static ZH: LazyLock<Table> = LazyLock::new(|| WORDS.iter().map(|&(key, zh, _)| (key, zh)).collect());
static EN: LazyLock<Table> = LazyLock::new(|| WORDS.iter().map(|&(key, _, en)| (key, en)).collect());
static VALUES: LazyLock<[tera::Value; 2]> = LazyLock::new(|| [&*ZH, &*EN].map(tera::Value::from_serializable));

fn table(lang: Lang) -> &'static Table {
    match lang {
        Lang::Zh => &ZH,
        Lang::En => &EN,
    }
}

/// The words of a language by their keys, as templates read them. All pages share them.
pub(super) fn values(lang: Lang) -> tera::Value {
    let [zh, en] = &*VALUES;
    match lang {
        Lang::Zh => zh.clone(),
        Lang::En => en.clone(),
    }
}

pub(super) fn word(key: &str, lang: Lang) -> &'static str {
    table(lang).get(key).copied().expect("every key that the program uses stands in the list")
}

/// The words with a name in braces replaced.
pub(super) fn fill(words: &str, name: &str, value: &str) -> String {
    words.replace(&format!("{{{name}}}"), value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, path::Path};

    #[test]
    fn every_key_stands_once_with_words_in_both_languages_and_the_same_blanks() {
        let blanks = |words: &str| -> BTreeSet<String> {
            words.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect()
        };
        let mut keys = BTreeSet::new();
        for (key, zh, en) in WORDS {
            assert!(keys.insert(key), "{key} stands twice");
            assert!(!zh.trim().is_empty() && !en.trim().is_empty(), "{key} lacks words");
            assert_eq!(blanks(zh), blanks(en), "{key}");
        }
    }

    /// Every key that a template names (`w.KEY`) stands in the list, and every key of the list is
    /// named in a template or in the code.
    #[test]
    fn the_list_and_its_uses_agree() {
        let texts = texts_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/render"));
        let listed: BTreeSet<&str> = WORDS.iter().map(|(key, ..)| *key).collect();
        let named: BTreeSet<String> =
            texts.iter().filter(|(name, _)| name.ends_with(".html")).flat_map(|(_, text)| keys_of(text)).collect();
        let unknown: Vec<_> = named.iter().filter(|key| !listed.contains(key.as_str())).collect();
        assert!(unknown.is_empty(), "not in the list: {unknown:?}");
        let in_code = |key: &str| texts.iter().any(|(name, text)| name.ends_with(".rs") && text.contains(&format!("\"{key}\"")));
        let unused: Vec<_> = listed.iter().filter(|key| !named.contains(**key) && !in_code(key)).collect();
        assert!(unused.is_empty(), "used nowhere: {unused:?}");
    }

    /// The files of a folder and those below it, but for this one.
    fn texts_of(folder: &Path) -> Vec<(String, String)> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut texts = Vec::new();
        for path in entries.filter(|path| path.file_name().is_some_and(|name| name != "words.rs")) {
            if path.is_dir() {
                texts.extend(texts_of(&path));
            } else {
                texts.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
        texts
    }

    fn keys_of(template: &str) -> Vec<String> {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let marks = template.match_indices("w.").filter(|(at, _)| !template[..*at].ends_with(|c| is_word(c) || c == '.'));
        marks.map(|(at, _)| template[at + 2..].chars().take_while(|&c| is_word(c)).collect()).collect()
    }
}
