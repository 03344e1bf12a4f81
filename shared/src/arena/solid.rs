//! Which points of a map are solid, found without asking every wall: the map is divided into squares, and each knows the walls that
//! reach into it. The same answer as `projectile::is_solid`, which is the rule; a match asks hundreds of times a tick.

use super::map::{Map, Wall};
use crate::limits::WALLS_MAX;

/// Side of a square, units: most have no wall, and few more than one.
const SQUARE: u16 = 64;

/// Walls as bits of a number, by their index.
type Walls = u128;

const _: () = assert!(WALLS_MAX <= Walls::BITS as usize);

/// The walls of one map by place.
#[derive(Clone, Debug)]
pub struct Solid {
    width: f32,
    height: f32,
    columns: usize,
    /// By row, then column.
    squares: Vec<Walls>,
    walls: Vec<Wall>,
}

impl Solid {
    /// Of a map that keeps its bounds.
    pub fn new(map: &Map) -> Self {
        let columns = usize::from(map.width / SQUARE) + 1;
        let rows = usize::from(map.height / SQUARE) + 1;
        let mut squares = vec![0; columns * rows];
        for (index, wall) in map.walls.iter().enumerate() {
            // The far edge belongs to the wall.
            for row in wall.y / SQUARE..=(wall.y + wall.height) / SQUARE {
                for column in wall.x / SQUARE..=(wall.x + wall.width) / SQUARE {
                    squares[usize::from(row) * columns + usize::from(column)] |= 1 << index;
                }
            }
        }
        Self {
            width: f32::from(map.width),
            height: f32::from(map.height),
            columns,
            squares,
            walls: map.walls.clone(),
        }
    }

    /// True in a wall and outside the map.
    pub fn contains(&self, x: f32, y: f32) -> bool {
        if x < 0.0 || y < 0.0 || x > self.width || y > self.height {
            return true;
        }
        let (column, row) = (x as usize / usize::from(SQUARE), y as usize / usize::from(SQUARE));
        let mut near = self.squares[row * self.columns + column];
        while near != 0 {
            let index = near.trailing_zeros() as usize;
            if self.walls[index].contains(x, y) {
                return true;
            }
            near &= near - 1;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arena::projectile::is_solid;

    fn check(walls: &[(u16, u16, u16, u16)]) {
        let map = Map {
            name: "test".into(),
            width: 500,
            height: 320,
            walls: walls
                .iter()
                .map(|&(x, y, width, height)| Wall { x, y, width, height })
                .collect(),
            ..Map::default()
        };
        let solid = Solid::new(&map);
        for step_x in -8..=1010_i16 {
            for step_y in -8..=650_i16 {
                let (x, y) = (f32::from(step_x) / 2.0, f32::from(step_y) / 2.0);
                assert_eq!(solid.contains(x, y), is_solid(&map, x, y), "{x} {y} {walls:?}");
            }
        }
    }

    #[test]
    fn it_says_what_the_rule_says_of_every_point() {
        check(&[]);
        check(&[(0, 0, 1, 1), (499, 319, 1, 1)]);
        check(&[
            (64, 64, 64, 64),
            (128, 128, 192, 1),
            (300, 0, 20, 320),
            (0, 200, 500, 30),
        ]);
        check(&[(10, 10, 480, 300), (20, 20, 40, 40)]);
    }
}
