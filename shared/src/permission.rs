//! The permission catalogue: `app.codename`, named as in Alliance Auth so that an installation can move over.
//!
//! A permission is a type, so that an action can demand proof that its caller has it.

/// A permission as a type.
pub trait Permission: Send + Sync + 'static {
    /// `app.codename`.
    const NAME: &'static str;
    /// One line for people who grant it.
    const DESCRIPTION: &'static str;
    /// What it is about within its app, as Alliance Auth groups it.
    const MODEL: &'static str;

    /// As sentences name it: see [`in_words`].
    #[must_use]
    fn in_words() -> String {
        in_words(Self::NAME, Self::DESCRIPTION)
    }
}

macro_rules! permissions {
    ($($type:ident = $name:literal of $model:literal: $description:literal;)*) => {
        $(
            #[doc = $description]
            #[derive(Debug, Clone, Copy)]
            pub struct $type;

            impl Permission for $type {
                const NAME: &'static str = $name;
                const DESCRIPTION: &'static str = $description;
                const MODEL: &'static str = $model;
            }
        )*

        /// Every permission: name and description, sorted by name.
        pub const CATALOGUE: &[(&str, &str)] = &[$(($name, $description)),*];

        /// The model of a permission by name: see [`Permission::MODEL`]. `None` for one that the catalogue does not know.
        #[must_use]
        pub fn model_of(name: &str) -> Option<&'static str> {
            match name {
                $($name => Some($type::MODEL),)*
                _ => None,
            }
        }
    };
}

/// The description of a permission by name. `None` for one that the catalogue does not know.
#[must_use]
pub fn description_of(name: &str) -> Option<&'static str> {
    let at = CATALOGUE.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    CATALOGUE.get(at).map(|(_, description)| *description)
}

/// What a permission is called in a sentence: what it is for, and its name for whoever has to find it.
#[must_use]
pub fn in_words(name: &str, description: &str) -> String {
    if description.is_empty() { name.to_owned() } else { format!("“{description}” ({name})") }
}

/// [`in_words`] for a permission by name.
#[must_use]
pub fn named(name: &str) -> String {
    in_words(name, description_of(name).unwrap_or_default())
}

permissions! {
    ViewLogEntry = "admin.view_logentry" of "logentry": "Can see the audit log";
    AddGroup = "auth.add_group" of "group": "Can add groups";
    AddUser = "auth.add_user" of "user": "Can add users";
    ChangeGroup = "auth.change_group" of "group": "Can change groups";
    ChangeUser = "auth.change_user" of "user": "Can change users";
    DeleteGroup = "auth.delete_group" of "group": "Can delete groups";
    DeleteUser = "auth.delete_user" of "user": "Can delete users";
    FleetActivityTracking = "auth.fleetactivitytracking" of "user": "Can create and change fleet activity links";
    FleetActivityTrackingStatistics = "auth.fleetactivitytracking_statistics" of "user": "Can see fleet activity statistics";
    GroupManagement = "auth.group_management" of "user": "Can manage all groups that are not internal";
    HumanResources = "auth.human_resources" of "user": "Can handle applications to their own corporation";
    JabberBroadcast = "auth.jabber_broadcast" of "user": "Can broadcast to their own groups";
    JabberBroadcastAll = "auth.jabber_broadcast_all" of "user": "Can broadcast to every group";
    LoggingNotifications = "auth.logging_notifications" of "user": "Is notified of errors";
    OptimerManagement = "auth.optimer_management" of "user": "Can add, change and remove fleet operations";
    OptimerView = "auth.optimer_view" of "user": "Can see fleet operations";
    SrpManagement = "auth.srp_management" of "user": "Can manage ship replacement";
    TimerManagement = "auth.timer_management" of "user": "Can add, change and remove structure timers";
    TimerView = "auth.timer_view" of "user": "Can see structure timers";
    ViewGroup = "auth.view_group" of "group": "Can see groups";
    ViewUser = "auth.view_user" of "user": "Can see all users";
    AddState = "authentication.add_state" of "state": "Can add states";
    ChangeState = "authentication.change_state" of "state": "Can change states";
    DeleteState = "authentication.delete_state" of "state": "Can delete states";
    ViewState = "authentication.view_state" of "state": "Can see all states";
    AddCorpStats = "corputils.add_corpstats" of "corpstats": "Can add corporation statistics";
    ViewAllianceCorpStats = "corputils.view_alliance_corpstats" of "corpstats": "Can see statistics of their own alliance";
    ViewCorpCorpStats = "corputils.view_corp_corpstats" of "corpstats": "Can see statistics of their own corporation";
    ViewStateCorpStats = "corputils.view_state_corpstats" of "corpstats": "Can see statistics of the corporations of their own state";
    AccessDiscord = "discord.access_discord" of "discorduser": "Can access the Discord service";
    AccessDiscourse = "discourse.access_discourse" of "discourseuser": "Can access the Discourse service";
    AddReservedGroupName = "groupmanagement.add_reservedgroupname" of "reservedgroupname": "Can reserve group names";
    DeleteReservedGroupName = "groupmanagement.delete_reservedgroupname" of "reservedgroupname": "Can release reserved group names";
    RequestGroups = "groupmanagement.request_groups" of "authgroup": "Can request non-public groups";
    ViewReservedGroupName = "groupmanagement.view_reservedgroupname" of "reservedgroupname": "Can see reserved group names";
    AddApplicationComment = "hrapplications.add_applicationcomment" of "applicationcomment": "Can comment on applications";
    ApproveApplication = "hrapplications.approve_application" of "application": "Can approve applications";
    DeleteApplication = "hrapplications.delete_application" of "application": "Can delete applications";
    RejectApplication = "hrapplications.reject_application" of "application": "Can reject applications";
    AccessIps4 = "ips4.access_ips4" of "ips4user": "Can access the IPS4 service";
    AccessMumble = "mumble.access_mumble" of "mumbleuser": "Can access the Mumble service";
    CreateNewLinks = "mumble.create_new_links" of "templink": "Can create temporary links";
    ViewConnectionHistory = "mumble.view_connection_history" of "mumbleuser": "Can see the connection history of Mumble";
    AccessOpenfire = "openfire.access_openfire" of "openfireuser": "Can access the Openfire service";
    AuditPermissions = "permissions_tool.audit_permissions" of "permissionstool": "Can audit permissions";
    AccessPhpbb3 = "phpbb3.access_phpbb3" of "phpbb3user": "Can access the phpBB3 service";
    AccessSmf = "smf.access_smf" of "smfuser": "Can access the SMF service";
    AccessSrp = "srp.access_srp" of "srpfleetmain": "Can access the SRP module";
    AddSrpFleetMain = "srp.add_srpfleetmain" of "srpfleetmain": "Can add SRP fleets";
    AccessTeamspeak3 = "teamspeak3.access_teamspeak3" of "teamspeak3user": "Can access the TeamSpeak 3 service";
    AccessXenforo = "xenforo.access_xenforo" of "xenforouser": "Can access the XenForo service";
}

/// Seeing all users and everything about them: those who may change users may see them, too. Any of these is enough.
pub const SEES_USERS: &[&str] = &[ViewUser::NAME, ChangeUser::NAME];
/// Seeing all groups and what they carry; like [`SEES_USERS`].
pub const SEES_GROUPS: &[&str] = &[ViewGroup::NAME, ChangeGroup::NAME];
/// Seeing all states, who they list and what they carry; like [`SEES_USERS`].
pub const SEES_STATES: &[&str] = &[ViewState::NAME, ChangeState::NAME];
/// Seeing which states there are, to limit a group to some, to narrow a list of users to one, to ask about one; not whom
/// they list or what they carry.
pub const CHOOSES_STATES: &[&str] = &[
    ViewState::NAME,
    ChangeState::NAME,
    AddGroup::NAME,
    ChangeGroup::NAME,
    ViewGroup::NAME,
    ViewUser::NAME,
    ChangeUser::NAME,
];

/// Seeing every character, corporation and alliance that the site knows: whoever sees users sees whose they are, and
/// whoever sees or makes states chooses among them whom a state lists. That a pilot is known here is nobody else's business.
pub const SEES_DIRECTORY: &[&str] =
    &[ViewUser::NAME, ChangeUser::NAME, ViewState::NAME, AddState::NAME, ChangeState::NAME];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_sorted_and_without_duplicates() {
        assert!(CATALOGUE.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
    #[test]
    fn sentences_say_what_a_permission_is_for() {
        assert_eq!(named("auth.timer_view"), "“Can see structure timers” (auth.timer_view)");
        assert_eq!(named("auth.unheard_of"), "auth.unheard_of");
    }
    #[test]
    fn models_are_filed_as_in_alliance_auth() {
        assert_eq!(model_of("auth.timer_view"), Some("user"));
        assert_eq!(model_of("groupmanagement.request_groups"), Some("authgroup"));
        assert_eq!(model_of("permissions_tool.audit_permissions"), Some("permissionstool"));
        assert_eq!(model_of("auth.unheard_of"), None);
        for (name, _) in CATALOGUE {
            let codename = name.split_once('.').expect("app.codename").1;
            // add_, change_, delete_ and view_ permissions already name their model.
            let named =
                ["add_", "change_", "delete_", "view_"].iter().find_map(|verb| codename.strip_prefix(verb));
            if let (Some(named), Some(model)) = (named, model_of(name)) {
                assert!(
                    named.ends_with(model) || *name == "mumble.view_connection_history",
                    "{name}: {model}"
                );
            }
        }
    }
}
