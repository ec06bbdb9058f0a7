// What follows is added for grading: a test that ends well returns the word that it got.
mod untwisted_grading {
    use std::{fs, io::Read, io::Write, sync::Mutex, sync::OnceLock};

    struct Order {
        file: Mutex<fs::File>,
        words: Vec<String>,
    }

    /// Read by the first test before it calls the answer, so that no other code can.
    fn order() -> &'static Order {
        static ORDER: OnceLock<Order> = OnceLock::new();
        ORDER.get_or_init(|| {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).expect("the order of the tool");
            let mut lines = text.lines();
            let path = lines.next().expect("the name of a file");
            let file = fs::OpenOptions::new().append(true).open(path).expect("the file");
            Order { file: Mutex::new(file), words: lines.map(str::to_owned).collect() }
        })
    }

    pub(crate) trait Ending {
        fn good(&self) -> bool;
    }

    impl Ending for () {
        fn good(&self) -> bool {
            true
        }
    }

    impl<E> Ending for Result<(), E> {
        fn good(&self) -> bool {
            self.is_ok()
        }
    }

    pub(crate) fn run<T: Ending>(number: usize, test: impl FnOnce() -> T) -> T {
        let order = order();
        let ending = test();
        if ending.good() {
            let mut file = order.file.lock().expect("no test panics while it writes");
            writeln!(file, "{}", order.words[number]).expect("the word is written");
        }
        ending
    }
}
