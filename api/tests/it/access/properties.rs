//! Random worlds, random changes: after each the database says what the model says; a preview says what then happens;
//! history, replayed, gives the present.

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use super::{both::Both, steps::step};
use crate::support::World;

/// Worlds for each seed, of 100 random changes each; the default makes 2,000 changes, `FEALTY_PROPERTY_WORLDS` asks for more.
#[expect(clippy::disallowed_methods, reason = "a switch for whoever runs the test")]
fn worlds() -> u32 {
    std::env::var("FEALTY_PROPERTY_WORLDS").ok().and_then(|n| n.parse().ok()).unwrap_or(5)
}

async fn the_engine_agrees_with_the_model(seed: u8) {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    for _ in 0..worlds() {
        let world = World::empty("").await;
        let mut both = Both::new(&world).await;
        for _ in 0..100 {
            let step = step().new_tree(&mut runner).unwrap().current();
            both.take(&step).await;
        }
    }
}

/// The same for several seeds: they run side by side.
macro_rules! seeds {
    ($($name:ident = $seed:literal;)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            the_engine_agrees_with_the_model($seed).await;
        }
    )*};
}

seeds! {
    the_engine_agrees_with_the_model_1 = 1;
    the_engine_agrees_with_the_model_2 = 2;
    the_engine_agrees_with_the_model_3 = 3;
    the_engine_agrees_with_the_model_4 = 4;
}
