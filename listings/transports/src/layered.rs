//! A connection with a layer in it: what the socket brings passes through, and so does what is written.
use crate::{Loss, connection::Connection};
use std::rc::Rc;

impl Connection {
    /// What the layer has to say of its own accord goes out when the turn ends.
    pub(crate) fn send_of_layer(self: &Rc<Self>) {
        if let Some(layer) = &mut *self.layer().borrow_mut() {
            layer.send(&mut self.out().borrow_mut());
        }
        self.schedule();
    }

    // ANCHOR: received
    pub(crate) fn received_in_layer(self: &Rc<Self>, bytes: &[u8]) {
        let mut plain = Vec::new();
        let (result, ready) = {
            let mut layer = self.layer().borrow_mut();
            let Some(layer) = &mut *layer else { return };
            let before = layer.is_ready();
            let result = layer.received(bytes, &mut plain);
            (result, !before && layer.is_ready())
        };
        self.send_of_layer();
        if ready {
            self.call(|protocol, transport| protocol.handshake_completed(transport));
        }
        if !plain.is_empty() {
            match self.listens() {
                true => self.deliver(&plain),
                false => self.keep(&plain), // it is paused; or ending, and nobody will ask
            }
        }
        if let Err(failure) = result {
            // What the layer said last tells the peer why; a reset would overtake it.
            self.flush();
            return self.lose_with(Loss::Failed(failure), false);
        }
        self.look_for_layers_end();
    }
    // ANCHOR_END: received

    /// The peer may end inside the layer, while its socket stays open.
    pub(crate) fn look_for_layers_end(self: &Rc<Self>) {
        let layer = self.layer().borrow();
        let closed = layer.as_ref().is_some_and(|layer| layer.peer_closed());
        drop(layer);
        if closed && !self.has_peer_closed() && self.listens() && self.keeps_nothing() {
            self.tell_peer_closed();
        }
    }

    /// Says the layer's goodbye. Returns whether nothing more has to be sent.
    pub(crate) fn close_layer(self: &Rc<Self>) -> bool {
        match &mut *self.layer().borrow_mut() {
            Some(layer) => {
                layer.close();
                layer.send(&mut self.out().borrow_mut());
            }
            None => return true,
        }
        self.flush();
        !self.lost.get() && self.waiting() == 0
    }
}
