//! Which settings are accepted, and which are refused.

use std::time::Duration;

use super::*;

const MINIMAL: &str = r#"
    [site]
    url = "https://auth.example.com"
    secret_key = "0123456789abcdef0123456789abcdef"
    [database]
    url = "postgres://fealty@db/fealty"
    [sso]
    client_id = "id"
    client_secret = "secret"
    [esi]
    contact = "ops@example.com"
    [mail]
    transport = "smtp"
    smtp_url = "smtps://user:pass@mail.example.com"
    from = "Fealty <noreply@example.com>"
"#;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::from_figment(&Figment::new().merge(Toml::string(text)))
}

#[test]
fn the_minimum_is_enough() {
    let config = parse(MINIMAL).unwrap();
    assert_eq!(config.http.listen.port(), 8000);
    assert_eq!(config.database.time_limits().statement, Some(Duration::from_secs(15)));
    assert_eq!(config.clone().without_time_limits().database.time_limits().statement, None);
    assert_eq!(config.sso.scopes, ["publicData"]);
    assert_eq!(config.site_link("/login"), "https://auth.example.com/login");
    assert!(!format!("{config:?}").contains("0123456789abcdef"), "secrets must not be shown");
}

#[test]
fn everything_wrong_is_named_at_once() {
    let text = format!("{MINIMAL}[worker]\nbrake_percent = 101")
        .replace("https://auth.example.com", "http://auth.example.com/path")
        .replace("0123456789abcdef0123456789abcdef", "short")
        .replace("ops@example.com", "nobody");
    let problems = parse(&text).unwrap_err().0;
    for key in [
        "site.url: must have no path",
        "site.url: must be https",
        "site.secret_key",
        "esi.contact",
        "worker.brake_percent",
    ] {
        assert!(problems.iter().any(|p| p.starts_with(key)), "{key} not in {problems:?}");
    }
}

#[test]
fn each_missing_key_is_named_once_with_where_it_goes() {
    let text = MINIMAL.replace("client_id = \"id\"", "").replace("url = \"postgres://fealty@db/fealty\"", "");
    let problems = parse(&text).unwrap_err().0;
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(
        problems[0].starts_with("database.url: missing") && problems[0].ends_with("FEALTY_DATABASE__URL"),
        "{problems:?}"
    );
    assert!(problems[1].starts_with("sso.client_id: missing"), "{problems:?}");
    // A section that is not there at all.
    let text = MINIMAL.replace("[esi]\n    contact = \"ops@example.com\"", "");
    let told = parse(&text).unwrap_err().to_string();
    assert!(told.starts_with("the configuration is not usable: esi.contact: missing"), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
    // What only some settings need is not among those.
    let text = MINIMAL.replace("smtp_url", "# smtp_url");
    assert!(parse(&text).unwrap_err().0[0].contains("smtp_url"));
    let told = parse("[site").unwrap_err().to_string();
    assert!(!told.contains("missing"), "{told}");
}

#[test]
fn a_misspelt_key_is_an_error() {
    let problems = parse(&MINIMAL.replace("client_id", "cleint_id")).unwrap_err().0;
    assert!(problems.iter().any(|p| p.contains("cleint_id")), "{problems:?}");
}

#[test]
fn a_missing_key_proposes_a_fresh_secret() {
    let text = MINIMAL.replace("secret_key = \"0123456789abcdef0123456789abcdef\"", "");
    assert!(parse(&text).unwrap_err().0[0].contains("a fresh one would be"));
}

#[test]
fn a_missing_key_hides_nothing_else() {
    let text = MINIMAL
        .replace("secret_key = \"0123456789abcdef0123456789abcdef\"", "secret_key_file = \"/nowhere/key\"")
        .replace("ops@example.com", "nobody");
    let problems = parse(&text).unwrap_err().0;
    for key in ["site.secret_key_file: /nowhere/key", "esi.contact"] {
        assert!(problems.iter().any(|p| p.starts_with(key)), "{key} not in {problems:?}");
    }
}

#[test]
fn the_key_comes_from_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    std::fs::write(&path, "abcdefghijklmnopqrstuvwxyz0123456789\n").unwrap();
    let text = MINIMAL
        .replace("secret_key = \"0123456789abcdef0123456789abcdef\"", &format!("secret_key_file = {path:?}"));
    assert_eq!(parse(&text).unwrap().site.secret_key.expose(), "abcdefghijklmnopqrstuvwxyz0123456789");
    std::fs::write(&path, "").unwrap();
    assert!(parse(&text).unwrap_err().0[0].starts_with("site.secret_key: needs at least 32"));
}

#[test]
fn a_crontab_is_what_the_queue_takes() {
    for good in ["7 * * * *", "*/15 0-6 1,15 * 1", "23 */6 * * *"] {
        parse(&format!("{MINIMAL}\n[worker]\naffiliation_cron = \"{good}\"")).unwrap();
    }
    for bad in ["", "7 * * *", "7 * * * * *", "61 * * * *", "x * * * *", "7 * * * SUN", "0 25 * * *"] {
        let text = format!("{MINIMAL}\n[worker]\ntoken_cron = \"{bad}\"");
        let problems = parse(&text).unwrap_err().0;
        assert!(problems[0].starts_with("worker.token_cron"), "{bad}: {problems:?}");
    }
    let two = format!("{MINIMAL}\n[worker]\ntoken_cron = \"* * * * * x\\n7 * * * *\"");
    assert!(parse(&two).is_err());
}

#[test]
fn addresses_are_of_the_web_and_safe() {
    let discord = "[discord]\nguild_id = 1\nclient_id = 2\nclient_secret = \"x\"\nbot_token = \"x\"\n";
    let changed = [
        ("sso.metadata_url", "client_id = \"id\"", "client_id = \"id\"\nmetadata_url = \"URL\""),
        ("esi.base_url", "[esi]", "[esi]\nbase_url = \"URL\""),
        ("images.base_url", "[esi]", "[images]\nbase_url = \"URL\"\n[esi]"),
        ("discord.api_base_url", "[esi]", "DISCORDapi_base_url = \"URL\"\n[esi]"),
        ("discord.token_url", "[esi]", "DISCORDtoken_url = \"URL\"\n[esi]"),
        ("simulator.url", "[esi]", "[simulator]\nurl = \"URL\"\n[esi]"),
    ];
    for (key, old, new) in changed {
        let with = |url: &str| {
            parse(&MINIMAL.replacen(old, &new.replace("DISCORD", discord).replace("URL", url), 1))
        };
        with("https://example.com/x").unwrap();
        with("http://127.0.0.1:8100/x").unwrap();
        for bad in ["ftp://example.com", "http://example.com", "file:///etc/passwd"] {
            let problems = with(bad).unwrap_err().0;
            assert!(problems[0].starts_with(key), "{bad}: {problems:?}");
        }
    }
    let text = MINIMAL.replace("smtps://user", "smtpx://user").replace("postgres://", "postgresx://");
    let problems = parse(&text).unwrap_err().0;
    assert!(
        problems[0].starts_with("database.url") && problems[1].starts_with("mail.smtp_url"),
        "{problems:?}"
    );
}

#[test]
fn no_error_quotes_what_stands_in_a_setting() {
    for (right, wrong, expected) in [
        // Without its closing mark, without any, of the wrong type, and where a section belongs.
        ("\"secret\"", "\"hush-hush", "TOML parse error at line 9, column "),
        ("\"secret\"", "hush-hush", "TOML parse error at line 9, column "),
        ("\"secret\"", "[\"hush-hush\"]", "sso.client_secret: the wrong type, expected a string"),
        ("[site]\n", "log = \"hush-hush\"\n[site]\n", "log: the wrong type, expected "),
        ("\"https://auth.example.com\"", "\"hush-hush\"", "site.url: "),
    ] {
        let text = MINIMAL.lines().map(str::trim).collect::<Vec<_>>().join("\n").replace(right, wrong);
        let problems = parse(&text).unwrap_err().0;
        assert!(problems.iter().any(|problem| problem.starts_with(expected)), "{problems:?}");
        assert!(problems.iter().all(|problem| !problem.contains("hush")), "{problems:?}");
    }
}
