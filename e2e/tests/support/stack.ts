import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** An address or folder of the running stack. */
export function stack(name: 'URL' | 'SIM_URL' | 'DATABASE_URL' | 'OUTBOX' | 'CONFIG' | 'FEALTYCTL' | 'DIR'): string {
  const value = process.env[`FEALTY_E2E_${name}`];
  if (!value) throw new Error(`FEALTY_E2E_${name} is not set: the stack was not started`);
  return value;
}

/** Runs the operator's tool and returns what it printed. */
export function fealtyctl(args: string[], input = ''): string {
  // Settings of a developer's own server must not steer this one.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'DATABASE_URL' && !/^FEALTY_.*__/.test(name)));
  return execFileSync(stack('FEALTYCTL'), ['--config', stack('CONFIG'), ...args], { encoding: 'utf8', input, env, stdio: 'pipe' }).trim();
}

/** Asks EVE now where everybody flies, as the schedule does. */
export function syncAffiliations(): void {
  fealtyctl(['sync', 'affiliations']);
}

let psql: string | undefined;

/** For what only time would bring about, such as an expired link. */
export function sql(statement: string): string {
  psql ??= `${execFileSync('sh', [fileURLToPath(new URL('../../../scripts/pg.sh', import.meta.url)), 'bin'], { encoding: 'utf8' }).trim()}/psql`;
  return execFileSync(psql, ['-X', '-q', '-t', '-A', '-v', 'ON_ERROR_STOP=1', '-d', stack('DATABASE_URL'), '-c', statement], { encoding: 'utf8' }).trim();
}
