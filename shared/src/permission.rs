//! The catalogue of permissions: `app.codename`, named as in Alliance Auth so that an installation can move over.
//!
//! A permission is a type, so that an action can demand the proof that its caller has it.

/// A permission as a type.
pub trait Permission: Send + Sync + 'static {
    /// `app.codename`.
    const NAME: &'static str;
    /// One line for people who grant it.
    const DESCRIPTION: &'static str;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $type:ident = $name:literal: $description:literal;)*) => {
        $(
            #[doc = $description]
            #[derive(Debug, Clone, Copy)]
            pub struct $type;

            impl Permission for $type {
                const NAME: &'static str = $name;
                const DESCRIPTION: &'static str = $description;
            }
        )*

        /// Every permission: name and description, sorted by name.
        pub const CATALOGUE: &[(&str, &str)] = &[$(($name, $description)),*];
    };
}

permissions! {
    ViewLogEntry = "admin.view_logentry": "Can see the audit log";
    AddUser = "auth.add_user": "Can add users";
    ChangeGroup = "auth.change_group": "Can change groups";
    ChangeUser = "auth.change_user": "Can change users";
    DeleteUser = "auth.delete_user": "Can delete users";
    FleetActivityTracking = "auth.fleetactivitytracking": "Can create and change fleet activity links";
    FleetActivityTrackingStatistics = "auth.fleetactivitytracking_statistics": "Can see fleet activity statistics";
    GroupManagement = "auth.group_management": "Can manage all groups that are not internal";
    HumanResources = "auth.human_resources": "Can handle applications to the own corporation";
    JabberBroadcast = "auth.jabber_broadcast": "Can broadcast to own groups";
    JabberBroadcastAll = "auth.jabber_broadcast_all": "Can broadcast to every group";
    LoggingNotifications = "auth.logging_notifications": "Is notified of errors";
    OptimerManagement = "auth.optimer_management": "Can add, change and remove fleet operations";
    OptimerView = "auth.optimer_view": "Can see fleet operations";
    SrpManagement = "auth.srp_management": "Can manage ship replacement";
    TimerManagement = "auth.timer_management": "Can add, change and remove structure timers";
    TimerView = "auth.timer_view": "Can see structure timers";
    ViewGroup = "auth.view_group": "Can see groups";
    ViewUser = "auth.view_user": "Can see all users";
    ChangeState = "authentication.change_state": "Can change states";
    ViewState = "authentication.view_state": "Can see all states";
    AddCorpStats = "corputils.add_corpstats": "Can add corporation statistics";
    ViewAllianceCorpStats = "corputils.view_alliance_corpstats": "Can see statistics of the own alliance";
    ViewCorpCorpStats = "corputils.view_corp_corpstats": "Can see statistics of the own corporation";
    ViewStateCorpStats = "corputils.view_state_corpstats": "Can see statistics of the corporations of the own state";
    AccessDiscord = "discord.access_discord": "Can access the Discord service";
    AccessDiscourse = "discourse.access_discourse": "Can access the Discourse service";
    RequestGroups = "groupmanagement.request_groups": "Can request non-public groups";
    AddApplicationComment = "hrapplications.add_applicationcomment": "Can comment applications";
    ApproveApplication = "hrapplications.approve_application": "Can approve applications";
    DeleteApplication = "hrapplications.delete_application": "Can delete applications";
    RejectApplication = "hrapplications.reject_application": "Can reject applications";
    AccessIps4 = "ips4.access_ips4": "Can access the IPS4 service";
    AccessMumble = "mumble.access_mumble": "Can access the Mumble service";
    CreateNewLinks = "mumble.create_new_links": "Can create temporary links";
    ViewConnectionHistory = "mumble.view_connection_history": "Can see the connection history of Mumble";
    AccessOpenfire = "openfire.access_openfire": "Can access the Openfire service";
    AuditPermissions = "permissions_tool.audit_permissions": "Can audit permissions";
    AccessPhpbb3 = "phpbb3.access_phpbb3": "Can access the phpBB3 service";
    AccessSmf = "smf.access_smf": "Can access the SMF service";
    AccessSrp = "srp.access_srp": "Can access the SRP module";
    AddSrpFleetMain = "srp.add_srpfleetmain": "Can add SRP fleets";
    AccessTeamspeak3 = "teamspeak3.access_teamspeak3": "Can access the TeamSpeak 3 service";
    AccessXenforo = "xenforo.access_xenforo": "Can access the XenForo service";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_sorted_and_without_duplicates() {
        assert!(CATALOGUE.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
