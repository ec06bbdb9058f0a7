//! Channels of a small Redis: what one client publishes, all subscribers are sent.
use super::{
    ClientId, Out, Redis,
    held::{cost, error},
    store::Bytes,
};
use crate::RespValue;

impl Redis {
    pub(super) fn publish(&mut self, channel: &Bytes, message: &Bytes, out: &mut Out<'_>) -> i64 {
        let receivers: Vec<ClientId> = self
            .channels
            .get(channel)
            .into_iter()
            .flatten()
            .copied()
            .collect();
        let message = RespValue::command([&b"message"[..], channel, message]).written();
        for id in &receivers {
            self.send(*id, &message, out);
        }
        receivers.len() as i64
    }

    pub(super) fn subscribe(&mut self, id: ClientId, channels: &[Bytes], out: &mut Out<'_>) {
        for channel in channels {
            let known = self
                .clients
                .get(&id)
                .is_some_and(|c| c.channels.contains(channel));
            if !known && let Err(text) = self.hold(id, cost(std::slice::from_ref(channel))) {
                return self.reply(id, &error(text), out);
            }
            self.channels.entry(channel.clone()).or_default().insert(id);
            if let Some(client) = self.clients.get_mut(&id) {
                client.channels.insert(channel.clone());
            }
            self.say_subscribed(id, "subscribe", RespValue::Bulk(channel.clone()), out);
        }
    }

    /// Without a name, from all.
    pub(super) fn unsubscribe(&mut self, id: ClientId, channels: &[Bytes], out: &mut Out<'_>) {
        let mut channels = channels.to_vec();
        if channels.is_empty()
            && let Some(client) = self.clients.get(&id)
        {
            channels.extend(client.channels.iter().cloned());
        }
        if channels.is_empty() {
            self.say_subscribed(id, "unsubscribe", RespValue::Null, out);
        }
        for channel in channels {
            if let Some(client) = self.clients.get_mut(&id)
                && client.channels.remove(&channel)
            {
                client.held -= cost(std::slice::from_ref(&channel));
                self.leave(id, &channel);
            }
            self.say_subscribed(id, "unsubscribe", RespValue::Bulk(channel), out);
        }
    }

    fn say_subscribed(&mut self, id: ClientId, what: &str, channel: RespValue, out: &mut Out<'_>) {
        let count = self
            .clients
            .get(&id)
            .map_or(0, |client| client.channels.len());
        let what = RespValue::Bulk(what.as_bytes().to_vec());
        let count = RespValue::Integer(count as i64);
        self.reply(id, &RespValue::Array(vec![what, channel, count]), out);
    }

    pub(super) fn leave(&mut self, id: ClientId, channel: &Bytes) {
        if let Some(listeners) = self.channels.get_mut(channel) {
            listeners.remove(&id);
            if listeners.is_empty() {
                self.channels.remove(channel);
            }
        }
    }
}
