//! What bots are called.

/// Names of bots; the later ones are numbered.
const NAMES: [&str; 12] = [
    "Bumper", "Caroms", "Deflect", "Echo", "Flicker", "Glance", "Kicker", "Pinball", "Rebound", "Skipper",
    "Vector", "Zigzag",
];

/// Name of the bot with this index, at most 24 characters.
pub fn name(index: usize) -> String {
    let name = NAMES[index % NAMES.len()];
    match index / NAMES.len() {
        0 => name.to_owned(),
        round => format!("{name} {}", round + 1),
    }
}

#[cfg(test)]
mod tests {
    use shared::name::PlayerName;

    use super::*;

    #[test]
    fn names_differ_and_are_names() {
        let names: std::collections::BTreeSet<String> = (0..128).map(name).collect();
        assert_eq!(names.len(), 128);
        assert!(names.iter().all(|name| PlayerName::parse(name).is_ok()));
    }
}
