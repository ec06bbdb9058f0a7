//! Finds Qt, compiles the C++ side of the border, or says which package to install.

fn main() {
    for file in ["build.rs", "src/border.rs", "src/shim.h", "src/shim.cpp"] {
        println!("cargo::rerun-if-changed={file}");
    }
    let qt = match pkg_config::Config::new()
        .atleast_version("6.2")
        .probe("Qt6Widgets")
    {
        Ok(qt) => qt,
        Err(error) => {
            for line in [
                "The chapter on Qt needs Qt 6.2 or later with its development files, and a C++ compiler:",
                "  Debian, Ubuntu:  apt install qt6-base-dev pkg-config g++",
                "  Fedora:          dnf install qt6-qtbase-devel pkgconf gcc-c++",
                "  macOS:           brew install qt pkgconf   (and xcode-select --install)",
                "  Windows:         use WSL 2 with one of the Linux lines above",
                "Where Qt is in a folder of its own, put the folder of Qt6Widgets.pc into PKG_CONFIG_PATH.",
                "All other chapters build and run without it.",
            ] {
                println!("cargo::error={line}");
            }
            let said = error.to_string();
            let why = said.lines().find(|line| !line.trim().is_empty());
            println!("cargo::error=pkg-config: {}", why.unwrap_or_default());
            return;
        }
    };
    cxx_build::bridge("src/border.rs")
        .file("src/shim.cpp")
        .includes(&qt.include_paths)
        .std("c++17")
        .flag_if_supported("-fPIC") // Qt is built as position-independent code and wants the same of its users
        .compile("untwisted_qt");
}
