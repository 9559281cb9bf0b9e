// Runs before anything is drawn: puts the chosen theme on the page, so that nobody is blinded for a moment,
// and starts the app. A file of its own because the content security policy allows no inline script.
(() => {
  const root = document.documentElement;
  const { script, wasm } = document.currentScript.dataset;
  const sheets = Object.fromEntries(
    document.querySelector('meta[name="fealty-themes"]').content.split(' ').map((pair) => pair.split('=')),
  );
  const prefersDark = matchMedia('(prefers-color-scheme: dark)');
  const darkSheets = ['darkly', 'slate', 'superhero'];

  const wanted = () => {
    try {
      return root.dataset.wantedTheme || localStorage.getItem('fealty.theme') || 'auto';
    } catch {
      return root.dataset.wantedTheme || 'auto';
    }
  };

  const apply = () => {
    const theme = wanted();
    const own = !(theme in sheets);
    const dark = own ? theme === 'dark' || (theme !== 'light' && prefersDark.matches) : darkSheets.includes(theme);
    root.dataset.bsTheme = dark ? 'dark' : 'light';
    root.dataset.theme = own ? 'default' : theme;
    const link = document.getElementById('theme-css');
    const sheet = sheets[own ? 'default' : theme];
    if (link && sheet && link.getAttribute('href') !== sheet) {
      // The old sheet stays until the new one is there.
      const fresh = link.cloneNode();
      fresh.href = sheet;
      link.removeAttribute('id');
      fresh.addEventListener('load', () => link.remove());
      fresh.addEventListener('error', () => fresh.remove());
      link.after(fresh);
    }
  };

  apply();
  prefersDark.addEventListener('change', apply);
  document.addEventListener('fealty-theme', apply);

  // A load that is broken off because somebody goes elsewhere has not failed.
  let leaving = false;
  addEventListener('beforeunload', () => (leaving = true), { once: true });
  addEventListener('pagehide', () => (leaving = true), { once: true });

  import(script)
    .then((app) => app.default({ module_or_path: wasm }))
    .catch((problem) => {
      if (leaving) return;
      console.error(problem);
      const text = document.getElementById('splash-text');
      if (text) {
        text.className = '';
        text.textContent = 'The page could not start. Reload it; if that does not help, your browser may be too old.';
      }
    });
})();
