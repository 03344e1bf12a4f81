//! A map as a text file, so that whoever can draw on squared paper can make one.
//!
//! ```text
//! # What is behind a number sign is for people.
//! name Crossroads
//! size 1920 1440          width and height, units; before everything that stands on it
//! mirror both             none, x, y, both, or turn (by half a turn); before what is mirrored
//! wall 160 160 240 40     left, top, width, height
//! med 280 280             and shield, overcharge: the middle
//! home 0 0 440 1440       where the blue team appears; its image is that of the orange one
//! ```
//!
//! Everything is written once and appears with its images, those once that are their own. What is refused names its line and
//! what to do about it; what is found of the whole (everybody can appear, and walk everywhere) names the line where there is one.

use std::sync::Arc;

use shared::arena::map::{Map, Wall};
use shared::arena::movement::RADIUS;
use shared::arena::pickup::{Pickup, PickupKind};
use shared::limits::{MAP_NAME_BYTES_MAX, PICKUPS_MAX, WALLS_MAX};
use shared::name::PlayerName;
use shared::quantize::{POSITION_MAX, position_from_grid};

use crate::bot::nav::Region;
use crate::floor::Floor;
use crate::map::is_free;
use crate::mirror::Mirror;
use crate::spot::{Spot, free_spots};

/// The least a floor may measure, units: two players who see each other.
const SIZE_MIN: u16 = 320;

/// Places to appear that a map and each home have at least.
const SPOTS_MIN: usize = 8;

/// Characters of a word that are shown again when it is refused.
const SHOWN_CHARS_MAX: usize = 24;

/// What is wrong with a map file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Counted from 1; none when it is the whole.
    pub line: Option<usize>,
    /// What, and what to do about it.
    pub what: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

impl std::error::Error for Fault {}

/// Reads a map and checks the whole of it.
pub fn parse(text: &str) -> Result<Arc<Floor>, Fault> {
    let mut draft = Draft::default();
    // Some editors put this mark before the first letter.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (index, line) in text.lines().enumerate() {
        draft.line = index + 1;
        let line = line.split('#').next().unwrap_or_default().trim();
        if !line.is_empty() {
            draft.read(line).map_err(|what| Fault {
                line: Some(draft.line),
                what,
            })?;
        }
    }
    draft.finish()
}

/// What was read so far.
#[derive(Default)]
struct Draft {
    map: Map,
    mirror: Mirror,
    /// That of what is read, counted from 1.
    line: usize,
    /// That of the home.
    home_line: Option<usize>,
    /// That of each pickup.
    pickup_lines: Vec<usize>,
}

impl Draft {
    fn read(&mut self, line: &str) -> Result<(), String> {
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        match word {
            "name" => self.name(rest),
            "size" => self.size(rest),
            "mirror" => {
                self.mirror = Mirror::parse(rest)
                    .ok_or_else(|| format!("{} is no mirror: write none, x, y, both or turn", shown(rest)))?;
                Ok(())
            }
            "wall" => self.wall(rest),
            "home" => self.home(rest),
            _ => match PickupKind::ALL.into_iter().find(|kind| kind.name() == word) {
                Some(kind) => self.pickup(kind, rest),
                None => Err(format!(
                    "{} means nothing here: write name, size, mirror, wall, home, med, shield or overcharge",
                    shown(word)
                )),
            },
        }
    }

    /// As in a list of matches, where it is shown among the names of players.
    fn name(&mut self, name: &str) -> Result<(), String> {
        if !self.map.name.is_empty() {
            return Err("the map has a name already: leave one of the two out".into());
        }
        let name = PlayerName::parse(name).map_err(|error| format!("{error}: choose another"))?;
        if name.as_str().len() > MAP_NAME_BYTES_MAX {
            return Err(format!(
                "the name takes more than {MAP_NAME_BYTES_MAX} bytes: choose a shorter one"
            ));
        }
        name.as_str().clone_into(&mut self.map.name);
        Ok(())
    }

    fn size(&mut self, rest: &str) -> Result<(), String> {
        if self.map.width > 0 {
            return Err("the floor has a size already: leave one of the two out".into());
        }
        let [width, height] = numbers(rest, "size WIDTH HEIGHT")?;
        let most = POSITION_MAX as u16;
        if ![width, height]
            .iter()
            .all(|side| (SIZE_MIN..=most).contains(side))
        {
            return Err(format!("both sides of the floor are from {SIZE_MIN} to {most}"));
        }
        (self.map.width, self.map.height) = (width, height);
        Ok(())
    }

    fn has_size(&self) -> Result<(), String> {
        if self.map.width == 0 {
            return Err("the size of the floor comes first: write a line 'size 1920 1440' above".into());
        }
        Ok(())
    }

    fn boxed(&self, rest: &str, form: &str) -> Result<Wall, String> {
        self.has_size()?;
        let [x, y, width, height] = numbers(rest, form)?;
        let ends = (u32::from(x) + u32::from(width), u32::from(y) + u32::from(height));
        if width == 0 || height == 0 {
            return Err("it has no extent: width and height are at least 1".into());
        }
        if ends.0 > self.map.width.into() || ends.1 > self.map.height.into() {
            return Err(format!(
                "it ends at {} {}, outside of the floor of {} {}: move it or make it smaller",
                ends.0, ends.1, self.map.width, self.map.height
            ));
        }
        Ok(Wall { x, y, width, height })
    }

    fn images_of(&self, wall: Wall) -> Vec<Wall> {
        let images = self.mirror.images(wall, self.map.width, self.map.height);
        images.collect()
    }

    fn wall(&mut self, rest: &str) -> Result<(), String> {
        let wall = self.boxed(rest, "wall LEFT TOP WIDTH HEIGHT")?;
        for image in self.images_of(wall) {
            if !self.map.walls.contains(&image) {
                self.map.walls.push(image);
            }
        }
        if self.map.walls.len() > WALLS_MAX {
            return Err(format!(
                "with its images this makes more than {WALLS_MAX} walls: join some"
            ));
        }
        Ok(())
    }

    fn home(&mut self, rest: &str) -> Result<(), String> {
        let home = self.boxed(rest, "home LEFT TOP WIDTH HEIGHT")?;
        if self.map.homes.is_some() {
            return Err("there is a home already: one line is enough for both teams".into());
        }
        let Some(other) = self
            .images_of(home)
            .get(1)
            .copied()
            .filter(|other| *other != home)
        else {
            return Err(
                "the home of the other team is its image: write a line 'mirror x', y, both or turn above"
                    .into(),
            );
        };
        self.map.homes = Some([home, other]);
        self.home_line = Some(self.line);
        Ok(())
    }

    fn pickup(&mut self, kind: PickupKind, rest: &str) -> Result<(), String> {
        self.has_size()?;
        let [x, y] = numbers(rest, &format!("{} X Y", kind.name()))?;
        if x > self.map.width || y > self.map.height {
            return Err(format!(
                "it lies outside of the floor of {} {}: move it",
                self.map.width, self.map.height
            ));
        }
        let point = Wall {
            x,
            y,
            width: 0,
            height: 0,
        };
        for Wall { x, y, .. } in self.images_of(point) {
            let pickup = Pickup { kind, x, y };
            if !self.map.pickups.contains(&pickup) {
                self.map.pickups.push(pickup);
                self.pickup_lines.push(self.line);
            }
        }
        if self.map.pickups.len() > PICKUPS_MAX {
            return Err(format!(
                "with its images this makes more than {PICKUPS_MAX} pickups: leave some out"
            ));
        }
        Ok(())
    }

    /// Everybody can appear, and walk to everybody else and to what lies on the floor.
    fn finish(self) -> Result<Arc<Floor>, Fault> {
        let whole = |what| Fault { line: None, what };
        if self.map.name.is_empty() {
            return Err(whole(
                "the map has no name: write a line 'name Crossroads'".into(),
            ));
        }
        if self.map.width == 0 {
            return Err(whole("the map has no size: write a line 'size 1920 1440'".into()));
        }
        let count = free_spots(&self.map).len();
        let floor = Floor::of(self.map).filter(|_| count >= SPOTS_MIN);
        let floor = floor.ok_or_else(|| {
            whole(format!(
                "there are {count} places to appear and should be {SPOTS_MIN}: make the floor larger or leave out walls"
            ))
        })?;
        check_homes(&floor).map_err(|what| Fault {
            line: self.home_line,
            what,
        })?;
        let region = floor.nav.region(units(floor.spots[0]));
        check_ways(&floor, &region).map_err(whole)?;
        for (pickup, line) in floor.map().pickups.iter().zip(self.pickup_lines) {
            check_pickup(&floor, &region, pickup).map_err(|what| Fault {
                line: Some(line),
                what,
            })?;
        }
        Ok(floor)
    }
}

fn check_homes(floor: &Floor) -> Result<(), String> {
    for (home, spots) in floor.map().homes.iter().flatten().zip(&floor.homes) {
        let inside = |&&spot: &&Spot| {
            let (x, y) = units(spot);
            home.contains(x, y)
        };
        if spots.iter().filter(inside).count() < SPOTS_MIN {
            return Err(format!(
                "the home at {} {} has fewer than {SPOTS_MIN} places to appear: make it larger",
                home.x, home.y
            ));
        }
    }
    Ok(())
}

fn check_ways(floor: &Floor, region: &Region) -> Result<(), String> {
    let (from_x, from_y) = units(floor.spots[0]);
    let mut points = floor.spots.iter().map(|&spot| units(spot));
    match points.find(|&point| !floor.nav.is_walked_to(region, point)) {
        None => Ok(()),
        Some((x, y)) => Err(format!(
            "nobody can walk from {from_x} {from_y} to {x} {y}: leave a gap of 80 units between walls, or fill one of the two places"
        )),
    }
}

fn check_pickup(floor: &Floor, region: &Region, pickup: &Pickup) -> Result<(), String> {
    let (x, y) = (f32::from(pickup.x), f32::from(pickup.y));
    if is_free(floor.map(), x, y, RADIUS) && floor.nav.is_walked_to(region, (x, y)) {
        return Ok(());
    }
    Err(format!(
        "nobody can walk to the {} at {x} {y}: move it, it or its image is less than {RADIUS} units from a wall or shut in",
        pickup.kind.name()
    ))
}

fn units((x, y): Spot) -> (f32, f32) {
    (position_from_grid(x), position_from_grid(y))
}

fn numbers<const N: usize>(rest: &str, form: &str) -> Result<[u16; N], String> {
    let found: Result<Vec<u16>, _> = rest.split_whitespace().map(str::parse).collect();
    found
        .ok()
        .and_then(|found| found.try_into().ok())
        .ok_or_else(|| format!("write '{form}' with whole numbers from 0 to 65535"))
}

/// A word from a file in a message: not too long, and nothing in it that a terminal obeys.
fn shown(word: &str) -> String {
    let start: String = word.chars().take(SHOWN_CHARS_MAX).collect();
    let end = if start.len() < word.len() { "…" } else { "" };
    format!("'{}{end}'", start.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: &str = "name Test\nsize 800 600\n";

    fn check_refused(lines: &str, line: Option<usize>, part: &str) {
        let fault = parse(&format!("{START}{lines}")).unwrap_err();
        assert_eq!(fault.line, line, "{fault}");
        assert!(fault.to_string().contains(part), "{fault}");
    }

    #[test]
    fn a_thing_is_written_once_and_appears_with_its_images() {
        let map = parse(&format!(
            "{START}mirror both # and so on\n\nwall 100 80 40 60\nwall 380 290 40 20\nmed 200 300\nhome 0 0 300 600\n"
        ));
        let map = map.unwrap().map().clone();
        let wall = |x, y, width, height| Wall { x, y, width, height };
        let corners = [(100, 80), (660, 80), (100, 460), (660, 460)];
        let mut walls: Vec<Wall> = corners.map(|(x, y)| wall(x, y, 40, 60)).to_vec();
        walls.push(wall(380, 290, 40, 20));
        assert_eq!((map.walls, map.pickups.len()), (walls, 2));
        assert_eq!(map.homes, Some([wall(0, 0, 300, 600), wall(500, 0, 300, 600)]));
        let turned = parse(&format!("{START}mirror turn\nwall 100 80 40 60\n")).unwrap();
        assert_eq!(
            turned.map().walls,
            [wall(100, 80, 40, 60), wall(660, 460, 40, 60)]
        );
    }

    #[test]
    fn what_is_refused_says_where_and_what_to_do() {
        check_refused("tree 1 2", Some(3), "'tree' means nothing here");
        check_refused("wall 1 2 3", Some(3), "wall LEFT TOP WIDTH HEIGHT");
        check_refused("wall 1 2 3 x", Some(3), "whole numbers");
        check_refused(
            "\nwall 700 0 101 20",
            Some(4),
            "ends at 801 20, outside of the floor of 800 600",
        );
        check_refused("wall 700 0 0 20", Some(3), "no extent");
        check_refused("mirror diagonal", Some(3), "none, x, y, both or turn");
        check_refused("med 801 2", Some(3), "outside of the floor");
        check_refused("home 0 0 300 600", Some(3), "mirror x");
        check_refused("size 900 900", Some(3), "has a size already");
        check_refused("name Again", Some(3), "has a name already");
        let check = |text: &str, line, part: &str| {
            let fault = parse(text).unwrap_err();
            assert_eq!(fault.line, line, "{fault}");
            assert!(fault.what.contains(part), "{fault}");
        };
        check("size 90 90", Some(1), "from 320 to 2047");
        check("name", Some(1), "the name is empty");
        check(
            "name 0123456789012345678901234",
            Some(1),
            "more than 24 characters",
        );
        check("name 🌳🌳🌳🌳🌳🌳🌳🌳🌳", Some(1), "more than 32 bytes");
        check("name \u{202e}Test", Some(1), "cannot be shown");
        check("wall 1 2 3 4", Some(1), "size of the floor comes first");
        check("size 800 600", None, "no name");
        check("name Test", None, "no size");
        check("", None, "no name");
        check("\u{1b}[2J", Some(1), "'\\u{1b}[2J' means nothing");
        check(&"x".repeat(1000), Some(1), "'xxxxxxxxxxxxxxxxxxxxxxxx…' means");
    }

    #[test]
    fn the_map_that_the_readme_shows_can_be_played_on() {
        let readme = include_str!("../../../README.md");
        let start = readme.find("name Courtyard").expect("it shows one");
        let text = readme[start..].split("```").next().unwrap();
        assert_eq!(parse(text).unwrap().map().name, "Courtyard");
    }

    #[test]
    fn marks_and_line_ends_of_other_editors_are_read() {
        let text = "\u{feff}name Test\r\nsize\t800   600 \r\n\r\n";
        assert_eq!(parse(text).unwrap().map().name, "Test");
    }

    #[test]
    fn a_map_on_which_nobody_can_play_is_refused() {
        check_refused("wall 0 0 800 580", None, "places to appear");
        check_refused("wall 390 0 20 600", None, "nobody can walk from 40 40 to 520 40");
        check_refused(
            "wall 390 290 20 20\nmed 400 300",
            Some(4),
            "nobody can walk to the med",
        );
        // A closet that a player fits into, without a door, and with one that is too narrow and one that is not.
        let closet = "wall 360 260 80 4\nwall 360 260 4 80\nwall 436 260 4 80\n";
        for door in ["wall 360 336 80 4", "wall 360 336 46 4\nwall 437 336 3 4"] {
            let closed = format!("{closet}{door}\nmed 400 300");
            let line = 7 + door.lines().count() - 1;
            check_refused(&closed, Some(line), "nobody can walk to the med at 400 300");
        }
        let open = format!("{START}{closet}wall 360 336 36 4\nmed 400 300");
        assert_eq!(parse(&open).unwrap().map().pickups.len(), 1);
        // A room with a place to appear, whose corners are so full that no cell in it is free.
        let room = "wall 396 236 88 4\nwall 396 320 88 4\nwall 396 236 4 88\nwall 480 236 4 88\n";
        let corners = "wall 400 240 11 11\nwall 469 240 11 11\nwall 400 309 11 11\nwall 469 309 11 11";
        check_refused(
            &format!("{room}{corners}"),
            None,
            "nobody can walk from 40 40 to 440 280",
        );
        check_refused("mirror x\nhome 0 0 60 600", Some(4), "fewer than 8");
        let many: String = (0..129).map(|index| format!("wall {index} 0 1 1\n")).collect();
        check_refused(&many, Some(131), "more than 128 walls");
    }
}
