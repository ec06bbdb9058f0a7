//! The twelfth step: the whole program.
fn main() -> std::process::ExitCode {
    finger::finger::main()
}
