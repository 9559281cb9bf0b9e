import AxeBuilder from '@axe-core/playwright';
import { test as base, expect } from '@playwright/test';

/** An address or folder of the running stack. */
export function stack(name: 'URL' | 'SIM_URL' | 'DATABASE_URL' | 'OUTBOX' | 'CONFIG' | 'FEALTYCTL' | 'DIR'): string {
  const value = process.env[`FEALTY_E2E_${name}`];
  if (!value) throw new Error(`FEALTY_E2E_${name} is not set: the stack was not started`);
  return value;
}

type Fixtures = {
  /** Runs by itself: a test in whose pages anything threw, a panic of the SPA included, has failed. */
  noPageErrors: void;
  /** Fails when the page, as it is now, has accessibility problems that axe can find. */
  expectAccessible: () => Promise<void>;
};

/** Every test file imports `test` and `expect` from here instead of from `@playwright/test`. */
export const test = base.extend<Fixtures>({
  noPageErrors: [
    async ({ context }, use) => {
      const problems: string[] = [];
      context.on('weberror', (event) => {
        const error = event.error();
        problems.push(error.stack ?? error.message);
      });
      await use();
      expect(problems, 'errors thrown in the page').toEqual([]);
    },
    { auto: true },
  ],
  expectAccessible: async ({ page }, use) => {
    await use(async () => {
      const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']).analyze();
      const readable = violations.map((found) => `${found.id}: ${found.help}\n  ${found.nodes.map((node) => node.target.join(' ')).join('\n  ')}`);
      expect(readable, 'accessibility problems').toEqual([]);
    });
  },
});

export { expect };
