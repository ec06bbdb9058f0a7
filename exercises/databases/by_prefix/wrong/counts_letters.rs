//! The SQL that calls a stored function whose name comes from outside.

/// Returns the SQL that calls `function_<name>` with so many values, or what is wrong with the name.
pub fn call(name: &str, values: usize) -> Result<String, String> {
    let name = format!("function_{name}");
    if name.chars().count() > 63 {
        return Err(format!("{name} is longer than 63 bytes"));
    }
    if name.contains('\0') {
        return Err("a name has no zero byte".to_owned());
    }
    let places: Vec<String> = (1..=values).map(|number| format!("${number}")).collect();
    let (name, places) = (name.replace('"', "\"\""), places.join(", "));
    Ok(format!("SELECT * FROM \"{name}\"({places})"))
}
