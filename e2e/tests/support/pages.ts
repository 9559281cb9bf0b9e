import { expect, type Locator, type Page } from '@playwright/test';

import { type Pilot } from './simulator';
import { stack } from './stack';

/** The menu on the left of a wide page. */
export function menu(page: Page): Locator {
  return page.getByRole('navigation', { name: 'Main menu' });
}

/** Opens one of the pages about oneself from the account menu. */
export async function openOwn(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: /^Account menu of/ }).click();
  await page.getByRole('navigation', { name: 'Your pages' }).getByRole('link', { name }).click();
}

/** On EVE's login page: finds the pilot and logs in with him. */
export async function choosePilot(page: Page, pilot: Pilot): Promise<void> {
  await page.waitForURL((url) => url.origin === stack('SIM_URL'));
  await page.getByRole('searchbox', { name: /search pilots/i }).fill(pilot.name);
  await page.getByRole('button', { name: /search/i }).click();
  await page.getByRole('link', { name: pilot.name }).click();
  await page.waitForURL((url) => url.origin === stack('URL'));
}

/** On Discord's consent page: goes on as somebody new. */
export async function becomeDiscordUser(page: Page, username: string): Promise<void> {
  await page.waitForURL((url) => url.origin === stack('SIM_URL'));
  await page.getByRole('textbox', { name: /new username/i }).fill(username);
  await page.getByRole('button', { name: /create and continue/i }).click();
  await page.waitForURL((url) => url.origin === stack('URL'));
}

/** The badge of a state, within something. */
export function state(within: Page | Locator, name: string): Locator {
  return within.getByText(new RegExp(`^State:\\s*${name}$`));
}

/** The part of the dashboard that says whether one is in. */
export function standing(page: Page): Locator {
  return page.getByRole('region', { name: 'Your access' });
}

/** The dashboard is there, with this state. */
export async function expectDashboard(page: Page, stateName: string): Promise<void> {
  await expect(page.getByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible();
  await expect(state(standing(page), stateName)).toBeVisible();
}

/** How much the bell says is unread. */
export async function unread(page: Page): Promise<number> {
  const name = (await page.getByRole('button', { name: /^Notifications, \d/ }).getAttribute('aria-label')) ?? '';
  return Number(/\d+/.exec(name)?.[0] ?? Number.NaN);
}

/** The card of a service on the services page. */
export function serviceCard(page: Page, name = 'Discord'): Locator {
  return page.getByRole('article', { name });
}
