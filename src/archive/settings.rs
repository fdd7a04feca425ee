//! The archive's settings, as `chancery.yaml` says them.

use super::{Zone, shape};
use crate::{
    diagnostic::{Lang, Words},
    source::{SETTINGS, Sources, theme::ThemeName},
};
use chrono::{DateTime, FixedOffset, NaiveDate, Timelike, Utc};

/// The archive's settings (`chancery.yaml`).
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The archive's own id, drawn at random when it was founded, by which a copy may be told from
    /// it. No approval names it yet.
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default)]
    pub name: String,
    /// The name in English.
    #[serde(default)]
    pub name_en: Option<String>,
    #[serde(default)]
    pub language: Lang,
    /// As `+08:00`, `Asia/Shanghai` or `local`; the zone in which a timestamp's day is reckoned.
    #[serde(default)]
    pub time_zone: Option<String>,
    #[serde(default)]
    pub theme: Option<String>,
    #[serde(default)]
    pub demo_day: Option<String>,
}

/// Why `chancery.yaml` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("chancery.yaml cannot be read: {0}")]
    Unreadable(#[from] serde_yaml::Error),
    #[error("chancery.yaml: id `{0}` is not of 8 to 64 letters, digits and hyphens of ASCII")]
    Id(String),
    #[error("chancery.yaml: time_zone `{0}` is no time zone: write +08:00, a name such as Asia/Shanghai, or local for the machine's own")]
    TimeZone(String),
    #[error("chancery.yaml: demo_day `{0}` is not a date of the form 2026-03-01")]
    DemoDay(String),
    #[error(
        "chancery.yaml: theme `{0}` is no name of a folder in themes/: write letters and digits (ASCII), with `-`, `_` and `.` behind the first"
    )]
    Theme(String),
}

impl SettingsError {
    /// The same in both languages.
    pub fn words(&self) -> Words {
        let zh = match self {
            SettingsError::Unreadable(error) => format!("chancery.yaml 读不懂：{error}"),
            SettingsError::Id(id) => format!("chancery.yaml：id“{id}”须是 8 至 64 个英文字母、数字或连字符"),
            SettingsError::TimeZone(zone) => {
                format!("chancery.yaml：time_zone“{zone}”不是时区：写作 +08:00，或 Asia/Shanghai 这样的名称，或 local（本机的时区）")
            }
            SettingsError::DemoDay(day) => format!("chancery.yaml：demo_day“{day}”须写作 2026-03-01 的形式"),
            SettingsError::Theme(name) => {
                format!("chancery.yaml：theme“{name}”不是 themes/ 中文件夹的名称：只用英文字母、数字和中间的 - _ .")
            }
        };
        Words::new(zh, self.to_string())
    }
}

impl Settings {
    /// The settings of an archive; the defaults where it has no `chancery.yaml`.
    ///
    /// # Errors
    /// Where the file says what no setting can be.
    pub fn of(sources: &Sources) -> Result<Settings, SettingsError> {
        Settings::read(sources.by_path(SETTINGS).map_or("", |file| &file.text))
    }

    /// The settings that a text says.
    ///
    /// # Errors
    /// Where it says what no setting can be.
    pub fn read(text: &str) -> Result<Settings, SettingsError> {
        let settings: Settings = if text.trim().is_empty() { Settings::default() } else { serde_yaml::from_str(text)? };
        let unfit = |written: &Option<String>, fits: fn(&str) -> bool| written.clone().filter(|written| !fits(written));
        let id = unfit(&settings.id, is_id).map(SettingsError::Id);
        let time_zone = || unfit(&settings.time_zone, |zone| Zone::read(zone).is_some()).map(SettingsError::TimeZone);
        let demo_day = || unfit(&settings.demo_day, |day| shape::date(day).is_some()).map(SettingsError::DemoDay);
        let theme = || unfit(&settings.theme, |name| ThemeName::new(name).is_some()).map(SettingsError::Theme);
        id.or_else(time_zone).or_else(demo_day).or_else(theme).map_or(Ok(settings), Err)
    }

    /// The language that a text names, whatever else is wrong with it; `None` where it names none.
    pub fn language_of(text: &str) -> Option<Lang> {
        #[derive(serde::Deserialize)]
        struct Spoken {
            language: Option<Lang>,
        }
        serde_yaml::from_str::<Spoken>(text).ok()?.language
    }

    /// The archive's name in a language.
    pub fn name_in(&self, lang: Lang) -> &str {
        match (lang, &self.name_en) {
            (Lang::En, Some(name)) => name,
            _ => &self.name,
        }
    }

    /// The zone in which days are reckoned; that of Greenwich where none is set.
    pub fn zone(&self) -> Zone {
        self.time_zone.as_deref().and_then(Zone::read).unwrap_or(Zone::GREENWICH)
    }

    /// The day of a moment, in the archive's zone.
    pub fn day(&self, moment: DateTime<FixedOffset>) -> NaiveDate {
        moment.with_timezone(&self.zone()).date_naive()
    }

    /// When a day begins.
    pub fn begin(&self, day: NaiveDate) -> Option<DateTime<FixedOffset>> {
        self.zone().begin(day)
    }

    /// A moment of a day that is played: the hour that it is, on that day, to the second.
    pub fn moment(&self, now: DateTime<Utc>, today: NaiveDate) -> DateTime<FixedOffset> {
        let now = now.with_timezone(&self.zone()).fixed_offset();
        let on_day = if now.date_naive() == today { Some(now) } else { self.zone().moment(today.and_time(now.time())) };
        on_day.unwrap_or(now).with_nanosecond(0).unwrap_or(now)
    }

    /// Today, for every command that is not told another day.
    pub fn demo_day(&self) -> Option<NaiveDate> {
        self.demo_day.as_deref().and_then(shape::date)
    }

    /// The theme that the pages wear; none for the one built in.
    pub fn theme(&self) -> Option<ThemeName> {
        self.theme.as_deref().and_then(ThemeName::new)
    }
}

/// Whether a text may stand in a line of a signed statement, and be told from another by the eye.
fn is_id(text: &str) -> bool {
    (8..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_that_is_none_is_refused_in_words() {
        for zone in ["+8", "nonsense", "asia/shanghai", "CST", ""] {
            let refused = Settings::read(&format!("time_zone: \"{zone}\"")).unwrap_err().words();
            assert_eq!(
                refused.en,
                format!(
                    "chancery.yaml: time_zone `{zone}` is no time zone: write +08:00, a name such as Asia/Shanghai, or local for the machine's own"
                )
            );
            assert_eq!(
                refused.zh,
                format!("chancery.yaml：time_zone“{zone}”不是时区：写作 +08:00，或 Asia/Shanghai 这样的名称，或 local（本机的时区）")
            );
        }
    }

    #[test]
    fn the_language_is_read_whatever_else_is_wrong() {
        for text in ["language: en\ntime_zone: nonsense", "unknown: 1\nlanguage: en", "language: en\ndemo_day: [1]"] {
            assert!(Settings::read(text).is_err(), "{text}");
            assert_eq!(Settings::language_of(text), Some(Lang::En), "{text}");
        }
        assert_eq!(Settings::language_of("time_zone: nonsense"), None);
        assert_eq!(Settings::language_of("language: [en"), None);
    }

    #[test]
    fn the_day_and_the_moment_are_of_the_zone_with_its_summer_time() {
        let moment = |text: &str| shape::timestamp(text).unwrap();
        let of = |zone: &str| Settings { time_zone: Some(zone.to_owned()), ..Settings::default() };
        let day = |zone, at: &str| of(zone).day(moment(at)).to_string();
        assert_eq!(day("Asia/Shanghai", "2026-05-01T17:00:00Z"), "2026-05-02");
        assert_eq!(day("Europe/Berlin", "2026-01-01T22:30:00Z"), "2026-01-01");
        assert_eq!(day("Europe/Berlin", "2026-07-01T22:30:00Z"), "2026-07-02");
        let at = |now: &str, today: &str| of("Europe/Berlin").moment(moment(now).to_utc(), today.parse().unwrap()).to_rfc3339();
        assert_eq!(at("2026-07-01T10:00:00Z", "2026-07-01"), "2026-07-01T12:00:00+02:00");
        assert_eq!(at("2026-07-01T10:00:00Z", "2026-01-01"), "2026-01-01T12:00:00+01:00");
        // The second of the two hours of one name stays the second.
        assert_eq!(at("2026-10-25T01:30:00Z", "2026-10-25"), "2026-10-25T02:30:00+01:00");
    }

    #[test]
    fn an_archive_has_an_id_or_none() {
        let of = |text: &str| Settings::of(&Sources::from_memory([("chancery.yaml", text)])).map(|settings| settings.id);
        assert_eq!(of("name: x").unwrap(), None);
        assert_eq!(of("id: 3kq7-2mvd").unwrap().as_deref(), Some("3kq7-2mvd"));
        let long = format!("id: {}", "a".repeat(65));
        for wrong in ["id: \"\"", "id: short", "id: \"two\\nlines here\"", "id: with space", "id: 一二三四五六七八", "id: а1234567", &long]
        {
            assert!(matches!(of(wrong), Err(SettingsError::Id(_))), "{wrong}");
        }
        assert!(matches!(of("id: [a]"), Err(SettingsError::Unreadable(_))));
    }
}
