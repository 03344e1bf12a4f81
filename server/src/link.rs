//! A model of the way between a client and a server: one direction of a TCP-like stream, seeded, without a clock.
//!
//! What is modelled is what a game on a stream feels, not TCP itself. A message waits for its turn at the narrowest point
//! (bandwidth), travels (latency and jitter), and when one of its segments is lost it comes a retransmission later (stall). The
//! order is kept: whatever is behind a message that is held up waits for it, which is the head-of-line blocking of a stream.
//!
//! ```text
//! now ──► turn at the bottleneck ──► + latency + jitter [+ stall for each lost segment] ──► not before the message ahead
//! ```
//!
//! All times are whole microseconds since any moment, and all arithmetic is in integers below 2⁵³: the mirror in TypeScript
//! (`client-web/src/tickroom/net/conditioner.ts`) gives the same times, which `shared/golden/link.json` proves.

use std::str::FromStr;

/// What a segment of TCP carries on an Ethernet path. A message that needs more can lose any of them.
const SEGMENT_BYTES: u32 = 1448;

/// Segments of one message that are drawn for; what is longer is not sent by a game.
const SEGMENTS_MAX: u32 = 64;

/// Jitter is at most this many times its mean: nobody meets e⁻¹⁶.
const JITTER_MEANS_MAX: u32 = 16;

/// A game sends a handful of small messages at a time; a sender that has this much in front of the bottleneck is too fast for it.
const QUEUE_BYTES: u32 = 64 * 1024;

const US_PER_S: u64 = 1_000_000;

/// How one direction behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// One way without anything in between, µs.
    pub latency_us: u32,
    /// Mean of what comes on top, exponentially distributed, µs. Usual at queues: most messages meet little, some much.
    pub jitter_us: u32,
    /// Chance that a segment is lost, in a million.
    pub loss_ppm: u32,
    /// How long a lost segment takes to be sent again and arrive, beyond its usual time, µs.
    pub stall_us: u32,
    /// Bytes a second through the narrowest point; 0 for no bound.
    pub bytes_per_s: u32,
    /// Bytes that wait before it until the sender sees that it cannot write.
    pub queue_bytes: u32,
}

/// The rows that are simulated and played, from best to worst.
///
/// Bandwidth is that of the direction that has less of it. On a way that loses segments it is what one stream gets there:
/// 1.22 · segment ÷ (round trip · √loss), Mathis et al. 1997.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// A cable in a city: 5 + 1 ms, 100 Mbit/s.
    Fibre,
    /// A room with others in it: 20 + 4 ms, 20 Mbit/s.
    Wifi,
    /// A telephone: 40 + 12 ms, 5 Mbit/s, the usual upward share of a busy cell.
    FourG,
    /// 40 + 5 ms, one segment of 200 lost and sent again after 160 ms; a round trip of 90 ms leaves 2.2 Mbit/s.
    Lossy,
    /// 60 + 20 ms, one segment of 100 lost and sent again after 200 ms; a round trip of 160 ms leaves 0.9 Mbit/s.
    Train,
}

impl Preset {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [Self::Fibre, Self::Wifi, Self::FourG, Self::Lossy, Self::Train];

    /// As it is written on a command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fibre => "fibre",
            Self::Wifi => "wifi",
            Self::FourG => "4g",
            Self::Lossy => "lossy",
            Self::Train => "train",
        }
    }

    /// How each of its directions behaves.
    pub const fn conditions(self) -> Conditions {
        match self {
            Self::Fibre => row(5, 1, 0, 0, 12_500_000),
            Self::Wifi => row(20, 4, 0, 0, 2_500_000),
            Self::FourG => row(40, 12, 0, 0, 625_000),
            Self::Lossy => row(40, 5, 5_000, 160, 277_000),
            Self::Train => row(60, 20, 10_000, 200, 110_000),
        }
    }
}

const fn row(latency_ms: u32, jitter_ms: u32, loss_ppm: u32, stall_ms: u32, bytes_per_s: u32) -> Conditions {
    Conditions {
        latency_us: latency_ms * 1000,
        jitter_us: jitter_ms * 1000,
        loss_ppm,
        stall_us: stall_ms * 1000,
        bytes_per_s,
        queue_bytes: QUEUE_BYTES,
    }
}

impl FromStr for Preset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|preset| preset.name() == text)
            .ok_or_else(|| {
                let names = Self::ALL.map(Self::name).join(", ");
                format!("there is no link '{text}'; there are {names}")
            })
    }
}

/// One direction, with what is on its way.
#[derive(Clone, Debug)]
pub struct Link {
    conditions: Conditions,
    random: Xorshift32,
    /// When the bottleneck has sent all that was given to it.
    free_at_us: u64,
    /// When the message that was given last arrives; invariant: never goes back.
    arrival_us: u64,
}

impl Link {
    /// Nothing on its way. Two links with the same seed hold up the same messages.
    pub const fn new(conditions: Conditions, seed: u32) -> Self {
        Self {
            conditions,
            random: Xorshift32::new(seed),
            free_at_us: 0,
            arrival_us: 0,
        }
    }

    /// Takes a message of so many bytes at `now_us` and gives the time of its arrival: never before `now_us`, and never before
    /// the message ahead of it. It takes whatever it is given; who wants to be told asks [`Self::is_writable`] first.
    pub fn deliver_at(&mut self, now_us: u64, bytes: usize) -> u64 {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.free_at_us = self.free_at_us.max(now_us) + self.transmission_us(bytes);
        let way_us = u64::from(self.conditions.latency_us) + self.jitter_us() + self.stalls_us(bytes);
        self.arrival_us = self.arrival_us.max(self.free_at_us + way_us);
        self.arrival_us
    }

    /// False while so much waits at the bottleneck that a stream would refuse more.
    pub fn is_writable(&self, now_us: u64) -> bool {
        let waiting_us = self.free_at_us.saturating_sub(now_us);
        waiting_us <= self.transmission_us(self.conditions.queue_bytes)
    }

    /// Another way from now on; what is on its way stays as it is.
    pub const fn set_conditions(&mut self, conditions: Conditions) {
        self.conditions = conditions;
    }

    fn transmission_us(&self, bytes: u32) -> u64 {
        match u64::from(self.conditions.bytes_per_s) {
            0 => 0,
            bytes_per_s => u64::from(bytes) * US_PER_S / bytes_per_s,
        }
    }

    fn jitter_us(&mut self) -> u64 {
        match u64::from(self.conditions.jitter_us) {
            0 => 0,
            mean_us => mean_us * u64::from(self.random.exponential()) / u64::from(ONE),
        }
    }

    fn stalls_us(&mut self, bytes: u32) -> u64 {
        if self.conditions.loss_ppm == 0 {
            return 0;
        }
        let segments = bytes.div_ceil(SEGMENT_BYTES).clamp(1, SEGMENTS_MAX);
        let lost = (0..segments)
            .filter(|_| self.random.below(1_000_000) < self.conditions.loss_ppm)
            .count();
        // Lost segments of one message are sent again together.
        if lost > 0 {
            self.conditions.stall_us.into()
        } else {
            0
        }
    }
}

/// 1.0 in the fixed point of [`Xorshift32::exponential`].
const ONE: u32 = 1 << 16;

/// Marsaglia's xorshift with 32 bits of state and shifts 13, 17, 5: a few lines in any language.
#[derive(Clone, Debug)]
struct Xorshift32(u32);

impl Xorshift32 {
    /// Near seeds would begin with near numbers, and zero would stay zero: both are mixed away (Murmur's finaliser).
    const fn new(seed: u32) -> Self {
        let mut state = seed ^ 0x9e37_79b9;
        state = (state ^ (state >> 16)).wrapping_mul(0x85eb_ca6b);
        state = (state ^ (state >> 13)).wrapping_mul(0xc2b2_ae35);
        state ^= state >> 16;
        Self(if state == 0 { 1 } else { state })
    }

    const fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    /// A number in `0..end`. The remainder favours small ones by less than `end` in 2³², which no link shows.
    const fn below(&mut self, end: u32) -> u32 {
        self.next() % end
    }

    /// Exponentially distributed with mean 1, in units of 2⁻¹⁶.
    ///
    /// By von Neumann's method, which only compares: a logarithm would have other last bits in another language. The length of
    /// a falling run of draws decides whether its first one is taken as the fraction, and the failed runs count the whole part.
    fn exponential(&mut self) -> u32 {
        for whole in 0..JITTER_MEANS_MAX {
            let first = self.next();
            let (mut last, mut run) = (first, 1);
            loop {
                let drawn = self.next();
                if drawn >= last {
                    break;
                }
                (last, run) = (drawn, run + 1);
            }
            if run % 2 == 1 {
                return whole * ONE + (first >> 16);
            }
        }
        JITTER_MEANS_MAX * ONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEADY: Conditions = Conditions {
        latency_us: 10_000,
        jitter_us: 0,
        loss_ppm: 0,
        stall_us: 0,
        bytes_per_s: 0,
        queue_bytes: 1000,
    };

    #[test]
    fn a_steady_way_takes_its_latency() {
        let mut link = Link::new(STEADY, 1);
        assert_eq!(link.deliver_at(5, 100), 10_005);
        assert_eq!(link.deliver_at(5, 1_000_000), 10_005);
        assert!(link.is_writable(5));
    }

    #[test]
    fn arrivals_keep_the_order_and_none_comes_early() {
        for preset in Preset::ALL {
            let mut link = Link::new(preset.conditions(), 7);
            let mut last = 0;
            for now_us in (0..60_000_000).step_by(33_333) {
                let arrival = link.deliver_at(now_us, 60);
                assert!(arrival >= last && arrival >= now_us + u64::from(preset.conditions().latency_us));
                last = arrival;
            }
        }
    }

    #[test]
    fn jitter_is_exponential() {
        let mut random = Xorshift32::new(3);
        let draws: Vec<f64> = (0..100_000)
            .map(|_| f64::from(random.exponential()) / f64::from(ONE))
            .collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        assert!((mean - 1.0).abs() < 0.02, "{mean}");
        for (beyond, expected) in [(0.5, 0.6065), (1.0, 0.3679), (2.0, 0.1353), (4.0, 0.0183)] {
            let share = draws.iter().filter(|&&draw| draw > beyond).count() as f64 / draws.len() as f64;
            assert!((share - expected).abs() < 0.006, "{share} beyond {beyond}");
        }
    }

    #[test]
    fn a_lost_segment_holds_up_what_is_behind_it() {
        let lossy = Conditions {
            loss_ppm: 20_000,
            stall_us: 160_000,
            ..STEADY
        };
        let mut link = Link::new(lossy, 5);
        let mut held = 0;
        let mut stalled_until = 0;
        for now_us in (0..100_000_000).step_by(10_000) {
            let arrival = link.deliver_at(now_us, 60);
            if arrival == now_us + 170_000 {
                stalled_until = arrival;
            } else if now_us + 10_000 < stalled_until {
                held += 1;
                assert_eq!(arrival, stalled_until, "at {now_us}");
            } else {
                assert_eq!(arrival, now_us + 10_000);
            }
        }
        assert!(held > 1000, "{held}");
    }

    #[test]
    fn long_messages_lose_a_segment_more_often() {
        let lossy = Conditions {
            loss_ppm: 10_000,
            stall_us: 1_000_000,
            ..STEADY
        };
        let stalls = |bytes| {
            let mut link = Link::new(lossy, 11);
            (0..2000)
                .filter(|&round| {
                    let now_us = round * 10_000_000;
                    link.deliver_at(now_us, bytes) > now_us + 10_000
                })
                .count()
        };
        assert!((10..30).contains(&stalls(60)), "{}", stalls(60));
        assert!(stalls(14_480) > 120, "{}", stalls(14_480));
    }

    #[test]
    fn a_narrow_way_makes_messages_wait_and_its_sender_sees_it() {
        let narrow = Conditions {
            bytes_per_s: 1000,
            ..STEADY
        };
        let mut link = Link::new(narrow, 1);
        assert_eq!(link.deliver_at(0, 100), 110_000);
        assert_eq!(link.deliver_at(0, 400), 510_000);
        assert!(link.is_writable(0));
        link.deliver_at(0, 501);
        assert!(!link.is_writable(0));
        assert!(link.is_writable(1000));
        assert_eq!(link.deliver_at(2_000_000, 100), 2_110_000);
    }

    #[test]
    fn a_seed_decides_everything() {
        let arrivals = |seed| -> Vec<u64> {
            let mut link = Link::new(Preset::Train.conditions(), seed);
            (0..100)
                .map(|round| link.deliver_at(round * 33_333, 60))
                .collect()
        };
        assert_eq!(arrivals(0), arrivals(0));
        assert_ne!(arrivals(0), arrivals(1));
    }

    #[test]
    fn names_are_read_back_and_others_refused_with_the_list() {
        for preset in Preset::ALL {
            assert_eq!(preset.name().parse(), Ok(preset));
        }
        let refused = "5g".parse::<Preset>().expect_err("there is none");
        assert_eq!(
            refused,
            "there is no link '5g'; there are fibre, wifi, 4g, lossy, train"
        );
    }
}
