//! The process that Terraform starts.

use std::process::ExitCode;

fn main() -> ExitCode {
    tfplugin_sdk::serve(clb_provider::provider())
}
