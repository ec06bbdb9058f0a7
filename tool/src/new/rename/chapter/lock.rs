//! A lock with packages of other names: Cargo sorts by name, and refuses a lock that is not sorted
//! when it may not write it.

/// Returns the lock with its packages, and what each depends on, sorted again.
pub(super) fn sorted(text: &str) -> String {
    let mut blocks: Vec<String> = text.split("\n\n").map(with_sorted_dependencies).collect();
    let is_package = |block: &String| block.trim_start().starts_with("[[package]]");
    let Some(first) = blocks.iter().position(is_package) else {
        return text.to_owned();
    };
    let end = blocks[first..].iter().position(|block| !is_package(block));
    let end = end.map_or(blocks.len(), |at| first + at);
    let last = blocks.len() == end;
    for block in &mut blocks[first..end] {
        *block = block.trim_end().to_owned();
    }
    blocks[first..end].sort_by(|a, b| name(a).cmp(name(b)));
    let whole = blocks.join("\n\n");
    match last {
        true => whole + "\n",
        false => whole,
    }
}

/// Returns the package that a block of the lock tells of. Versions of one keep their order, as the
/// sort is stable.
fn name(block: &str) -> &str {
    let line = block.lines().find(|line| line.starts_with("name = "));
    line.unwrap_or_default()
}

fn with_sorted_dependencies(block: &str) -> String {
    let dependency = |line: &&str| line.starts_with(" \"");
    let mut sorted: Vec<&str> = block.lines().filter(dependency).collect();
    let plain = |line: &str| line.trim_matches([' ', ',', '"']).to_owned();
    sorted.sort_by_key(|line| plain(line));
    let mut sorted = sorted.into_iter();
    let lines = block.lines().map(|line| match dependency(&line) {
        true => sorted.next().unwrap_or(line),
        false => line,
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    match block.ends_with('\n') {
        true => text + "\n",
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_order_moves_and_the_rest_stays() {
        let block =
            |name: &str, on: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"1\"\n{on}");
        let on = "dependencies = [\n \"zeta\",\n \"mio\",\n]\n";
        let lock = format!(
            "# Of Cargo.\nversion = 4\n\n{}\n{}\n{}",
            block("zeta", on),
            block("mio", ""),
            block("mio", "source = \"x\"\n")
        );
        let sorted = sorted(&lock);
        let on = "dependencies = [\n \"mio\",\n \"zeta\",\n]\n";
        let expected = format!(
            "# Of Cargo.\nversion = 4\n\n{}\n{}\n{}",
            block("mio", ""),
            block("mio", "source = \"x\"\n"),
            block("zeta", on)
        );
        assert_eq!(sorted, expected);
        assert_eq!(super::sorted(&sorted), expected, "twice is once");
    }
}
