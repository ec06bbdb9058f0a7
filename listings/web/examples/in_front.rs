//! A reverse proxy: one address, two servers behind it, and what each of them gets to see.
use coroutines::run;
use reactor::Address;
use std::{process::ExitCode, rc::Rc};
use trace::say;
use web::{Branch, Client, Page, Proxy, Request, Site, plain, talk};

fn main() -> ExitCode {
    run(|reactor| async move {
        // ANCHOR: behind
        let says = |name: &'static str| {
            Page::new(move |request: &Request| {
                let names: Vec<_> = request.headers().keys().map(|key| key.as_str()).collect();
                let path = request.uri().path();
                plain(format!(
                    "{name} is asked for {path} with {}\n",
                    names.join(", ")
                ))
            })
        };
        let poems = Site::new(Branch::new().put("hope", says("poems")));
        let poems = poems.listen(&reactor, &Address::loopback(0))?;
        let prose = Site::new(Branch::new().put("novel", says("prose")));
        let prose = prose.listen(&reactor, &Address::loopback(0))?;
        // ANCHOR_END: behind
        // ANCHOR: front
        let client = Client::new(&reactor);
        let behind = |at: &Address| Proxy::new(&reactor, &client, &format!("http://{at}"));
        let root = Branch::new()
            .put("poems", Rc::new(behind(poems.address())?))
            .put("prose", Rc::new(behind(prose.address())?));
        let front = Site::new(root).listen(&reactor, &Address::loopback(0))?;
        // ANCHOR_END: front
        for path in ["/poems/hope", "/prose/novel", "/prose/hope"] {
            let request = format!(
                "GET {path} HTTP/1.1\r\nhost: front\r\nconnection: close, x-mine\r\nx-mine: 1\r\nx-theirs: 2\r\n\r\n"
            );
            let reply = talk(&reactor, front.address(), request).await?;
            say!("{}", reply.lines().last().unwrap_or_default());
        }
        Ok(())
    })
}
