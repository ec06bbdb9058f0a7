//! Questions and answers over boxes, as AMP has them: either side asks, and answers come in any order.
use crate::{
    BadBox, BoxError, Boxes, Framing, KeyValues, NoAnswer, NoQuestion, RemoteError, Responders,
    TooMany,
};
use deferreds::{Canceller, Deferred, Failure, Resolver};
use reactor::{Handle, Panics};
use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
};
use transports::{Address, Factory, Loss, Protocol, Transport, connect};

/// How many questions of one side may be without an answer.
pub(crate) const OPEN: usize = 1000;

/// One connection on which both sides may ask. Clones mean the same one.
///
/// ```
/// use deferreds::Deferred;
/// use protocols::{Asker, KeyValues, Responders, asking};
/// use reactor::{Reactor, Sim};
/// use std::rc::Rc;
/// use transports::{Address, listen};
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let handle = reactor.handle();
/// let responders = Responders::new(1000).on("shout", |_, mut asked| {
///     let line = asked.remove(&b"line"[..]).unwrap_or_default();
///     Deferred::succeed(KeyValues::from([(b"line".to_vec(), line.to_ascii_uppercase())]))
/// });
/// let port = listen(&handle, &Address::loopback(0), responders.factory())?;
///
/// let nothing = Responders::new(1000); // this side answers nothing
/// let answer = asking(&handle, port.address(), &nothing).add_callback(|asker| {
///     asker.ask("shout", &KeyValues::from([(b"line".to_vec(), b"hope".to_vec())]))
/// });
/// let _done = answer.add_callback(move |answer| {
///     assert_eq!(answer[&b"line"[..]], b"HOPE");
///     Ok(handle.stop()?)
/// });
/// reactor.run()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Source: [`twisted.protocols.amp`](https://docs.twisted.org/en/stable/api/twisted.protocols.amp.html), with which this
/// speaks.
#[derive(Clone)]
pub struct Asker(Rc<State>);

struct State {
    responders: Responders,
    boxes: RefCell<Boxes>,
    transport: RefCell<Option<Transport>>,
    next: Cell<u64>,
    /// The questions of this side; `None` when whoever asked does not want to know any more.
    asked: RefCell<HashMap<Vec<u8>, Option<Resolver<KeyValues>>>>,
    /// The questions of the other side that are being answered.
    answering: RefCell<HashMap<u64, Canceller>>,
    /// More questions have come than are answered at once.
    held: Cell<bool>,
}

impl Asker {
    /// Asks the other side. Fires with its answer.
    ///
    /// It fails with [`RemoteError`] when the other side's responder does, with [`NoAnswer`] when the connection ends
    /// first, with [`BoxError`] when this cannot be sent, and with [`TooMany`] when 1,000 questions are open.
    ///
    /// Cancelled, it is forgotten here. The other side does not hear of that; AMP has no message for it.
    #[track_caller]
    pub fn ask(&self, command: &str, arguments: &KeyValues) -> Deferred<KeyValues> {
        let state = &self.0;
        let Some(transport) = self.transport() else {
            return Deferred::fail(NoAnswer);
        };
        if state.asked.borrow().len() >= OPEN {
            return Deferred::fail(TooMany);
        }
        let tag = format!("{:x}", state.tag()).into_bytes();
        let bytes = match question(command, Some(&tag), arguments) {
            Ok(bytes) => bytes,
            Err(error) => return Deferred::fail(error),
        };
        let (forgets, forgotten) = (Rc::downgrade(state), tag.clone());
        let (resolver, answer) = Deferred::with_canceller(move |_| {
            if let Some(state) = forgets.upgrade()
                && let Some(asked) = state.asked.borrow_mut().get_mut(&forgotten)
            {
                *asked = None;
            }
        });
        state.asked.borrow_mut().insert(tag, Some(resolver));
        transport.write(bytes);
        answer
    }

    /// Tells the other side something, and wants no answer. Whether it arrives, nobody says.
    ///
    /// # Errors
    /// [`BoxError`] when it cannot be sent.
    pub fn tell(&self, command: &str, arguments: &KeyValues) -> Result<(), BoxError> {
        let bytes = question(command, None, arguments)?;
        if let Some(transport) = self.transport() {
            transport.write(bytes);
        }
        Ok(())
    }

    /// Returns the connection, as long as there is one: to end it, or to know its peer.
    #[must_use]
    pub fn transport(&self) -> Option<Transport> {
        self.0.transport.borrow().clone()
    }

    /// Returns how many of the other side's questions are being answered.
    #[must_use]
    pub fn answering(&self) -> usize {
        self.0.answering.borrow().len()
    }
}

/// The bytes of a question.
fn question(command: &str, tag: Option<&[u8]>, arguments: &KeyValues) -> Result<Vec<u8>, BoxError> {
    if let Some(key) = arguments.keys().find(|key| key.starts_with(b"_")) {
        return Err(BoxError(key.clone(), BadBox::Reserved));
    }
    let mut values = arguments.clone();
    values.insert(b"_command".to_vec(), command.as_bytes().to_vec());
    values.extend(tag.map(|tag| (b"_ask".to_vec(), tag.to_vec())));
    Boxes::written(&values)
}

/// Connects, and fires with who can be asked. Cancelled, or when nobody listens, it fails.
#[track_caller]
pub fn asking(reactor: &Handle, to: &Address, responders: &Responders) -> Deferred<Asker> {
    let connector = Rc::new(Cell::new(None::<transports::Connector>));
    let cancels = Rc::clone(&connector);
    let (resolver, asker) = Deferred::with_canceller(move |_| {
        if let Some(connector) = cancels.take() {
            connector.cancel();
        }
    });
    let factory = Asks {
        responders: responders.clone(),
        resolver: Rc::new(Cell::new(Some(resolver))),
    };
    connector.set(Some(connect(reactor, to, Rc::new(factory))));
    asker
}

type Wanted = Rc<Cell<Option<Resolver<Asker>>>>;

/// Builds the one protocol of a client.
struct Asks {
    responders: Responders,
    resolver: Wanted,
}

impl Factory for Asks {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        let wanted = Some(Rc::clone(&self.resolver));
        Some(Box::new(Asking::new(self.responders.clone(), wanted)))
    }

    fn connection_failed(&self, _: &Address, why: Failure) {
        if let Some(resolver) = self.resolver.take() {
            resolver.errback(why);
        }
    }
}

/// The protocol: boxes in, each a question, an answer, or an error.
pub(crate) struct Asking {
    asker: Asker,
    wanted: Option<Wanted>,
}

impl Asking {
    pub(crate) fn new(responders: Responders, wanted: Option<Wanted>) -> Asking {
        let boxes = RefCell::new(Boxes::new(responders.longest()));
        let asker = Asker(Rc::new(State {
            responders,
            boxes,
            transport: RefCell::default(),
            next: Cell::default(),
            asked: RefCell::default(),
            answering: RefCell::default(),
            held: Cell::default(),
        }));
        Asking { asker, wanted }
    }
}

impl Protocol for Asking {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        self.asker.0.transport.replace(Some(transport.clone()));
        let asker = self.asker.clone();
        match self.wanted.take() {
            Some(wanted) => match wanted.take() {
                Some(resolver) => resolver.callback(asker),
                None => transport.abort_connection(), // cancelled meanwhile
            },
            None => self.asker.0.responders.met(&asker),
        }
        Ok(())
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.asker.0.boxes.borrow_mut().feed(data);
        self.asker.read(transport)
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        let state = &self.asker.0;
        state.transport.take();
        let asked = state.asked.take();
        let answering = state.answering.take();
        let mut tags: Vec<_> = asked.into_iter().collect();
        tags.sort_by_key(|(tag, _)| (tag.len(), tag.clone())); // as they were asked
        let mut said = Some(why);
        // Each of them, also when a stage or a canceller of one panics.
        let mut panics = Panics::default();
        for resolver in tags.into_iter().filter_map(|(_, resolver)| resolver) {
            panics.catch(|| match said.take() {
                Some(Loss::Failed(failure)) => resolver.errback(failure), // the first hears the reason itself
                _ => resolver.errback(NoAnswer),
            });
        }
        for canceller in answering.into_values() {
            panics.catch(|| canceller.cancel()); // nobody waits for it any more
        }
        panics.go_on();
    }
}

impl State {
    fn tag(&self) -> u64 {
        let tag = self.next.get() + 1;
        self.next.set(tag);
        tag
    }
}

impl Asker {
    // ANCHOR: read
    /// Takes boxes out, until so many questions are being answered that the next one has to wait.
    fn read(&self, transport: &Transport) -> Result<(), Failure> {
        while !transport.is_closing() {
            if self.answering() >= self.0.responders.at_once() {
                if !self.0.held.replace(true) {
                    transport.pause_reading();
                }
                return Ok(());
            }
            let message = self.0.boxes.borrow_mut().next_message()?;
            let Some(mut message) = message else {
                return Ok(());
            };
            if let Some(command) = message.remove(&b"_command"[..]) {
                let tag = message.remove(&b"_ask"[..]);
                self.answer(transport, &command, tag, message);
            } else if let Some(tag) = message.remove(&b"_answer"[..]) {
                self.told(&tag, Ok(message))?;
            } else if let Some(tag) = message.remove(&b"_error"[..]) {
                self.told(&tag, Err(RemoteError::from_box(&message)))?;
            } else {
                return Err(Failure::new(NoQuestion));
            }
        }
        Ok(())
    }
    // ANCHOR_END: read

    /// An answer has come. One to a question that was cancelled is dropped; one to no question is a fault.
    fn told(&self, tag: &[u8], answer: Result<KeyValues, RemoteError>) -> Result<(), Failure> {
        let asked = self.0.asked.borrow_mut().remove(tag);
        let resolver = asked.ok_or_else(|| Failure::new(NoQuestion))?;
        if let Some(resolver) = resolver {
            resolver.fire(answer.map_err(Failure::new));
        }
        Ok(())
    }

    // ANCHOR: answer
    /// A question has come: calls its responder, and sends what becomes of it.
    fn answer(
        &self,
        transport: &Transport,
        command: &[u8],
        tag: Option<Vec<u8>>,
        arguments: KeyValues,
    ) {
        let number = self.0.tag();
        let answer = self.0.responders.respond(self, command, arguments);
        let canceller = answer.canceller();
        self.0.answering.borrow_mut().insert(number, canceller);
        let (asker, transport) = (self.clone(), transport.clone());
        answer.on_result(move |result| {
            asker.0.answering.borrow_mut().remove(&number);
            match tag {
                Some(tag) => transport.write(written(&tag, result)),
                None => drop(Deferred::ready(result.map(drop))), // a failure is reported: nobody else hears of it
            }
            if asker.0.held.get() {
                let handle = transport.handle().clone();
                handle.call_soon(move |_| asker.go_on(&transport)); // not inside whoever fired
            }
        });
    }
    // ANCHOR_END: answer

    /// There is room for a question again.
    fn go_on(&self, transport: &Transport) {
        if self.0.held.get() && self.answering() < self.0.responders.at_once() {
            self.0.held.set(false);
            transport.resume_reading();
            if let Err(failure) = self.read(transport) {
                drop(Deferred::<()>::fail(failure)); // reported
                transport.abort_connection();
            }
        }
    }
}

/// The bytes of an answer. Of a failure that is no [`RemoteError`] the other side hears only that there was one, and this
/// side's log has the rest.
fn written(tag: &[u8], result: Result<KeyValues, Failure>) -> Vec<u8> {
    let answered = result.and_then(|mut values| {
        if let Some(key) = values.keys().find(|key| key.starts_with(b"_")) {
            return Err(Failure::new(BoxError(key.clone(), BadBox::Reserved)));
        }
        values.insert(b"_answer".to_vec(), tag.to_vec());
        Ok(Boxes::written(&values)?)
    });
    answered.unwrap_or_else(|failure| {
        let error = match failure.trap::<RemoteError>() {
            Ok(error) => error,
            Err(failure) => {
                let cancelled = failure.check::<deferreds::Cancelled>().is_some();
                if !cancelled {
                    drop(Deferred::<()>::fail(failure)); // reported
                }
                RemoteError::new("UNKNOWN", "Unknown Error")
            }
        };
        error.written(tag)
    })
}
