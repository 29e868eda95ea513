//! Fault schedules: what goes wrong in a life of a stack, drawn from a seed. The same seed draws the same schedule.
//!
//! Pure: nothing is called here. What is done to the simulator stands in [`crate::levers`], what lives through it in
//! [`crate::stack`].

use std::fmt;

use clb_simulator::generated::clbsim::Fault;

/// What is done in a life, in this order.
pub const STEPS: [Step; 5] = [Step::Create, Step::Change, Step::Rotate, Step::Reweigh, Step::Destroy];

/// One thing that a user does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Everything is created.
    Create,
    /// Names, tags, rules and health checks change, and a backend goes and another comes.
    Change,
    /// The certificate is another one.
    Rotate,
    /// All weights are others.
    Reweigh,
    /// Everything is destroyed.
    Destroy,
}

/// What goes wrong during one step.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// The faults, in the order they are added.
    pub faults: Vec<Fault>,
    /// How long tasks take.
    pub pace: &'static str,
    /// An action whose tasks do not end.
    pub endless: Option<&'static str>,
    /// How often the step is tried while all that stands.
    pub tries: usize,
}

/// A life: what goes wrong at each step.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// What it was drawn from.
    pub seed: u64,
    /// How many listeners there are, each with a binding.
    pub listeners: u16,
    /// The trouble of each of [`STEPS`].
    pub troubles: Vec<(Step, Trouble)>,
}

/// Which calls a fault is for: all, kinds of them, and each write by its name.
const ACTIONS: [&str; 28] = [
    "",
    "Create*",
    "Describe*",
    "Modify*",
    "Delete*",
    "Batch*",
    "CreateLoadBalancer",
    "SetLoadBalancerSecurityGroups",
    "ModifyLoadBalancerAttributes",
    "DeleteLoadBalancer",
    "CreateListener",
    "ModifyListener",
    "DeleteListener",
    "BatchRegisterTargets",
    "BatchDeregisterTargets",
    "BatchModifyTargetWeight",
    "UploadCertificate",
    "ModifyCertificateAlias",
    "DeleteCertificate",
    "CreateSecurityGroup*",
    "ModifySecurityGroup*",
    "DeleteSecurityGroup",
    "TagResources",
    "DescribeTaskStatus",
    "DescribeListeners",
    "DescribeTargets",
    "DescribeLoadBalancers",
    "DescribeCertificateDetail",
];
/// How long tasks take, mostly. Not by polls: a task that nobody asks about any more would never end.
const PACES: [&str; 5] = ["now", "now", "20ms", "60ms", "200ms"];
/// Those whose tasks may never end.
const ENDLESS: [&str; 7] = [
    "CreateLoadBalancer",
    "CreateListener",
    "ModifyListener",
    "DeleteListener",
    "SetLoadBalancerSecurityGroups",
    "ModifyLoadBalancerAttributes",
    "BatchModifyTargetWeight",
];

impl Schedule {
    /// The schedule of a seed.
    pub fn of(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let listeners = if dice.one_in(3) { 2 } else { 1 };
        let troubles = STEPS.map(|step| (step, Trouble::drawn(&mut dice))).into();
        Self { seed, listeners, troubles }
    }
}

impl Trouble {
    fn drawn(dice: &mut Dice) -> Self {
        let mut faults = Vec::new();
        for _ in 0..dice.below(4) {
            faults.push(fault(dice));
        }
        Self {
            faults,
            pace: *dice.of(PACES.as_slice()),
            endless: dice.one_in(12).then(|| *dice.of(ENDLESS.as_slice())),
            tries: if dice.one_in(3) { 2 } else { 1 },
        }
    }
}

/// One fault: for which calls, which of those it strikes, and what they come to.
fn fault(dice: &mut Dice) -> Fault {
    let mut fault = Fault {
        action: (*dice.of(ACTIONS.as_slice())).to_owned(),
        after: if dice.one_in(2) { 0 } else { dice.below(4) },
        ..Fault::default()
    };
    match dice.below(10) {
        // All of them, until the faults end: more than any patience.
        0 => {}
        1 => (fault.probability, fault.seed) = (Some(0.4), Some(dice.below(1000))),
        _ => fault.count = Some(1 + dice.below(3)),
    }
    let refuse = |fault: &mut Fault, code: &str| code.clone_into(&mut fault.code);
    match dice.below(14) {
        0 | 1 => "before".clone_into(&mut fault.lose_answer),
        2..=4 => "after".clone_into(&mut fault.lose_answer),
        5 => refuse(&mut fault, "FailedOperation.ResourceInOperating"),
        6 => refuse(&mut fault, "RequestLimitExceeded"),
        7 => refuse(&mut fault, "InternalError"),
        8 => refuse(&mut fault, "FailedOperation"),
        9 => fault.http_status = Some([500, 502, 503, 504][usize::from(dice.byte() % 4)]),
        10 => fault.http_status = Some(404),
        11 => (fault.http_status, fault.code) = (Some(500), "InternalError".to_owned()),
        12 => "The task was made to fail.".clone_into(&mut fault.fail_task),
        _ => fault.delay_seconds = 0.2,
    }
    // When nothing the platform does is ever heard of, nobody can find what it made.
    if fault.action.is_empty() && fault.lose_answer == "after" && fault.probability.is_none() {
        fault.count = fault.count.or(Some(4));
    }
    fault
}

/// A seed's sequence of choices (xorshift*).
struct Dice(u64);

impl Dice {
    /// Neighbouring seeds give unlike sequences.
    fn new(seed: u64) -> Self {
        let mut dice = Self(seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        dice.below(2);
        dice
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % limit
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap_or_default()
    }

    fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    fn of<'a, T>(&mut self, few: &'a [T]) -> &'a T {
        &few[usize::try_from(self.below(few.len() as u64)).unwrap_or_default()]
    }
}

/// What goes wrong, in the words of the admin door's commands.
impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pace {}, {} tries", self.pace, self.tries)?;
        if let Some(action) = self.endless {
            write!(f, ", tasks of {action} never end")?;
        }
        for fault in &self.faults {
            let action = if fault.action.is_empty() { "*" } else { &fault.action };
            write!(f, "\n    {action} after {}", fault.after)?;
            match (fault.count, fault.probability) {
                (Some(count), _) => write!(f, ", {count} times")?,
                (None, Some(share)) => write!(f, ", {share} of them (seed {})", fault.seed.unwrap_or_default())?,
                (None, None) => write!(f, ", all")?,
            }
            for (word, text) in
                [("answer", &fault.code), ("lose the answer", &fault.lose_answer), ("fail the task", &fault.fail_task)]
            {
                if !text.is_empty() {
                    write!(f, ": {word} {text}")?;
                }
            }
            if let Some(status) = fault.http_status {
                write!(f, ": status {status}")?;
            }
            if fault.delay_seconds > 0.0 {
                write!(f, ": {} s late", fault.delay_seconds)?;
            }
        }
        Ok(())
    }
}
