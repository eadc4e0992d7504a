//! `[report]`: when reports are made and mailed.

use super::tree::Table;
use crate::schedule::{PeriodKind, Schedule};

/// When reports are made and mailed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportSettings {
    /// That of the last whole week; `None`: never.
    pub weekly: Option<Schedule>,
    /// That of the last whole month; `None`: never.
    pub monthly: Option<Schedule>,
    /// Whether a strong shift of the landscape is reported before its week is over.
    pub early: bool,
}

impl ReportSettings {
    /// Every report that is made, with its schedule.
    pub fn scheduled(&self) -> impl Iterator<Item = (PeriodKind, &Schedule)> {
        let weekly = self.weekly.iter().map(|one| (PeriodKind::Weekly, one));
        weekly.chain(self.monthly.iter().map(|one| (PeriodKind::Monthly, one)))
    }
}

/// The week's on Mondays at seven, if nothing else is said.
const WEEKLY: &str = "0 7 * * mon";
/// The month's on the first at seven, if it is wanted.
const MONTHLY: &str = "0 7 1 * *";

pub(super) fn report(root: &Table<'_>, zone_name: &str) -> ReportSettings {
    let Some(table) = root.table("report") else {
        return ReportSettings {
            weekly: Schedule::cron(WEEKLY, zone_name).ok(),
            monthly: None,
            early: true,
        };
    };
    let zone = table.text("zone").unwrap_or_else(|| zone_name.to_string());
    let is_on = table.flag("on").unwrap_or(true);
    let is_weekly = table.flag("weekly").unwrap_or(true);
    let is_monthly = table.flag("monthly");
    let is_early = table.flag("early").unwrap_or(true);
    let expected = "five fields, such as \"0 7 * * mon\"";
    let schedule = |key, usual| match table.has(key) {
        true => table.parsed(key, expected, |line| Schedule::cron(line, &zone)),
        false => Schedule::cron(usual, &zone).ok(),
    };
    let weekly = schedule("cron", WEEKLY);
    // who says when wants it
    let is_monthly = is_monthly.unwrap_or(table.has("monthly_cron"));
    let monthly = schedule("monthly_cron", MONTHLY);
    table.finish();
    ReportSettings {
        weekly: weekly.filter(|_| is_on && is_weekly),
        monthly: monthly.filter(|_| is_on && is_monthly),
        early: is_on && is_early,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::{Outside, Settings};

    fn wanted(text: &str) -> (bool, bool, bool) {
        let outside = Outside {
            variable: &|_| None,
            file: &|_: &Path| Err("no file".to_string()),
        };
        let settings = Settings::from_text("a.toml", text, &outside).expect("sound");
        let report = settings.report;
        let (weekly, monthly) = (report.weekly.is_some(), report.monthly.is_some());
        (weekly, monthly, report.early)
    }

    #[test]
    fn a_week_and_what_is_strong_are_reported_unless_unwanted_and_a_month_if_wanted() {
        for (text, expected) in [
            ("", (true, false, true)),
            ("[report]\nearly = false\n", (true, false, false)),
            ("[report]\nmonthly = true\n", (true, true, true)),
            ("[report]\nmonthly_cron = '0 8 2 * *'\n", (true, true, true)),
            (
                "[report]\nweekly = false\nmonthly = true\n",
                (false, true, true),
            ),
            (
                "[report]\nmonthly = false\nmonthly_cron = '0 8 2 * *'\n",
                (true, false, true),
            ),
            (
                "[report]\non = false\nmonthly = true\n",
                (false, false, false),
            ),
        ] {
            assert_eq!(wanted(text), expected, "{text}");
        }
    }
}
