//! What somebody may do, and why.

texts! {
    title => En "My access";
    shortcut => En "Go to your access";
    lead => En "What you may do here, and why. For what you lack: what would change it.";
    search => En "Search your access";
    search_any => En "For example Discord, or a group's name";
    show => En "What to show";
    have => En "What I have";
    lack => En "What I lack";
    state => En "State";
    state_since => En "Since";
    groups => En "Groups";
    services => En "Services";
    permissions => En "Permissions";
    why => En "Why?";
    why_named(name: &str) => En "Why: {name}";
    why_not => En "Why not?";
    why_not_named(name: &str) => En "Why not: {name}";
    about(name: &str) => En "About {name}";
    superuser => En "Superusers may do everything.";
    no_groups => En "You are in no group.";
    no_groups_lack => En "There is no other group that you could join.";
    no_services => En "No service is open to you.";
    no_services_lack => En "Every service is open to you.";
    no_permissions => En "You have no permissions.";
    no_permissions_lack => En "You have every permission there is.";
    nothing_found => En "Nothing matches";
    nothing_found_hint => En "Try a shorter word, or look among what you lack.";
    history => En "Access history";
    history_hint => En "When did it change?";
    yes => En "Yes";
    no => En "No";
    holds => En "holds";
    does_not_hold => En "does not hold";
    reasons => En "How we know";
    remedies => En "What would change it";
    by_self => En "You can do this";
    by_leader => En "A group's leader can do this";
    by_admin => En "An administrator can do this";
    by_person => En "The pilot can do this";
    go => En "Go there";
    unknown => En "There is nothing to explain";
    unknown_hint => En "It is not there any more, or not visible to you.";
    your_groups => En "Your groups";
    find_groups => En "Find groups";
}
