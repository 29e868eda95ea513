//! `clb_simulator::data_plane::fuzzing::client_hello`, run by the fuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| clb_simulator::data_plane::fuzzing::client_hello(input));
