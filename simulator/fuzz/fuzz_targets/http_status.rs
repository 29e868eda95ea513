//! `clb_simulator::data_plane::fuzzing::http_status`, run by the fuzzer.
#![no_main]

#[path = "../readers.rs"]
mod readers;

libfuzzer_sys::fuzz_target!(|input: &[u8]| clb_simulator::data_plane::fuzzing::http_status(input, readers::http_status));
