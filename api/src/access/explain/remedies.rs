//! What would have to change for a "no" to become a "yes".

use fealty_shared::id::{GroupId, UserId};

use super::{
    Asker, Character, Facts, Group, State, Target,
    words::{Voice, any_of, moment, state_name},
};
use crate::groups::Obstacle;

/// Who can do it, in the order in which to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    Himself,
    Leader,
    Admin,
}

/// What to do, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    FinishRegistration,
    /// It begins by itself.
    Wait,
    /// Make this character the main.
    ChooseMain(i64),
    /// Make any of the characters the main.
    ChooseAnyMain,
    LinkCharacter,
    JoinGroup(i64),
    RequestGroup(i64),
    AcceptRequest(i64),
    AddToGroup(i64),
    SwitchOn,
    GrantPermission,
    LetStateCarry(i64),
    ListInState(i64),
    /// Give the state a higher priority than the current one.
    RaiseState(i64),
    /// Both: being listed alone would not be enough to come first.
    ListInAndRaiseState(i64),
    LimitGroupToState(i64),
}

/// One way, or one thing that is needed before another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    pub by: By,
    pub step: Step,
    pub sentence: String,
    /// A path on this site.
    pub href: Option<String>,
}

/// The most characters proposed as mains.
const MAINS: usize = 3;
/// The most groups proposed for joining.
const GROUPS: usize = 10;

struct Remedies<'a> {
    facts: &'a Facts,
    asker: &'a Asker,
    voice: Voice<'a>,
    found: Vec<Remedy>,
}

/// What would have to change, starting with what the user can do themselves.
pub(super) fn of(facts: &Facts, asker: &Asker) -> Vec<Remedy> {
    let voice = Voice::new(facts, asker);
    let mut remedies = Remedies { facts, asker, voice, found: Vec::new() };
    if facts.is_active || is_in_internal_group_anyway(facts) {
        remedies.of_active();
    } else {
        remedies.switch_on();
        // What else is missing once the account is on.
        let active = Facts { is_active: true, ..facts.clone() };
        if !active.is_granted() {
            let mut more = Remedies { facts: &active, asker, voice, found: Vec::new() };
            more.of_active();
            remedies.found.append(&mut more.found);
        }
    }
    let mut found = remedies.found;
    // While switched off, a user can do nothing themselves.
    if facts.is_active {
        found.sort_by_key(|remedy| remedy.by);
    }
    found
}

/// An account that is switched off may still be in internal groups.
fn is_in_internal_group_anyway(facts: &Facts) -> bool {
    matches!(&facts.target, Target::Group(group) if group.is_internal)
}

impl Remedies<'_> {
    fn add(&mut self, by: By, step: Step, sentence: &str, href: Option<String>) {
        let sentence = self.voice.sentence(sentence);
        self.found.push(Remedy { by, step, sentence, href });
    }

    fn switch_on(&mut self) {
        let v = self.voice;
        if self.facts.is_registered {
            let sentence = format!("an administrator can switch {} account on again", v.their());
            self.add(By::Admin, Step::SwitchOn, &sentence, self.user_page());
        } else {
            let sentence =
                format!("{} can finish the registration by confirming the e-mail address", v.they());
            self.add(By::Himself, Step::FinishRegistration, &sentence, None);
        }
    }

    fn of_active(&mut self) {
        let facts = self.facts;
        match &facts.target {
            Target::Permission { .. } => self.permission(),
            Target::Service(_) => self.service(),
            Target::State(state) => self.state(state),
            Target::Group(group) => self.asked_group(group),
        }
    }

    /// Whether somebody is asking about themselves.
    const fn is_own(&self) -> bool {
        self.asker.is(self.facts.user_id)
    }

    /// The page where admins change the user; of no use to the user themselves.
    fn user_page(&self) -> Option<String> {
        let user = UserId(self.facts.user_id);
        (!self.is_own()).then(|| format!("/admin/users/{user}"))
    }

    /// Proposes those of their characters as mains that would get a fitting state; if there are none, linking one.
    /// `wanted` are states that would do.
    fn another_main(&mut self, fits: impl Fn(&State) -> bool, thing: &str) {
        let (facts, v) = (self.facts, self.voice);
        let would: Vec<(&Character, &State)> = facts
            .characters
            .iter()
            .filter(|character| Some(character.id) != facts.main)
            .filter_map(|character| Some((character, facts.state_with(Some(character))?)))
            .filter(|(_, state)| fits(state))
            .take(MAINS)
            .collect();
        for (character, state) in &would {
            let sentence = format!(
                "make {} {} main character: with it {} state would be {}",
                character.name,
                v.their(),
                v.their(),
                state.name
            );
            self.add(
                By::Himself,
                Step::ChooseMain(character.id),
                &self.myself(&sentence),
                self.own_page("/characters"),
            );
        }
        let states: Vec<&str> = facts
            .states
            .iter()
            .filter(|state| !state.is_guest && fits(state))
            .map(|state| state.name.as_str())
            .collect();
        if would.is_empty() && !states.is_empty() {
            let which = if self.asker.sees_states {
                format!("a character that the state {} fits", any_of(states))
            } else {
                format!("another character, whose state {thing}")
            };
            self.link(&which, "");
        }
    }

    fn link(&mut self, which: &str, and_then: &str) {
        let sentence = format!("link {which}, and make it {} main character{and_then}", self.voice.their());
        self.add(By::Himself, Step::LinkCharacter, &self.myself(&sentence), self.own_page("/characters"));
    }

    /// An imperative for the user; for anybody else, what the user can do.
    fn myself(&self, imperative: &str) -> String {
        if self.is_own() { imperative.to_owned() } else { format!("{} can {imperative}", self.voice.they()) }
    }

    /// Pages about oneself only help the user themselves.
    fn own_page(&self, path: &str) -> Option<String> {
        self.is_own().then(|| path.to_owned())
    }

    fn permission(&mut self) {
        let (facts, v) = (self.facts, self.voice);
        if let Some(at) = facts.grant.as_ref().and_then(|grant| grant.starts_at) {
            let sentence = format!("wait until {}: then {} direct grant begins", moment(at), v.their());
            self.add(By::Himself, Step::Wait, &self.myself(&sentence), None);
        }
        self.another_main(|state| state.carries, "carries this permission");
        let open = |group: &&Group| Facts::may_name(group, self.asker) && Facts::fits(group, facts.state());
        for group in facts.groups.iter().filter(open).take(GROUPS) {
            self.group(group);
        }
        let sentence = format!("a superuser can grant the permission to {} directly", v.them());
        self.add(By::Admin, Step::GrantPermission, &sentence, self.user_page());
        if let Some(state) = facts.state().filter(|_| self.asker.sees_states) {
            let sentence = format!("a superuser can let the state {} carry it", state.name);
            self.add(By::Admin, Step::LetStateCarry(state.id), &sentence, None);
        }
    }

    fn service(&mut self) {
        let (facts, v) = (self.facts, self.voice);
        if facts.main.is_none() {
            if facts.characters.is_empty() {
                self.link("a character", "");
            } else {
                let sentence = format!("choose {} main character", v.their());
                let page = self.own_page("/characters");
                self.add(By::Himself, Step::ChooseAnyMain, &self.myself(&sentence), page);
            }
        }
        if !facts.has_permission() {
            self.permission();
        }
    }

    fn state(&mut self, state: &State) {
        let (facts, v) = (self.facts, self.voice);
        if state.is_guest {
            return;
        }
        self.another_main(|would| would.id == state.id, &format!("would be {}", state.name));
        let Some(main) = facts.main() else { return };
        let is_fitting = state.is_public || main.listed.iter().any(|(id, _)| *id == state.id);
        // Of the states that fit, the one with the highest priority wins.
        let first = facts.state_with(Some(main)).filter(|now| now.priority > state.priority);
        let list = format!("list {} main character, or where it flies, in the state", v.their());
        let (step, what) = match (is_fitting, first) {
            (false, None) => (Step::ListInState(state.id), list),
            (false, Some(first)) => (
                Step::ListInAndRaiseState(state.id),
                format!("{list}, and give it a higher priority than {}", first.name),
            ),
            (true, first) => (
                Step::RaiseState(state.id),
                format!("give the state {} a higher priority than {}", state.name, state_name(first)),
            ),
        };
        self.add(By::Admin, step, &format!("an administrator can {what}"), None);
    }

    fn asked_group(&mut self, group: &Group) {
        let (facts, v) = (self.facts, self.voice);
        if Facts::fits(group, facts.state()) {
            self.group(group);
            return;
        }
        let states = group.states.as_deref().unwrap_or_default();
        self.another_main(|state| states.contains(&state.id), "may be in this group");
        let sentence = format!(
            "{} can open the group to {} state {}",
            administrator(group),
            v.their(),
            state_name(facts.state())
        );
        self.add(By::Admin, Step::LimitGroupToState(group.id), &sentence, None);
    }

    /// How they get into a group that their state allows.
    fn group(&mut self, group: &Group) {
        let (facts, v) = (self.facts, self.voice);
        if let Some(member) = &group.member {
            let at = member.starts_at.map_or_else(String::new, |at| format!(" until {}", moment(at)));
            let sentence = format!("wait{at}: then {} membership of {} begins", v.their(), group.name);
            self.add(By::Himself, Step::Wait, &self.myself(&sentence), None);
            return;
        }
        match facts.pilot().obstacle(group.gate()) {
            None if group.asked_at.is_some() => self.accept(group),
            None => {
                let (step, what) = self.entering(group);
                let sentence = self.myself(&format!("{what} {}", group.name));
                self.add(By::Himself, step, &sentence, group_page(group));
            }
            Some(obstacle) => {
                if obstacle == Obstacle::NoMain {
                    self.main_for(group);
                }
                self.add_to(group);
            }
        }
    }

    /// What a pilot does about a group when nothing keeps them out.
    fn entering(&self, group: &Group) -> (Step, &'static str) {
        if group.gate().opens_at_once(self.facts.is_superuser) {
            (Step::JoinGroup(group.id), "join the group")
        } else {
            (Step::RequestGroup(group.id), "ask to join the group")
        }
    }

    /// The mains with which somebody without a main could join.
    fn main_for(&mut self, group: &Group) {
        let (facts, v) = (self.facts, self.voice);
        let (_, what) = self.entering(group);
        let and_then = format!(", and then {what} {}", group.name);
        if facts.characters.is_empty() {
            self.link("a character", &and_then);
        }
        let lets_in = |main: &&Character| facts.pilot_with(Some(main)).obstacle(group.gate()).is_none();
        for main in facts.characters.iter().filter(lets_in).take(MAINS) {
            let sentence = format!("make {} {} main character{and_then}", main.name, v.their());
            let page = self.own_page("/characters");
            self.add(By::Himself, Step::ChooseMain(main.id), &self.myself(&sentence), page);
        }
    }

    /// Who can accept the request. Restricted groups need superusers; a group without leaders needs
    /// somebody who manages all groups.
    fn accept(&mut self, group: &Group) {
        let (by, who) = if group.is_restricted || !group.has_leaders {
            (By::Admin, administrator(group))
        } else {
            (By::Leader, "a leader of the group")
        };
        let sentence = format!("{who} can accept {} request to join {}", self.voice.their(), group.name);
        self.add(by, Step::AcceptRequest(group.id), &sentence, group_page(group));
    }

    /// Who can make somebody a member who may not join. A leader who does not see users can only add those who ask.
    fn add_to(&mut self, group: &Group) {
        let (v, name) = (self.voice, &group.name);
        let step = Step::AddToGroup(group.id);
        let can_leader = group.has_leaders_who_see_users || (group.has_leaders && group.asked_at.is_some());
        if group.is_internal {
            let who = administrator(group);
            let sentence = format!("{who} can put {} into the internal group {name}", v.them());
            self.add(By::Admin, step, &sentence, None);
        } else if group.is_restricted || !can_leader {
            let sentence = format!("{} can add {} to {name}", administrator(group), v.them());
            self.add(By::Admin, step, &sentence, group_page(group));
        } else {
            let sentence = format!("a leader of the group can add {} to {name}", v.them());
            self.add(By::Leader, step, &sentence, group_page(group));
        }
    }
}

fn group_page(group: &Group) -> Option<String> {
    Some(format!("/groups/{}", GroupId(group.id)))
}

/// Who edits the group and its members.
const fn administrator(group: &Group) -> &'static str {
    if group.is_restricted { "a superuser" } else { "an administrator" }
}
