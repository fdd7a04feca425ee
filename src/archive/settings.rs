//! The archive's settings, as `chancery.yaml` says them.

use super::shape;
use crate::{diagnostic::Lang, source::Sources};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, Timelike, Utc};

/// The archive's settings (`chancery.yaml`).
#[derive(Clone, Debug, Default, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The archive's own id, drawn at random when it was founded, by which a copy may be told from it. No approval names it yet.
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default)]
    pub name: String,
    /// The name in English.
    #[serde(default)]
    pub name_en: Option<String>,
    #[serde(default)]
    pub language: Lang,
    /// As `+08:00`; the zone in which a timestamp's day is reckoned.
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
    #[error("chancery.yaml: time_zone `{0}` is not of the form +08:00")]
    TimeZone(String),
    #[error("chancery.yaml: demo_day `{0}` is not a date of the form 2026-03-01")]
    DemoDay(String),
}

impl Settings {
    /// The settings of an archive; the defaults where it has no `chancery.yaml`.
    ///
    /// # Errors
    /// Where the file says what no setting can be.
    pub fn of(sources: &Sources) -> Result<Settings, SettingsError> {
        let text = sources.by_path("chancery.yaml").map_or("", |file| &file.text);
        let settings: Settings = if text.trim().is_empty() { Settings::default() } else { serde_yaml::from_str(text)? };
        match (&settings.id, &settings.time_zone, &settings.demo_day) {
            (Some(id), ..) if !is_id(id) => Err(SettingsError::Id(id.clone())),
            (_, Some(zone), _) if zone_of(zone).is_none() => Err(SettingsError::TimeZone(zone.clone())),
            (.., Some(day)) if shape::date(day).is_none() => Err(SettingsError::DemoDay(day.clone())),
            _ => Ok(settings),
        }
    }

    /// The archive's name in a language.
    pub fn name_in(&self, lang: Lang) -> &str {
        match (lang, &self.name_en) {
            (Lang::En, Some(name)) => name,
            _ => &self.name,
        }
    }

    /// The zone in which days are reckoned; that of Greenwich where none is set.
    pub fn zone(&self) -> FixedOffset {
        let greenwich = FixedOffset::east_opt(0).expect("an offset of nothing is one");
        self.time_zone.as_deref().and_then(zone_of).unwrap_or(greenwich)
    }

    /// The day of a moment, in the archive's zone.
    pub fn day(&self, moment: DateTime<FixedOffset>) -> NaiveDate {
        moment.with_timezone(&self.zone()).date_naive()
    }

    /// When a day begins.
    pub fn begin(&self, day: NaiveDate) -> Option<DateTime<FixedOffset>> {
        day.and_time(NaiveTime::MIN).and_local_timezone(self.zone()).single()
    }

    /// A moment of a day that is played: the hour that it is, on that day, to the second.
    pub fn moment(&self, now: DateTime<Utc>, today: NaiveDate) -> DateTime<FixedOffset> {
        let now = now.with_timezone(&self.zone());
        let on_day = today.and_time(now.time()).and_local_timezone(self.zone()).single();
        on_day.unwrap_or(now).with_nanosecond(0).unwrap_or(now)
    }

    /// Today, for every command that is not told another day.
    pub fn demo_day(&self) -> Option<NaiveDate> {
        self.demo_day.as_deref().and_then(shape::date)
    }
}

/// Whether a text may stand in a line of a signed statement, and be told from another by the eye.
fn is_id(text: &str) -> bool {
    (8..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn zone_of(text: &str) -> Option<FixedOffset> {
    Some(*shape::timestamp(&format!("2000-01-01T00:00:00{text}"))?.offset())
}

#[cfg(test)]
mod tests {
    use super::*;

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
