import { defineConfig } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// The browser is the system's: none is downloaded, and the same one is used everywhere.
const findChromium = fileURLToPath(new URL('../scripts/find-chromium.sh', import.meta.url));
process.env.CHROMIUM ||= execFileSync('sh', [findChromium], { encoding: 'utf8' }).trim();

export default defineConfig({
  testDir: './tests',
  outputDir: './test-results',
  // Starts an isolated Fealty and puts its addresses into the environment: see there.
  globalSetup: './stack.ts',
  // All tests share one simulated world, and what one does there another would see.
  workers: 1,
  forbidOnly: !!process.env.CI,
  // A test that passes at the second try has found something: it is not tried again.
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['html', { open: 'never', outputFolder: 'playwright-report' }]],
  use: {
    baseURL: process.env.FEALTY_E2E_URL,
    // Pictures of every moment cost more than the tests themselves.
    trace: { mode: 'retain-on-failure', screenshots: false },
    screenshot: 'only-on-failure',
    locale: 'en-GB',
    timezoneId: 'UTC',
    actionTimeout: 15_000,
    launchOptions: {
      executablePath: process.env.CHROMIUM,
      args: [
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--disable-dev-shm-usage',
      ],
    },
  },
});
