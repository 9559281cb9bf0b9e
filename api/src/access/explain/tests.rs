//! The decision by itself, over facts made by hand.

use chrono::{DateTime, Duration};

use super::*;

fn states() -> Vec<State> {
    let state = |id, name: &str, priority| State { id, name: name.into(), priority, ..State::default() };
    vec![
        State { carries: true, ..state(3, "Member", 100) },
        state(2, "Blue", 50),
        State { is_public: true, is_guest: true, ..state(1, "Guest", 0) },
    ]
}

fn mirel() -> Character {
    Character {
        id: 90,
        name: "Mirel".into(),
        corporation: Some("Ashen Vanguard".into()),
        alliance: Some("Ashen Pact".into()),
        listed: vec![(3, Listed::Alliance)],
        ..Character::default()
    }
}

fn alt() -> Character {
    Character { id: 91, name: "Alt".into(), corporation: Some("Driftglass".into()), ..Character::default() }
}

/// A member whose state carries the permission.
fn member() -> Facts {
    Facts {
        user_id: 7,
        username: "mirel".into(),
        is_active: true,
        is_registered: true,
        is_superuser: false,
        main: Some(90),
        may_request_groups: true,
        characters: vec![alt(), mirel()],
        states: states(),
        grant: None,
        groups: Vec::new(),
        target: Target::Permission {
            name: "auth.timer_view".into(),
            description: "Can see structure timers".into(),
        },
    }
}

/// The same with the alt as main: a guest.
fn guest() -> Facts {
    Facts { main: Some(91), may_request_groups: false, ..member() }
}

const HIMSELF: Asker = Asker { user_id: 7, sees_groups: false, sees_states: false, manages_groups: false };
const ADMIN: Asker = Asker { user_id: 1, sees_groups: true, sees_states: true, manages_groups: true };

fn group(id: i64, name: &str) -> Group {
    Group { id, name: name.into(), is_public: true, ..Group::default() }
}

fn joined(group: Group) -> Group {
    let member = Member { since: DateTime::UNIX_EPOCH, is_started: true, ..Member::default() };
    Group { member: Some(member), ..group }
}

fn steps(facts: &Facts, asker: &Asker) -> Vec<(By, Step)> {
    explain(facts, asker).unwrap().remedies.into_iter().map(|remedy| (remedy.by, remedy.step)).collect()
}

#[test]
fn a_yes_names_the_way_that_leads_to_it() {
    let said = explain(&member(), &HIMSELF).unwrap();
    assert!(said.is_granted);
    assert_eq!(
        said.sentence,
        "You have the permission auth.timer_view (Can see structure timers): your state Member carries it, and lists \
         the alliance Ashen Pact, where Mirel flies."
    );
    assert!(said.remedies.is_empty());
    let rules: Vec<_> = said.reasons.iter().map(|r| (r.rule, r.holds, r.parent)).collect();
    assert_eq!(
        rules,
        [
            ("permission", true, None),
            ("active", true, Some(0)),
            ("direct", false, Some(0)),
            ("state_permission", true, Some(0)),
            ("state_alliance", true, Some(3)),
            ("group_permission", false, Some(0)),
        ]
    );
    // Somebody else reads the same of him.
    let said = explain(&member(), &ADMIN).unwrap();
    assert!(said.sentence.starts_with("mirel has the permission"), "{}", said.sentence);
    assert!(said.reasons.iter().any(|r| r.sentence == "None of his groups carries it."));
}

#[test]
fn every_way_is_named() {
    let mut facts = member();
    facts.is_superuser = true;
    facts.grant = Some(Grant {
        is_started: true,
        ends_at: Some(DateTime::UNIX_EPOCH + Duration::days(1)),
        ..Grant::default()
    });
    facts.groups = vec![joined(group(4, "Scouts"))];
    let said = explain(&facts, &HIMSELF).unwrap();
    assert_eq!(
        said.sentence,
        "You have the permission auth.timer_view (Can see structure timers): you are a superuser, and superusers have \
         every permission; also, it is granted to you directly until 1970-01-02 00:00; also, your state Member carries \
         it, and lists the alliance Ashen Pact, where Mirel flies; also, the group Scouts, in which you are since \
         1970-01-01 00:00, carries it."
    );
}

#[test]
fn a_no_says_what_is_missing_and_what_helps_most_easily_first() {
    let mut facts = guest();
    facts.groups = vec![
        Group { is_open: true, ..group(4, "Scouts") },
        group(5, "Haulers"),
        Group { is_public: false, ..group(6, "Council") },
    ];
    let said = explain(&facts, &HIMSELF).unwrap();
    assert_eq!(
        said.sentence,
        "You do not have the permission auth.timer_view (Can see structure timers): it is not granted to you directly; \
         your state Guest does not carry it; none of your groups carries it."
    );
    let remedies: Vec<_> =
        said.remedies.iter().map(|r| (r.by, r.sentence.as_str(), r.href.as_deref())).collect();
    assert_eq!(
        remedies,
        [
            (
                By::Himself,
                "Make Mirel your main character: with it your state would be Member.",
                Some("/characters")
            ),
            (By::Himself, "Join the group Scouts.", Some("/groups/group:4")),
            (By::Himself, "Ask to join the group Haulers.", Some("/groups/group:5")),
            (By::Leader, "A leader of the group can add you to Council.", Some("/groups/group:6")),
            (By::Admin, "An administrator can grant the permission to you directly.", None),
        ]
    );
}

#[test]
fn groups_that_are_not_for_his_eyes_are_not_named() {
    let mut facts = guest();
    facts.groups = vec![
        Group { is_hidden: true, ..group(4, "Moles") },
        Group { is_internal: true, ..group(5, "Inner Circle") },
        Group { is_internal: true, is_askers: true, ..group(6, "Own Circle") },
    ];
    let all = format!("{:?}", explain(&facts, &HIMSELF));
    assert!(!all.contains("Moles") && !all.contains("Inner Circle") && all.contains("Own Circle"), "{all}");
    let all = format!("{:?}", explain(&facts, &ADMIN));
    assert!(all.contains("Moles") && all.contains("Inner Circle"), "{all}");
    let manager = Asker { sees_groups: false, ..ADMIN };
    let all = format!("{:?}", explain(&facts, &manager));
    assert!(all.contains("Moles") && !all.contains("Inner Circle"), "{all}");
}

#[test]
fn who_may_ask_about_a_group() {
    let about = |group: Group| Facts { target: Target::Group(group), ..guest() };
    let hidden = Group { is_hidden: true, ..group(4, "Moles") };
    assert!(explain(&about(hidden.clone()), &HIMSELF).is_some(), "it is public: its link lets him join");
    let closed = Group { is_public: false, ..hidden.clone() };
    assert!(explain(&about(closed.clone()), &HIMSELF).is_none());
    assert!(explain(&about(closed.clone()), &ADMIN).is_some());
    assert!(explain(&about(joined(closed)), &HIMSELF).is_some());
    let limited = Group { states: Some(vec![3]), ..hidden };
    assert!(explain(&about(limited), &HIMSELF).is_none(), "his state is not let in");
    let internal = Group { is_internal: true, ..group(5, "Inner Circle") };
    assert!(explain(&about(internal.clone()), &HIMSELF).is_none());
    assert!(explain(&about(joined(internal)), &HIMSELF).is_some());
}

#[test]
fn lists_of_other_states_stay_unknown_to_members() {
    let mut facts = guest();
    facts.characters = vec![alt()];
    let said = explain(&facts, &HIMSELF).unwrap();
    let all = format!("{said:?}");
    assert!(!all.contains("Member") && !all.contains("Blue"), "{all}");
    assert!(steps(&facts, &HIMSELF).contains(&(By::Himself, Step::LinkCharacter)));
    assert!(format!("{:?}", explain(&facts, &ADMIN)).contains("the state Member fits"));
}

#[test]
fn a_state_of_higher_priority_comes_before() {
    let mut facts = member();
    facts.characters[1].listed.push((2, Listed::Corporation));
    facts.target = Target::State(facts.states[1].clone());
    let said = explain(&facts, &HIMSELF).unwrap();
    assert_eq!(
        said.sentence,
        "You do not have the state Blue but Member: the state Blue lists the corporation Ashen Vanguard, where Mirel \
         flies, but Member comes before it."
    );
    facts.target = Target::State(facts.states[0].clone());
    let said = explain(&facts, &HIMSELF).unwrap();
    assert_eq!(
        said.sentence,
        "You have the state Member: the state Member lists the alliance Ashen Pact, where Mirel flies."
    );
}

#[test]
fn states_that_are_not_ones_own_do_not_exist() {
    let asks = |facts: &Facts, at: usize, asker: &Asker| {
        let target = Target::State(facts.states[at].clone());
        explain(&Facts { target, ..facts.clone() }, asker).is_some()
    };
    let facts = member();
    let colleague = Asker { user_id: 8, ..HIMSELF };
    // Member is his, Blue is not, Guest is for everybody.
    for (asker, expected) in
        [(HIMSELF, [true, false, true]), (ADMIN, [true, true, true]), (colleague, [true, false, false])]
    {
        assert_eq!([0, 1, 2].map(|at| asks(&facts, at, &asker)), expected, "{asker:?}");
    }
    // Once he had it, or a character of his is listed, he may ask; others still may not.
    let mut had = member();
    had.states[1].was_his = true;
    let mut listed = member();
    listed.characters[0].listed.push((2, Listed::Corporation));
    for facts in [had, listed] {
        assert!(asks(&facts, 1, &HIMSELF));
        assert!(!asks(&facts, 1, &colleague));
    }
}

#[test]
fn without_a_main_there_is_no_service() {
    let spec = crate::services::SPECS[0];
    let mut facts = Facts { main: None, target: Target::Service(spec), ..guest() };
    facts.grant = Some(Grant { is_started: true, ..Grant::default() });
    let said = explain(&facts, &HIMSELF).unwrap();
    assert_eq!(said.sentence, format!("You may not use {}: you have no main character.", spec.title));
    assert_eq!(steps(&facts, &HIMSELF), [(By::Himself, Step::ChooseAnyMain)]);
    facts.characters.clear();
    assert_eq!(steps(&facts, &HIMSELF), [(By::Himself, Step::LinkCharacter)]);
    facts.grant = None;
    assert!(steps(&facts, &HIMSELF).contains(&(By::Admin, Step::GrantPermission)));
}

#[test]
fn a_disabled_account_is_switched_on_first() {
    let mut facts = Facts { is_active: false, ..member() };
    assert_eq!(steps(&facts, &ADMIN), [(By::Admin, Step::SwitchOn)]);
    let said = explain(&facts, &ADMIN).unwrap();
    assert_eq!(
        said.sentence,
        "mirel does not have the permission auth.timer_view (Can see structure timers): his account is switched off."
    );
    facts.is_registered = false;
    assert_eq!(steps(&facts, &ADMIN), [(By::Himself, Step::FinishRegistration)]);
    facts.main = None;
    facts.characters.clear();
    let steps = steps(&facts, &ADMIN);
    assert_eq!(steps[0], (By::Himself, Step::FinishRegistration));
    assert!(steps.contains(&(By::Admin, Step::GrantPermission)), "and more is needed: {steps:?}");
}

#[test]
fn what_has_not_begun_is_waited_for() {
    let later = DateTime::UNIX_EPOCH + Duration::days(1);
    let mut facts = guest();
    facts.characters.clear();
    facts.states[0].carries = false;
    facts.grant = Some(Grant { starts_at: Some(later), ..Grant::default() });
    let mut begun = joined(group(4, "Scouts"));
    begun.member = begun.member.map(|member| Member { starts_at: Some(later), is_started: false, ..member });
    facts.groups = vec![begun];
    let said = explain(&facts, &HIMSELF).unwrap();
    assert!(!said.is_granted);
    let sentences: Vec<_> = said.remedies.iter().map(|remedy| remedy.sentence.as_str()).collect();
    assert_eq!(
        sentences[..2],
        [
            "Wait until 1970-01-02 00:00: then your direct grant begins.",
            "Wait until 1970-01-02 00:00: then your membership of Scouts begins."
        ]
    );
}

#[test]
fn a_request_waits_for_its_leaders() {
    let asked = Group { asked_at: Some(DateTime::UNIX_EPOCH), ..group(4, "Scouts") };
    let facts = Facts { target: Target::Group(asked.clone()), ..guest() };
    let said = explain(&facts, &HIMSELF).unwrap();
    assert_eq!(
        said.sentence,
        "You are not in the group Scouts: you asked to join on 1970-01-01 00:00, and nobody has decided yet."
    );
    assert_eq!(steps(&facts, &HIMSELF), [(By::Leader, Step::AcceptRequest(4))]);
    let restricted = Group { is_restricted: true, ..asked };
    let facts = Facts { target: Target::Group(restricted), ..guest() };
    assert_eq!(steps(&facts, &HIMSELF), [(By::Admin, Step::AcceptRequest(4))]);
}

#[test]
fn a_group_for_other_states_says_so() {
    let limited = Group { states: Some(vec![3, 2]), ..group(4, "Scouts") };
    let facts = Facts { target: Target::Group(limited), ..guest() };
    let said = explain(&facts, &HIMSELF).unwrap();
    assert_eq!(
        said.sentence,
        "You are not in the group Scouts: you are no member; only users in Member or Blue may be in it, and your state \
         is Guest."
    );
    let steps = steps(&facts, &HIMSELF);
    assert_eq!(steps[0], (By::Himself, Step::ChooseMain(90)));
}
