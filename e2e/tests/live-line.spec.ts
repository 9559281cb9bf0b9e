import { expect, test } from '../fixtures';
import { loginAsSuperuser, newPerson } from './support/api';
import { addMembers, newGroup } from './support/groups';
import { expectDashboard, openOwn } from './support/pages';

test('where no WebSocket gets through, a small sign says so and the pages work', async ({ page, context, mayLog }) => {
  // The browser's own words about each try; anything beside them fails the test.
  mayLog(/Error during WebSocket handshake/);
  let tries = 0;
  page.on('console', (message) => {
    if (message.text().includes('WebSocket handshake')) tries += 1;
  });
  await page.addInitScript(() => {
    // An address of the site that answers, but not as a WebSocket does: what a proxy that does not know them makes of it.
    const Original = window.WebSocket;
    window.WebSocket = class extends Original {
      constructor(address: string | URL, protocols?: string | string[]) {
        super(new URL('/health/live', address), protocols);
      }
    };
  });
  await newPerson(context.request);
  await page.goto('/');
  await expectDashboard(page, 'Member');
  await expect(page.getByText('Reconnecting')).toBeVisible();
  await openOwn(page, 'Settings');
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
  await expect.poll(() => tries, { message: 'it goes on trying' }).toBeGreaterThan(2);
  const before = tries;
  await page.waitForTimeout(3_000);
  expect(tries - before, 'and takes its time').toBeLessThan(3);
});

test('what happened before the line first got through is seen as soon as it does', async ({ page, context, anotherBrowser, mayLog }) => {
  mayLog(/Error during WebSocket handshake/);
  await page.addInitScript(() => {
    const Original = window.WebSocket;
    window.WebSocket = class extends Original {
      constructor(address: string | URL, protocols?: string | string[]) {
        super('lineMayOpen' in window ? address : new URL('/health/live', address), protocols);
      }
    };
  });
  const admin = (await anotherBrowser()).request;
  await loginAsSuperuser(admin);
  const group = await newGroup(admin, 'Unheard');
  const person = await newPerson(context.request);
  await page.goto('/');
  await expectDashboard(page, 'Member');
  const groups = page.getByRole('region', { name: 'Your groups' });
  await addMembers(admin, group, [person.userId]);
  await expect(page.getByText('Reconnecting')).toBeVisible();
  await expect(groups).not.toContainText(group.name);
  await page.evaluate(() => Object.assign(window, { lineMayOpen: true }));
  await expect(groups).toContainText(group.name, { timeout: 20_000 });
});
