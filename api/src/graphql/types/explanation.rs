//! Why somebody has or lacks something.

use async_graphql::{Enum, ID, InputObject, OneofObject, SimpleObject};
use fealty_shared::id::{GroupId, StateId};

use super::person::Person;
use crate::{
    access::{
        Subject,
        explain::{self, By},
    },
    error::Result,
    graphql::input,
};

/// Something that a user can have or lack.
#[derive(OneofObject)]
pub enum AccessSubjectInput {
    /// `app.codename`
    Permission(String),
    /// Being in a group.
    GroupId(ID),
    /// Having a state.
    StateId(ID),
    /// Stable key, for example `discord`.
    Service(String),
}

/// PostgreSQL's text cannot contain NUL, so nothing here has such a name.
fn name(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

impl AccessSubjectInput {
    /// Reads the ids.
    pub(in crate::graphql) fn parse(self) -> Result<Subject> {
        Ok(match self {
            Self::Permission(text) => Subject::Permission(name(&text)),
            Self::Service(text) => Subject::Service(name(&text)),
            Self::GroupId(id) => Subject::Group(input::id::<GroupId>("subject.groupId", &id)?),
            Self::StateId(id) => Subject::State(input::id::<StateId>("subject.stateId", &id)?),
        })
    }
}

/// Whose access to explain, and to what.
#[derive(InputObject)]
pub struct ExplainInput {
    /// Absent: the viewer.
    pub user_id: Option<ID>,
    /// What they have or lack.
    pub subject: AccessSubjectInput,
}

/// Why somebody has or lacks something.
#[derive(SimpleObject)]
pub struct Explanation {
    /// Whose access it is.
    person: Person,
    /// What people call it.
    subject: String,
    /// Whether they have it.
    is_granted: bool,
    /// The whole reason in one readable sentence.
    sentence: String,
    /// The reason tree, depth first; `parent` is the index of an earlier node.
    reasons: Vec<Reason>,
    /// For a "no": what would have to change, starting with what the person can do themselves.
    remedies: Vec<Remedy>,
}

/// One node of the reason tree.
#[derive(SimpleObject)]
pub struct Reason {
    /// Index of the node it belongs to; null for the answer itself.
    parent: Option<i32>,
    /// Whether it is the case.
    holds: bool,
    /// Machine-readable.
    rule: &'static str,
    /// One sentence in English.
    sentence: String,
    /// What it is about: user, permission, group, state or service.
    subject_kind: Option<&'static str>,
    /// The id of that, or its name if it has no id.
    subject_id: Option<ID>,
}

/// Who can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "RemedyBy")]
pub enum RemedyBy {
    /// The person themselves.
    #[graphql(name = "SELF")]
    Himself,
    /// A leader of the group.
    Leader,
    /// An administrator.
    Admin,
}

/// Something that would help, or is needed first.
#[derive(SimpleObject)]
pub struct Remedy {
    /// Who can do it.
    by: RemedyBy,
    /// One sentence in English.
    sentence: String,
    /// A path of this site.
    href: Option<String>,
}

impl Explanation {
    /// Converts what the engine says.
    pub(in crate::graphql) fn new(person: Person, said: explain::Explanation) -> Self {
        let reasons = said.reasons.into_iter().map(|reason| {
            let (subject_kind, subject_id) = reason.about.unzip();
            Reason {
                parent: reason.parent.and_then(|at| i32::try_from(at).ok()),
                holds: reason.holds,
                rule: reason.rule,
                sentence: reason.sentence,
                subject_kind,
                subject_id: subject_id.map(ID),
            }
        });
        let remedies = said.remedies.into_iter().map(|remedy| Remedy {
            by: match remedy.by {
                By::Himself => RemedyBy::Himself,
                By::Leader => RemedyBy::Leader,
                By::Admin => RemedyBy::Admin,
            },
            sentence: remedy.sentence,
            href: remedy.href,
        });
        Self {
            person,
            subject: said.subject,
            is_granted: said.is_granted,
            sentence: said.sentence,
            reasons: reasons.collect(),
            remedies: remedies.collect(),
        }
    }
}
