//! A round of traffic: many QUIC connections through `clb-simulator client`, and who answered them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use crate::programs;

/// Connections at a time: few, so that a handshake's time is its own and not that of those waiting before it.
const AT_A_TIME: &str = "4";

/// What came of a round; one [`Exchange`] for each connection.
pub struct Traffic {
    exchanges: Vec<Exchange>,
}

/// One connection, as the client prints it.
#[derive(serde::Deserialize)]
struct Exchange {
    handshake_ms: f64,
    replies: Vec<String>,
}

/// A backend's part of the traffic.
#[derive(serde::Serialize)]
pub struct Part {
    /// The weight it was given.
    pub weight: u32,
    /// The connections it got.
    pub connections: u32,
    /// Its part of all connections, from 0 to 1.
    pub share: f64,
}

impl Traffic {
    /// Makes the connections and waits for all answers; a connection that fails fails the round.
    pub fn send(
        client: &Path,
        address: SocketAddr,
        trusted: &Path,
        server_name: &str,
        source: &str,
        connections: u32,
    ) -> Result<Self, String> {
        let mut command = Command::new(client);
        command
            .args(["client", &address.to_string(), "--json", "--line", "hello", "--source", source])
            .args(["--server-name", server_name, "--concurrency", AT_A_TIME])
            .args(["--connections", &connections.to_string(), "--ca"])
            .arg(trusted);
        let output = programs::run(&mut command)?;
        let exchanges = serde_json::Deserializer::from_slice(&output.stdout)
            .into_iter()
            .collect::<Result<Vec<Exchange>, _>>()
            .map_err(|error| format!("the client's report cannot be read: {error}"))?;
        if exchanges.len() != connections as usize {
            return Err(format!("{} of {connections} connections were reported", exchanges.len()));
        }
        Ok(Self { exchanges })
    }

    /// Connections that were answered.
    pub fn connections(&self) -> u32 {
        u32::try_from(self.exchanges.len()).unwrap_or(u32::MAX)
    }

    /// Each backend's part. An error when a part is not exactly what the weight asks for: the scheduler is a smooth
    /// weighted round robin, and the rounds are whole cycles.
    pub fn parts(&self, weights: &BTreeMap<String, u32>) -> Result<BTreeMap<String, Part>, String> {
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        for (backend, _) in self.greetings()? {
            *counts.entry(backend).or_default() += 1;
        }
        let total: u32 = weights.values().sum();
        let mut parts = BTreeMap::new();
        for (name, weight) in weights {
            let connections = counts.remove(name.as_str()).unwrap_or_default();
            let expected = self.connections() * weight / total;
            if connections != expected {
                return Err(format!("{name} has weight {weight} of {total} and got {connections}, not {expected}"));
            }
            let share = f64::from(connections) / f64::from(self.connections());
            parts.insert(name.clone(), Part { weight: *weight, connections, share });
        }
        match counts.keys().next() {
            None => Ok(parts),
            Some(stranger) => Err(format!("a backend answered that is not bound: {stranger}")),
        }
    }

    /// The client's address as the backends saw it; an error when they saw more than one.
    pub fn only_client_address(&self) -> Result<String, String> {
        let seen: BTreeSet<String> =
            self.greetings()?.into_iter().map(|(_, address)| address.ip().to_string()).collect();
        match seen.iter().collect::<Vec<_>>()[..] {
            [only] => Ok(only.clone()),
            _ => Err(format!("the backends saw {seen:?} instead of one client address")),
        }
    }

    /// The median handshake.
    pub fn handshake_milliseconds(&self) -> f64 {
        let mut times: Vec<f64> = self.exchanges.iter().map(|exchange| exchange.handshake_ms).collect();
        times.sort_by(f64::total_cmp);
        times.get(times.len() / 2).map_or(0.0, |median| (median * 100.0).round() / 100.0)
    }

    /// The round as a table.
    pub fn table(&self, parts: &BTreeMap<String, Part>) -> Vec<String> {
        let mut lines = vec!["backend   weight   connections   share".to_owned()];
        lines.extend(parts.iter().map(|(name, part)| {
            format!("{name:<9} {:>6}   {:>11}   {:>4.0} %", part.weight, part.connections, part.share * 100.0)
        }));
        let seen = self.only_client_address().unwrap_or_else(|error| error);
        lines.push(format!("client address seen by the backends: {seen}"));
        lines.push(format!("QUIC handshake: {:.2} ms (median)", self.handshake_milliseconds()));
        lines
    }

    /// Who answered each connection, and whom it saw.
    fn greetings(&self) -> Result<Vec<(&str, SocketAddr)>, String> {
        self.exchanges
            .iter()
            .map(|exchange| {
                let reply = exchange.replies.first().map_or("", String::as_str);
                let (backend, address) = reply.trim().split_once(' ').unwrap_or_default();
                let address = address.parse().map_err(|_| format!("{reply:?} is not a backend's answer"))?;
                Ok((backend, address))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Exchange, Traffic};

    fn traffic(replies: &[&str]) -> Traffic {
        let exchange = |reply: &&str| Exchange { handshake_ms: 1.0, replies: vec![format!("{reply}\n")] };
        Traffic { exchanges: replies.iter().map(exchange).collect() }
    }

    fn weights(blue: u32, green: u32) -> BTreeMap<String, u32> {
        BTreeMap::from([("blue".to_owned(), blue), ("green".to_owned(), green)])
    }

    #[test]
    fn shares_other_than_the_weights_are_an_error() {
        let round = traffic(&["blue 127.0.0.77:1", "blue 127.0.0.77:2", "blue 127.0.0.77:3", "green 127.0.0.77:4"]);
        assert_eq!(round.parts(&weights(30, 10)).expect("three to one")["blue"].connections, 3);
        let refused = round.parts(&weights(10, 10)).err().expect("three to one is not one to one");
        assert_eq!(refused, "blue has weight 10 of 20 and got 3, not 2");
    }

    #[test]
    fn a_backend_that_is_not_bound_is_an_error() {
        let round = traffic(&["blue 127.0.0.77:1", "red 127.0.0.77:2", "green 127.0.0.77:3"]);
        let refused = round.parts(&weights(1, 1)).err().expect("red is a stranger");
        assert_eq!(refused, "a backend answered that is not bound: red");
    }

    #[test]
    fn two_client_addresses_are_an_error() {
        assert_eq!(traffic(&["blue 127.0.0.77:1", "blue 127.0.0.77:2"]).only_client_address(), Ok("127.0.0.77".into()));
        assert!(traffic(&["blue 127.0.0.77:1", "blue 127.0.0.1:2"]).only_client_address().is_err());
    }
}
