//! Questions and answers over boxes, as AMP has them: either side asks, and answers come in any
//! order.
use crate::{
    BadBox, BoxError, Boxes, Framing, KeyValues, NoAnswer, NoQuestion, RemoteError, Responders,
    TooMany, no_answer::MOST_OPEN,
};
use deferreds::{Canceller, Deferred, Failure, Resolver};
use reactor::{Handle, Panics};
use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
};
use transports::{Address, Factory, Loss, Protocol, Transport, connect};

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
/// Source:
/// [`twisted.protocols.amp`](https://docs.twisted.org/en/stable/api/twisted.protocols.amp.html),
/// with which this speaks.
#[derive(Clone)]
pub struct Asker(Rc<Inner>);

struct Inner {
    responders: Responders,
    boxes: RefCell<Boxes>,
    transport: RefCell<Option<Transport>>,
    next: Cell<u64>,
    /// The questions of this side; `None` for one that was cancelled.
    asked: RefCell<HashMap<Vec<u8>, Option<Resolver<KeyValues>>>>,
    /// The questions of the other side that are being answered.
    answering: RefCell<HashMap<u64, Canceller>>,
    /// Reading is paused, because more questions have come than are answered at once.
    paused: Cell<bool>,
}

impl Asker {
    /// Asks the other side. Fires with its answer.
    ///
    /// It fails with [`RemoteError`] when the other side's responder does, with [`NoAnswer`] when
    /// the connection ends first, with [`BoxError`] when this cannot be sent, and with [`TooMany`]
    /// when 1,000 questions are open.
    ///
    /// Cancelled, it is forgotten here. The other side does not hear of that; AMP has no message
    /// for it.
    #[track_caller]
    pub fn ask(&self, command: &str, arguments: &KeyValues) -> Deferred<KeyValues> {
        let inner = &self.0;
        let Some(transport) = self.transport() else {
            return Deferred::fail(NoAnswer);
        };
        // Cancelled ones count, too: their tags are in use until their answers come.
        if inner.asked.borrow().len() >= MOST_OPEN {
            return Deferred::fail(TooMany);
        }
        let tag = format!("{:x}", inner.tag()).into_bytes();
        let bytes = match question(command, Some(&tag), arguments) {
            Ok(bytes) => bytes,
            Err(error) => return Deferred::fail(error),
        };
        // Only the resolver is forgotten. The tag stays, so that a late answer is no fault.
        let (forgets, forgotten) = (Rc::downgrade(inner), tag.clone());
        let (resolver, answer) = Deferred::with_canceller(move |_| {
            if let Some(inner) = forgets.upgrade()
                && let Some(asked) = inner.asked.borrow_mut().get_mut(&forgotten)
            {
                *asked = None;
            }
        });
        inner.asked.borrow_mut().insert(tag, Some(resolver));
        transport.write(bytes);
        answer
    }

    /// Tells the other side something, and wants no answer. Nothing says whether it arrives.
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

/// Returns the bytes of a question.
fn question(command: &str, tag: Option<&[u8]>, arguments: &KeyValues) -> Result<Vec<u8>, BoxError> {
    if let Some(key) = arguments.keys().find(|key| key.starts_with(b"_")) {
        return Err(BoxError(key.clone(), BadBox::Reserved));
    }
    let mut values = arguments.clone();
    values.insert(b"_command".to_vec(), command.as_bytes().to_vec());
    values.extend(tag.map(|tag| (b"_ask".to_vec(), tag.to_vec())));
    Boxes::written(&values)
}

/// Connects, and fires with the other side, which can be asked then. It fails when it is cancelled
/// or refused.
#[track_caller]
pub fn asking(reactor: &Handle, to: &Address, responders: &Responders) -> Deferred<Asker> {
    let connector = Rc::new(Cell::new(None::<transports::Connector>));
    let cancels = Rc::clone(&connector);
    let (resolver, asker) = Deferred::with_canceller(move |_| {
        if let Some(connector) = cancels.take() {
            connector.cancel();
        }
    });
    let factory = AskerFactory {
        responders: responders.clone(),
        resolver: Rc::new(Cell::new(Some(resolver))),
    };
    connector.set(Some(connect(reactor, to, Rc::new(factory))));
    asker
}

type ConnectResolver = Rc<Cell<Option<Resolver<Asker>>>>;

/// Builds the one protocol of a client, and fires its Deferred.
struct AskerFactory {
    responders: Responders,
    resolver: ConnectResolver,
}

impl Factory for AskerFactory {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        let resolver = Some(Rc::clone(&self.resolver));
        Some(Box::new(AskerProtocol::new(
            self.responders.clone(),
            resolver,
        )))
    }

    fn connection_failed(&self, _: &Address, why: Failure) {
        if let Some(resolver) = self.resolver.take() {
            resolver.errback(why);
        }
    }
}

/// The protocol: boxes in, each a question, an answer, or an error.
pub(crate) struct AskerProtocol {
    asker: Asker,
    resolver: Option<ConnectResolver>,
}

impl AskerProtocol {
    pub(crate) fn new(responders: Responders, resolver: Option<ConnectResolver>) -> AskerProtocol {
        let boxes = RefCell::new(Boxes::new(responders.longest()));
        let asker = Asker(Rc::new(Inner {
            responders,
            boxes,
            transport: RefCell::default(),
            next: Cell::default(),
            asked: RefCell::default(),
            answering: RefCell::default(),
            paused: Cell::default(),
        }));
        AskerProtocol { asker, resolver }
    }
}

impl Protocol for AskerProtocol {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        self.asker.0.transport.replace(Some(transport.clone()));
        let asker = self.asker.clone();
        match self.resolver.take() {
            Some(resolver) => match resolver.take() {
                Some(resolver) => resolver.callback(asker),
                None => transport.abort_connection(), // cancelled meanwhile
            },
            None => self.asker.0.responders.connected(&asker),
        }
        Ok(())
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.asker.0.boxes.borrow_mut().feed(data);
        self.asker.read(transport)
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        let inner = &self.asker.0;
        inner.transport.take();
        let asked = inner.asked.take();
        let answering = inner.answering.take();
        let mut tags: Vec<_> = asked.into_iter().collect();
        tags.sort_by_key(|(tag, _)| (tag.len(), tag.clone())); // as they were asked
        // A failure has no clone, so the first question has it, and the others `NoAnswer`.
        let mut said = Some(why);
        // Each of them, also when a stage or a canceller of one panics.
        let mut panics = Panics::default();
        for resolver in tags.into_iter().filter_map(|(_, resolver)| resolver) {
            panics.catch(|| match said.take() {
                Some(Loss::Failed(failure)) => resolver.errback(failure),
                _ => resolver.errback(NoAnswer),
            });
        }
        for canceller in answering.into_values() {
            panics.catch(|| canceller.cancel()); // no connection for its answer
        }
        panics.go_on();
    }
}

impl Inner {
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
            // What is not read fills the kernel's buffers, until the peer has to wait.
            if self.answering() >= self.0.responders.at_once() {
                if !self.0.paused.replace(true) {
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
                self.take_answer(&tag, Ok(message))?;
            } else if let Some(tag) = message.remove(&b"_error"[..]) {
                self.take_answer(&tag, Err(RemoteError::from_box(&message)))?;
            } else {
                return Err(Failure::new(NoQuestion));
            }
        }
        Ok(())
    }
    // ANCHOR_END: read

    /// Takes an answer. One to a question that was cancelled is dropped; one to no question is a
    /// fault.
    fn take_answer(
        &self,
        tag: &[u8],
        answer: Result<KeyValues, RemoteError>,
    ) -> Result<(), Failure> {
        let asked = self.0.asked.borrow_mut().remove(tag);
        let resolver = asked.ok_or_else(|| Failure::new(NoQuestion))?;
        if let Some(resolver) = resolver {
            resolver.fire(answer.map_err(Failure::new));
        }
        Ok(())
    }

    // ANCHOR: answer
    /// Takes a question: calls its responder, and sends what it answers.
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
                // It is sent to no one; dropped, a failure is at least reported.
                None => drop(Deferred::ready(result.map(drop))),
            }
            if asker.0.paused.get() {
                let handle = transport.handle().clone();
                // Later: the next responder must not run inside the code that fired this answer.
                handle.call_soon(move |_| asker.resume(&transport));
            }
        });
    }
    // ANCHOR_END: answer

    /// Reads on, when there is room for a question again.
    fn resume(&self, transport: &Transport) {
        if self.0.paused.get() && self.answering() < self.0.responders.at_once() {
            self.0.paused.set(false);
            transport.resume_reading();
            if let Err(failure) = self.read(transport) {
                drop(Deferred::<()>::fail(failure)); // reported
                transport.abort_connection();
            }
        }
    }
}

/// Returns the bytes of an answer. Of a failure that is no [`RemoteError`] the other side hears
/// only that there was one, and this side's log has the rest.
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
