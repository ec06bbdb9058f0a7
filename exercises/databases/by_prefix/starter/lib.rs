//! The SQL that calls a stored function whose name comes from outside.

/// Returns the SQL that calls `function_<name>` with so many values, or what is wrong with the name.
pub fn call(name: &str, values: usize) -> Result<String, String> {
    let _ = values;
    Ok(format!("SELECT * FROM {name}()"))
}
