//! What is currently wrong with the site.

use async_graphql::{Enum, SimpleObject};

use crate::{
    conditions::{Condition, Kind, Level},
    graphql::loaders::Time,
};

/// The kind of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Kind")]
pub enum SiteConditionKind {
    /// No worker reports that it is alive. Shown to superusers only.
    WorkerSilent,
    /// A run stopped itself before taking something from too many users. Shown to superusers only.
    BrakePulled,
    /// What is known about where characters fly is out of date.
    EveDataLate,
    /// A service does not answer. Shown to superusers, and to users whose account on it is waiting.
    ServicePaused,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Level")]
pub enum SiteConditionLevel {
    /// Something is late.
    Warning,
    /// An operator must act before work can continue.
    Critical,
}

/// Something that is currently wrong.
#[derive(SimpleObject)]
pub struct SiteCondition {
    /// The kind of problem.
    kind: SiteConditionKind,
    /// Which one of its kind: the key of a service, or the kind of a run.
    subject: Option<String>,
    /// How bad it is.
    level: SiteConditionLevel,
    /// Since when, as far as that is known.
    since: Option<Time>,
    /// What is wrong, in one sentence.
    sentence: String,
    /// What to do about it, in one sentence.
    remedy: String,
    /// The most recent error; null for everybody but superusers.
    detail: Option<String>,
}

impl From<Condition> for SiteCondition {
    fn from(condition: Condition) -> Self {
        let Condition { kind, subject, level, since, sentence, remedy, detail } = condition;
        Self { kind: kind.into(), subject, level: level.into(), since, sentence, remedy, detail }
    }
}
