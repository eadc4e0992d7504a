use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::Crontab;

fn check(line: &str, after: &str, expected: &[&str]) {
    let crontab: Crontab = line.parse().unwrap();
    let after: Timestamp = after.parse().unwrap();
    let found: Vec<String> =
        std::iter::successors(crontab.next_after(after, &TimeZone::UTC), |firing| {
            crontab.next_after(*firing, &TimeZone::UTC)
        })
        .take(expected.len())
        .map(|firing| firing.to_string())
        .collect();
    assert_eq!(found, expected, "{line} after {after}");
}

#[test]
fn the_dialect() {
    // 2026-01-01 is a Thursday.
    let after = "2026-01-01T00:00:00Z";
    for (line, expected) in [
        (
            "* * * * *",
            ["2026-01-01T00:01:00Z", "2026-01-01T00:02:00Z"],
        ),
        (
            "*/15 * * * *",
            ["2026-01-01T00:15:00Z", "2026-01-01T00:30:00Z"],
        ),
        (
            "5-20/15 6,18 * * *",
            ["2026-01-01T06:05:00Z", "2026-01-01T06:20:00Z"],
        ),
        (
            "0 9 * * 1",
            ["2026-01-05T09:00:00Z", "2026-01-12T09:00:00Z"],
        ),
        (
            "0 9 * * MON",
            ["2026-01-05T09:00:00Z", "2026-01-12T09:00:00Z"],
        ),
        (
            "0 9 * * 0",
            ["2026-01-04T09:00:00Z", "2026-01-11T09:00:00Z"],
        ),
        (
            "0 9 * * 7",
            ["2026-01-04T09:00:00Z", "2026-01-11T09:00:00Z"],
        ),
        (
            "0 9 * * sat-sun",
            ["2026-01-03T09:00:00Z", "2026-01-04T09:00:00Z"],
        ),
        (
            "0 9 * * 6-7",
            ["2026-01-03T09:00:00Z", "2026-01-04T09:00:00Z"],
        ),
        (
            "0 9 * * 1-5/4",
            ["2026-01-02T09:00:00Z", "2026-01-05T09:00:00Z"],
        ),
        (
            "0 0 1 Feb,aug *",
            ["2026-02-01T00:00:00Z", "2026-08-01T00:00:00Z"],
        ),
        (
            "0 0 31 * *",
            ["2026-01-31T00:00:00Z", "2026-03-31T00:00:00Z"],
        ),
        (
            "0 0 29 2 *",
            ["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"],
        ),
        // Day 13 or a Friday; but day and weekday where either starts with a star.
        (
            "0 0 13 * fri",
            ["2026-01-02T00:00:00Z", "2026-01-09T00:00:00Z"],
        ),
        (
            "0 0 */7 * thu",
            ["2026-01-08T00:00:00Z", "2026-01-15T00:00:00Z"],
        ),
        // Never on the 31st, but on Mondays.
        (
            "0 0 31 2 1",
            ["2026-02-02T00:00:00Z", "2026-02-09T00:00:00Z"],
        ),
        (
            "\t 0  12 * * * ",
            ["2026-01-01T12:00:00Z", "2026-01-02T12:00:00Z"],
        ),
        ("@hourly", ["2026-01-01T01:00:00Z", "2026-01-01T02:00:00Z"]),
        ("@daily", ["2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"]),
        (
            " @Midnight",
            ["2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"],
        ),
        ("@weekly", ["2026-01-04T00:00:00Z", "2026-01-11T00:00:00Z"]),
        ("@monthly", ["2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"]),
        ("@yearly", ["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"]),
        (
            "@annually",
            ["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"],
        ),
    ] {
        check(line, after, &expected);
    }
}

#[test]
fn errors_name_column_and_expectation() {
    for (line, expected) in [
        (
            "",
            "column 1: expected 5 fields (minute hour day-of-month month day-of-week), found 0",
        ),
        (
            "0 9 * *",
            "column 8: expected 5 fields (minute hour day-of-month month day-of-week), found 4",
        ),
        (
            "0 0 9 * * 1",
            "column 11: expected 5 fields (minute hour day-of-month month day-of-week) and no more, found field 6 of 6: '1'",
        ),
        ("60 * * * *", "column 1: expected minute (0-59), found '60'"),
        ("* 24 * * *", "column 3: expected hour (0-23), found '24'"),
        (
            "* *  0 * *",
            "column 6: expected day of month (1-31), found '0'",
        ),
        (
            "* * * 13 *",
            "column 7: expected month (1-12 or jan-dec), found '13'",
        ),
        (
            "* * * * 8",
            "column 9: expected day of week (0-7 or sun-sat), found '8'",
        ),
        (
            "* * * * monday",
            "column 9: expected day of week (0-7 or sun-sat), found 'monday'",
        ),
        (
            "1,2,x * * * *",
            "column 5: expected minute (0-59), found 'x'",
        ),
        ("1,,2 * * * *", "column 3: expected minute (0-59), found ''"),
        (
            "1-99 * * * *",
            "column 3: expected minute (0-59), found '99'",
        ),
        ("-5 * * * *", "column 1: expected minute (0-59), found ''"),
        (
            "0 18-8 * * *",
            "column 3: expected a range of hour (0-23) that runs forwards, found '18-8'",
        ),
        (
            "*/0 * * * *",
            "column 3: expected a step from 1 to 60 for the minute, found '0'",
        ),
        (
            "*/90 * * * *",
            "column 3: expected a step from 1 to 60 for the minute, found '90'",
        ),
        (
            "* * * * */8",
            "column 11: expected a step from 1 to 7 for the day of week, found '8'",
        ),
        (
            "5/15 * * * *",
            "column 1: expected '*' or a range before the step, found '5/15'",
        ),
        (
            "* * L * *",
            "column 5: expected day of month (1-31), found 'L'",
        ),
        ("é * * * x", "column 1: expected minute (0-59), found 'é'"),
        (
            "0 0 30,31 feb *",
            "column 5: expected a day that the months have, found '30,31' in month 'feb', which never occurs",
        ),
        (
            "0 0 31 4 */2",
            "column 5: expected a day that the months have, found '31' in month '4', which never occurs",
        ),
        (
            " @reboot",
            "column 2: expected @hourly, @daily, @midnight, @weekly, @monthly, @yearly or @annually, found '@reboot'",
        ),
        (
            "******",
            "column 7: expected 5 fields (minute hour day-of-month month day-of-week), found 1",
        ),
        (
            "\u{1b}[2J * * * *",
            "column 1: expected minute (0-59), found '\\u{1b}[2J'",
        ),
    ] {
        let error = line.parse::<Crontab>().unwrap_err();
        assert_eq!(error.to_string(), expected, "{line}");
    }
    let error = "* ".repeat(100_000).parse::<Crontab>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "column 1: expected at most 1024 bytes, found 200000 bytes"
    );
}

#[test]
fn lines_are_printed_on_one_line() {
    for (text, expected) in [(" 0\t9 * *\nmon ", "0 9 * * mon"), (" @Daily", "@Daily")] {
        let crontab: Crontab = text.parse().unwrap();
        assert_eq!(crontab.to_string(), expected);
        assert_eq!(crontab, expected.parse().unwrap());
    }
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC{0,40}|[-*/,@0-9a-z \t]{0,30}|([-*/,0-9]{1,6} ){4}[-*/,0-9]{1,6}", after in -400_000_000_000i64..400_000_000_000) {
        let after = Timestamp::from_second(after).unwrap_or(Timestamp::MAX);
        match text.parse::<Crontab>() {
            Ok(crontab) => prop_assert!(crontab.next_after(after, &TimeZone::UTC).is_none_or(|next| next > after)),
            Err(error) => {
                prop_assert!((1..=text.chars().count() + 1).contains(&error.column), "{}", error);
                prop_assert!(error.to_string().len() < 1_000);
            }
        }
    }
}
