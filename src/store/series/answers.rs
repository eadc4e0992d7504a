//! What calls to models measured, beside their samples.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Row, params};

use super::{Series, SeriesId, series};
use crate::inference::{Figures, Reported, Speed, Usage};
use crate::store::budget::{dollars, units};
use crate::store::readings::micros;
use crate::store::{Questions, Result, Transaction, millis, time};

/// What one call measured.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerRow {
    /// When it began.
    pub at: Timestamp,
    /// `ok`, or the word of its failure.
    pub outcome: String,
    /// What was measured.
    pub figures: Figures,
}

impl Transaction<'_> {
    /// Keeps what a call measured.
    pub fn append_answer(&self, series: SeriesId, answer: &AnswerRow) -> Result<()> {
        let figures = &answer.figures;
        let (usage, reported) = (&figures.usage, &figures.reported);
        let tokens = |tokens: Option<u64>| tokens.and_then(|tokens| i64::try_from(tokens).ok());
        self.inner
            .prepare_cached(
                "INSERT INTO answer (series, at, outcome, first_event, first_thinking, first_content, last_token, gap,
                   longest_gap, input, cached, cache_write, output, reasoning, billed_input, billed_output, end_to_end,
                   after_first, reported_total, reported_first_token, reported_queue, charge, stop, model,
                   reported_head)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
                   ?22, ?23, ?24, ?25)",
            )?
            .execute(params![
                series.0,
                millis(answer.at),
                answer.outcome,
                micros(figures.first_event),
                micros(figures.first_thinking),
                micros(figures.first_content),
                micros(figures.last_token),
                micros(figures.gap),
                micros(figures.longest_gap),
                tokens(usage.input),
                tokens(usage.cached),
                tokens(usage.cache_write),
                tokens(usage.output),
                tokens(usage.reasoning),
                tokens(usage.billed_input),
                tokens(usage.billed_output),
                figures.speed.end_to_end,
                figures.speed.after_first,
                micros(reported.total),
                micros(reported.first_token),
                micros(reported.queue),
                units(figures.charge).unwrap_or(i64::MAX),
                figures.stop,
                figures.model,
                micros(reported.head),
            ])?;
        Ok(())
    }

    /// Throws away what calls before a moment measured.
    pub(in crate::store) fn prune_answers(&self, before: Timestamp) -> Result<()> {
        self.inner
            .prepare_cached("DELETE FROM answer WHERE at < ?1")?
            .execute([millis(before)])?;
        Ok(())
    }
}

/// Questions about what calls to models measured.
pub trait Answers: Questions {
    /// Gives `take` what every call of a span measured that is still kept, with its series; the first one first.
    fn answers(
        &self,
        since: Timestamp,
        until: Timestamp,
        mut take: impl FnMut(&Series, AnswerRow),
    ) -> Result<()> {
        let view = self.view()?;
        let all = series(&view)?;
        let mut statement = view.prepare_cached(
            "SELECT series, at, outcome, first_event, first_thinking, first_content, last_token, gap, longest_gap, input,
               cached, cache_write, output, reasoning, billed_input, billed_output, end_to_end, after_first,
               reported_total, reported_first_token, reported_queue, charge, stop, model, reported_head
             FROM answer WHERE at >= ?1 AND at < ?2 ORDER BY at, id",
        )?;
        let mut rows = statement.query([millis(since), millis(until)])?;
        while let Some(row) = rows.next()? {
            if let Some(series) = all.get(&row.get(0)?) {
                take(series, answer(row)?);
            }
        }
        Ok(())
    }
}

impl<T: Questions> Answers for T {}

fn answer(row: &Row<'_>) -> rusqlite::Result<AnswerRow> {
    let time_at = |at: usize| -> rusqlite::Result<Option<SignedDuration>> {
        Ok(row
            .get::<_, Option<i64>>(at)?
            .map(SignedDuration::from_micros))
    };
    let tokens = |at: usize| -> rusqlite::Result<Option<u64>> {
        let tokens = row.get::<_, Option<i64>>(at)?;
        Ok(tokens.and_then(|tokens| u64::try_from(tokens).ok()))
    };
    Ok(AnswerRow {
        at: time(row.get(1)?),
        outcome: row.get(2)?,
        figures: Figures {
            first_event: time_at(3)?,
            first_thinking: time_at(4)?,
            first_content: time_at(5)?,
            last_token: time_at(6)?,
            gap: time_at(7)?,
            longest_gap: time_at(8)?,
            usage: Usage {
                input: tokens(9)?,
                cached: tokens(10)?,
                cache_write: tokens(11)?,
                output: tokens(12)?,
                reasoning: tokens(13)?,
                billed_input: tokens(14)?,
                billed_output: tokens(15)?,
            },
            speed: Speed {
                end_to_end: row.get(16)?,
                after_first: row.get(17)?,
            },
            reported: Reported {
                total: time_at(18)?,
                first_token: time_at(19)?,
                queue: time_at(20)?,
                head: time_at(24)?,
            },
            charge: dollars(row.get(21)?),
            stop: row.get(22)?,
            model: row.get(23)?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{SeriesKind, Store};

    fn full(at: Timestamp) -> AnswerRow {
        let some = |micros| Some(SignedDuration::from_micros(micros));
        AnswerRow {
            at,
            outcome: "ok".to_owned(),
            figures: Figures {
                first_event: some(1),
                first_thinking: some(2),
                first_content: some(3),
                last_token: some(4),
                gap: some(5),
                longest_gap: some(6),
                usage: Usage {
                    input: Some(7),
                    cached: Some(8),
                    cache_write: Some(9),
                    output: Some(10),
                    reasoning: Some(11),
                    billed_input: Some(12),
                    billed_output: Some(13),
                },
                speed: Speed {
                    end_to_end: Some(1.5),
                    after_first: Some(2.5),
                },
                reported: Reported {
                    total: some(14),
                    first_token: some(15),
                    queue: some(16),
                    head: some(17),
                },
                charge: "0.000123456789".parse().expect("an amount"),
                stop: Some("stop".to_owned()),
                model: Some("m-1".to_owned()),
            },
        }
    }

    #[test]
    fn what_was_measured_comes_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bellwether.db");
        let mut store = Store::open(&path).expect("a database");
        let at: Timestamp = "2026-11-25T12:00:00Z".parse().expect("a time");
        let empty = AnswerRow {
            at: at + SignedDuration::from_secs(1),
            outcome: "throttled".to_owned(),
            figures: Figures::default(),
        };
        let of = Series {
            kind: SeriesKind::Model,
            model: "m".to_owned(),
            way: "fresh".to_owned(),
            ..Series::default()
        };
        let rows = [full(at), empty];
        store
            .transaction(|t| {
                let id = t.series_id(&of)?;
                rows.iter()
                    .rev()
                    .try_for_each(|row| t.append_answer(id, row))
            })
            .expect("kept");
        let kept = |store: &Store| {
            let mut kept = Vec::new();
            store
                .answers(at, at + SignedDuration::from_secs(9), |series, row| {
                    assert_eq!(*series, of);
                    kept.push(row);
                })
                .expect("an answer");
            kept
        };
        assert_eq!(kept(&store), rows);
        let second = rows[1].at;
        store
            .transaction(|t| t.prune_answers(second))
            .expect("pruned");
        assert_eq!(kept(&store), rows[1..]);
    }
}
