//! The poems: eight whole ones, in the public domain, in plain ASCII.

/// A poem and where it comes from.
///
/// Its text is plain ASCII, so that a piece of it is text wherever it is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Poem {
    /// One word that names it in flags and messages: `tyger`.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Who wrote it.
    pub author: &'static str,
    /// When it was first published.
    pub year: u16,
    /// Where it was first published.
    pub source: &'static str,
    /// The poem itself; its last line ends with a newline.
    pub text: &'static str,
}

/// All poems, in the order in which a server recites them.
pub const POEMS: &[Poem] = &[
    Poem {
        name: "ozymandias",
        title: "Ozymandias",
        author: "Percy Bysshe Shelley",
        year: 1818,
        source: "The Examiner, London, 11 January 1818",
        text: include_str!("../poems/ozymandias.txt"),
    },
    Poem {
        name: "tyger",
        title: "The Tyger",
        author: "William Blake",
        year: 1794,
        source: "Songs of Innocence and of Experience, London, 1794",
        text: include_str!("../poems/tyger.txt"),
    },
    Poem {
        name: "hope",
        title: "Hope",
        author: "Emily Dickinson",
        year: 1891,
        source: "Poems, Second Series, Boston, 1891",
        text: include_str!("../poems/hope.txt"),
    },
    Poem {
        name: "jabberwocky",
        title: "Jabberwocky",
        author: "Lewis Carroll",
        year: 1871,
        source: "Through the Looking-Glass, London, 1871",
        text: include_str!("../poems/jabberwocky.txt"),
    },
    Poem {
        name: "wind",
        title: "Who Has Seen the Wind?",
        author: "Christina Rossetti",
        year: 1872,
        source: "Sing-Song: A Nursery Rhyme Book, London, 1872",
        text: include_str!("../poems/wind.txt"),
    },
    Poem {
        name: "eagle",
        title: "The Eagle",
        author: "Alfred, Lord Tennyson",
        year: 1851,
        source: "Poems, seventh edition, London, 1851",
        text: include_str!("../poems/eagle.txt"),
    },
    Poem {
        name: "eldorado",
        title: "Eldorado",
        author: "Edgar Allan Poe",
        year: 1849,
        source: "The Flag of Our Union, Boston, 21 April 1849",
        text: include_str!("../poems/eldorado.txt"),
    },
    Poem {
        name: "requiem",
        title: "Requiem",
        author: "Robert Louis Stevenson",
        year: 1887,
        source: "Underwoods, London, 1887",
        text: include_str!("../poems/requiem.txt"),
    },
];

impl Poem {
    /// Returns the poem of that name.
    ///
    /// ```
    /// let poem = poetry::Poem::named("eagle").unwrap();
    /// assert_eq!(poem.author, "Alfred, Lord Tennyson");
    /// assert_eq!(poetry::Poem::named("beagle"), None);
    /// ```
    pub fn named(name: &str) -> Option<&'static Poem> {
        POEMS.iter().find(|poem| poem.name == name)
    }
}
