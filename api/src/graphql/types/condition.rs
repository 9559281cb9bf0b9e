//! What is wrong with the site at the moment.

use async_graphql::{Enum, SimpleObject};

use crate::{
    conditions::{Condition, Kind, Level},
    graphql::loaders::Time,
};

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Kind")]
pub enum SiteConditionKind {
    /// No worker says that it is alive. Told superusers only.
    WorkerSilent,
    /// A run stopped before it took something from too many users. Told superusers only.
    BrakePulled,
    /// Where characters fly is not known as it is now.
    EveDataLate,
    /// A service does not answer. Told superusers, and whose account there waits.
    ServicePaused,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Level")]
pub enum SiteConditionLevel {
    /// Something is late.
    Warning,
    /// An operator must act, or nothing goes on.
    Critical,
}

/// Something that is wrong at the moment.
#[derive(SimpleObject)]
pub struct SiteCondition {
    /// What is wrong.
    kind: SiteConditionKind,
    /// What of its kind: the key of a service, or the kind of a run.
    subject: Option<String>,
    /// How bad it is.
    level: SiteConditionLevel,
    /// Since when, as far as that is known.
    since: Option<Time>,
    /// What is the case, in a sentence.
    sentence: String,
    /// What to do about it, in a sentence.
    remedy: String,
    /// What went wrong last; null for everybody but superusers.
    detail: Option<String>,
}

impl From<Condition> for SiteCondition {
    fn from(condition: Condition) -> Self {
        let Condition { kind, subject, level, since, sentence, remedy, detail } = condition;
        Self { kind: kind.into(), subject, level: level.into(), since, sentence, remedy, detail }
    }
}
