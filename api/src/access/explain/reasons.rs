//! The tree of reasons.

use fealty_shared::{
    id::{GroupId, StateId, UserId},
    permission::{self, Permission, RequestGroups},
};

use super::{
    Asker, Facts, Group, Reason, State, Target,
    words::{Voice, listed, moment, state_name, states_of, times, until},
};

struct Node {
    parent: Option<usize>,
    holds: bool,
    rule: &'static str,
    clause: String,
    about: Option<(&'static str, String)>,
}

/// A tree under construction.
pub(super) struct Tree<'a> {
    facts: &'a Facts,
    voice: Voice<'a>,
    nodes: Vec<Node>,
}

/// The reasons for or against what is in question.
pub(super) fn tree<'a>(facts: &'a Facts, asker: &Asker) -> Tree<'a> {
    let mut tree = Tree { facts, voice: Voice::new(facts, asker), nodes: Vec::new() };
    match &facts.target {
        Target::Permission { name, description } => tree.permission(None, name, description),
        Target::Group(group) => tree.group(group),
        Target::State(state) => tree.asked_state(state),
        Target::Service(spec) => tree.service(spec.key, spec.title, spec.permission),
    }
    tree
}

impl Tree<'_> {
    fn add(
        &mut self,
        parent: Option<usize>,
        holds: bool,
        rule: &'static str,
        clause: String,
        about: Option<(&'static str, String)>,
    ) -> usize {
        self.nodes.push(Node { parent, holds, rule, clause, about });
        self.nodes.len() - 1
    }

    /// The answer and its grounds: for a "yes" the ways that lead to it, for a "no" what is missing.
    pub fn sentence(&self) -> String {
        let Some(root) = self.nodes.first() else { return String::new() };
        let grounds = if root.holds { self.ways(0) } else { self.missing(0).join("; ") };
        if grounds.is_empty() {
            return self.voice.sentence(&root.clause);
        }
        self.voice.sentence(&format!("{}: {grounds}", root.clause))
    }

    fn below(&self, parent: usize) -> impl Iterator<Item = (usize, &Node)> {
        self.nodes.iter().enumerate().filter(move |(_, node)| node.parent == Some(parent))
    }

    /// The ways that lead to a "yes", each enough by itself. For the permission inside a service, those that lead to it
    /// stand behind it.
    fn ways(&self, parent: usize) -> String {
        let ways: Vec<String> = self
            .below(parent)
            .filter(|(_, node)| node.holds && !matches!(node.rule, "active" | "main" | "leadership"))
            .map(|(at, node)| {
                let grounds = if node.rule == "permission" { self.ways(at) } else { String::new() };
                if grounds.is_empty() {
                    node.clause.clone()
                } else {
                    format!("{}, because {grounds}", node.clause)
                }
            })
            .collect();
        ways.join("; also ")
    }

    /// What a "no" lacks; also what the permission inside a service lacks.
    fn missing(&self, parent: usize) -> Vec<&str> {
        let mut found = Vec::new();
        for (at, node) in self.below(parent).filter(|(_, node)| !node.holds) {
            found.push(node.clause.as_str());
            if node.rule == "permission" {
                found.extend(self.missing(at));
            }
        }
        found
    }

    pub fn into_reasons(self) -> Vec<Reason> {
        let voice = self.voice;
        self.nodes
            .into_iter()
            .map(|node| Reason {
                parent: node.parent,
                holds: node.holds,
                rule: node.rule,
                sentence: voice.sentence(&node.clause),
                about: node.about,
            })
            .collect()
    }

    fn user(&self) -> Option<(&'static str, String)> {
        Some(("user", UserId(self.facts.user_id).to_string()))
    }

    /// Whether the account is switched on, where that matters.
    fn active(&mut self, parent: usize) {
        let v = self.voice;
        let clause = if self.facts.is_active {
            format!("{} account is active", v.their())
        } else if self.facts.is_registered {
            format!("{} account is switched off", v.their())
        } else {
            format!("{} registration is not finished", v.their())
        };
        let user = self.user();
        self.add(Some(parent), self.facts.is_active, "active", clause, user);
    }

    fn main(&mut self, parent: usize) {
        let v = self.voice;
        let clause = self.facts.main().map_or_else(
            || format!("{} have no main character", v.they()),
            |main| format!("{} main character is {}", v.their(), main.name),
        );
        let user = self.user();
        self.add(Some(parent), self.facts.main.is_some(), "main", clause, user);
    }

    fn permission(&mut self, parent: Option<usize>, name: &str, description: &str) {
        let (facts, v) = (self.facts, self.voice);
        let holds = facts.has_permission();
        let called = permission::in_words(name, description);
        let (who, has, does_not) =
            if parent.is_some() { (v.they(), "have", "do not") } else { (v.who(), v.has(), v.does_not()) };
        let clause = if holds {
            format!("{who} {has} the permission {called}")
        } else {
            format!("{who} {does_not} have the permission {called}")
        };
        let about = Some(("permission", name.to_owned()));
        let root = self.add(parent, holds, "permission", clause, about.clone());
        if parent.is_none() {
            self.active(root);
        }
        if !facts.is_active {
            return;
        }
        if facts.is_superuser {
            let clause = format!("{} are a superuser, and superusers have every permission", v.they());
            let user = self.user();
            self.add(Some(root), true, "superuser", clause, user);
        }
        let (is_direct, clause) = match &facts.grant {
            Some(grant) if grant.is_started => {
                (true, format!("it is granted to {} directly{}", v.them(), until(grant.ends_at)))
            }
            Some(grant) => {
                let from = grant.starts_at.map_or_else(String::new, |at| format!(" from {} on", moment(at)));
                (false, format!("it is granted to {} directly, but only{from}", v.them()))
            }
            None => (false, format!("it is not granted to {} directly", v.them())),
        };
        self.add(Some(root), is_direct, "direct", clause, about);
        self.state_permission(root);
        let mut is_in_any = false;
        for group in &facts.groups {
            let Some(member) = &group.member else { continue };
            is_in_any = true;
            let clause = if member.is_started {
                format!(
                    "the group {}, in which {} have been {}, carries it",
                    group.name,
                    v.they(),
                    times(member)
                )
            } else {
                let from = member.starts_at.map_or_else(String::new, |at| format!(" on {}", moment(at)));
                format!("the group {} carries it, but {} membership only begins{from}", group.name, v.their())
            };
            let about = Some(("group", GroupId(group.id).to_string()));
            self.add(Some(root), member.is_started, "group_permission", clause, about);
        }
        if !is_in_any {
            let clause = format!("none of {} groups carries it", v.their());
            self.add(Some(root), false, "group_permission", clause, None);
        }
    }

    /// What the current state gives, and why it is this one.
    fn state_permission(&mut self, parent: usize) {
        let (facts, v) = (self.facts, self.voice);
        let Some(state) = facts.state() else { return };
        let clause = if state.carries {
            format!("{} state {} carries it{}", v.their(), state.name, self.why(state))
        } else {
            format!("{} state {} does not carry it", v.their(), state.name)
        };
        let about = Some(("state", StateId(state.id).to_string()));
        let node = self.add(Some(parent), state.carries, "state_permission", clause, about);
        self.state_reasons(node, state);
    }

    /// As a clause: why they have this state.
    fn why(&self, state: &State) -> String {
        let Some(main) = self.facts.main() else { return String::new() };
        match main.listed.iter().find(|(id, _)| *id == state.id) {
            Some((_, list)) => format!(", and lists {}", listed(main, *list)),
            None => String::new(),
        }
    }

    /// Why they have the state they have.
    fn state_reasons(&mut self, parent: usize, state: &State) {
        let (facts, v) = (self.facts, self.voice);
        if !facts.is_active {
            self.active(parent);
            return;
        }
        let about = Some(("state", StateId(state.id).to_string()));
        let Some(main) = facts.main() else {
            let clause =
                format!("{} have no main character, so {} state is {}", v.they(), v.their(), state.name);
            self.add(Some(parent), true, "state_fallback", clause, about);
            return;
        };
        for (_, list) in main.listed.iter().filter(|(id, _)| *id == state.id) {
            let rule = match list {
                super::Listed::Character => "state_character",
                super::Listed::Corporation => "state_corporation",
                super::Listed::Alliance => "state_alliance",
                super::Listed::Faction => "state_faction",
            };
            let clause = format!("the state {} lists {}", state.name, listed(main, *list));
            self.add(Some(parent), true, rule, clause, about.clone());
        }
        if state.is_guest {
            let clause =
                format!("no other state lists {} main character {} or where it flies", v.their(), main.name);
            self.add(Some(parent), true, "state_fallback", clause, about);
        } else if state.is_public {
            let clause = format!("the state {} is for everybody with a main character", state.name);
            self.add(Some(parent), true, "state_public", clause, about);
        }
    }

    fn asked_state(&mut self, state: &State) {
        let (facts, v) = (self.facts, self.voice);
        let now = facts.state();
        let about = Some(("state", StateId(state.id).to_string()));
        if facts.is_granted() {
            let clause = format!("{} {} the state {}", v.who(), v.has(), state.name);
            let root = self.add(None, true, "state", clause, about);
            self.state_reasons(root, state);
            return;
        }
        let clause =
            format!("{} {} have the state {} but {}", v.who(), v.does_not(), state.name, state_name(now));
        let root = self.add(None, false, "state", clause, about.clone());
        if !facts.is_active {
            self.active(root);
            return;
        }
        let Some(main) = facts.main() else {
            self.main(root);
            return;
        };
        let list = main.listed.iter().find(|(id, _)| *id == state.id);
        if list.is_some() || state.is_public {
            let fits = list.map_or_else(
                || format!("the state {} is for everybody", state.name),
                |(_, list)| format!("the state {} lists {}", state.name, listed(main, *list)),
            );
            let clause = format!("{fits}, but {} comes before it", state_name(now));
            let node = self.add(Some(root), false, "state_priority", clause, about);
            if let Some(now) = now {
                self.state_reasons(node, now);
            }
        } else {
            let flies = [&main.corporation, &main.alliance, &main.faction]
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect::<Vec<_>>();
            let flies = if flies.is_empty() { String::new() } else { format!(" ({})", flies.join(", ")) };
            let clause = format!(
                "it lists neither {} main character {} nor where it flies{flies}",
                v.their(),
                main.name
            );
            self.add(Some(root), false, "state_listed", clause, about);
        }
    }

    fn group(&mut self, group: &Group) {
        let (facts, v) = (self.facts, self.voice);
        let about = Some(("group", GroupId(group.id).to_string()));
        let holds = facts.is_granted();
        let clause = if holds {
            format!("{} {} in the group {}", v.who(), v.is(), group.name)
        } else {
            format!("{} {} not in the group {}", v.who(), v.is(), group.name)
        };
        let root = self.add(None, holds, "group", clause, about.clone());
        match &group.member {
            Some(member) if member.is_started => {
                let clause = format!("{} have been a member {}", v.they(), times(member));
                self.add(Some(root), true, "membership", clause, about.clone());
            }
            Some(member) => {
                let from = member.starts_at.map_or_else(String::new, |at| format!(" on {}", moment(at)));
                let clause = format!("{} membership only begins{from}", v.their());
                self.add(Some(root), false, "membership", clause, about.clone());
            }
            None => self.outside(root, group),
        }
        if group.is_led && facts.is_active {
            let clause = format!("{} lead it, which makes nobody a member", v.they());
            self.add(Some(root), true, "leadership", clause, about);
        }
    }

    /// What keeps a non-member out.
    fn outside(&mut self, root: usize, group: &Group) {
        let (facts, v) = (self.facts, self.voice);
        let about = Some(("group", GroupId(group.id).to_string()));
        let is_kept_out = facts.pilot().obstacle(group.gate()).is_some();
        let asked = match group.asked_at {
            None => format!("{} are not a member", v.they()),
            Some(at) if is_kept_out => {
                format!("{} asked to join on {}, but that cannot be accepted now", v.they(), moment(at))
            }
            Some(at) => format!("{} asked to join on {}, and nobody has decided yet", v.they(), moment(at)),
        };
        self.add(Some(root), false, "membership", asked, about.clone());
        if !facts.is_active && !group.is_internal {
            self.active(root);
        }
        if !Facts::fits(group, facts.state()) {
            let states = states_of(facts, group);
            let limit = if states.is_empty() {
                "it is limited to states that do not exist any more".to_owned()
            } else {
                format!("only users in {states} may be in it")
            };
            let clause = format!("{limit}, and {} state is {}", v.their(), state_name(facts.state()));
            self.add(Some(root), false, "group_states", clause, about.clone());
        }
        if group.is_internal {
            let clause = "nobody can join an internal group on their own".to_owned();
            self.add(Some(root), false, "group_internal", clause, about);
            return;
        }
        if facts.is_active && facts.main.is_none() {
            self.main(root);
        }
        if !group.is_public && !facts.pilot().may_request {
            let needed = RequestGroups::in_words();
            let clause = format!(
                "it is not public, and {} do not have the permission {needed} to ask for it",
                v.they()
            );
            self.add(Some(root), false, "group_request", clause, about);
        }
    }

    /// `name` is that of the permission that opens it.
    fn service(&mut self, key: &str, title: &str, name: &str) {
        let (facts, v) = (self.facts, self.voice);
        let holds = facts.is_granted();
        let clause = format!("{} may{} use {title}", v.who(), if holds { "" } else { " not" });
        let root = self.add(None, holds, "service", clause, Some(("service", key.to_owned())));
        self.active(root);
        self.main(root);
        self.permission(Some(root), name, permission::description_of(name).unwrap_or_default());
    }
}
