//! A log that a test can read.
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};
use tracing::{
    Event, Id, Level, Subscriber,
    field::{Field, Visit},
    span::Attributes,
};
use tracing_subscriber::{
    layer::{Context, Layer, SubscriberExt},
    registry::LookupSpan,
};

/// One event that was logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// How important it is.
    pub level: Level,
    /// Where it comes from: a module, unless its author says otherwise.
    pub target: String,
    /// What it says.
    pub message: String,
    /// Its other fields.
    pub fields: BTreeMap<String, String>,
    /// The spans that it happened in, with their fields, the outermost first.
    pub spans: Vec<String>,
}

/// Takes what is logged, in this thread.
///
/// ```
/// use applications::Captured;
/// use tracing::Level;
///
/// let log = Captured::new();
/// log.during(|| {
///     let _span = tracing::info_span!("connection", peer = "10.0.0.1:79").entered();
///     tracing::warn!(bytes = 200, "a line is too long");
/// });
/// let entries = log.take();
/// assert_eq!(entries[0].level, Level::WARN);
/// assert_eq!(entries[0].message, "a line is too long");
/// assert_eq!(entries[0].fields["bytes"], "200");
/// assert_eq!(entries[0].spans, ["connection{peer=10.0.0.1:79}"]);
/// ```
///
/// Source:
/// [`capturedLogs`](https://docs.twisted.org/en/stable/api/twisted.logger.html#capturedLogs).
#[derive(Clone, Debug, Default)]
pub struct Captured(Arc<Mutex<Vec<Entry>>>);

impl Captured {
    /// Returns an empty one.
    #[must_use]
    pub fn new() -> Captured {
        Captured::default()
    }

    /// Calls `f`, and takes what it logs.
    pub fn during<R>(&self, f: impl FnOnce() -> R) -> R {
        let subscriber = tracing_subscriber::registry().with(CaptureLayer(self.clone()));
        tracing::subscriber::with_default(subscriber, f)
    }

    /// Returns all that was taken until now, once.
    #[must_use]
    pub fn take(&self) -> Vec<Entry> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The layer of `tracing` that fills it.
struct CaptureLayer(Captured);

/// What a span looks like, kept with it.
struct SpanText(String);

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for CaptureLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let fields: Vec<_> = fields
            .0
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if let Some(span) = context.span(id) {
            let shown = format!("{}{{{}}}", attributes.metadata().name(), fields.join(" "));
            span.extensions_mut().insert(SpanText(shown));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        // The message is a field, too, and is taken out of them below.
        let mut fields = Fields::default();
        event.record(&mut fields);
        let spans = context
            .event_scope(event)
            .into_iter()
            .flat_map(|scope| scope.from_root());
        let entry = Entry {
            level: *event.metadata().level(),
            target: event.metadata().target().to_owned(),
            message: fields.0.remove("message").unwrap_or_default(),
            spans: spans
                .map(|span| match span.extensions().get::<SpanText>() {
                    Some(SpanText(shown)) => shown.clone(),
                    None => span.name().to_owned(),
                })
                .collect(),
            fields: fields.0,
        };
        self.0
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(entry);
    }
}

#[derive(Default)]
struct Fields(BTreeMap<String, String>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}
