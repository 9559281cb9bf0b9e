//! Notifications.

texts! {
    title => En "Notifications";
    lead => En "What has happened to your account and your access.";
    empty => En "No notifications";
    empty_hint => En "When something happens that you should know about, it appears here.";
    mark_read => En "Mark as read";
    mark_named(title: &str) => En "Mark as read: {title}";
    mark_all => En "Mark all as read";
    marked(n: i32) => En [n; one "{n} notification marked as read.", other "{n} notifications marked as read."];
    new => En "Unread";
    show => En "What to show";
    all => En "All";
    unread_only(n: i32) => En "Unread ({n})";
    none_unread => En "Nothing unread";
    none_unread_hint => En "You have read everything.";
    see_all => En "See all notifications";
    level_info => En "Information";
    level_success => En "Good news";
    level_warning => En "Warning";
    level_danger => En "Important";
}
