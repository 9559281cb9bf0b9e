import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../scripts/e2e-stack.sh', import.meta.url));

/**
 * Starts the isolated stack before the first test and returns what stops it after the last.
 *
 * Tests find it through these variables (`scripts/e2e-stack.sh` prints them):
 * `FEALTY_E2E_URL` the site, `FEALTY_E2E_SIM_URL` the simulator, `FEALTY_E2E_DATABASE_URL` its database,
 * `FEALTY_E2E_OUTBOX` the folder of mails, `FEALTY_E2E_CONFIG` its settings, `FEALTY_E2E_FEALTYCTL` the operator's
 * tool, `FEALTY_E2E_DIR` everything, `log/` among it. With `FEALTY_E2E_URL` already set, that stack is used and
 * neither started nor stopped.
 */
export default function start(): (() => void) | undefined {
  if (process.env.FEALTY_E2E_URL) return undefined;
  const lines = execFileSync('sh', [script, 'start'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  for (const line of lines.split('\n')) {
    const cut = line.indexOf('=');
    if (cut > 0) process.env[line.slice(0, cut)] = line.slice(cut + 1);
  }
  return () => {
    execFileSync('sh', [script, 'stop', process.env.FEALTY_E2E_DIR!], { stdio: ['ignore', 'ignore', 'inherit'] });
  };
}
