//! Menu, top bar and what surrounds every page.

texts! {
    menu => En "Main menu";
    open_menu => En "Open menu";
    close_menu => En "Close menu";
    collapse => En "Collapse menu";
    expand => En "Expand menu";
    trail => En "Where you are";
    dashboard => En "Dashboard";
    characters => En "Characters";
    services => En "Services";
    history => En "Access history";
    notifications => En "Notifications";
    settings => En "Settings";
    administration => En "Administration";
    users => En "Users";
    development => En "Development";
    outbox => En "Mail outbox";
    simulator => En "Simulator";
    bell(n: i32) => En [n; one "Notifications, {n} unread", other "Notifications, {n} unread"];
    account_of(name: &str) => En "Account menu of {name}";
    yours => En "Your pages";
    theme => En "Theme";
    language => En "Language";
    log_out => En "Log out";
    shortcuts => En "Keyboard shortcuts";
    shortcut_search => En "Search";
    shortcut_search_anywhere => En "Search from anywhere, even while typing";
    shortcut_help => En "This list";
    shortcut_go_dashboard => En "Go to the dashboard";
    shortcut_go_characters => En "Go to your characters";
    shortcut_go_services => En "Go to services";
    shortcut_go_notifications => En "Go to notifications";
    shortcut_escape => En "Close what is open";
    line_down => En "Live updates are paused; trying to reconnect";
    line_down_short => En "Reconnecting";
    starting => En "Starting";
    version(version: &str) => En "Fealty {version}";
    eve_notice => En "EVE Online and the EVE logo are the registered trademarks of CCP hf. All rights are reserved worldwide.";
}
