//! Members and roles.

use wiremock::matchers::{body_json, header, headers, query_param};

use super::*;

#[tokio::test]
async fn a_member_is_read_by_the_bot() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path(MEMBER))
        .and(header("authorization", "Bot b0t"))
        // The server splits headers at commas.
        .and(headers("user-agent", vec!["DiscordBot (https://example.org/fealty", "0.1.0)"]))
        .respond_with(answer(200, &member("7")))
        .mount(&server)
        .await;
    let got = client(&server).0.member("7").await.unwrap().unwrap();
    assert_eq!(got.user.global_name.as_deref(), Some("Some Bloke"));
    assert_eq!(got.roles, ["301", "302"]);
}

#[tokio::test]
async fn nobody_is_gone_unless_discord_says_so_by_code() {
    for code in [10_007, 10_013] {
        let (_server, discord, _) = serving("GET", MEMBER, refusal(404, code, "Unknown")).await;
        assert_eq!(discord.member("7").await.unwrap(), None);
    }
    let others = [
        refusal(404, 10_004, "Unknown Guild"),
        refusal(404, 0, "404: Not Found"),
        refusal(403, 50_001, "Missing Access"),
        ResponseTemplate::new(404).set_body_string("<html>not found</html>"),
        ResponseTemplate::new(404),
        answer(200, &json!({})),
        answer(200, &member("8")),
        ResponseTemplate::new(200).set_body_string("{"),
        ResponseTemplate::new(302).insert_header("location", "/elsewhere"),
        ResponseTemplate::new(200).set_body_string("x".repeat(crate::upstream::MAX_BODY + 1)),
    ];
    for response in others {
        let (_server, discord, _) = serving("GET", MEMBER, response).await;
        assert!(discord.member("7").await.is_err());
    }
}

#[tokio::test]
async fn adding_tells_new_members_from_old_ones() {
    let server = MockServer::start().await;
    Mock::given(method("PUT"))
        .and(path(MEMBER))
        .and(header("x-audit-log-reason", "Fealty%3A%20access%20rules"))
        .and(body_json(json!({"access_token": "user-token", "nick": "Bloke", "roles": ["301"]})))
        .respond_with(answer(201, &member("7")))
        .mount(&server)
        .await;
    let roles = ["301".to_owned()];
    let added = client(&server).0.add_member("7", &token(), Some("Bloke"), &roles).await.unwrap();
    assert!(matches!(added, AddOutcome::Added(member) if member.user.id == "7"));

    let (_server, discord, _) = serving("PUT", MEMBER, ResponseTemplate::new(204)).await;
    assert_eq!(discord.add_member("7", &token(), None, &[]).await.unwrap(), AddOutcome::AlreadyMember);

    let (_server, discord, _) = serving("PUT", MEMBER, ResponseTemplate::new(202)).await;
    assert!(matches!(discord.add_member("7", &token(), None, &[]).await, Err(DiscordError::Invalid(_))));
}

#[tokio::test]
async fn a_dead_user_token_is_not_the_bots_fault() {
    for (status, code) in [(403, 50_025), (400, 50_025), (403, 50_026)] {
        let (_server, discord, _) =
            serving("PUT", MEMBER, refusal(status, code, "Invalid OAuth2 access token")).await;
        let error = discord.add_member("7", &token(), None, &[]).await.unwrap_err();
        assert!(matches!(error, DiscordError::InvalidGrant(_)), "{error}");
        assert!(!error.is_configuration());
    }
}

#[tokio::test]
async fn edits_send_only_what_is_to_change() {
    for (nick, roles, body) in [
        (Some("Bloke"), None, json!({"nick": "Bloke"})),
        (Some(""), None, json!({"nick": ""})),
        (None, Some(vec!["301".to_owned()]), json!({"roles": ["301"]})),
        (None, Some(vec![]), json!({"roles": []})),
    ] {
        let server = MockServer::start().await;
        Mock::given(method("PATCH"))
            .and(path(MEMBER))
            .and(body_json(body))
            .respond_with(answer(200, &member("7")))
            .expect(1)
            .mount(&server)
            .await;
        client(&server).0.edit_member("7", nick, roles.as_deref()).await.unwrap();
    }
}

#[tokio::test]
async fn an_edit_answered_without_the_member_is_looked_up() {
    let (server, discord, _) = serving("PATCH", MEMBER, ResponseTemplate::new(204)).await;
    mount(&server, "GET", MEMBER, answer(200, &member("7"))).await;
    assert_eq!(discord.edit_member("7", Some("x"), None).await.unwrap().user.id, "7");
}

#[tokio::test]
async fn removing_who_is_not_there_is_fine() {
    for response in [ResponseTemplate::new(204), refusal(404, 10_007, "Unknown Member")] {
        let (_server, discord, _) = serving("DELETE", MEMBER, response).await;
        discord.remove_member("7").await.unwrap();
    }
    let (_server, discord, _) = serving("DELETE", MEMBER, refusal(404, 10_004, "Unknown Guild")).await;
    assert!(discord.remove_member("7").await.unwrap_err().is_configuration());
}

#[tokio::test]
async fn refusals_are_sorted() {
    let cases = [
        (refusal(401, 0, "401: Unauthorized"), "unauthorized", true),
        (refusal(401, 50_014, "Invalid authentication token"), "unauthorized", true),
        (ResponseTemplate::new(401), "unauthorized", true),
        (refusal(403, 50_013, "Missing Permissions"), "permissions", false),
        (refusal(403, 50_001, "Missing Access"), "permissions", true),
        (refusal(403, 60_003, "Two factor is required"), "permissions", true),
        (refusal(403, 40_333, "internal network error"), "configuration", true),
        (refusal(404, 10_004, "Unknown Guild"), "not found", true),
        (refusal(404, 10_007, "Unknown Member"), "not found", false),
        (refusal(403, 40_007, "The user is banned from this guild."), "rejected", false),
        (refusal(400, 50_028, "Invalid Role"), "rejected", false),
        (ResponseTemplate::new(403).set_body_string("<html>"), "unavailable", false),
        (ResponseTemplate::new(418), "invalid", false),
    ];
    for (response, expected, configuration) in cases {
        let (server, discord, _) = serving("PATCH", MEMBER, response).await;
        let error = discord.edit_member("7", Some("x"), None).await.unwrap_err();
        let kind = match &error {
            DiscordError::Unauthorized => "unauthorized",
            DiscordError::MissingPermissions { .. } => "permissions",
            DiscordError::NotFound { .. } => "not found",
            DiscordError::Rejected { .. } => "rejected",
            DiscordError::Configuration(_) => "configuration",
            DiscordError::Unavailable { .. } => "unavailable",
            DiscordError::Invalid(_) => "invalid",
            _ => "other",
        };
        assert_eq!((kind, error.is_configuration()), (expected, configuration), "{error}");
        assert_eq!(requests(&server).await, 1);
    }
}

#[tokio::test]
async fn complaints_about_fields_are_flattened() {
    let body = json!({"message": "Invalid Form Body", "code": 50_035, "errors": {
        "nick": {"_errors": [{"code": "BASE_TYPE_BAD_LENGTH", "message": "Must be 32 or fewer in length."}]},
        "roles": {"0": {"_errors": [{"code": "NUMBER_TYPE_COERCE", "message": "Not a number"}]}}}});
    let (_server, discord, _) = serving("PATCH", MEMBER, answer(400, &body)).await;
    let Err(DiscordError::Rejected { status, code, fields, .. }) =
        discord.edit_member("7", Some("x"), None).await
    else {
        panic!("not rejected");
    };
    assert_eq!((status, code), (400, 50_035));
    let named: Vec<(&str, &str)> = fields.iter().map(|f| (f.field.as_str(), f.code.as_str())).collect();
    assert_eq!(named, [("nick", "BASE_TYPE_BAD_LENGTH"), ("roles.0", "NUMBER_TYPE_COERCE")]);
}

#[tokio::test]
async fn failures_are_repeated_only_where_harmless() {
    let (server, discord, time) = serving("PATCH", MEMBER, ResponseTemplate::new(502)).await;
    assert!(discord.edit_member("7", Some("x"), None).await.unwrap_err().is_temporary());
    assert_eq!((requests(&server).await, time.waits().len()), (3, 2));

    let (server, discord, _) = serving("POST", ROLES, ResponseTemplate::new(502)).await;
    assert!(discord.create_role("Pilots").await.unwrap_err().is_temporary());
    assert_eq!(requests(&server).await, 1);
}

#[tokio::test]
async fn roles_are_listed_and_made() {
    let (server, discord, _) = serving("GET", ROLES, answer(200, &json!([
        {"id": "200", "name": "@everyone", "position": 0, "permissions": "0", "managed": false},
        {"id": "301", "name": "Bot", "position": 5, "permissions": "8", "managed": true, "tags": {"bot_id": "1"}}
    ]))).await;
    let roles = discord.roles().await.unwrap();
    assert!(roles[1].managed && roles[1].position == 5);
    Mock::given(method("POST"))
        .and(path(ROLES))
        .and(body_json(json!({"name": "Pilots", "permissions": "0", "hoist": false, "mentionable": false})))
        .respond_with(answer(200, &json!({"id": "303", "name": "Pilots", "position": 1})))
        .mount(&server)
        .await;
    assert_eq!(discord.create_role("Pilots").await.unwrap().id, "303");
}

#[tokio::test]
async fn members_are_listed_by_pages() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/api/v10/guilds/200/members"))
        .and(query_param("limit", "1000"))
        .and(query_param("after", "6"))
        .respond_with(answer(200, &json!([member("7"), member("8")])))
        .mount(&server)
        .await;
    assert_eq!(client(&server).0.list_members(Some("6")).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_list_whose_ids_do_not_rise_is_nonsense() {
    for ids in [vec!["8", "7"], vec!["7", "7"], vec!["6"], vec!["5", "7"], vec!["10", "9"]] {
        let page: Vec<_> = ids.iter().map(|id| member(id)).collect();
        let (_server, discord, _) =
            serving("GET", "/api/v10/guilds/200/members", answer(200, &json!(page))).await;
        let answer = discord.list_members(Some("6")).await;
        assert!(matches!(answer, Err(DiscordError::Invalid(_))), "{ids:?}: {answer:?}");
    }
    let page = [member("9"), member("10"), member("18446744073709551616")];
    let (_server, discord, _) =
        serving("GET", "/api/v10/guilds/200/members", answer(200, &json!(page))).await;
    assert_eq!(discord.list_members(None).await.unwrap().len(), 3, "numbers, not texts");
}

#[tokio::test]
async fn ids_that_are_no_numbers_never_reach_a_path() {
    let server = MockServer::start().await;
    let (discord, _) = client(&server);
    for id in ["", "../roles", "7/roles/1", "@me", "7?x", "123456789012345678901", "٧"] {
        assert!(matches!(discord.member(id).await, Err(DiscordError::Misuse(_))), "{id}");
        assert!(matches!(discord.remove_member(id).await, Err(DiscordError::Misuse(_))), "{id}");
        assert!(matches!(discord.list_members(Some(id)).await, Err(DiscordError::Misuse(_))), "{id}");
        let roles = [id.to_owned()];
        assert!(matches!(discord.edit_member("7", None, Some(&roles)).await, Err(DiscordError::Misuse(_))));
    }
    assert_eq!(requests(&server).await, 0);
}
