//! What would have to change for a "no" to become a "yes".

use fealty_shared::id::{GroupId, UserId};

use super::{
    Asker, Character, Facts, Group, State, Target,
    words::{Voice, any_of, moment, state_name},
};

/// Who can do it, in the order of what is tried first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    Himself,
    Leader,
    Admin,
}

/// What is to be done, for programs.
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
    LimitGroupToState(i64),
}

/// One way, or one thing that is needed before another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    pub by: By,
    pub step: Step,
    pub sentence: String,
    /// A path of this site.
    pub href: Option<String>,
}

/// No more characters than this are proposed as mains.
const MAINS: usize = 3;
/// No more groups than this are proposed for joining.
const GROUPS: usize = 10;

struct Remedies<'a> {
    facts: &'a Facts,
    asker: &'a Asker,
    voice: Voice<'a>,
    found: Vec<Remedy>,
}

/// What would have to change, what the user can do himself first.
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
    // Whoever is switched off can do nothing himself before he is switched on.
    if facts.is_active {
        found.sort_by_key(|remedy| remedy.by);
    }
    found
}

/// An account that is switched off may be in internal groups all the same.
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
            let sentence = format!("an administrator can switch {} account on again", v.his());
            self.add(By::Admin, Step::SwitchOn, &sentence, self.user_page());
        } else {
            let sentence = format!("{} can finish the registration by confirming the e-mail address", v.he());
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

    /// The page where admins change the user; of no use to himself.
    fn user_page(&self) -> Option<String> {
        let user = UserId(self.facts.user_id);
        (self.facts.user_id != self.asker.user_id).then(|| format!("/admin/users/{user}"))
    }

    /// Proposes his characters that would get a fitting state as mains; if there are none, linking one. `wanted` are
    /// states that would do.
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
                v.his(),
                v.his(),
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
            let sentence = format!("link {which}, and make it {} main character", v.his());
            self.add(By::Himself, Step::LinkCharacter, &self.myself(&sentence), self.own_page("/characters"));
        }
    }

    /// An imperative for himself; what he can do, when somebody else reads it.
    fn myself(&self, imperative: &str) -> String {
        if self.facts.user_id == self.asker.user_id {
            imperative.to_owned()
        } else {
            format!("{} can {imperative}", self.voice.he())
        }
    }

    /// Pages about oneself help only oneself.
    fn own_page(&self, path: &str) -> Option<String> {
        (self.facts.user_id == self.asker.user_id).then(|| path.to_owned())
    }

    fn permission(&mut self) {
        let (facts, v) = (self.facts, self.voice);
        if let Some(at) = facts.grant.as_ref().and_then(|grant| grant.starts_at) {
            let sentence = format!("wait until {}: then {} direct grant begins", moment(at), v.his());
            self.add(By::Himself, Step::Wait, &self.myself(&sentence), None);
        }
        self.another_main(|state| state.carries, "carries this permission");
        let groups = facts.groups.iter().filter(|group| Facts::may_name(group, self.asker)).take(GROUPS);
        for group in groups {
            if Facts::fits(group, facts.state()) {
                self.group(group);
            }
        }
        let sentence = format!("an administrator can grant the permission to {} directly", v.him());
        self.add(By::Admin, Step::GrantPermission, &sentence, self.user_page());
        if let Some(state) = facts.state().filter(|_| self.asker.sees_states) {
            let sentence = format!("an administrator can let the state {} carry it", state.name);
            self.add(By::Admin, Step::LetStateCarry(state.id), &sentence, None);
        }
    }

    fn service(&mut self) {
        let (facts, v) = (self.facts, self.voice);
        if facts.main.is_none() {
            let page = self.own_page("/characters");
            if facts.characters.is_empty() {
                let sentence = format!("link a character, and make it {} main character", v.his());
                self.add(By::Himself, Step::LinkCharacter, &self.myself(&sentence), page);
            } else {
                let sentence = format!("choose {} main character", v.his());
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
        let sentence = if is_fitting {
            let now = state_name(facts.state());
            format!("an administrator can give the state {} a higher priority than {now}", state.name)
        } else {
            format!("an administrator can list {} main character, or where it flies, in the state", v.his())
        };
        self.add(By::Admin, Step::ListInState(state.id), &sentence, None);
    }

    fn asked_group(&mut self, group: &Group) {
        let (facts, v) = (self.facts, self.voice);
        if Facts::fits(group, facts.state()) {
            self.group(group);
            return;
        }
        let states = group.states.as_deref().unwrap_or_default();
        self.another_main(|state| states.contains(&state.id), "may be in this group");
        let sentence =
            format!("an administrator can open the group to {} state {}", v.his(), state_name(facts.state()));
        self.add(By::Admin, Step::LimitGroupToState(group.id), &sentence, None);
    }

    /// How he gets into a group that his state allows.
    fn group(&mut self, group: &Group) {
        let (facts, v) = (self.facts, self.voice);
        let name = &group.name;
        if let Some(member) = &group.member {
            let at = member.starts_at.map_or_else(String::new, |at| format!(" until {}", moment(at)));
            let sentence = format!("wait{at}: then {} membership of {name} begins", v.his());
            self.add(By::Himself, Step::Wait, &self.myself(&sentence), None);
            return;
        }
        let page = Some(format!("/groups/{}", GroupId(group.id)));
        let decider = if group.is_restricted { By::Admin } else { By::Leader };
        let decides = if group.is_restricted { "a superuser" } else { "a leader of the group" };
        if group.is_internal {
            let sentence = format!("an administrator can put {} into the internal group {name}", v.him());
            self.add(By::Admin, Step::AddToGroup(group.id), &sentence, None);
        } else if group.asked_at.is_some() {
            let sentence = format!("{decides} can accept {} request to join {name}", v.his());
            self.add(decider, Step::AcceptRequest(group.id), &sentence, page);
        } else if group.is_public || facts.may_request_groups {
            if group.is_open && !group.is_restricted {
                self.add(
                    By::Himself,
                    Step::JoinGroup(group.id),
                    &self.myself(&format!("join the group {name}")),
                    page,
                );
            } else {
                let sentence = self.myself(&format!("ask to join the group {name}"));
                self.add(By::Himself, Step::RequestGroup(group.id), &sentence, page);
            }
        } else {
            let sentence = format!("{decides} can add {} to {name}", v.him());
            self.add(decider, Step::AddToGroup(group.id), &sentence, page);
        }
    }
}
