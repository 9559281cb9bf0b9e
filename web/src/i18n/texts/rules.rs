//! Rules of access: states, groups, permissions, and the preview before they change.

texts! {
    states => En "States";
    groups => En "Groups";
    permissions => En "Permissions";
    reserved => En "Reserved names";
    audit => En "Audit log";
    create => En "Create";
    save => En "Save";
    delete => En "Delete";
    delete_ask => En "Delete…";
    created => En "Created.";
    saved => En "Saved.";
    deleted => En "Deleted.";
    gone => En "This is not there any more.";
    preview => En "What this changes";
    preview_delete => En "What deleting changes";
    moved_title => En "The world moved";
    moved => En "Something changed since you looked, and nothing was saved. This is what would happen now; save again if you still want to.";
    nothing_moves => En "Nobody gains or loses anything.";
    give(n: i32, verb: &str, count: &str) => En [n; one "{verb}: {count} pilot gains", other "{verb}: {count} pilots gain"];
    take_leading(n: i32, verb: &str, count: &str) => En [n; one "{verb}: {count} pilot leads no more", other "{verb}: {count} pilots lead no more"];
    take(n: i32, count: &str) => En [n; one "Remove access from {count} pilot", other "Remove access from {count} pilots"];
    type_number(count: &str) => En "Many lose something. Type {count} to confirm.";
    type_first => En "Type the number first";
    lose_it => En "lose it";
    gain_it => En "gain it";
    service_effect => En "Their accounts are removed there";
    counts => En "Gains and losses";
    names => En "Whom it concerns";
    names_withheld => En "Who they are is shown to those who may see users.";
    search_names => En "Search names";
    changes(n: i32, count: &str) => En [n; one "{count} change", other "{count} changes"];
    unsaved_title => En "Leave without saving?";
    unsaved => En "What you changed on this page is not saved yet.";
    unsaved_short => En "Unsaved changes";
    leave => En "Leave";
    nothing_changed => En "Nothing changed yet";
    discard => En "Discard";
    review => En "Review changes";
    locked => En "You cannot change this.";
    needs(permission: &str) => En "To change this you need to be staff and have {permission}.";
    superusers_only => En "Only superusers may change permissions.";
}

// Fields of forms.
texts! {
    name => En "Name";
    priority => En "Priority";
    priority_hint => En "Of the states that fit a pilot, the one with the highest priority counts. No two states share one.";
    priority_number => En "Enter a whole number.";
    public => En "Public";
    basics => En "Basics";
    views => En "Views";
    tab_rule => En "Rule";
    tab_then => En "On a date";
    tab_changes => En "What changed";
}

// States.
texts! {
    states_lead => En "A state says where a pilot stands: it is the highest one that lists the main character.";
    states_none => En "No states";
    state_new => En "New state";
    state_new_lead => En "Say whom it lists. Before anything is saved you see who moves into it.";
    state_gone => En "No such state";
    state_public_hint => En "Fits everybody with a main character, whether listed or not.";
    state_delete => En "Delete this state";
    state_delete_hint => En "Its pilots move to the next state that fits them. You see who before it happens.";
    guest_locked => En "Guest is the state of everybody whom no other state fits. Only its permissions can be changed.";
    lists => En "Whom it lists";
    lists_hint => En "One match is enough. Search by name or ticker, or enter an EVE id.";
    lists_rest => En "Everybody else";
    lists_everybody => En "Everybody with a main";
    lists_nobody => En "Nobody";
    and_more(names: &str, n: i32) => En [n; one "{names} and {n} more", other "{names} and {n} more"];
    users => En "Users";
    users_of(n: i32, count: &str) => En [n; one "{count} user", other "{count} users"];
    characters => En "Characters";
    corporations => En "Corporations";
    alliances => En "Alliances";
    factions => En "Militias";
    pick_eve => En "Name, ticker or EVE id";
    pick_user => En "Pilot or user name";
    pick_group => En "Name of a group";
    pick_none => En "Nothing matches.";
    pick_searching => En "Searching…";
    pick_failed => En "The search failed.";
    remove_named(name: &str) => En "Remove {name}";
    nobody_listed => En "None";
    eve_id(id: &str) => En "EVE id {id}";
    eve_id_unknown => En "not seen here yet";
    no_permissions => En "No permissions";
    search_permissions => En "Search permissions";
    chosen(n: i32) => En [n; one "{n} chosen", other "{n} chosen"];
}

// What somebody had, and when.
texts! {
    choose_moment => En "Choose a moment";
    choose_moment_hint => En "Then you see who had it at that time.";
    at => En "At (EVE time)";
    from => En "From (EVE time)";
    to => En "To (EVE time)";
    had_it(n: i32, count: &str, when: &str) => En [n; one "{count} user had it on {when}", other "{count} users had it on {when}"];
    nobody_then => En "Nobody had it then";
    nobody_then_hint => En "Try another moment.";
    no_changes => En "No changes";
    no_changes_hint => En "Nobody gained or lost it in this time.";
    user_is_gone => En "A user who is gone";
    group => En "Group";
    role => En "Role";
    any_role => En "Any role";
    staff => En "Staff";
}

// Groups.
texts! {
    groups_lead => En "Groups give permissions to those who join, are added, or apply for them.";
    groups_none => En "No group matches";
    groups_none_hint => En "Try a shorter name or fewer filters.";
    group_new => En "New group";
    group_new_lead => En "A new group is internal and hidden until you say otherwise.";
    group_gone => En "No such group";
    group_search => En "Name or description";
    description => En "Description";
    description_hint => En "Shown to those who may join. At most 512 characters.";
    members => En "Members";
    members_of(n: i32, count: &str) => En [n; one "{count} member", other "{count} members"];
    kind => En "Kind";
    any_kind => En "Any kind";
    leader => En "Leaders";
    any_leader => En "With or without leaders";
    with_leader => En "Has leaders";
    without_leader => En "No leaders";
    has_leader => En "Led";
    yes => En "Yes";
    no => En "No";
    created_at => En "Created";
    joining => En "Joining";
    internal_hint => En "Nobody sees, joins or leaves it by himself. Overrides the other switches.";
    hidden_hint => En "Not in the list of groups; whoever has its link may join.";
    open_hint => En "Joining and leaving take effect at once, without approval.";
    public_hint => En "Joining needs no permission to request groups.";
    restricted_hint => En "Only superusers add, remove or accept members.";
    only_superusers => En "Only superusers may change this.";
    restricted_locked => En "This group is restricted: only superusers edit or delete it, and add or remove its members.";
    tab_members => En "Members";
    find_users_needs(permission: &str) => En "To choose users you need {permission}.";
    means_internal => En "Only administrators put pilots into this group.";
    means_join(where_: &str, who: &str, how: &str) => En "{where_}, {who} {how}.";
    in_list => En "On the groups page";
    through_link => En "Through its link";
    everybody => En "everybody with a main";
    requesters => En "everybody who may request groups";
    joins => En "joins at once";
    asks => En "asks to join, and a leader decides";
    means_states => En "Whoever loses a fitting state loses the group.";
    means_nobody => En "Nobody may be a member: the states it was limited to are gone.";
    limit_gone => En "Limited to states that are gone";
    limit_gone_hint => En "Nobody may be a member. Choose states, or let pilots of every state in.";
    limit_lift => En "Lift the limit";
    limit => En "Limited to states";
    limit_hint => En "With none chosen, pilots of every state may be members.";
    leaders => En "Leaders";
    leaders_hint => En "They accept requests, add and remove members.";
    leader_groups => En "Groups whose members lead it";
    group_delete => En "Delete this group";
    group_delete_hint => En "Its members lose what it gives. You see who before it happens.";
    group_log => En "Log";
    group_log_of(name: &str) => En "Log of {name}";
    group_log_lead => En "Who joined, left, was added, removed or refused. It stays when the group is deleted.";
    manage_members => En "Members and requests";
}

// One user.
texts! {
    access => En "Account";
    since => En "since";
    switch_off => En "Switch off";
    switch_on => En "Switch on";
    make_staff => En "Make staff";
    unmake_staff => En "No longer staff";
    make_superuser => En "Make superuser";
    unmake_superuser => En "No longer superuser";
    not_yourself => En "You cannot do this to yourself.";
    not_superusers => En "Only superusers change superusers.";
    account_hint_off => En "He cannot log in and has no access.";
    account_hint_unfinished => En "Not registered yet: he has not confirmed his e-mail address. Switched off, he cannot finish.";
    switched_off_since => En "Switched off since";
    account_hint_on => En "Active: they can log in.";
    reason => En "Reason";
    reason_hint => En "For the audit log. May stay empty.";
    in_groups => En "Groups";
    no_groups => En "In no group";
    add_to_group => En "Add to group";
    add => En "Add";
    add_ellipsis => En "Add…";
    starts => En "Starts (EVE time)";
    ends => En "Ends (EVE time)";
    times_hint => En "Both may stay empty: at once, and for good.";
    until(when: &str) => En "until {when}";
    begins(when: &str) => En "begins {when}";
    not_started => En "Not begun";
    remove => En "Remove";
    remove_from(name: &str) => En "Remove from {name}?";
    remove_from_body => En "He loses what the group gives him at once.";
    gives => En "What the group gives";
    gives_services => En "Services that follow:";
    gives_nothing => En "No permissions, and so no services either.";
    gives_unknown => En "What it gives is shown to those who may see groups.";
    gives_hint => En "What his state or another group gives as well does not depend on this.";
    remove_from_named(name: &str) => En "Remove from {name}";
    group_added => En "Added to the group.";
    group_removed => En "Removed from the group.";
    group_unchanged => En "He was no member any more.";
    unfit_state(states: &str) => En "His state does not fit: only for {states}";
    unfit_nobody => En "Nobody may be a member: the states it was limited to are gone";
    not_eligible => En "His state does not fit this group.";
    not_allowed => En "You may not change the members of this group.";
    choose_group => En "Choose a group.";
    choose_permission => En "Choose a permission.";
    grants => En "Granted directly";
    grants_hint => En "Besides what his state and groups give.";
    no_grants => En "Nothing granted directly";
    ask_about => En "Ask about…";
    ask_about_title(name: &str) => En "What about {name}?";
    ask_about_what => En "Permission, group, service or state";
    grant => En "Grant a permission";
    permission => En "Permission";
}

// Permissions and reserved names.
texts! {
    permissions_lead => En "Who can do what, and through what.";
    only_used => En "In use";
    show_unused => En "All";
    usage => En "Use";
    app => En "App";
    any_app => En "Any app";
    permissions_none => En "No permission matches";
    permissions_none_hint => En "Try a shorter name, another app, or all of them.";
    model => En "Model";
    any_model => En "Any model";
    direct => En "Direct";
    in_groups_users => En "In groups";
    in_states => En "States";
    in_states_users => En "In states";
    effective_users => En "Effective";
    permission_gone => En "No such permission";
    path => En "Path";
    any_path => En "Any path";
    path_direct => En "Direct";
    path_group(name: &str) => En "Group: {name}";
    path_state(name: &str) => En "State: {name}";
    path_superuser => En "Superuser";
    path_users(path: &str, users: &str) => En "{path} ({users})";
    tab_now => En "Who has it";
    grants_count(n: i32, count: &str) => En [n; one "{count} grant", other "{count} grants"];
    grants_none => En "Nobody has it";
    grants_none_hint => En "Nobody in this selection has this permission.";
    user => En "User";
    ends_col => En "Ends";
    export_csv => En "Export CSV";
    exporting(done: &str, total: &str) => En "{done} of {total}";
    exported(n: i32, count: &str) => En [n; one "{count} row exported.", other "{count} rows exported."];
    export_stop => En "Stop";
    reserved_lead => En "No group can be given one of these names.";
    reserved_search => En "Name or reason";
    reserved_none_found => En "No reserved name matches";
    reserved_none_found_hint => En "Try a shorter word.";
    reserved_none => En "No reserved names";
    reserved_none_hint => En "Reserve the names that other systems give a meaning, such as admin.";
    reserved_add => En "Reserve a name";
    reserved_added => En "The name is reserved.";
    reserved_delete(name: &str) => En "Allow “{name}” again?";
    reserved_delete_body => En "Groups can be given this name from then on.";
    reserved_delete_do => En "Delete";
    reserved_deleted => En "The name is free again.";
    reserved_reason_hint => En "Why no group may be called so.";
    delete_named(name: &str) => En "Delete {name}";
}
