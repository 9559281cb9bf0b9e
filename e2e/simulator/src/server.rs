//! Starts and stops a simulator.

use std::{
    io,
    net::TcpListener,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use poem::{EndpointExt, Route, Server, listener::TcpAcceptor};
use tokio::sync::oneshot;

use crate::{admin, core::Core, gateway::Gateway, handle::Handle, log::Upstream, options::Options, persist};

/// Connections get this long to finish when the simulator stops.
const GRACE: Duration = Duration::from_millis(300);

/// A running simulator; it stops when this is dropped.
///
/// It runs on its own threads, so it serves blocking code and any number of test runtimes alike.
#[derive(Debug)]
pub struct Simulator {
    handle: Handle,
    url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Starts one. It accepts connections when this returns.
    pub fn start(options: Options) -> Result<Self, io::Error> {
        let listener = TcpListener::bind(options.listen)?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let state = options.state.clone().filter(|_| options.big_world.is_none());
        let core = Arc::new(Core::new(options));
        if let Some(path) = &state {
            persist::load(&core, path)?;
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("simulator")
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let handle = Handle { core };
        let served = handle.clone();
        let thread = thread::Builder::new().name("simulator".into()).spawn(move || {
            if let Err(error) = runtime.block_on(serve(listener, &served, stopped, state)) {
                tracing::error!(%error, "the simulator stopped");
            }
            // Otherwise it would wait for handlers that play dead.
            runtime.shutdown_background();
        })?;
        Ok(Self { handle, url, stop: Some(stop), thread: Some(thread) })
    }

    /// Base URL, without a trailing slash.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The handle for tests.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // Already gone if the server failed; then there is nothing to stop.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn serve(
    listener: TcpListener,
    handle: &Handle,
    stopped: oneshot::Receiver<()>,
    state: Option<std::path::PathBuf>,
) -> io::Result<()> {
    let upstream = |upstream| Gateway { upstream, core: Arc::clone(&handle.core) };
    let app = Route::new()
        .nest("/sso", upstream(Upstream::Sso))
        .nest("/esi", upstream(Upstream::Esi))
        .nest("/images", upstream(Upstream::Images))
        .nest("/discord", upstream(Upstream::Discord))
        .nest("/_sim", admin::api(handle))
        .at("/", poem::get(admin::page))
        .map_to_response();
    let saver = state.map(|path| tokio::spawn(persist::keep_saving(Arc::clone(&handle.core), path)));
    let signal = async move {
        // An error means the simulator was leaked and will never be dropped; then it keeps serving.
        if stopped.await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let acceptor = TcpAcceptor::from_std(listener)?;
    let served =
        Server::new_with_acceptor(acceptor).run_with_graceful_shutdown(app, signal, Some(GRACE)).await;
    if let Some(saver) = saver {
        saver.abort();
        persist::save_now(&handle.core)?;
    }
    served
}
