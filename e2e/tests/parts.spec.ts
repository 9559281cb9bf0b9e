import { type Page } from '@playwright/test';

import { expect, test } from '../fixtures';
import { loginAsSuperuser, newPerson } from './support/api';
import { expectDashboard, menu } from './support/pages';

/** A file of a part of the program, or of what several parts share. */
const PART = /\/assets\/(split|chunk)_[^/]*\.wasm$/;

/** The parts that a page asks for from now on, by their files' names. */
function partsOf(page: Page): string[] {
  const parts: string[] = [];
  page.on('request', (request) => {
    if (PART.test(request.url())) parts.push(request.url());
  });
  return parts;
}

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true });

test('whoever neither leads nor administers fetches no part of the program', async ({ page, context }) => {
  const parts = partsOf(page);
  const main = page.waitForRequest(/\/assets\/app-[^/]*\.wasm$/);
  await page.goto('/login');
  await main;
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(parts, 'a visitor').toEqual([]);
  await newPerson(context.request);
  await page.goto('/');
  await expectDashboard(page, 'Member');
  await menu(page).getByRole('link', { name: 'Groups' }).click();
  await expect(heading(page, 'Groups')).toBeVisible();
  expect(parts, 'a member').toEqual([]);
});

test('a part is fetched when one of its pages is first opened, and once', async ({ page, context, expectAccessible }) => {
  await loginAsSuperuser(context.request);
  const parts = partsOf(page);
  await page.goto('/');
  await expect(heading(page, 'Dashboard')).toBeVisible();
  expect(parts).toEqual([]);

  await menu(page).getByRole('link', { name: 'Users' }).click();
  await expect(heading(page, 'Users')).toBeVisible();
  await expect(page).toHaveTitle(/^Users · /);
  await expect(page.getByRole('main')).toBeFocused();
  expect(parts.filter((url) => url.includes('split_admin'))).toHaveLength(1);
  await expectAccessible();

  await menu(page).getByRole('link', { name: 'Inbox' }).click();
  await expect(heading(page, 'Inbox')).toBeVisible();
  await expect(page).toHaveTitle(/^Inbox · /);
  expect(parts.filter((url) => url.includes('split_lead'))).toHaveLength(1);
  await expectAccessible();

  const fetched = [...parts];
  expect(new Set(fetched).size, 'nothing comes twice').toBe(fetched.length);
  await page.goBack();
  await expect(heading(page, 'Users')).toBeVisible();
  await expect(page).toHaveTitle(/^Users · /);
  await page.goBack();
  await expect(heading(page, 'Dashboard')).toBeVisible();
  await page.goForward();
  await expect(heading(page, 'Users')).toBeVisible();
  await menu(page).getByRole('link', { name: 'States' }).click();
  await expect(heading(page, 'States')).toBeVisible();
  expect(parts, 'what is there is not fetched again').toEqual(fetched);

  await page.reload();
  await expect(heading(page, 'States')).toBeVisible();
});

test('a part is on its way as soon as somebody points at its entry in the menu', async ({ page, context }) => {
  await loginAsSuperuser(context.request);
  await page.goto('/');
  await expect(heading(page, 'Dashboard')).toBeVisible();
  const parts = partsOf(page);
  const administration = page.waitForResponse(/\/assets\/split_admin-/);
  await menu(page).getByRole('link', { name: 'States' }).hover();
  await administration;
  const lead = page.waitForResponse(/\/assets\/split_lead-/);
  await menu(page).getByRole('link', { name: 'Inbox' }).focus();
  await lead;
  await expect(heading(page, 'Dashboard')).toBeVisible();
  const fetched = [...parts];
  await page.keyboard.press('Enter');
  await expect(heading(page, 'Inbox')).toBeVisible();
  expect(parts).toEqual(fetched);
});

test('a part that does not come says so, and comes when one tries again', async ({ page, context, mayLog, expectAccessible }) => {
  // What the browser, and the script that fetches, say of each try.
  mayLog(/net::ERR_FAILED/);
  mayLog(/TypeError: Failed to fetch/);
  await loginAsSuperuser(context.request);
  await page.route(PART, (route) => route.abort());
  await page.goto('/');
  await menu(page).getByRole('link', { name: 'Users' }).click();
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('This part could not be loaded');
  await expect(page).toHaveTitle(/^This part could not be loaded · /);
  await expectAccessible();
  const again = alert.getByRole('button', { name: 'Try again' });
  await again.click();
  await expect(alert, 'still away').toBeVisible();

  await menu(page).getByRole('link', { name: 'Services' }).click();
  await expect(heading(page, 'Services')).toBeVisible();
  await page.goBack();
  await expect(again).toBeVisible();
  await page.unroute(PART);
  await again.click();
  await expect(heading(page, 'Users')).toBeVisible();
  await expect(page).toHaveTitle(/^Users · /);
  await expect(alert).toHaveCount(0);
  await expect(page.getByRole('main'), 'the button is gone, the focus is not').toBeFocused();
});
