//! A connection with a layer: what the socket brings passes through it, and so does what is
//! written.
use crate::{Loss, connection::Connection};
use std::rc::Rc;

impl Connection {
    /// Collects what the layer itself has to say, a part of a handshake for example. It is sent
    /// when the turn ends.
    pub(crate) fn send_layer_output(self: &Rc<Self>) {
        if let Some(layer) = &mut *self.layer.borrow_mut() {
            layer.send(&mut self.out.borrow_mut());
        }
        self.schedule();
    }

    // ANCHOR: received
    /// Passes bytes of the socket to the layer, and what they mean to the protocol.
    pub(crate) fn received_in_layer(self: &Rc<Self>, bytes: &[u8]) {
        let mut plain = Vec::new();
        // The layer is borrowed no longer than this: the protocol is called below, and may write.
        let (result, ready) = {
            let mut layer = self.layer.borrow_mut();
            let Some(layer) = &mut *layer else { return };
            let before = layer.is_ready();
            let result = layer.received(bytes, &mut plain);
            (result, !before && layer.is_ready())
        };
        self.send_layer_output();
        if ready {
            self.call(|protocol, transport| protocol.handshake_completed(transport));
        }
        if !plain.is_empty() {
            match self.wants_data() {
                true => self.deliver(&plain),
                false => self.keep(&plain), // paused; or it is ending, and these are never asked for
            }
        }
        if let Err(failure) = result {
            // What the layer said last tells the peer why; a reset would overtake it.
            self.flush();
            return self.lose_with(Loss::Failed(failure), false);
        }
        self.check_layer_end();
    }
    // ANCHOR_END: received

    /// Looks whether the peer has ended inside the layer, while its socket stays open.
    pub(crate) fn check_layer_end(self: &Rc<Self>) {
        let layer = self.layer.borrow();
        let closed = layer.as_ref().is_some_and(|layer| layer.peer_closed());
        drop(layer);
        if closed && !self.peer_closed.get() && self.wants_data() && self.keeps_nothing() {
            self.tell_peer_closed();
        }
    }

    /// Ends this side of the layer. Returns whether all of it has been sent.
    pub(crate) fn close_layer(self: &Rc<Self>) -> bool {
        match &mut *self.layer.borrow_mut() {
            Some(layer) => {
                layer.close();
                layer.send(&mut self.out.borrow_mut());
            }
            None => return true,
        }
        self.flush();
        !self.lost.get() && self.waiting() == 0
    }
}
