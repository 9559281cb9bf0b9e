//! Services.

texts! {
    title => En "Services";
    lead => En "The services you can use, and your accounts there.";
    empty => En "You can't use any services yet";
    empty_hint => En "Services depend on your state. Check that your main is the right character, and in the right corporation.";
    closed => En "Not available";
    closed_hint => En "Your current access does not include this service.";
    available => En "Not linked";
    linked => En "Linked";
    pending => En "Being updated";
    revoking => En "Being removed";
    failed => En "Needs attention";
    available_hint => En "You can use this. Link your account to get in.";
    others_closed_hint => En "The user's current access does not include this service.";
    others_revoking_hint => En "Their access there is being removed.";
    others_available_hint => En "The user can use this, but has not linked an account yet.";
    linked_hint => En "Everything is in order.";
    pending_hint => En "A change is on its way; this takes a few seconds.";
    revoking_hint => En "Your access there is being removed.";
    failed_hint => En "The service is not accepting the account at the moment.";
    link(service: &str) => En "Link {service}";
    relink(service: &str) => En "Link {service} again";
    unlink(service: &str) => En "Unlink {service}";
    unlink_title(service: &str) => En "Unlink {service}?";
    unlink_body(service: &str) => En "You lose your roles on {service} and may be removed from it. You can link it again at any time.";
    unlinking(service: &str) => En "{service} is being unlinked.";
    not_linked(service: &str) => En "{service} was not linked.";
    linked_toast(service: &str) => En "{service} is linked.";
    already(service: &str) => En "{service} is already linked.";
    not_allowed(service: &str) => En "You cannot use {service} with your current access.";
    account => En "Account";
    roles => En "Roles";
    since => En "Linked";
    manage => En "Manage";
    err_title(service: &str) => En "{service} was not linked";
    err_title_any => En "The account was not linked";
    err_access_denied => En "You cancelled, so nothing happened. Try again whenever you like.";
    err_state_mismatch => En "That took too long or was started in another tab. Start again from here.";
    err_not_allowed => En "You cannot use this service with your current access.";
    err_already_used => En "That account is linked to somebody else here. Log in there with your own account, or ask an administrator.";
    err_too_many => En "Too many attempts came from your address. Wait a minute and start again from here.";
    err_malformed => En "The service's answer arrived garbled, so nothing was linked. Start again from here.";
    err_internal => En "Something broke on our side. Try again; if it keeps happening, tell an administrator.";
    err_upstream => En "The service did not answer as it should. Try again in a few minutes.";
}
