//! What is said about the facts, and who is told.

use chrono::{DateTime, Duration, Utc};

use super::{Condition, Facts, Kind, Level, Run, ServiceTrouble};
use crate::{eve::sync::AFFILIATIONS, identity::tokens, services::title_of};

/// A run over all characters takes minutes, and EVE's daily downtime is over long before this.
const LATE: Duration = Duration::hours(1);
/// Without a worker no run begins: after this long, what is known is old.
const OLD: Duration = Duration::hours(6);

/// Everything.
pub(super) fn operators(facts: &Facts, now: DateTime<Utc>) -> Vec<Condition> {
    let mut all = Vec::new();
    if !facts.has_worker {
        all.push(Condition {
            kind: Kind::WorkerSilent,
            subject: None,
            level: Level::Critical,
            since: facts.heard_at,
            sentence:
                "No worker is running: nothing is synchronised, no service is updated and no mail is sent."
                    .into(),
            remedy: "Start `worker`, or look at its log. Whatever is waiting is done as soon as it runs."
                .into(),
            detail: None,
        });
    }
    all.extend(facts.runs.iter().filter_map(brake));
    all.extend(facts.runs.iter().filter(|run| run.stopped_at.is_none() && is_late(run, now)).map(late));
    all.extend(facts.services.iter().map(|trouble| paused(trouble, true)));
    all
}

/// What affects one user: EVE's data, and services that their own account is waiting for.
pub(super) fn members(facts: &Facts, waiting: &[String], now: DateTime<Utc>) -> Vec<Condition> {
    let affiliations = facts.runs.iter().find(|run| run.kind == AFFILIATIONS);
    let since = affiliations.and_then(|run| {
        let is_old = !facts.has_worker && run.finished_at.is_some_and(|at| at < now - OLD);
        let stopped = run.stopped_at.is_some();
        (stopped || is_late(run, now) || is_old)
            .then_some(run.stopped_at.or(run.finished_at).unwrap_or(run.started_at))
    });
    let eve = since.map(|since| Condition {
        kind: Kind::EveDataLate,
        subject: None,
        level: Level::Warning,
        since: Some(since),
        sentence: "Changes of corporation or alliance in EVE are not noticed at the moment.".into(),
        remedy: "You lose nothing in the meantime. The operators of this site have been told.".into(),
        detail: None,
    });
    let services = facts.services.iter().filter(|trouble| waiting.contains(&trouble.service));
    eve.into_iter().chain(services.map(|trouble| paused(trouble, false))).collect()
}

fn is_late(run: &Run, now: DateTime<Utc>) -> bool {
    run.kind == AFFILIATIONS && run.finished_at.is_none() && run.started_at < now - LATE
}

fn brake(run: &Run) -> Option<Condition> {
    let since = run.stopped_at?;
    let what = match run.kind.as_str() {
        AFFILIATIONS => "The affiliation sync",
        tokens::KIND => "The check of characters",
        _ => "A sync",
    };
    Some(Condition {
        kind: Kind::BrakePulled,
        subject: Some(run.kind.clone()),
        level: Level::Critical,
        since: Some(since),
        sentence: format!(
            "{what} stopped before it took something from many users at once. Everybody keeps what they have."
        ),
        remedy: format!("If the losses are real, run `fealtyctl sync {} --release-brake`.", run.kind),
        detail: run.last_error.clone(),
    })
}

fn late(run: &Run) -> Condition {
    Condition {
        kind: Kind::EveDataLate,
        subject: Some(run.kind.clone()),
        level: Level::Warning,
        since: Some(run.started_at),
        sentence: "The affiliation sync does not finish. Everybody keeps what they have.".into(),
        remedy: "See whether ESI answers; the run continues automatically as soon as it does.".into(),
        detail: run.last_error.clone(),
    }
}

fn paused(trouble: &ServiceTrouble, is_operator: bool) -> Condition {
    let title = title_of(&trouble.service);
    let remedy = if is_operator {
        format!("If {title} works, look at its settings. Whatever is waiting is done as soon as it answers.")
    } else {
        "Your account there is brought up to date as soon as it answers.".into()
    };
    Condition {
        kind: Kind::ServicePaused,
        subject: Some(trouble.service.clone()),
        level: Level::Warning,
        since: trouble.last_ok_at,
        sentence: format!("{title} does not answer at the moment, so changes there have to wait."),
        remedy,
        detail: trouble.last_error.clone().filter(|_| is_operator),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(kind: &str) -> Run {
        let start = DateTime::UNIX_EPOCH;
        Run {
            kind: kind.into(),
            started_at: start,
            finished_at: None,
            stopped_at: None,
            last_error: Some("secret".into()),
        }
    }

    fn facts(runs: Vec<Run>) -> Facts {
        Facts { has_worker: true, runs, ..Facts::default() }
    }

    fn kinds(conditions: &[Condition]) -> Vec<Kind> {
        conditions.iter().map(|condition| condition.kind).collect()
    }

    #[test]
    fn a_run_is_late_after_an_hour() {
        let facts = facts(vec![run(AFFILIATIONS)]);
        let at = |minutes| DateTime::UNIX_EPOCH + Duration::minutes(minutes);
        assert_eq!(kinds(&operators(&facts, at(59))), []);
        assert_eq!(kinds(&operators(&facts, at(61))), [Kind::EveDataLate]);
        assert_eq!(kinds(&members(&facts, &[], at(61))), [Kind::EveDataLate]);
    }

    #[test]
    fn a_stopped_run_is_told_once_and_members_hear_no_details() {
        let mut stopped = run(AFFILIATIONS);
        stopped.stopped_at = Some(DateTime::UNIX_EPOCH);
        let facts = facts(vec![stopped]);
        let now = DateTime::UNIX_EPOCH + Duration::days(1);
        let told = operators(&facts, now);
        assert_eq!(kinds(&told), [Kind::BrakePulled]);
        assert_eq!(told[0].detail.as_deref(), Some("secret"));
        let told = members(&facts, &[], now);
        assert_eq!(kinds(&told), [Kind::EveDataLate]);
        assert!(told.iter().all(|condition| condition.detail.is_none() && condition.subject.is_none()));
    }

    #[test]
    fn the_check_of_characters_is_not_the_members_business() {
        let mut stopped = run(tokens::KIND);
        stopped.stopped_at = Some(DateTime::UNIX_EPOCH);
        assert_eq!(members(&facts(vec![stopped]), &[], DateTime::UNIX_EPOCH + Duration::days(1)), []);
    }

    #[test]
    fn without_a_worker_what_is_known_grows_old() {
        let mut done = run(AFFILIATIONS);
        done.finished_at = Some(DateTime::UNIX_EPOCH);
        let facts = Facts { has_worker: false, runs: vec![done], ..Facts::default() };
        let at = |hours| DateTime::UNIX_EPOCH + Duration::hours(hours);
        assert_eq!(kinds(&operators(&facts, at(1))), [Kind::WorkerSilent]);
        assert_eq!(members(&facts, &[], at(5)), []);
        assert_eq!(kinds(&members(&facts, &[], at(7))), [Kind::EveDataLate]);
    }
}
