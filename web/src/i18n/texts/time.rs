//! Times and dates.

texts! {
    just_now => En "just now";
    minutes_ago(n: i64) => En [n; one "{n} minute ago", other "{n} minutes ago"];
    hours_ago(n: i64) => En [n; one "{n} hour ago", other "{n} hours ago"];
    days_ago(n: i64) => En [n; one "{n} day ago", other "{n} days ago"];
    ahead(date: &str) => En "on {date}";
    in_moments => En "in a moment";
    in_minutes(n: i64) => En [n; one "in {n} minute", other "in {n} minutes"];
    in_hours(n: i64) => En [n; one "in {n} hour", other "in {n} hours"];
    in_days(n: i64) => En [n; one "in {n} day", other "in {n} days"];
    local(time: &str) => En "{time} your time";
    eve_clock => En "EVE time";
    jan => En "Jan";
    feb => En "Feb";
    mar => En "Mar";
    apr => En "Apr";
    may => En "May";
    jun => En "Jun";
    jul => En "Jul";
    aug => En "Aug";
    sep => En "Sep";
    oct => En "Oct";
    nov => En "Nov";
    dec => En "Dec";
}
