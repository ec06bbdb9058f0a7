//! The poetry site on its shelf: pages from a real database and a real cache.
use coroutines::block_on;
use databases::{
    ConnectionPool, PoolOptions, Server, Shelf,
    redis::{RedisPool, RedisServer},
};
use reactor::{Address, Os, Reactor};
use std::rc::Rc;
use web::{Client, Site, StatusCode, poems};
use web_lab::DatabaseShelf;

#[test]
fn a_poem_from_a_stranger_is_kept_and_its_title_runs_nothing() {
    let (server, cache) = (
        Server::temporary().unwrap(),
        RedisServer::temporary().unwrap(),
    );
    let mut reactor = Reactor::new(Os::new().unwrap());
    let handle = reactor.handle();
    let database = ConnectionPool::new(&handle, server.settings(), PoolOptions::default());
    let redis = RedisPool::new(&handle, &cache.database(3), PoolOptions::default());
    block_on(&mut reactor, async move {
        Shelf::install(&database).await?;
        let shelf = Rc::new(DatabaseShelf(Shelf::new(&database, Some(&redis))));
        let site = Site::new(poems::site(&handle, shelf, poems::templates(None)?));
        let served = site.listen(&handle, &Address::loopback(0))?;
        let client = Client::new(&handle);
        let url = |path: &str| format!("http://{}{path}", served.address());
        let add = |text: &str| {
            let request = hyper_request(&url("/add"), text);
            client.request(request)
        };
        let list = client.get(&url("/")).await?;
        assert!(
            text(&list).contains("The Tyger") && !text(&list).contains("Read lately"),
            "{}",
            text(&list)
        );
        let added =
            add("name=mine&title=%3Cscript%3Ealert(1)%3C/script%3E&poet=me&text=one%0D%0Atwo")
                .await?;
        assert_eq!(added.status(), StatusCode::OK, "after the redirect");
        assert!(
            text(&added).contains("&lt;script&gt;") && !text(&added).contains("<script"),
            "{}",
            text(&added)
        );
        let list = client.get(&url("/")).await?;
        assert!(
            text(&list).contains("&lt;script&gt;") && !text(&list).contains("<script"),
            "{}",
            text(&list)
        );
        assert!(text(&list).contains("Read lately"), "{}", text(&list));
        let again = add("name=mine&title=x&poet=y&text=z").await?;
        assert_eq!(again.status(), StatusCode::CONFLICT);
        assert!(
            text(&again).contains("there is a poem called mine already"),
            "{}",
            text(&again)
        );
        let page = client.get(&url("/api/poems/mine")).await?;
        assert!(
            text(&page).contains(r#""text":"one\ntwo""#),
            "the first one stays: {}",
            text(&page)
        );
        for wrong in [
            "name=A&title=x&poet=y&text=z",
            "name=a&title=&poet=y&text=z",
            "name=a&title=x&poet=y&text=+",
        ] {
            assert_eq!(
                add(wrong).await?.status(),
                StatusCode::BAD_REQUEST,
                "{wrong}"
            );
        }
        let raw = client.get(&url("/poems/'; drop table poem; --")).await;
        assert!(raw.is_err(), "no address has spaces");
        assert_eq!(
            client
                .get(&url("/poems/%27%3B%20drop%20table%20poem%3B%20--"))
                .await?
                .status(),
            StatusCode::NOT_FOUND
        );
        database.close().await?;
        Ok(())
    })
    .unwrap();
}

fn text(page: &web::Fetched) -> String {
    String::from_utf8_lossy(page.body()).into_owned()
}

fn hyper_request(url: &str, form: &str) -> web::Request {
    let mut request = web::Request::new(form.to_owned().into());
    *request.method_mut() = web::Method::POST;
    *request.uri_mut() = url.parse().unwrap();
    let kind = "application/x-www-form-urlencoded".parse().unwrap();
    request
        .headers_mut()
        .insert(web::header::CONTENT_TYPE, kind);
    request
}
