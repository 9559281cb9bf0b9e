import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type BrowserContext, type BrowserContextOptions, type Page } from '@playwright/test';

import { simulator } from './tests/support/simulator';

export { stack } from './tests/support/stack';

type Fixtures = {
  /**
   * Runs by itself: a test has failed in whose pages anything threw (a panic of the SPA included), anything was logged
   * as an error (what the content security policy refused included), or in which the server answered with a 5xx.
   */
  noPageErrors: Watch;
  /** Runs by itself: every test begins and ends with upstreams in order and rate limits unused. */
  healthyUpstreams: void;
  /** Lets a test provoke what would fail it: an error in the console whose text or address matches. */
  mayLog: (pattern: RegExp) => void;
  /** A further browser, watched like the test's own, closed at its end. */
  anotherBrowser: (options?: BrowserContextOptions) => Promise<BrowserContext>;
  /** Fails when the page, as it is now, has accessibility problems that axe can find. */
  expectAccessible: (page?: Page) => Promise<void>;
};

type Watch = { problems: string[]; allowed: RegExp[]; watch: (context: BrowserContext) => void };

function watchFor(problems: string[]): (context: BrowserContext) => void {
  return (context) => {
    context.on('weberror', (event) => {
      const error = event.error();
      problems.push(error.stack ?? error.message);
    });
    context.on('console', (message) => {
      if (message.type() !== 'error') return;
      // Whoever leaves a page before the next part of the program has arrived calls it off.
      if (message.text().includes('Response body loading was aborted')) return;
      problems.push(`console: ${message.text()} (${message.location().url})`);
    });
    context.on('response', (response) => {
      if (response.status() >= 500 && !response.url().startsWith(process.env.FEALTY_E2E_SIM_URL!)) {
        problems.push(`answer ${response.status()}: ${response.url()}`);
      }
    });
  };
}

/** Every test file imports `test` and `expect` from here instead of from `@playwright/test`. */
export const test = base.extend<Fixtures>({
  noPageErrors: [
    async ({ context }, use) => {
      const problems: string[] = [];
      const allowed: RegExp[] = [];
      const watch = watchFor(problems);
      watch(context);
      await use({ problems, allowed, watch });
      const left = problems.filter((problem) => !allowed.some((pattern) => pattern.test(problem)));
      expect(left, 'errors in the page').toEqual([]);
    },
    { auto: true },
  ],
  healthyUpstreams: [
    async ({}, use) => {
      await simulator.heal();
      await use();
      await simulator.heal();
    },
    { auto: true },
  ],
  mayLog: async ({ noPageErrors }, use) => {
    await use((pattern) => noPageErrors.allowed.push(pattern));
  },
  anotherBrowser: async ({ browser, noPageErrors }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (options) => {
      const context = await browser.newContext(options);
      noPageErrors.watch(context);
      opened.push(context);
      return context;
    });
    for (const context of opened) await context.close();
  },
  expectAccessible: async ({ page }, use) => {
    await use(async (other) => {
      const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
      const shown = other ?? page;
      // What fades in is judged when it is there; a spinner never ends.
      await shown.waitForFunction(() => document.getAnimations().every((animation) => animation.playState !== 'running' || animation.effect?.getComputedTiming().iterations === Infinity));
      // No page of ours has frames; the other mode opens a blank page for each run.
      const { violations } = await new AxeBuilder({ page: shown }).setLegacyMode(true).withTags(tags).analyze();
      const readable = violations.map((found) => `${found.id}: ${found.help}\n  ${found.nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary ?? ''}`).join('\n  ')}`);
      expect.soft(readable, `accessibility problems of ${shown.url()}`).toEqual([]);
    });
  },
});

export { expect };
