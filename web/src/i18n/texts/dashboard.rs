//! The dashboard and the access history.

texts! {
    title => En "Dashboard";
    your_access => En "Your access";
    in_sentence(n: i32) => En [n; one "You are in, and can use {n} service.", other "You are in, and can use {n} services."];
    in_plain => En "You are in.";
    guest_sentence => En "You are a guest: your main is in a corporation that has no access here. Did you choose the right main?";
    other_main => En "Choose another main";
    no_main_sentence => En "You have no main character, so we cannot tell what you may use. Choose one.";
    no_characters_sentence => En "You have no character here, so we cannot tell what you may use. Add one.";
    characters => En "Your characters";
    services => En "Your services";
    unread => En "Unread notifications";
    changes => En "Recent access changes";
    all_read => En "You are all caught up.";
    no_services => En "You cannot use any services in your current state. We'll tell you when that changes.";
    no_changes => En "No changes yet.";
    history_title => En "Access history";
    history_lead => En "Everything you gained or lost here, and why.";
    history_empty => En "Nothing has changed so far";
    history_empty_hint => En "Each time your access changes, it is noted here with the reason.";
    history_none => En "Nothing of this kind";
    history_none_hint => En "Choose another kind, or “Any kind”.";
    history_none_then => En "Nothing in this period";
    history_none_then_hint => En "Try a longer period.";
    kind => En "Kind";
    any_kind => En "Any kind";
    gained => En "Gained";
    lost => En "Lost";
    by(actor: &str) => En "by {actor}";
    kind_state => En "State";
    kind_group => En "Group";
    kind_leadership => En "Leadership";
    kind_permission => En "Permission";
    kind_service => En "Service";
    fewer_changes => En "Show fewer";
    more_changes(n: i32) => En [n; one "and {n} more", other "and {n} more"];
    more_characters(n: i32) => En [n; one "and {n} more", other "and {n} more"];
}
