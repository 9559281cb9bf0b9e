//! What a running server hears of the database's commits.

use fealty_api::http;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::World;

/// The program's LISTEN, as long as a test wants it.
pub struct Line {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Line {
    /// Begins to listen.
    pub fn open(world: &World) -> Self {
        let stop = CancellationToken::new();
        let task = tokio::spawn(http::listen(world.app.clone(), world.hub.clone(), stop.clone()));
        Self { stop, task }
    }

    /// Ends it.
    pub async fn close(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}
