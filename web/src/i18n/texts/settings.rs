//! Settings.

texts! {
    title => En "Settings";
    appearance => En "Appearance";
    theme => En "Theme";
    theme_hint => En "Applies at once, on all your devices.";
    theme_auto => En "System";
    theme_light => En "Light";
    theme_dark => En "Dark";
    theme_more => En "More themes";
    language => En "Language";
    sessions => En "Where you are logged in";
    sessions_lead => En "End any session you do not recognise.";
    session_current => En "This browser";
    session_seen => En "Last seen";
    session_began => En "Logged in";
    session_end => En "End session";
    session_end_named(device: &str) => En "End session: {device}";
    session_ended => En "The session has ended.";
    session_gone => En "That session had already ended.";
    session_confirm(device: &str) => En "End the session on {device}?";
    session_confirm_body => En "Whoever uses it is logged out at once.";
    device(browser: &str, system: &str) => En "{browser} on {system}";
    device_unknown => En "Unknown device";
}
