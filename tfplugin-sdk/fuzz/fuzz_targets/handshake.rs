//! `tfplugin_sdk::fuzzing::handshake`, run by the fuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| tfplugin_sdk::fuzzing::handshake(input));
