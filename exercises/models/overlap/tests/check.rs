//! Checks `one_thread`, `threads` and `one_loop` against jobs that tell the models apart.
use overlap::Job;

// Numbers, and nothing that only equals them.
fn one_thread(jobs: &[Job]) -> u32 {
    overlap::one_thread(jobs)
}

fn threads(jobs: &[Job]) -> u32 {
    overlap::threads(jobs)
}

fn one_loop(jobs: &[Job]) -> u32 {
    overlap::one_loop(jobs)
}

fn jobs<const N: usize>(waits_and_works: [(u32, u32); N]) -> Vec<Job> {
    waits_and_works
        .map(|(wait, work)| Job { wait, work })
        .to_vec()
}

#[test]
fn no_jobs_take_no_time() {
    assert_eq!(
        (one_thread(&[]), threads(&[]), one_loop(&[])),
        (0, 0, 0),
        "(one_thread, threads, one_loop) without jobs each of them takes 0"
    );
}

#[test]
fn one_thread_adds_up() {
    let took = one_thread(&jobs([(100, 1), (50, 2), (70, 3)]));
    assert_eq!(
        took, 226,
        "one thread waits for each and works on each, one after the other"
    );
}

#[test]
fn threads_take_as_long_as_the_longest() {
    let took = threads(&jobs([(100, 1), (50, 80), (70, 3)]));
    assert_eq!(
        took, 130,
        "the threads are done when the slowest is, with its work"
    );
}

#[test]
fn a_loop_overlaps_waits() {
    let took = one_loop(&jobs([(100, 1), (50, 2), (70, 3)]));
    assert_eq!(
        took, 101,
        "waits overlap in a loop: all three are asked for at 0, and the last answer comes at 100"
    );
}

#[test]
fn a_loop_does_not_overlap_work() {
    let took = one_loop(&jobs([(10, 5), (10, 5), (10, 5)]));
    assert_eq!(
        took, 25,
        "three answers come at 10, and there is one thread, so the work does not overlap"
    );
}

#[test]
fn a_loop_works_while_it_waits() {
    let took = one_loop(&jobs([(10, 50), (100, 1)]));
    assert_eq!(
        took, 101,
        "the loop works on each answer as soon as it is here, while it waits for the others"
    );
}

#[test]
fn a_loop_takes_answers_as_they_come() {
    let took = one_loop(&jobs([(100, 1), (10, 50)]));
    assert_eq!(
        took, 101,
        "the second answer comes first: the loop takes them in the order in which they come"
    );
}
