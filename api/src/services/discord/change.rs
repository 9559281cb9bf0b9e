//! What to change about a member: all at once if Discord lets us, otherwise step by step.

use super::{
    rest::{DiscordError, DiscordRest, Member},
    sorted,
};

/// What a member should become.
pub(super) struct Change {
    /// The new name; `None`: unchanged.
    pub nick: Option<String>,
    /// All of the roles, sorted.
    pub roles: Vec<String>,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Take this role away.
    Take(String),
    /// Give this role.
    Give(String),
    /// Change the name.
    Rename,
}

impl Change {
    /// Does all of it in one call, or in none if nothing differs. The inner error means that Discord refuses it, and
    /// that nothing has changed.
    pub async fn at_once(
        &self,
        rest: &DiscordRest,
        member: &Member,
    ) -> Result<Result<Member, DiscordError>, DiscordError> {
        let moves = self.roles != sorted(&member.roles);
        if !moves && self.nick.is_none() {
            return Ok(Ok(member.clone()));
        }
        let roles = moves.then_some(&self.roles[..]);
        refusal(rest.edit_member(&member.user.id, self.nick.as_deref(), roles).await)
    }

    /// Does what can be done after `at_once` was refused. Returns the member as it then is, and what was refused.
    ///
    /// A failure other than a refusal ends it: the next attempt looks at the member again and continues from there.
    pub async fn by_steps(
        &self,
        rest: &DiscordRest,
        mut member: Member,
        at_once: DiscordError,
    ) -> Result<(Member, Vec<(Step, DiscordError)>), DiscordError> {
        let id = member.user.id.clone();
        if self.roles == sorted(&member.roles) {
            return Ok((member, vec![(Step::Rename, at_once)]));
        }
        let mut refused = Vec::new();
        // Perhaps only the name is refused: then the roles can still be changed together.
        if self.nick.is_some()
            && let Ok(moved) = refusal(rest.edit_member(&id, None, Some(&self.roles)).await)?
        {
            member = moved;
        }
        let surplus = member.roles.iter().filter(|role| !self.roles.contains(role)).cloned().map(Step::Take);
        let missing = self.roles.iter().filter(|role| !member.roles.contains(role)).cloned().map(Step::Give);
        for step in surplus.chain(missing).collect::<Vec<_>>() {
            let (role, has) = match &step {
                Step::Give(role) => (role, true),
                Step::Take(role) => (role, false),
                Step::Rename => continue,
            };
            match refusal(rest.set_member_role(&id, role, has).await)? {
                Ok(()) if has => member.roles.push(role.clone()),
                Ok(()) => member.roles.retain(|held| held != role),
                Err(error) => refused.push((step, error)),
            }
        }
        if let Some(nick) = &self.nick {
            match refusal(rest.edit_member(&id, Some(nick), None).await)? {
                Ok(renamed) => member.nick = renamed.nick,
                Err(error) => refused.push((Step::Rename, error)),
            }
        }
        Ok((member, refused))
    }
}

/// Separates refusals from other failures.
fn refusal<T>(answer: Result<T, DiscordError>) -> Result<Result<T, DiscordError>, DiscordError> {
    match answer {
        Err(error) if !error.is_refusal() => Err(error),
        answer => Ok(answer),
    }
}
