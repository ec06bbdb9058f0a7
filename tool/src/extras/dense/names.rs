//! Short names for what a script declares for itself.
//!
//! A name is exchanged in the whole file for one that the file does not use. So what belonged
//! together still does, and no scopes need be known: only which words are names, and not properties
//! of something.
use super::tokens::Token;
use std::collections::{BTreeMap, BTreeSet};

/// Words that stand between names, or are some only in places.
const WORDS: [&str; 6] = ["of", "in", "get", "set", "async", "static"];

/// Words that a short name must not be.
const SHORT: [&str; 5] = ["do", "if", "in", "of", "as"];

/// Shortens the names of all that is declared inside of something; what is outside of everything is
/// another script's, too. It counts on a script that has no name of its own for what the browser
/// has, where it needs that as well.
pub(super) fn shorten(all: &mut [Token]) {
    let script = Script::new(all);
    let mut declared = script.declared();
    for outside in script.outside() {
        declared.remove(&outside);
    }
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, token) in all.iter().enumerate() {
        if script.is_name(at) {
            *count.entry(&token.text).or_default() += 1;
        }
    }
    // The most frequent get the shortest.
    let mut names: Vec<&String> = declared.iter().filter(|name| name.len() > 1).collect();
    names.sort_by_key(|name| std::cmp::Reverse(count[name.as_str()]));
    let used: BTreeSet<&str> = count.keys().copied().collect();
    let free = |name: &String| !used.contains(&**name) && !SHORT.contains(&&**name);
    let mut fresh = fresh().filter(free).peekable();
    let mut short: BTreeMap<String, String> = BTreeMap::new();
    for name in names {
        if let Some(new) = fresh.next_if(|new| new.len() < name.len()) {
            short.insert(name.clone(), new);
        }
    }
    let new: Vec<Option<String>> = (0..all.len())
        .map(|at| {
            let old = &all[at].text;
            let new = short.get(old).filter(|_| script.is_name(at))?;
            Some(match script.is_short_for_both(at) {
                true => format!("{old}:{new}"),
                false => new.clone(),
            })
        })
        .collect();
    for (token, new) in all.iter_mut().zip(new) {
        if let Some(new) = new {
            token.text = new;
        }
    }
}

/// `a`, `b`, …, `aa`, `ab`, …
fn fresh() -> impl Iterator<Item = String> {
    let letters = || ('a'..='z').chain('A'..='Z');
    let two = letters().flat_map(move |a| letters().map(move |b| format!("{a}{b}")));
    letters().map(String::from).chain(two)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Brace {
    Block,
    /// A literal, or a pattern.
    Object,
    Class,
    /// No brace.
    Other,
}

struct Script<'a> {
    all: &'a [Token],
    /// Of each piece, the innermost bracket around it.
    around: Vec<Option<usize>>,
    /// Of each bracket, its other end.
    other: BTreeMap<usize, usize>,
    /// Of each opening bracket, what it is.
    brace: BTreeMap<usize, Brace>,
}

impl<'a> Script<'a> {
    fn new(all: &'a [Token]) -> Self {
        let mut script = Script {
            all,
            around: Vec::new(),
            other: BTreeMap::new(),
            brace: BTreeMap::new(),
        };
        let mut open: Vec<usize> = Vec::new();
        for (at, token) in all.iter().enumerate() {
            if token.closes()
                && let Some(from) = open.pop()
            {
                script.other.extend([(from, at), (at, from)]);
            }
            script.around.push(open.last().copied());
            if token.opens() {
                let brace = script.brace(at);
                script.brace.insert(at, brace);
                open.push(at);
            }
        }
        script
    }

    fn is(&self, at: Option<usize>, text: &str) -> bool {
        at.and_then(|at| self.all.get(at))
            .is_some_and(|token| token.is(text))
    }

    fn word(&self, at: usize) -> bool {
        self.all.get(at).is_some_and(Token::is_word)
    }

    /// Returns what the bracket at `at` is, from what stands before it.
    fn brace(&self, at: usize) -> Brace {
        if !self.all[at].is("{") {
            return Brace::Other;
        }
        let Some(before) = at.checked_sub(1) else {
            return Brace::Block;
        };
        let last = &self.all[before];
        if last.is_word() {
            let of_class = [2, 4]
                .iter()
                .any(|back| self.is(at.checked_sub(*back), "class"));
            let value = ["return", "const", "let", "of", "in", "case"];
            return match () {
                () if of_class => Brace::Class,
                () if value.contains(&&*last.text) => Brace::Object,
                () => Brace::Block,
            };
        }
        let arrow = last.is(">") && self.is(before.checked_sub(1), "=");
        let ends = [")", "}", ";", "{"].iter().any(|sign| last.is(sign));
        match arrow || ends || (last.is(":") && self.of_a_case(before)) {
            true => Brace::Block,
            false => Brace::Object,
        }
    }

    /// Returns whether a colon ends `case …:`.
    fn of_a_case(&self, colon: usize) -> bool {
        let mut at = colon;
        while let Some(before) = at.checked_sub(1) {
            let token = &self.all[before];
            match &*token.text {
                "case" | "default" if token.is_word() => return true,
                "?" | "," | "{" | ";" => return false,
                _ => {}
            }
            at = self
                .other
                .get(&before)
                .copied()
                .unwrap_or(before)
                .min(before);
        }
        false
    }

    /// Returns whether the word at `at` is a key or a method, of an object or a class, or stands
    /// after a dot.
    fn is_property(&self, at: usize) -> bool {
        let before = at.checked_sub(1);
        if self.is(before, ".") {
            return !self.is(at.checked_sub(2), ".");
        }
        let accessor = ["get", "set", "async", "static"];
        let first = |at: usize| {
            let before = at.checked_sub(1);
            self.is(before, "{") || self.is(before, ",")
        };
        match self.inside(at) {
            Brace::Class => true,
            Brace::Object => {
                let named = before.is_some_and(|before| {
                    first(before) && accessor.iter().any(|word| self.is(Some(before), word))
                });
                let key = first(at) && (self.is(Some(at + 1), ":") || self.is(Some(at + 1), "("));
                named || key
            }
            _ => false,
        }
    }

    fn inside(&self, at: usize) -> Brace {
        self.around[at].map_or(Brace::Other, |around| self.brace[&around])
    }

    fn is_name(&self, at: usize) -> bool {
        let token = &self.all[at];
        token.is_word() && !WORDS.contains(&&*token.text) && !self.is_property(at)
    }

    /// Returns whether it is a name that says a key, too: `{ a, b = 1 }`.
    fn is_short_for_both(&self, at: usize) -> bool {
        let before = at.checked_sub(1);
        self.inside(at) == Brace::Object
            && (self.is(before, "{") || self.is(before, ","))
            && [",", "}", "="]
                .iter()
                .any(|sign| self.is(Some(at + 1), sign))
    }

    /// Returns all that is declared: by a statement, as a parameter, as a function or a class.
    fn declared(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for (at, token) in self.all.iter().enumerate() {
            let before = at.checked_sub(1);
            let body = |open| {
                let end = self.other.get(&open).copied();
                let body = end.filter(|end| self.is(Some(end + 1), "{"));
                body.is_some() && !self.is_word_of_control(open)
            };
            if token.is_word() && !self.is_property(at) {
                match &*token.text {
                    "const" | "let" | "var" => self.patterns(at + 1, &mut found),
                    "function" | "class" if self.word(at + 1) => self.name(at + 1, &mut found),
                    _ => {}
                }
            } else if token.is("(") && body(at) {
                self.patterns(at + 1, &mut found);
            } else if token.is(">") && self.is(before, "=") {
                let Some(last) = at.checked_sub(2) else {
                    continue;
                };
                match self.other.get(&last) {
                    Some(open) if self.all[last].is(")") => self.patterns(open + 1, &mut found),
                    _ if self.word(last) => self.name(last, &mut found),
                    _ => {}
                }
            }
        }
        found
    }

    /// Returns whether a bracket follows a word like `if`, and has no parameters.
    fn is_word_of_control(&self, open: usize) -> bool {
        let words = ["if", "for", "while", "switch", "with"];
        words.iter().any(|word| self.is(open.checked_sub(1), word))
    }

    fn name(&self, at: usize, found: &mut BTreeSet<String>) {
        if self.is_name(at) {
            found.insert(self.all[at].text.clone());
        }
    }

    /// What is declared from `from` on: names and patterns, each with a value or without, up to the
    /// end of the list.
    fn patterns(&self, from: usize, found: &mut BTreeSet<String>) {
        let (mut at, mut begins) = (from, true);
        while let Some(token) = self.all.get(at) {
            let ends = token.closes() || token.is(";") || token.is("of") || token.is("in");
            if ends && !(begins && self.is(Some(at + 1), ")")) {
                return;
            }
            let mut next = at + 1;
            if token.opens() {
                if begins {
                    self.patterns(at + 1, found);
                }
                next = self.other.get(&at).map_or(self.all.len(), |end| end + 1);
            } else if token.is(":") {
                // In a pattern of an object the name comes after its key.
                begins = self.inside(at) == Brace::Object && self.is_property(at - 1);
                at = next;
                continue;
            } else if begins && token.is_word() {
                self.name(at, found);
            }
            begins = token.is(",") || (begins && token.is("."));
            at = next;
        }
    }

    /// Returns what is declared outside of all brackets.
    fn outside(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for (at, token) in self.all.iter().enumerate() {
            if self.around[at].is_none() && token.is_word() {
                match &*token.text {
                    "const" | "let" | "var" => self.patterns(at + 1, &mut found),
                    "function" | "class" => self.name(at + 1, &mut found),
                    _ => {}
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::super::script;

    /// Returns the script inside of a function, as ours are.
    fn inside(text: &str) -> String {
        let text = script(&format!("(function(){{{text}}})();"));
        let text = text
            .trim()
            .strip_prefix("(function(){")
            .expect("what goes in");
        text.strip_suffix("})();").expect("what goes in").to_owned()
    }

    #[test]
    fn a_name_is_short_wherever_it_stands_and_a_property_keeps_its_own() {
        for (text, dense) in [
            (
                "let one = two.one + one; f({ one: one });",
                "let a=two.one+a;f({one:a})",
            ),
            (
                "let one = 1; g({ one, two }, [one, ...one]);",
                "let a=1;g({one:a,two},[a,...a])",
            ),
            (
                "let one = `one ${one} ${two[`${one}`]}`;",
                "let a=`one ${a} ${two[`${a}`]}`",
            ),
            ("let one = x ? one : two, three = y;", "let a=x?a:two,b=y"),
            (
                "switch (x) { case one: { let one = 1, two = 2; } }",
                "switch(x){case a:{let a=1,b=2}}",
            ),
            (
                "let { one, two: three = one, ...rest } = x;",
                "let{one:a,two:c=a,...b}=x",
            ),
            ("let [one, , [two] = one] = x;", "let[a,,[b]=a]=x"),
            (
                "f((one, { two = 1 }) => one + two);",
                "f((a,{two:b=1})=>a+b)",
            ),
            (
                "function first(one) { return { first, last() { return one; } }; }",
                "function a(b){return{first:a,last(){return b}}}",
            ),
            (
                "f({ get one() { return one; }, set(one) { two = one; } });",
                "f({get one(){return a},set(a){two=a}})",
            ),
            (
                "class Big { one(two) { return two?.one; } }",
                "class b{one(a){return a?.one}}",
            ),
            (
                "for (const one of two) three(one);",
                "for(let a of two)three(a)",
            ),
            (
                "if (one) { two(); } while (three) { four(); }",
                "if(one){two()}while(three){four()}",
            ),
            (
                "try { f(); } catch (error) { g(error); }",
                "try{f()}catch(a){g(a)}",
            ),
        ] {
            assert_eq!(inside(text), dense, "{text}");
        }
    }

    #[test]
    fn what_is_used_and_what_other_scripts_see_keeps_its_name() {
        assert_eq!(inside("let one = a(b)"), "let c=a(b)");
        assert_eq!(
            script("const one = 1; function two(three) { return one + three; }"),
            "let one=1;function two(a){return one+a}\n"
        );
        let many: String = (0..60).map(|n| format!("let name{n} = {n}; ")).collect();
        let dense = inside(&many);
        assert!(dense.contains(",ab=") && !dense.contains("name"), "{dense}");
    }
}
