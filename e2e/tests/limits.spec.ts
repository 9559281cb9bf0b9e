import { type Page } from '@playwright/test';

import { expect, test } from '../fixtures';
import { confirmationLink, graphql, loginAsSuperuser, makeStaff, newPerson, sso } from './support/api';
import { addMembers, join, newGroup } from './support/groups';
import { simulator, unique } from './support/simulator';

/** The page has been drawn, and nothing of it reaches beyond the edge. */
async function expectFits(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.locator('[aria-busy=true], .skeleton, .skeleton-rows, .splash')).toHaveCount(0);
  const beyond = await page.evaluate(() => {
    const edge = document.documentElement.clientWidth;
    const wide = [...document.querySelectorAll('main *')].filter((it) => it.getBoundingClientRect().right > edge + 1 && !it.closest('.visually-hidden'));
    const scrolls = document.documentElement.scrollWidth > edge;
    return scrolls ? ['the page scrolls', ...wide.slice(0, 5).map((it) => `${it.tagName}.${it.className}`)] : wide.slice(0, 5).map((it) => `${it.tagName}.${it.className}`);
  });
  expect.soft(beyond, `${path} at ${page.viewportSize()!.width}`).toEqual([]);
}

test('a filter that the server refuses says why, and shows no rows', async ({ page, context, mayLog, expectAccessible }) => {
  mayLog(/40[0-9]|422/);
  await loginAsSuperuser(context.request);
  await page.goto('/admin/audit');
  const main = page.getByRole('main');
  const entries = main.locator('.audit').getByRole('listitem');
  const file = main.getByRole('link', { name: 'Export JSON lines' });
  await expect(entries.first()).toBeVisible();
  await expect(file).toBeVisible();
  await main.getByLabel('From (EVE time)').fill('2026-02-02T00:00');
  await main.getByLabel('To (EVE time)').fill('2026-02-01T00:00');
  await main.getByLabel('To (EVE time)').blur();
  await expect(main.getByRole('alert').filter({ hasText: /\S/ })).toBeVisible();
  await expect(entries).toHaveCount(0);
  await expect(file).toHaveCount(0);
  await expectAccessible();
  await main.getByRole('button', { name: 'Clear filters' }).click();
  await expect(entries.first()).toBeVisible();
});

test('long names widen no page', async ({ page, context, anotherBrowser }) => {
  test.slow();
  const admin = await anotherBrowser();
  await loginAsSuperuser(admin.request);
  const lead = await newPerson(context.request);
  const member = await newPerson((await anotherBrowser()).request);
  const asks = await anotherBrowser();
  await newPerson(asks.request);
  const long = await newGroup(admin.request, 'W'.repeat(130), { leaderIds: [lead.userId], description: 'D'.repeat(300) });
  await addMembers(admin.request, long, [lead.userId, member.userId]);
  expect(await join(asks.request, long, 'R'.repeat(200))).toMatch(/REQUEST/);
  const office = await admin.newPage();
  for (const viewport of [{ width: 390, height: 844 }, { width: 1280, height: 800 }]) {
    await page.setViewportSize(viewport);
    for (const path of ['/', '/groups', `/groups/${long.id}`, '/access', '/history', '/notifications', '/inbox', '/manage/groups', `/manage/groups/${long.id}`]) {
      await expectFits(page, path);
    }
    await office.setViewportSize(viewport);
    for (const path of ['/admin/groups', `/admin/groups/${long.id}`, '/admin/audit', `/admin/users/${member.userId}`, `/admin/users?group=${encodeURIComponent(long.id)}`]) {
      await expectFits(office, path);
    }
  }
});

test('Enter sends a dialog', async ({ page, context, anotherBrowser }) => {
  await loginAsSuperuser(context.request);
  const name = unique('entered');
  await page.goto('/admin/reserved-names');
  await page.getByRole('button', { name: 'Reserve a name' }).click();
  const form = page.getByRole('dialog', { name: 'Reserve a name' });
  await form.getByRole('textbox', { name: 'Name' }).fill(name);
  await form.getByRole('textbox', { name: 'Reason' }).fill('Taken by the tests');
  await page.keyboard.press('Enter');
  await expect(form).toBeHidden();
  await expect(page.getByRole('listitem').filter({ hasText: name })).toHaveCount(1);

  const person = await newPerson((await anotherBrowser()).request);
  const group = await newGroup(context.request, 'Entered');
  await page.goto(`/manage/groups/${group.id}`);
  await page.getByRole('button', { name: 'Add members' }).click();
  const add = page.getByRole('dialog', { name: `Add members to ${group.name}` });
  await add.getByRole('combobox', { name: 'Pilot or user name' }).fill(person.pilot.name);
  await expect(add.getByRole('option', { name: person.pilot.name })).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(add.getByRole('button', { name: 'Review' })).not.toHaveAttribute('aria-disabled', 'true');
  await add.getByRole('textbox', { name: 'Reason' }).fill('Typed');
  await page.keyboard.press('Enter');
  await add.getByRole('button', { name: 'Add 1 member' }).press('Enter');
  await expect(add).toBeHidden();
  await expect(page.getByRole('table').locator('tbody').getByRole('row')).toContainText(person.pilot.name);
});

test('a picker points at nothing before somebody does', async ({ page, context, expectAccessible }) => {
  await loginAsSuperuser(context.request);
  const word = unique('picked');
  const first = await newGroup(context.request, `${word} a`);
  const second = await newGroup(context.request, `${word} b`);
  const described = await newGroup(context.request, 'Described', { description: `They too are ${word}.` });
  await page.goto('/admin/groups/new');
  const field = page.getByRole('combobox', { name: 'Groups whose members lead it' });
  const option = page.getByRole('option');
  const chip = (name: string) => page.getByRole('button', { name: `Remove ${name}` });
  await field.fill(word);
  await expect(option).toHaveCount(3);
  await expect(option.filter({ hasText: described.name }), 'why it was found').toContainText(`They too are ${word}.`);
  await expect(page.getByRole('option', { selected: true })).toHaveCount(0);
  await expectAccessible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: /^Remove / }), 'Enter alone takes none of many').toHaveCount(0);
  const top = (await option.first().locator('.picker-name').textContent())!;
  await page.keyboard.press('ArrowDown');
  await expect(option.first()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(chip(top)).toBeVisible();

  const other = top === first.name ? second : first;
  await field.fill(other.name);
  await expect(option.filter({ hasText: other.name })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(chip(other.name), 'what is called as was typed').toBeVisible();
});

test('whoever may not see users learns how many an edit concerns, not who', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const superuser = (await anotherBrowser()).request;
  await loginAsSuperuser(superuser);
  const member = await newPerson((await anotherBrowser()).request);
  const group = await newGroup(superuser, 'Counted');
  await addMembers(superuser, group, [member.userId]);
  const staff = await newPerson(context.request);
  await makeStaff(superuser, staff, ['auth.view_group', 'auth.change_group', 'authentication.view_state']);
  await page.goto(`/admin/groups/${group.id}`);
  await page.getByRole('checkbox', { name: 'Blue', exact: true }).check();
  await page.getByRole('button', { name: 'Review changes' }).click();
  const dialog = page.getByRole('dialog', { name: 'What this changes' });
  await expect(dialog).toContainText('You need permission to view users to see their names.');
  await expect(dialog.getByRole('list', { name: 'Gains and losses' })).toContainText(group.name);
  await expect(dialog).not.toContainText(member.pilot.name);
  await expectAccessible();
  await dialog.getByRole('button', { name: 'Remove access from 1 pilot' }).click();
  await expect(page.getByRole('status').getByText('Saved.').first()).toBeVisible();
});

test('pages that are not for the viewer offer nothing', async ({ page, context, mayLog, expectAccessible }) => {
  mayLog(/403/);
  await newPerson(context.request);
  for (const path of ['/admin/audit', '/admin/groups', '/admin/groups/new', '/admin/states/new', '/admin/permissions']) {
    await page.goto(path);
    await expect(page.getByRole('alert').filter({ hasText: 'No access' }), path).toBeVisible();
    const main = page.getByRole('main');
    await expect(main.locator('input, select, textarea, button'), path).toHaveCount(0);
    await expect(main.getByRole('link', { name: 'Export JSON lines' })).toHaveCount(0);
    await expectAccessible();
  }
});

test('many changes at once are folded, and a first character is offered', async ({ page, context, expectAccessible }) => {
  await loginAsSuperuser(context.request);
  await page.goto('/');
  await expect(page.getByText('You have no character here, so we cannot tell what you may use. Add one.')).toBeVisible();
  await expect(page.getByRole('main').getByRole('link', { name: 'Add character' })).toHaveCount(1);
  const chips = page.getByRole('region', { name: 'Recent access changes' }).locator('.change-gained');
  const more = page.getByRole('button', { name: /^and \d+ more$/ });
  await expect(more).toBeVisible();
  await expect(chips).toHaveCount(8);
  await expectAccessible();
  await more.click();
  await expect(chips.nth(20)).toBeVisible();
  await page.getByRole('button', { name: 'Show fewer' }).click();
  await expect(chips).toHaveCount(8);
});

test('a problem is said once, beside its field, until the field changes', async ({ page, context }) => {
  await loginAsSuperuser(context.request);
  const taken = await newGroup(context.request, 'Taken');
  await page.goto('/admin/groups/new');
  const name = page.getByRole('textbox', { name: 'Name', exact: true });
  const problem = page.locator('#field-name-problem');
  await name.fill(taken.name);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await page.getByRole('button', { name: 'Review changes' }).click();
    await expect(problem).toHaveText(/\S/);
    await expect(name).toBeFocused();
    await expect(page.locator('.toast-item')).toHaveCount(0);
    await name.press('End');
  }
  await name.pressSequentially('x');
  await expect(problem).toHaveText('');
  await expect(name).not.toHaveClass(/is-invalid/);
  await page.getByRole('button', { name: 'Discard' }).click();
});

test('who has not finished his registration is kept from it, and let again', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const visitor = (await anotherBrowser()).request;
  const pilot = await simulator.freshPilot();
  expect(await sso(visitor, pilot)).toBe('/register');
  const email = `${unique('unfinished')}@example.com`;
  await graphql(visitor, 'mutation ($email: String!) { register(input: { email: $email }) { status } }', { email });
  await confirmationLink(email);

  await loginAsSuperuser(context.request);
  const { users } = await graphql<{ users: { nodes: { id: string }[] } }>(context.request, 'query ($search: String!) { users(filter: { search: $search }, first: 1) { nodes { id } } }', { search: pilot.name });
  await page.goto(`/admin/users/${users.nodes[0]!.id}`);
  const account = page.getByRole('region', { name: 'Account' });
  await expect(account).toContainText('Not registered yet');
  await expect(account.getByRole('button', { name: 'Switch on' })).toHaveCount(0);
  await expectAccessible();
  await account.getByRole('button', { name: 'Switch off' }).click();
  const dialog = page.getByRole('dialog', { name: 'What this changes' });
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(account).toContainText(/Switched off since/);
  await account.getByRole('button', { name: 'Switch on' }).click();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(account).toContainText('Not registered yet');
});
