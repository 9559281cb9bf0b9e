import { type Page } from '@playwright/test';

import { expect, test } from '../fixtures';
import { addAlt, loginAsSuperuser, newPerson } from './support/api';
import { addMembers, join, newGroup } from './support/groups';
import { expectDashboard, menu, openOwn, standing, unread } from './support/pages';
import { takePictures } from './support/pictures';
import { CORPORATION } from './support/simulator';
import { sql } from './support/stack';

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true });
const palette = (page: Page) => page.getByRole('dialog', { name: 'Search', exact: true });

/** What the banner says, in place of the server's own answer. */
async function say(page: Page, conditions: object[]): Promise<void> {
  await page.route('**/graphql', async (route) => {
    const body = route.request().postDataJSON() as { operationName?: string; query: string };
    if (!body.query.includes('query Conditions')) return route.fallback();
    return route.fulfill({ json: { data: { site: { conditions } } } });
  });
}

const LATE = {
  kind: 'EVE_DATA_LATE', subject: null, level: 'WARNING', since: '2026-01-01T00:00:00Z', detail: null,
  sentence: 'Changes of corporation or alliance in EVE are not noticed at the moment.',
  remedy: 'You lose nothing in the meantime.',
};
const SILENT = {
  kind: 'WORKER_SILENT', subject: null, level: 'CRITICAL', since: null, detail: 'It said nothing.',
  sentence: 'No worker is running.', remedy: 'Start it.',
};

test('a notification leads to what it is about, from the toast, the bell and the page', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const admin = (await anotherBrowser()).request;
  await loginAsSuperuser(admin);
  const person = await newPerson(context.request);
  const groups = [await newGroup(admin, 'Scouts'), await newGroup(admin, 'Haulers'), await newGroup(admin, 'Miners')];
  const line = page.waitForEvent('websocket');
  await page.goto('/');
  await (await line).waitForEvent('framereceived');
  await expectDashboard(page, 'Member');
  const before = await unread(page);
  const toast = page.locator('.toasts').getByRole('link', { name: `You are now in ${groups[0].name}` });
  await addMembers(admin, groups[0], [person.userId]);
  await expect.poll(() => unread(page)).toBe(before + 1);
  await expect(toast).toBeVisible();
  await toast.click();
  await expect(page).toHaveURL(`/groups/${groups[0].id}`);
  await expect.poll(() => unread(page), { message: 'it is read' }).toBe(before);

  await addMembers(admin, groups[1], [person.userId]);
  await expect.poll(() => unread(page)).toBe(before + 1);
  await page.getByRole('button', { name: /^Notifications, / }).click();
  const panel = page.getByRole('region', { name: 'Notifications', exact: true });
  await expectAccessible();
  await panel.getByRole('link', { name: `You are now in ${groups[1].name}` }).click();
  await expect(page).toHaveURL(`/groups/${groups[1].id}`);
  await expect.poll(() => unread(page)).toBe(before);

  await addMembers(admin, groups[2], [person.userId]);
  await page.goto('/notifications');
  const main = page.getByRole('main');
  await expect(main.getByRole('link', { name: `You are now in ${groups[0].name}` })).toBeVisible();
  await page.getByRole('button', { name: /^Unread \(\d+\)$/ }).click();
  await expect(page).toHaveURL('/notifications?show=unread');
  await expect(main.getByRole('link', { name: `You are now in ${groups[0].name}` })).toBeHidden();
  await expectAccessible();
  await main.getByRole('link', { name: `You are now in ${groups[2].name}` }).click();
  await expect(page).toHaveURL(`/groups/${groups[2].id}`);
  await page.goBack();
  await expect(page).toHaveURL('/notifications?show=unread');
  await expect(main.getByRole('link', { name: `You are now in ${groups[2].name}` })).toBeHidden();
  if (before > 0) await page.getByRole('button', { name: 'Mark all as read' }).click();
  await expect(page.getByText('Nothing unread')).toBeVisible();
  await expectAccessible();
});

test('joining an open group can be taken back from the message', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const admin = (await anotherBrowser()).request;
  await loginAsSuperuser(admin);
  const group = await newGroup(admin, 'Open', { isOpen: true });
  await newPerson(context.request);
  await page.goto(`/groups/${group.id}`);
  await page.getByRole('main').getByRole('button', { name: /^Join/ }).click();
  await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible();
  await expectAccessible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('button', { name: 'Undo' })).toBeHidden();
  await expect(page.getByRole('main').getByRole('button', { name: /^Join/ })).toBeVisible();
  expect(await join(context.request, group)).toBe('JOINED');
});

test('what is wrong stands above every page until it is over', async ({ page, context, expectAccessible }) => {
  await newPerson(context.request);
  await say(page, [SILENT, LATE]);
  await page.goto('/');
  const bar = page.locator('.conditions');
  await expect(bar).toContainText(SILENT.sentence);
  await expect(bar).toContainText(LATE.sentence);
  await expectAccessible();
  // The critical one cannot be hidden.
  await expect(bar.getByRole('button')).toHaveCount(1);
  await bar.getByRole('button', { name: /^Hide until you come back/ }).click();
  await expect(bar).not.toContainText(LATE.sentence);
  await page.reload();
  await expect(bar).toContainText(SILENT.sentence);
  await expect(bar).not.toContainText(LATE.sentence);
  await bar.getByRole('link', { name: 'What to do' }).click();
  await expect(heading(page, 'Site status')).toBeVisible();
  const main = page.getByRole('main');
  await expect(main).toContainText(LATE.sentence);
  await expect(main).toContainText('It said nothing.');
  await expectAccessible();
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectAccessible();
  await takePictures(page, 'status');
  await page.unroute('**/graphql');
  await page.reload();
  await expect(page.getByText('Everything works')).toBeVisible();
  await expect(bar.locator('.condition')).toHaveCount(0);
});

test('a pulled brake is told to superusers alone, with what to do', async ({ page, context, anotherBrowser }) => {
  const other = await anotherBrowser();
  await newPerson(other.request);
  await loginAsSuperuser(context.request);
  sql("insert into sync_runs (kind, started_at, stopped_at, cursor) values ('tokens', now(), now(), 0) on conflict (kind) do update set stopped_at = now()");
  try {
    // What the server knows of the site is kept for some seconds.
    await expect(async () => {
      await page.goto('/');
      await expect(page.locator('.conditions')).toContainText('The check of characters stopped', { timeout: 2_000 });
    }).toPass({ timeout: 20_000 });
    await page.locator('.conditions').getByRole('link', { name: 'What to do' }).first().click();
    await expect(page.getByRole('main')).toContainText('fealtyctl sync tokens --release-brake');
    const member = await other.newPage();
    await member.goto('/status');
    await expect(member.getByText('Everything works')).toBeVisible();
  } finally {
    sql("update sync_runs set stopped_at = null where kind = 'tokens'");
  }
});

test('the search finds people from every page, by keyboard alone', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const other = await anotherBrowser();
  const person = await newPerson(other.request);
  const alt = await addAlt(other.request);
  await loginAsSuperuser(context.request);
  const group = await newGroup(context.request, 'Searched', { isHidden: true });
  await page.goto('/settings');
  await expect(heading(page, 'Settings')).toBeVisible();
  await page.keyboard.press('/');
  const field = palette(page).getByRole('combobox', { name: 'Search' });
  await expect(field).toBeFocused();
  await expect(palette(page).getByRole('option', { name: 'Dashboard' })).toBeVisible();
  await page.keyboard.type(alt.name.toUpperCase());
  const user = palette(page).getByRole('group', { name: 'Users' }).getByRole('option', { name: person.pilot.name });
  await expect(user, 'found by the alt').toBeVisible();
  await expect(palette(page).getByRole('group', { name: 'Characters' }).getByRole('option', { name: alt.name })).toBeVisible();
  await expect(user).toHaveAttribute('aria-selected', 'true');
  await expectAccessible();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`/admin/users/${person.userId}`);
  await expect(palette(page)).toBeHidden();
  await expect(page.getByRole('main')).toBeFocused();

  await page.keyboard.press('Control+k');
  await expect(field).toBeFocused();
  await expect(field).toHaveValue('');
  await field.fill(group.name);
  await expect(palette(page).getByRole('option', { name: group.name })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`/admin/groups/${group.id}`);

  await page.keyboard.press('/');
  await field.fill('sta');
  const last = palette(page).getByRole('option').last();
  await expect(palette(page).getByRole('option', { name: 'Site status' })).toBeVisible();
  await page.keyboard.press('ArrowUp');
  await expect(last).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowDown');
  await expect(palette(page).getByRole('option').first()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Escape');
  await expect(palette(page)).toBeHidden();

  await page.keyboard.press('/');
  await field.fill('nobody flies under this name');
  await expect(palette(page)).toContainText('No results for “nobody flies under this name”');
  await expectAccessible();
});

test('a member finds neither others nor hidden groups, and is told when the search fails', async ({ page, context, anotherBrowser, expectAccessible, mayLog }) => {
  mayLog(/ERR_FAILED/);
  const other = await anotherBrowser();
  const stranger = await newPerson(other.request);
  const staff = (await anotherBrowser()).request;
  await loginAsSuperuser(staff);
  const hidden = await newGroup(staff, 'Hush', { isHidden: true });
  const seen = await newGroup(staff, 'Loud');
  const { pilot } = await newPerson(context.request);
  await page.goto('/');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  const field = palette(page).getByRole('combobox', { name: 'Search' });
  const options = palette(page).getByRole('option');
  await field.fill(seen.name);
  await expect(options.filter({ hasText: seen.name })).toBeVisible();
  for (const nothing of [hidden.name, stranger.pilot.name]) {
    await field.fill(nothing);
    await expect(palette(page)).toContainText(`No results for “${nothing}”`);
  }
  await field.fill(pilot.name);
  await expect(options.filter({ hasText: pilot.name })).toBeVisible();

  await page.route('**/graphql', (route) => route.request().postData()?.includes('query Search') ? route.abort() : route.fallback());
  await field.fill('anything');
  await expect(palette(page).getByRole('alert')).toBeVisible();
  await expectAccessible();
  await page.unroute('**/graphql');
  await field.fill(pilot.name);
  await expect(options.filter({ hasText: pilot.name })).toBeVisible();
});

test('on a phone the search is a button', async ({ page, context, expectAccessible }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const { pilot } = await newPerson(context.request);
  await page.goto('/');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  const field = palette(page).getByRole('combobox', { name: 'Search' });
  await field.fill(pilot.name);
  await expect(palette(page).getByRole('option').filter({ hasText: pilot.name })).toBeVisible();
  await expectAccessible();
  await takePictures(page, 'search');
  await palette(page).getByRole('button', { name: 'Close' }).click();
  await expect(palette(page)).toBeHidden();
});

test('a guest is told what to do, and why', async ({ page, context, expectAccessible }) => {
  const { pilot } = await newPerson(context.request, CORPORATION.neutral);
  await page.goto('/');
  await expectDashboard(page, 'Guest');
  const mine = standing(page);
  await expect(mine.getByRole('link', { name: 'Choose another main' })).toHaveAttribute('href', '/characters');
  await expect(mine.getByRole('link', { name: 'Add character' })).toBeVisible();
  await expectAccessible();
  await takePictures(page, 'guest', { fullPage: true });
  await mine.getByRole('link', { name: 'Why?' }).click();
  const why = page.getByRole('dialog', { name: 'About “Guest”' });
  await expect(why).toContainText(pilot.name);
  await page.goto('/');
  await page.getByRole('link', { name: 'Why not: Discord' }).click();
  await expect(page.getByRole('dialog', { name: 'About “Discord”' })).toBeVisible();
});

test('one\'s own pages are in the account menu, and the button that folds the menu is always in sight', async ({ page, context, expectAccessible }) => {
  await loginAsSuperuser(context.request);
  await page.setViewportSize({ width: 1280, height: 768 });
  await page.goto('/');
  await expect(menu(page).getByRole('link', { name: 'Users' })).toBeVisible();
  await expect(menu(page).getByRole('link', { name: 'Access history' })).toHaveCount(0);
  const fold = page.getByRole('button', { name: 'Collapse menu' });
  await expect(fold).toBeInViewport({ ratio: 1 });
  await fold.click();
  await expect(page.getByRole('button', { name: 'Expand menu' })).toBeInViewport({ ratio: 1 });
  await expectAccessible();
  for (const name of ['Characters', 'My access', 'Access history', 'Notifications', 'Settings']) {
    await openOwn(page, name);
    await expect(heading(page, name)).toBeVisible();
  }
});
