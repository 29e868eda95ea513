//! `tfplugin_sdk::fuzzing::lifecycle`, run by the fuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| tfplugin_sdk::fuzzing::lifecycle(input));
