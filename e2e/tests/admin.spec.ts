import { type APIRequestContext, type BrowserContext } from '@playwright/test';

import { expect, test } from '../fixtures';
import { addAlt, graphql, loginAsSuperuser, newPerson, register } from './support/api';
import { expectDashboard, menu, state } from './support/pages';
import { CORPORATION, simulator } from './support/simulator';

/** More than fit on a page of the list. */
const MANY = 55;

/** Registers pilots until there are enough users to turn pages. */
async function ensureManyUsers(superuser: APIRequestContext, another: () => Promise<BrowserContext>): Promise<void> {
  const { users } = await graphql<{ users: { totalCount: number } }>(superuser, '{ users(first: 1) { totalCount } }');
  let missing = MANY - users.totalCount;
  const queue = async (): Promise<void> => {
    while (missing > 0) {
      missing -= 1;
      const corporation = [CORPORATION.home, CORPORATION.academy, CORPORATION.blue, CORPORATION.neutral][missing % 4];
      const context = await another();
      await register(context.request, await simulator.freshPilot(corporation));
      await context.close();
    }
  };
  await Promise.all([queue(), queue(), queue(), queue()]);
}

const HEADING = { level: 1, name: 'Users' } as const;

test('a pilot is found by any of his characters, and his page tells everything', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const someone = await anotherBrowser();
  const person = await newPerson(someone.request);
  const alt = await addAlt(someone.request, CORPORATION.neutral);
  await loginAsSuperuser(context.request);
  await page.goto('/');
  await menu(page).getByRole('link', { name: 'Users' }).click();
  await expect(page.getByRole('heading', HEADING)).toBeVisible();
  await expectAccessible();

  const search = page.getByRole('main').getByRole('searchbox');
  const rows = page.getByRole('table').locator('tbody').getByRole('row');
  await search.fill(alt.name.toUpperCase());
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText(person.pilot.name);
  await expect(rows).toContainText('Ashen Vanguard');
  await expect(state(rows, 'Member')).toBeVisible();
  await expect(page).toHaveURL((url) => url.searchParams.get('q') === alt.name.toUpperCase());
  await expect(page.getByRole('status').filter({ hasText: '1 found' })).toBeVisible();

  await rows.getByRole('link', { name: person.pilot.name }).click();
  await expect(page).toHaveURL(`/admin/users/${person.userId}`);
  await expect(page.getByRole('heading', { level: 1, name: person.pilot.name })).toBeVisible();
  const main = page.getByRole('main');
  await expect(main).toContainText(person.email);
  await expect(main).toContainText(person.username);
  await expect(main.getByRole('region', { name: 'Characters' })).toContainText(alt.name);
  await expect(main.getByRole('region', { name: 'Permissions' })).toContainText('discord.access_discord');
  await expect(main.getByRole('article', { name: 'Discord' })).toContainText('Not linked');
  await expect(main.getByRole('article', { name: 'Discord' }).getByRole('button', { name: /link/i }), 'nothing is linked for others').toHaveCount(0);
  await expect(main.getByRole('region', { name: 'Access history' })).toContainText('Member');
  await expectAccessible();
  await page.goBack();
  await expect(page).toHaveURL((url) => url.searchParams.get('q') === alt.name.toUpperCase());
  await expect(rows).toHaveCount(1);

  await search.fill('nobody flies under this name');
  await expect(page.getByText('Nobody matches')).toBeVisible();
  await expectAccessible();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expect(rows.nth(1)).toBeVisible();
  await expect(search).toHaveValue('');
});

test('states filter the list, heads sort it, and the address keeps both', async ({ page, context, anotherBrowser, expectAccessible }) => {
  await newPerson((await anotherBrowser()).request, CORPORATION.blue);
  await newPerson((await anotherBrowser()).request, CORPORATION.blue);
  await newPerson((await anotherBrowser()).request, CORPORATION.home);
  await loginAsSuperuser(context.request);
  await page.goto('/admin/users');
  const rows = page.getByRole('table').locator('tbody').getByRole('row');
  const badges = rows.getByText(/^State:\s*\w+/);
  const names = () => rows.locator('td:first-child a[href^="/admin/users/"]').allInnerTexts();
  await expect(rows.nth(2)).toBeVisible();

  await page.getByRole('main').getByRole('combobox', { name: 'State' }).selectOption({ label: 'Blue' });
  await expect(page).toHaveURL(/[?&]state=/);
  await expect(rows.nth(1)).toBeVisible();
  await expect.poll(async () => [...new Set(await badges.allInnerTexts())].map((text) => text.replace(/\s+/g, ' '))).toEqual([expect.stringMatching(/Blue$/)]);
  await expect(rows.first()).toContainText('Lumen Survey Group');

  const heads = page.getByRole('columnheader');
  const main = heads.filter({ hasText: 'Main' });
  await expect(main).toHaveAttribute('aria-sort', 'ascending');
  const ascending = await names();
  expect(ascending).toEqual([...ascending].sort((a, b) => a.localeCompare(b, 'en', { sensitivity: 'base' })));
  await main.getByRole('button').click();
  await expect(main).toHaveAttribute('aria-sort', 'descending');
  await expect.poll(names).toEqual([...ascending].reverse());
  await expectAccessible();

  const address = page.url();
  await page.reload();
  await expect(main).toHaveAttribute('aria-sort', 'descending');
  await expect.poll(names).toEqual([...ascending].reverse());
  await expect(page.getByRole('main').getByRole('combobox', { name: 'State' }).locator('option:checked')).toHaveText('Blue');

  await rows.first().getByRole('link').first().click();
  await expect(page).toHaveURL(/\/admin\/users\/user:/);
  await page.goBack();
  await expect(page).toHaveURL(address);
  await expect.poll(names).toEqual([...ascending].reverse());

  for (const column of ['Corporation', 'State', 'Registered', 'Last login']) {
    await heads.filter({ hasText: column }).getByRole('button').click();
    await expect(heads.filter({ hasText: column })).toHaveAttribute('aria-sort', 'ascending');
    await expect(main).toHaveAttribute('aria-sort', 'none');
  }
  await page.getByRole('main').getByRole('combobox', { name: 'Account' }).selectOption({ label: 'Not active' });
  await expect(page).toHaveURL(/active=no/);
});

test('a long list is turned page by page', async ({ page, context, anotherBrowser, expectAccessible }) => {
  test.slow();
  await loginAsSuperuser(context.request);
  await ensureManyUsers(context.request, anotherBrowser);
  await page.goto('/admin/users');
  const rows = page.getByRole('table').locator('tbody').getByRole('row');
  const links = () => rows.locator('td:first-child a[href^="/admin/users/"]').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
  const pager = page.getByRole('navigation', { name: 'Pages' });
  await expect(rows).toHaveCount(50);
  await expect(pager.getByRole('button', { name: 'Previous' })).toBeDisabled();
  const first = await links();
  await expectAccessible();

  await pager.getByRole('button', { name: 'Next' }).click();
  await expect(page).toHaveURL(/[?&]after=/);
  await expect.poll(async () => (await links())[0]).not.toBe(first[0]);
  const second = await links();
  expect(second.filter((link) => first.includes(link)), 'nobody twice').toEqual([]);
  const address = page.url();
  await page.reload();
  await expect.poll(links).toEqual(second);

  await pager.getByRole('button', { name: 'Previous' }).click();
  await expect.poll(links).toEqual(first);
  await page.goBack();
  await expect(page).toHaveURL(address);
  await expect.poll(links).toEqual(second);

  // Another order begins at its first page.
  await page.getByRole('columnheader', { name: 'Registered' }).getByRole('button').click();
  await expect(page).not.toHaveURL(/after=/);
  await expect(rows).toHaveCount(50);
});

test('who may not see users is told so, and a visitor logs in first', async ({ page, context, anotherBrowser, expectAccessible, mayLog }) => {
  const visitor = await (await anotherBrowser()).newPage();
  await visitor.goto('/admin/users?q=x');
  await expect(visitor).toHaveURL(/\/login\?next=\/admin\/users/);

  const other = await newPerson((await anotherBrowser()).request);
  const person = await newPerson(context.request);
  mayLog(/403/);
  await page.goto('/');
  await expectDashboard(page, 'Member');
  await expect(menu(page).getByRole('link', { name: 'Users' }), 'the menu offers only what he may').toHaveCount(0);
  await page.goto('/admin/users');
  await expect(page.getByRole('alert').filter({ hasText: 'No access' })).toContainText('ask an administrator');
  await expect(page.getByRole('alert').filter({ hasText: 'No access' })).toContainText('You don\'t have permission');
  await expectAccessible();
  await page.goto('/admin');
  await expect(page).toHaveURL('/admin/users');

  // Somebody else's page looks like one that does not exist.
  await page.goto(`/admin/users/${other.userId}`);
  await expect(page.getByRole('alert').filter({ hasText: /not found|no access/i })).toBeVisible();
  await expect(page.getByRole('main')).not.toContainText(other.pilot.name);
  await expectAccessible();

  const seen = await graphql<{ user: null; self: { id: string } }>(context.request, 'query ($id: ID!, $self: ID!) { user(id: $id) { id } self: user(id: $self) { id } }', {
    id: other.userId,
    self: person.userId,
  });
  expect(seen).toEqual({ user: null, self: { id: person.userId } });
});

test('a page of a user who does not exist says so', async ({ page, context, expectAccessible }) => {
  await loginAsSuperuser(context.request);
  for (const id of ['user:0', 'nonsense']) {
    await page.goto(`/admin/users/${id}`);
    await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toBeVisible();
    await expect.soft(page.getByRole('heading', { level: 1 }), id).toBeVisible({ timeout: 2_000 });
    await expect.soft(page, id).toHaveTitle(/\S/, { timeout: 2_000 });
    await expectAccessible();
  }
});
