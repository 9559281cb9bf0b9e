//! Generated pilots: a bijection between index, id and name.
//!
//! Both directions are arithmetic, so 300,000 names cost no memory and a name can be resolved to its id without an index.

use std::collections::HashMap;

const FIRST_HEAD: [&str; 40] = [
    "Aka", "Ani", "Bel", "Bri", "Cae", "Cor", "Dae", "Dra", "Eir", "Ela", "Fen", "Fio", "Gal", "Gri", "Hal",
    "Hel", "Ise", "Iva", "Jal", "Jor", "Kae", "Kal", "Lor", "Lys", "Mar", "Mir", "Nae", "Nor", "Ora", "Osh",
    "Per", "Qua", "Ren", "Rho", "Sav", "Ser", "Tal", "Tev", "Vas", "Yel",
];
const FIRST_TAIL: [&str; 40] = [
    "an", "anna", "ara", "ard", "aris", "ath", "dan", "dara", "dis", "don", "dric", "el", "ella", "en",
    "eth", "gar", "ia", "ik", "ina", "ion", "ira", "is", "ka", "lan", "lia", "lin", "mar", "mund", "na",
    "nor", "on", "ra", "ric", "ris", "rok", "ssa", "tan", "tor", "us", "vin",
];
const LAST_HEAD: [&str; 40] = [
    "Ahn", "Ard", "Bas", "Bor", "Cal", "Cren", "Dar", "Drav", "Ekk", "Esk", "Far", "Ful", "Gar", "Gorn",
    "Hak", "Hesk", "Ish", "Jar", "Kor", "Krus", "Lant", "Lor", "Mal", "Mord", "Nav", "Nyr", "Okk", "Orv",
    "Pal", "Pyr", "Rav", "Rusk", "Sar", "Soun", "Tak", "Thal", "Ulv", "Var", "Vesh", "Zar",
];
const LAST_TAIL: [&str; 40] = [
    "aine", "akkuri", "ald", "amon", "anen", "ara", "arin", "askar", "atov", "ava", "ek", "ela", "enko",
    "entis", "erin", "esh", "etti", "evan", "ier", "ikainen", "ila", "imar", "inen", "ior", "iros", "iskaya",
    "ito", "okai", "olas", "omir", "onen", "orai", "osh", "oten", "ovar", "ulen", "umi", "ureau", "ushi",
    "yen",
];

/// How many different names there are.
const COUNT: u64 = 40 * 40 * 40 * 40;

/// The generator for one seed.
#[derive(Clone)]
pub(crate) struct Names {
    multiplier: u64,
    inverse: u64,
    offset: u64,
    first: HashMap<String, u64>,
    last: HashMap<String, u64>,
}

impl Names {
    pub(crate) fn new(seed: u64) -> Self {
        // Any number coprime to 40 permutes the names; neighbours in the index then look unrelated.
        let multiplier = 1_618_033 + 40 * (seed % 1_000);
        Self {
            multiplier,
            inverse: invert(multiplier),
            offset: mix(seed) % COUNT,
            first: (0..1_600).map(|part| (first(part).to_lowercase(), part)).collect(),
            last: (0..1_600).map(|part| (last(part).to_lowercase(), part)).collect(),
        }
    }

    /// Name of the pilot with this index.
    pub(crate) fn name(&self, index: u64) -> String {
        let n = (index % COUNT * self.multiplier + self.offset) % COUNT;
        format!("{} {}", first(n % 1_600), last(n / 1_600))
    }

    /// Index of the pilot with this name (ignoring case).
    pub(crate) fn index(&self, name: &str) -> Option<u64> {
        let name = name.to_lowercase();
        let (head, tail) = name.split_once(' ')?;
        let n = self.last.get(tail)? * 1_600 + self.first.get(head)?;
        Some((n + COUNT - self.offset) % COUNT * self.inverse % COUNT)
    }
}

fn first(part: u64) -> String {
    format!("{}{}", FIRST_HEAD[(part % 40) as usize], FIRST_TAIL[(part / 40 % 40) as usize])
}

fn last(part: u64) -> String {
    format!("{}{}", LAST_HEAD[(part % 40) as usize], LAST_TAIL[(part / 40 % 40) as usize])
}

/// Computing the inverse modulo [`COUNT`] by Newton's iteration on the powers of two and five would run faster, but
/// the extended Euclidean algorithm is shorter to read.
fn invert(value: u64) -> u64 {
    let (mut r, mut next_r) = (COUNT as i64, (value % COUNT) as i64);
    let (mut t, mut next_t) = (0_i64, 1_i64);
    while next_r != 0 {
        let q = r / next_r;
        (r, next_r) = (next_r, r - q * next_r);
        (t, next_t) = (next_t, t - q * next_t);
    }
    t.rem_euclid(COUNT as i64) as u64
}

/// A well-spread number from any other (splitmix64).
pub(crate) fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_a_bijection() {
        for seed in [0, 1, 42, 999_999] {
            let names = Names::new(seed);
            for index in [0, 1, 2, 77, 299_999, 1_999_999] {
                assert_eq!(names.index(&names.name(index)), Some(index));
                assert_eq!(names.index(&names.name(index).to_uppercase()), Some(index));
            }
        }
        assert_eq!(Names::new(1).index("Nobody Atall"), None);
    }

    #[test]
    fn name_parts_are_unambiguous() {
        let names = Names::new(1);
        assert_eq!((names.first.len(), names.last.len()), (1_600, 1_600));
    }
}
