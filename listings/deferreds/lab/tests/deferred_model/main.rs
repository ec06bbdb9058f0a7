//! Random programs behave as a plain model says: what runs, in which order, with what; what is
//! reported; what is freed.
mod model;
mod program;
mod real;

use model::{Bad, Model};
use program::{Do, program};
use proptest::prelude::*;
use real::Real;
use std::{
    fmt::Debug,
    sync::{Arc, Mutex},
};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// Keeps the failure of each report.
#[derive(Clone, Default)]
struct Reports(Arc<Mutex<Vec<String>>>);

impl Visit for Reports {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "failure" {
            self.0.lock().unwrap().push(format!("{value:?}"));
        }
    }
}

impl Subscriber for Reports {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::ERROR
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// What both have seen and reported since the last time.
fn compare(model: &mut Model, real: &Real, reports: &Reports) -> Result<(), TestCaseError> {
    prop_assert_eq!(real.seen(), std::mem::take(&mut model.seen));
    let mut reported = std::mem::take(&mut *reports.0.lock().unwrap());
    let expected = std::mem::take(&mut model.reported);
    let mut expected: Vec<_> = expected.into_iter().map(Bad::text).collect();
    // One operation may lead to many reports, and nothing says in which order.
    reported.sort();
    expected.sort();
    prop_assert_eq!(reported, expected, "reported as unhandled");
    Ok(())
}

/// Ends whatever is still open, so that everything must have run and everything must be free.
fn end(model: &Model) -> Vec<Do> {
    let (chains, pauses) = model.len();
    let mut ends = vec![Do::Resume { which: 0 }; pauses];
    ends.extend((0..chains).map(|exactly| Do::End { exactly }));
    ends
}

fn run(program: &[Do]) -> Result<(), TestCaseError> {
    let (mut model, real) = (Model::default(), Real::default());
    let reports = Reports::default();
    tracing::subscriber::with_default(reports.clone(), || {
        for what in program {
            model.perform(what);
            real.perform(what);
            compare(&mut model, &real, &reports)?;
        }
        // What is ended runs stages, which may make more.
        while model.open() {
            for what in end(&model) {
                model.perform(&what);
                real.perform(&what);
                compare(&mut model, &real, &reports)?;
            }
        }
        prop_assert_eq!(
            real.alive(),
            0,
            "values, failures and stages that nobody freed"
        );
        Ok(())
    })
}

proptest! {
    // 4,096, or sixteen times what PROPTEST_CASES says.
    #![proptest_config(ProptestConfig { cases: 16 * ProptestConfig::default().cases, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn deferreds_do_what_the_model_does(program in program()) {
        run(&program)?;
    }

    #[test]
    fn what_a_program_records_keeps_the_rules(program in program()) {
        let recording = trace::start(trace::Setup::default());
        let done = run(&program);
        let trace = trace::read::Trace::parse(&recording.finish()).unwrap();
        done?;
        prop_assert_eq!(trace.lint(), []);
    }
}
