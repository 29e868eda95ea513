//! What goes out together: the parts that different resources have in one write to a load balancer. Pure: no calls, no waiting.
//!
//! When a write may go out is [`super::line`]'s topic, and what a part means to its resource that resource's.

use clb_cloud_api::{Action, ApiError, clb};

use crate::errors::is_wrong_region;

/// CreateListener takes fewer than 50 ports (TKE), DeleteLoadBalancerListeners at most 20 listeners (SDK).
const MOST_CREATED: usize = 49;
const MOST_DELETED: usize = 20;
/// BatchRegisterTargets, BatchDeregisterTargets and BatchModifyTargetWeight take at most this many targets (SDK).
pub const MOST_TARGETS: usize = 500;
/// BatchModifyTargetWeight takes at most this many entries (SDK).
const MOST_ENTRIES: usize = 100;

/// What one resource has to write to a load balancer.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Create a listener: a request with one port.
    Create(Box<clb::CreateListener>),
    /// Delete the listener with this id.
    Delete(String),
    /// Bind these targets, at most [`MOST_TARGETS`].
    Bind(Vec<clb::BatchTarget>),
    /// Unbind these targets, at most [`MOST_TARGETS`].
    Unbind(Vec<clb::BatchTarget>),
    /// Give targets other weights, at most [`MOST_TARGETS`].
    Reweigh(Vec<clb::RsWeightRule>),
}

/// A call that carries parts.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Of [`Part::Create`].
    Create(Box<clb::CreateListener>),
    /// Of one [`Part::Delete`].
    Delete(clb::DeleteListener),
    /// Of several.
    DeleteSeveral(clb::DeleteLoadBalancerListeners),
    /// Of [`Part::Bind`].
    Bind(clb::BatchRegisterTargets),
    /// Of [`Part::Unbind`].
    Unbind(clb::BatchDeregisterTargets),
    /// Of [`Part::Reweigh`].
    Reweigh(clb::BatchModifyTargetWeight),
}

/// What the platform answers to any of these calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The listeners that were created, in the order of the ports.
    pub created: Vec<String>,
    /// Listeners that refused what was for them.
    pub refused: Vec<String>,
    /// What is said of those.
    pub message: Option<String>,
}

/// What became of one part of an accepted call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Share {
    /// It was accepted; these listeners were created for it.
    Accepted(Vec<String>),
    /// It was refused, with this message.
    Refused(String),
    /// It was refused together with others, and whose fault that was cannot be told: it has to be sent again, with the others that
    /// have the same number and without the rest.
    Again(usize),
}

impl Part {
    /// Whether it may go out with these.
    pub fn fits(&self, others: &[&Self]) -> bool {
        match self {
            Self::Create(own) => {
                let fits = |other: &&Self| matches!(other, Self::Create(other) if other.ports != own.ports && settings(other) == settings(own));
                others.len() < MOST_CREATED && others.iter().all(fits)
            }
            Self::Delete(own) => {
                let fits = |other: &&Self| matches!(other, Self::Delete(other) if other != own);
                others.len() < MOST_DELETED && others.iter().all(fits)
            }
            Self::Bind(_) => self.fits_in_number(others, |other| matches!(other, Self::Bind(_))),
            Self::Unbind(_) => self.fits_in_number(others, |other| matches!(other, Self::Unbind(_))),
            Self::Reweigh(_) => self.fits_in_number(others, |other| matches!(other, Self::Reweigh(_))),
        }
    }

    fn fits_in_number(&self, others: &[&Self], is_alike: fn(&Self) -> bool) -> bool {
        let all = || others.iter().copied().chain([self]);
        let targets: usize = all().map(Self::targets).sum();
        let entries: usize = all().map(|part| if let Self::Reweigh(rules) = part { rules.len() } else { 0 }).sum();
        others.iter().all(|other| is_alike(other)) && targets <= MOST_TARGETS && entries <= MOST_ENTRIES
    }

    fn targets(&self) -> usize {
        match self {
            Self::Create(_) | Self::Delete(_) => 0,
            Self::Bind(targets) | Self::Unbind(targets) => targets.len(),
            Self::Reweigh(rules) => rules.iter().map(|rule| rule.targets.len()).sum(),
        }
    }

    /// The listener it is about, where there is one.
    fn listener(&self) -> &str {
        match self {
            Self::Create(_) => "",
            Self::Delete(id) => id,
            Self::Bind(targets) | Self::Unbind(targets) => targets.first().map_or("", |target| &target.listener_id),
            Self::Reweigh(rules) => rules.first().map_or("", |rule| &rule.listener_id),
        }
    }

    /// The action by which it is known how long such writes take: one call that carries it alone.
    pub fn action(&self) -> &'static str {
        match self {
            Self::Create(_) => clb::CreateListener::NAME,
            Self::Delete(_) => clb::DeleteListener::NAME,
            Self::Bind(_) => clb::BatchRegisterTargets::NAME,
            Self::Unbind(_) => clb::BatchDeregisterTargets::NAME,
            Self::Reweigh(_) => clb::BatchModifyTargetWeight::NAME,
        }
    }

    /// Whether it is about backends that somebody has claimed.
    pub fn is_of_a_claim(&self) -> bool {
        matches!(self, Self::Bind(_) | Self::Unbind(_) | Self::Reweigh(_))
    }

    /// Whether it is done only when a task is; batches of targets are done with the answer.
    pub fn is_task(&self) -> bool {
        !matches!(self, Self::Bind(_) | Self::Unbind(_))
    }

    /// Whether the platform may be asked again for what it has failed at: all but creations end the same, however often they
    /// are carried out.
    pub fn is_repeatable(&self) -> bool {
        !matches!(self, Self::Create(_))
    }
}

/// What listeners of one creation have in common: all but port and name. One call names all of them or none.
fn settings(creation: &clb::CreateListener) -> clb::CreateListener {
    let listener_names = creation.listener_names.as_ref().map(|_| Vec::new());
    clb::CreateListener { ports: Vec::new(), listener_names, ..creation.clone() }
}

impl Request {
    /// The call that carries these parts, which [fit](Part::fits) each other; `None` for none.
    pub fn of(load_balancer_id: &str, parts: &[&Part]) -> Option<Self> {
        let load_balancer_id = load_balancer_id.to_owned();
        Some(match parts.first()? {
            Part::Create(first) => {
                let all = || parts.iter().filter_map(|part| if let Part::Create(it) = part { Some(it) } else { None });
                let names = all().filter_map(|it| it.listener_names.clone()).flatten();
                let have_names = first.listener_names.is_some();
                Self::Create(Box::new(clb::CreateListener {
                    ports: all().flat_map(|it| it.ports.clone()).collect(),
                    listener_names: have_names.then(|| names.collect()),
                    ..clb::CreateListener::clone(first)
                }))
            }
            Part::Delete(id) if parts.len() == 1 => {
                Self::Delete(clb::DeleteListener { load_balancer_id, listener_id: id.clone() })
            }
            // Without ids it would delete all listeners: there are always two at least.
            Part::Delete(_) => {
                let ids = parts.iter().map(|part| part.listener().to_owned()).collect();
                Self::DeleteSeveral(clb::DeleteLoadBalancerListeners { load_balancer_id, listener_ids: Some(ids) })
            }
            Part::Bind(_) => Self::Bind(clb::BatchRegisterTargets { load_balancer_id, targets: targets(parts) }),
            Part::Unbind(_) => Self::Unbind(clb::BatchDeregisterTargets { load_balancer_id, targets: targets(parts) }),
            Part::Reweigh(_) => {
                let rules = parts.iter().filter_map(|part| if let Part::Reweigh(it) = part { Some(it) } else { None });
                let modify_list = rules.flatten().cloned().collect();
                Self::Reweigh(clb::BatchModifyTargetWeight { load_balancer_id, modify_list })
            }
        })
    }
}

fn targets(parts: &[&Part]) -> Vec<clb::BatchTarget> {
    let of = |part: &&Part| match part {
        Part::Bind(targets) | Part::Unbind(targets) => targets.clone(),
        Part::Create(_) | Part::Delete(_) | Part::Reweigh(_) => Vec::new(),
    };
    parts.iter().flat_map(of).collect()
}

/// What became of each part of a call with this answer.
pub fn shares(parts: &[&Part], answer: &Answer) -> Vec<Share> {
    let refused: Vec<usize> = (0..parts.len()).filter(|at| is_refused(parts[*at], answer)).collect();
    let share = |(at, part): (usize, &&Part)| match part {
        // With another number of listeners than of ports, none can be told from the others.
        Part::Create(_) if parts.len() == 1 => Share::Accepted(answer.created.clone()),
        Part::Create(_) if answer.created.len() == parts.len() => Share::Accepted(vec![answer.created[at].clone()]),
        _ if !refused.contains(&at) => Share::Accepted(Vec::new()),
        _ if refused.len() == 1 => Share::Refused(answer.message.clone().unwrap_or_default()),
        _ => Share::Again(again(parts, &refused, at)),
    };
    parts.iter().enumerate().map(share).collect()
}

fn is_refused(part: &Part, answer: &Answer) -> bool {
    matches!(part, Part::Bind(_) | Part::Unbind(_)) && answer.refused.iter().any(|id| id == part.listener())
}

/// With whom a refused part is sent again: with a half of those that are about the same listener.
fn again(parts: &[&Part], refused: &[usize], at: usize) -> usize {
    let alike: Vec<usize> =
        refused.iter().copied().filter(|other| parts[*other].listener() == parts[at].listener()).collect();
    let place = alike.iter().position(|other| *other == at).unwrap_or_default();
    if place < alike.len() / 2 { alike[0] } else { alike[alike.len() / 2] }
}

/// Whether a refusal may be the fault of one part alone. What the account, the load balancer or the platform is to blame for holds
/// for all of them, and what the platform itself failed at must not be sent twice.
pub fn may_be_of_one(refusal: &ApiError) -> bool {
    let of_all = refusal.is_authentication()
        || refusal.is_unauthorized()
        || refusal.is_rate_limited()
        || refusal.is_internal()
        || refusal.is_busy()
        || is_wrong_region(refusal)
        || refusal.code == "InvalidParameter.LBIdNotFound"
        || refusal.message.contains("LoadBalancer not exist")
        || refusal.message.contains("LB not exist")
        || ["InvalidAction", "NoSuchProduct", "NoSuchVersion"].contains(&refusal.group());
    !of_all
}

/// Whether a task that failed names the listener as one that it failed at; `None` when it names none of them.
pub fn is_to_blame(message: &str, created: &[Vec<String>], at: usize) -> Option<bool> {
    let named = |ids: &Vec<String>| ids.iter().any(|id| message.contains(id.as_str()));
    created.iter().any(named).then(|| created.get(at).is_some_and(named))
}

#[cfg(test)]
mod tests {
    use clb_cloud_api::{ApiError, clb};

    use super::{Answer, Part, Request, Share, is_to_blame, may_be_of_one, shares};

    fn creation(port: i64, name: Option<&str>) -> Part {
        Part::Create(Box::new(clb::CreateListener {
            load_balancer_id: "lb-1".to_owned(),
            ports: vec![port],
            protocol: "QUIC".to_owned(),
            listener_names: name.map(|name| vec![name.to_owned()]),
            ..Default::default()
        }))
    }

    fn deletion(id: &str) -> Part {
        Part::Delete(id.to_owned())
    }

    fn targets(listener: &str, count: usize) -> Vec<clb::BatchTarget> {
        vec![clb::BatchTarget { listener_id: listener.to_owned(), ..Default::default() }; count]
    }

    fn weights(listener: &str, entries: usize, targets: usize) -> Part {
        let targets = vec![clb::Target::default(); targets];
        Part::Reweigh(vec![
            clb::RsWeightRule { listener_id: listener.to_owned(), targets, ..Default::default() };
            entries
        ])
    }

    /// How many of these one call takes.
    fn first_call(parts: &[Part]) -> usize {
        let mut together: Vec<&Part> = Vec::new();
        for part in parts {
            if part.fits(&together) {
                together.push(part);
            }
        }
        together.len()
    }

    #[test]
    fn calls_are_as_large_as_the_platform_takes_them() {
        let creations: Vec<Part> = (1..=60).map(|port| creation(port, None)).collect();
        assert_eq!(first_call(&creations), 49, "fewer than 50 ports");
        let deletions: Vec<Part> = (0..60).map(|number| deletion(&format!("lbl-{number}"))).collect();
        assert_eq!(first_call(&deletions), 20);
        assert_eq!(first_call(&vec![Part::Bind(targets("lbl-1", 20)); 60]), 25, "500 targets");
        assert_eq!(first_call(&vec![Part::Unbind(targets("lbl-1", 300)); 2]), 1);
        assert_eq!(first_call(&vec![weights("lbl-1", 1, 20); 60]), 25, "500 targets");
        assert_eq!(first_call(&vec![weights("lbl-1", 1, 1); 200]), 100, "100 entries");
    }

    #[test]
    fn only_what_is_alike_goes_together() {
        let web = creation(443, Some("web"));
        assert!(creation(444, Some("web")).fits(&[&web]), "names need not differ");
        assert!(!creation(443, Some("other")).fits(&[&web]), "one port, two listeners");
        assert!(!creation(444, None).fits(&[&web]), "one call names all or none");
        let mut other = creation(444, Some("web"));
        if let Part::Create(creation) = &mut other {
            creation.scheduler = Some("LEAST_CONN".to_owned());
        }
        assert!(!other.fits(&[&web]), "another setting");
        assert!(!deletion("lbl-1").fits(&[&web]));
        assert!(!Part::Bind(targets("lbl-1", 1)).fits(&[&Part::Unbind(targets("lbl-1", 1))]));
    }

    #[test]
    fn listeners_keep_their_names_and_get_their_own_ids() {
        let parts = [creation(443, Some("a")), creation(8443, Some("b"))];
        let parts: Vec<&Part> = parts.iter().collect();
        let Some(Request::Create(request)) = Request::of("lb-1", &parts) else { panic!("no creation") };
        assert_eq!(request.ports, [443, 8443]);
        assert_eq!(request.listener_names.as_deref(), Some(&["a".to_owned(), "b".to_owned()][..]));
        let answer = |created: &[&str]| Answer {
            created: created.iter().map(|id| (*id).to_owned()).collect(),
            ..Answer::default()
        };
        let own = |id: &str| Share::Accepted(vec![id.to_owned()]);
        assert_eq!(shares(&parts, &answer(&["lbl-a", "lbl-b"])), [own("lbl-a"), own("lbl-b")]);
        let untold = Share::Accepted(Vec::new());
        assert_eq!(shares(&parts, &answer(&["lbl-a"])), [untold.clone(), untold], "whose it is cannot be told");
    }

    #[test]
    fn a_deletion_always_names_listeners() {
        let (one, other) = (deletion("lbl-1"), deletion("lbl-2"));
        assert_eq!(Request::of("lb-1", &[]), None);
        assert!(
            matches!(Request::of("lb-1", &[&one]), Some(Request::Delete(request)) if request.listener_id == "lbl-1")
        );
        let Some(Request::DeleteSeveral(request)) = Request::of("lb-1", &[&one, &other]) else { panic!("no deletion") };
        assert_eq!(request.listener_ids, Some(vec!["lbl-1".to_owned(), "lbl-2".to_owned()]));
    }

    #[test]
    fn a_refused_listener_costs_only_those_who_bind_to_it() {
        let parts = [Part::Bind(targets("lbl-1", 1)), Part::Bind(targets("lbl-2", 1))];
        let parts: Vec<&Part> = parts.iter().collect();
        let answer = Answer {
            refused: vec!["lbl-2".to_owned()],
            message: Some("IP  10.0.0.9 not found.".to_owned()),
            ..Answer::default()
        };
        let refused = Share::Refused("IP  10.0.0.9 not found.".to_owned());
        assert_eq!(shares(&parts, &answer), [Share::Accepted(Vec::new()), refused]);
    }

    #[test]
    fn who_is_to_blame_on_one_listener_is_found_out_in_halves() {
        let mut parts = vec![Part::Bind(targets("lbl-1", 1)); 5];
        parts.push(Part::Bind(targets("lbl-2", 1)));
        parts.push(Part::Bind(targets("lbl-3", 1)));
        let parts: Vec<&Part> = parts.iter().collect();
        let refused = vec!["lbl-1".to_owned(), "lbl-3".to_owned()];
        let shares = shares(&parts, &Answer { refused, ..Answer::default() });
        let again = [0, 0, 2, 2, 2].map(Share::Again);
        assert_eq!(shares[..5], again);
        assert_eq!(shares[5..], [Share::Accepted(Vec::new()), Share::Again(6)]);
    }

    #[test]
    fn what_holds_for_all_is_not_asked_again() {
        let refusal = |code: &str, message: &str| ApiError {
            action: "CreateListener",
            code: code.to_owned(),
            message: message.to_owned(),
            request_id: String::new(),
        };
        for code in ["InvalidParameter.PortCheckFailed", "LimitExceeded", "InvalidParameter", "FailedOperation"] {
            assert!(may_be_of_one(&refusal(code, "no")), "{code}");
        }
        for code in [
            "AuthFailure.SignatureFailure",
            "UnauthorizedOperation",
            "RequestLimitExceeded",
            "InternalError",
            "FailedOperation.ResourceInOperating",
            "InvalidParameter.LBIdNotFound",
            "InvalidParameter.RegionNotFound",
        ] {
            assert!(!may_be_of_one(&refusal(code, "no")), "{code}");
        }
        assert!(!may_be_of_one(&refusal("InvalidParameter", "LoadBalancer not exist")));
    }

    #[test]
    fn a_task_that_names_a_listener_blames_no_other() {
        let created = [vec!["lbl-1".to_owned()], vec!["lbl-2".to_owned()]];
        let said = "Listener lbl-2 on UDP 10.0.0.1:443 was removed: the address is in use.";
        assert_eq!((is_to_blame(said, &created, 0), is_to_blame(said, &created, 1)), (Some(false), Some(true)));
        assert_eq!(is_to_blame("update failed", &created, 0), None);
    }
}
