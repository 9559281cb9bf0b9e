import { type BrowserContext, type Page } from '@playwright/test';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect, test } from '../fixtures';
import { addAlt, callbackOf, linkDiscord, loginAsSuperuser, newPerson } from './support/api';
import { state, standing } from './support/pages';
import { CORPORATION, simulator, unique } from './support/simulator';
import { syncAffiliations } from './support/stack';

// Pictures of every page with data, for people to look at: `SCREENSHOTS=1 npx playwright test screenshots`.
const FOLDER = fileURLToPath(new URL('../screenshots/', import.meta.url));

test.skip(!process.env.SCREENSHOTS, 'only with SCREENSHOTS=1');

/** Takes the picture in every width and colour. */
async function shoot(page: Page, name: string, path?: string, prepare?: () => Promise<void>): Promise<void> {
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 800 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      if (path) await page.goto(path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await page.waitForLoadState('networkidle');
      await prepare?.();
      await page.screenshot({ path: `${FOLDER}${name}-${width}-${colorScheme}.png`, fullPage: !prepare });
    }
  }
}

test('pictures of every page @screenshots', async ({ page, context, anotherBrowser, mayLog }) => {
  test.setTimeout(300_000);
  mayLog(/403/);
  mkdirSync(FOLDER, { recursive: true });
  const open = async (browser: BrowserContext): Promise<Page> => browser.newPage();

  const visitor = await open(await anotherBrowser());
  await shoot(visitor, 'login', '/login');
  await shoot(visitor, 'login-error', '/login?error=sso_unavailable&next=/history');
  await shoot(visitor, 'admin-login', '/admin/login');
  await shoot(visitor, 'confirm-email', '/confirm-email?token=x');
  await shoot(visitor, 'confirm-email-bad', '/confirm-email');
  await shoot(visitor, 'register-none', '/register');

  const registering = await anotherBrowser();
  const registration = await open(registering);
  await registration.goto(await callbackOf(registering.request, await simulator.freshPilot()));
  await shoot(registration, 'register', '/register');
  await registration.getByRole('textbox', { name: 'E-mail address' }).fill(`${unique('pilot')}@example.com`);
  await registration.getByRole('button', { name: 'Send the link' }).click();
  await expect(registration.getByRole('heading', { level: 1, name: 'Check your mail' })).toBeVisible();
  await shoot(registration, 'register-sent');

  const homeless = await anotherBrowser();
  const seller = await newPerson(homeless.request);
  await addAlt(homeless.request);
  await addAlt(homeless.request, CORPORATION.blue);
  await simulator.sell(seller.pilot.id);
  const buyer = await anotherBrowser();
  await buyer.request.get(await callbackOf(buyer.request, seller.pilot), { maxRedirects: 0 });
  await shoot(await open(homeless), 'choose-main', '/choose-main');

  // A member with a past: lost everything once, came back, linked Discord.
  const person = await newPerson(context.request);
  await addAlt(context.request, CORPORATION.neutral);
  const alt = await addAlt(context.request, CORPORATION.academy);
  await page.goto('/');
  for (const [corporation, name] of [[CORPORATION.neutral, 'Guest'], [CORPORATION.home, 'Member']] as const) {
    await simulator.move(person.pilot.id, corporation);
    syncAffiliations();
    await expect(state(standing(page), name)).toBeVisible();
  }
  await linkDiscord(context.request, await simulator.newDiscordUser(unique('pilot_')));
  await expect(page.getByRole('region', { name: 'Your services' })).toContainText('Linked');
  await shoot(page, 'dashboard', '/');
  await shoot(page, 'characters', '/characters');
  await shoot(page, 'services', '/services');
  await shoot(page, 'notifications', '/notifications');
  await shoot(page, 'history', '/history');
  await shoot(page, 'settings', '/settings');
  await shoot(page, 'not-found', '/nowhere');
  await shoot(page, 'forbidden', '/admin/users');
  await shoot(page, 'bell', '/', async () => {
    await page.getByRole('button', { name: /^Notifications, / }).click();
    await expect(page.getByRole('region', { name: 'Notifications', exact: true })).toBeVisible();
  });
  await shoot(page, 'account-menu', '/', async () => {
    await page.getByRole('button', { name: /^Account menu of/ }).click();
    await expect(page.getByRole('region', { name: /^Account menu of/ })).toBeVisible();
  });
  await shoot(page, 'dialog', '/characters', async () => {
    await page.getByRole('button', { name: `Make main: ${alt.name}` }).click();
    await expect(page.getByRole('dialog', { name: `Make ${alt.name} your main?` })).toBeVisible();
  });
  await shoot(page, 'dialog-danger', '/services', async () => {
    await page.getByRole('button', { name: 'Unlink Discord' }).click();
    await expect(page.getByRole('dialog', { name: 'Unlink Discord?' })).toBeVisible();
  });
  await page.setViewportSize({ width: 390, height: 844 });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.goto('/');
    await page.getByRole('button', { name: 'Open menu' }).click();
    await expect(page.getByRole('dialog', { name: 'Main menu' })).toBeVisible();
    await page.screenshot({ path: `${FOLDER}menu-390-${colorScheme}.png` });
  }

  const guests = await anotherBrowser();
  await newPerson(guests.request, CORPORATION.neutral);
  const guest = await open(guests);
  await shoot(guest, 'dashboard-guest', '/');
  await shoot(guest, 'services-guest', '/services');

  const admins = await anotherBrowser();
  await loginAsSuperuser(admins.request);
  const admin = await open(admins);
  await shoot(admin, 'users', '/admin/users?sort=seen&dir=desc');
  await shoot(admin, 'users-none', '/admin/users?q=nobody-flies-under-this-name');
  await shoot(admin, 'user', `/admin/users/${person.userId}`);
});
