//! What went wrong, and what one can do.

texts! {
    unauthenticated_title => En "You are logged out";
    unauthenticated => En "Your session has ended. Log in again to continue.";
    forbidden_title => En "No access";
    forbidden => En "You don't have permission for this. If you should have it, ask an administrator.";
    not_found_title => En "Not found";
    not_found => En "There is nothing here, or it is not visible to you.";
    invalid_title => En "Something is not right yet";
    invalid => En "Check what you entered and try again.";
    conflict_title => En "Somebody else changed it first";
    conflict => En "It was changed in the meantime. Take another look, and try again if you still want to.";
    timeout_title => En "That took too long";
    timeout => En "The server gave up, and nothing was changed. Try again in a few minutes.";
    rate_limited_title => En "Slow down a little";
    rate_limited => En "That was a bit much at once. Wait a moment and try again.";
    rate_limited_for(seconds: u32) => En [seconds; one "That was a bit much at once. Try again in {seconds} second.", other "That was a bit much at once. Try again in {seconds} seconds."];
    upstream_title => En "Another service is not responding";
    upstream => En "A service we depend on is having trouble right now. Nothing is lost; try again in a few minutes.";
    upstream_named(service: &str) => En "{service} is having trouble right now. Nothing is lost; try again in a few minutes.";
    internal_title => En "Something broke on our side";
    internal => En "This is our fault, not yours. Try again; if it keeps happening, tell an administrator.";
    offline_title => En "The server cannot be reached";
    offline => En "Check your connection and try again.";
    part_missing_title => En "This part could not be loaded";
    part_missing => En "Check your connection and try again. If Fealty was just updated, reload the page.";
    trace(id: &str) => En "Reference for the administrator: {id}";
    retry => En "Try again";
    page_not_found => En "No such page";
    page_not_found_hint => En "The address leads nowhere. It may be mistyped, or the page has moved.";
    to_list(name: &str) => En "Go to {name}";
    to_dashboard => En "Go to the dashboard";
}
