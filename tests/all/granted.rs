//! A login at the mail server with a token that is asked for: what is asked, what is shown, and what is said of it.

use serde_json::json;

use crate::http::{Answer, Server};
use crate::smtp::Script;
use crate::world::World;

const TOKEN: &str = "eyJ0-granted-t0ken";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_asked_for_and_shown_to_the_mail_server() {
    let web = Server::start().await;
    let granted = json!({ "token_type": "Bearer", "expires_in": 3600, "access_token": TOKEN });
    web.tell(
        "/token",
        Answer::ok("application/json", granted.to_string()),
    );
    let post = crate::smtp::Server::start(Script {
        login: Some(("bell@watch.test", TOKEN)),
        mechanisms: "XOAUTH2",
        ..Script::default()
    })
    .await;
    for (grant, asked) in [
        (
            "client_secret = { env = 'S' }\nscope = 'https://mail.test/.default'",
            "grant_type=client_credentials&client_secret=s3cret-value&scope=https%3A%2F%2Fmail.test%2F.default",
        ),
        (
            "client_secret = { env = 'S' }\nrefresh_token = { env = 'R' }",
            "grant_type=refresh_token&refresh_token=refresh-value&client_secret=s3cret-value",
        ),
    ] {
        let world = World::new(&format!(
            "[mail]\nfrom = 'bell@watch.test'\nto = ['a@example.test', 'b@example.test']\n[mail.smtp]\nhost = '127.0.0.1'\nport = {}\nsecurity = 'none'\n\
             user = 'bell@watch.test'\n[mail.smtp.oauth]\ntoken_url = '{}/token'\nclient_id = 'app'\n{grant}\n",
            post.port,
            web.url()
        ));
        let before = (web.asked().len(), post.received().len());
        let secrets = [
            ("S", "s3cret-value"),
            ("R", "refresh-value"),
            ("BELLWETHER_LOG", "debug"),
        ];
        let said = world.run_with(&secrets, &["alert", "test", "mail"]);
        let all = format!("{}{}", said.out, said.err);
        assert_eq!(said.code, 0, "{all}");
        let requests = web.asked();
        assert_eq!(
            requests.len(),
            before.0 + 1,
            "one token is good for both messages"
        );
        assert!(
            requests[before.0].ends_with(&format!("client_id=app&{asked}")),
            "{}",
            requests[before.0]
        );
        assert_eq!(post.received().len(), before.1 + 2);
        for line in [
            "> AUTH XOAUTH2 [hidden]",
            "> RCPT TO:<a@example.test>",
            "< 354",
            "< 250 2.0.0 queued",
        ] {
            assert!(said.out.contains(line), "{line}: {all}");
            assert!(said.err.contains(line), "{line}: {all}");
        }
        for secret in [TOKEN, "s3cret-value", "refresh-value"] {
            assert!(!all.contains(secret), "{all}");
        }
    }
}
