//! Administration.

texts! {
    users_title => En "Users";
    users_lead => En "Everybody with an account. Search finds users by any of their characters.";
    count(n: &str) => En "{n} found";
    search_placeholder => En "Pilot or user name";
    filter_state => En "State";
    any_state => En "Any state";
    filter_active => En "Account";
    active_any => En "All accounts";
    active_yes => En "Active";
    active_no => En "Not active";
    clear => En "Clear filters";
    more_filters => En "More filters";
    fewer_filters => En "Fewer filters";
    none => En "Nobody matches";
    none_hint => En "Try a shorter name or fewer filters.";
    col_main => En "Main";
    col_user => En "User";
    col_corporation => En "Corporation";
    col_state => En "State";
    col_groups => En "Groups";
    alliance => En "Alliance";
    faction => En "Faction";
    any_faction => En "Any faction";
    character_count(n: i32) => En [n; one "{n} character", other "{n} characters"];
    and_groups(n: i32) => En [n; one "and {n} more", other "and {n} more"];
    col_created => En "Registered";
    col_last => En "Last login";
    sort_by(column: &str) => En "Sort by {column}";
    inactive => En "Switched off";
    not_active => En "Not active";
    unfinished => En "Not registered yet";
    superuser => En "Superuser";
    user_gone => En "No such user";
    overview => En "Overview";
    email => En "E-mail";
    registered => En "Registered";
    last_login => En "Last login";
    characters => En "Characters";
    services => En "Services";
    permissions => En "Permissions";
    no_permissions => En "No permissions";
    all_permissions => En "Superusers can do everything.";
    history => En "Access history";
    no_main => En "No main";
}
