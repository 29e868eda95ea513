//! `clb_simulator::data_plane::fuzzing::proxy_header`, run by the fuzzer.
#![no_main]

#[path = "../readers.rs"]
mod readers;

libfuzzer_sys::fuzz_target!(|input: &[u8]| clb_simulator::data_plane::fuzzing::proxy_header(input, readers::proxy_header));
