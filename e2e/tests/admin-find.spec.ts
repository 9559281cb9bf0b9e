import { type Locator, type Page } from '@playwright/test';

import { expect, test } from '../fixtures';
import { addAlt, graphql, loginAsSuperuser, makeStaff, newPerson, type Person } from './support/api';
import { addMembers, join, newGroup, stateId } from './support/groups';
import { state } from './support/pages';
import { CALDARI, CORPORATION, simulator } from './support/simulator';
import { syncAffiliations } from './support/stack';

const rows = (page: Page): Locator => page.getByRole('table').locator('tbody').getByRole('row');

/** Types into a picker and takes what is offered under this name. */
async function pick(within: Page | Locator, label: string | RegExp, words: string): Promise<void> {
  await within.getByRole('combobox', { name: label }).fill(words);
  await within.getByRole('option', { name: words }).first().click();
}

/** The user's list finds this one of two, and not the other. */
async function expectOnly(page: Page, wanted: Person, other: Person): Promise<void> {
  const search = page.getByRole('main').getByRole('searchbox');
  await search.fill(wanted.pilot.name);
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText(wanted.pilot.name);
  await search.fill(other.pilot.name);
  await expect(page.getByText('Nobody matches')).toBeVisible();
}

test('each filter of the users finds whom it should', async ({ page, context, anotherBrowser, expectAccessible }) => {
  test.slow();
  await loginAsSuperuser(context.request);
  const hers = await anotherBrowser();
  const her = await newPerson(hers.request);
  await addAlt(hers.request, CORPORATION.neutral);
  const him = await newPerson((await anotherBrowser()).request, CORPORATION.blue);
  await makeStaff(context.request, her, []);
  const group = await newGroup(context.request, 'Found');
  await addMembers(context.request, group, [her.userId]);
  await simulator.enlist(her.pilot.id, CALDARI.id);
  syncAffiliations();

  await test.step('the row tells what the filters ask for', async () => {
    await page.goto(`/admin/users?q=${encodeURIComponent(her.pilot.name)}`);
    await expect(rows(page)).toHaveCount(1);
    for (const text of [her.username, '2 characters', her.pilot.corporationName, her.pilot.allianceName!, group.name, 'Staff']) {
      await expect(rows(page)).toContainText(text);
    }
    await page.getByRole('columnheader', { name: 'User' }).getByRole('button').click();
    await expect(page).toHaveURL(/sort=user/);
    await expectAccessible();
  });

  await test.step('group', async () => {
    await page.goto('/admin/users');
    await pick(page, 'Group', group.name);
    await expect(page).toHaveURL((url) => url.searchParams.get('group') === group.id);
    await expect(rows(page)).toHaveCount(1);
    await expect(rows(page)).toContainText(her.pilot.name);
    const chip = page.getByRole('button', { name: `Remove ${group.name}` });
    await expect(chip, 'the focus stays where the field was').toBeFocused();
    await expectAccessible();
    await page.reload();
    await expect(chip, 'the address knows its name').toBeVisible();
    await expect(rows(page)).toHaveCount(1);
    await chip.click();
    await expect(page).not.toHaveURL(/group=/);
    await expect(page.getByRole('combobox', { name: 'Group' })).toBeFocused();
  });

  for (const [name, label, words] of [
    ['corporation', 'Corporation', her.pilot.corporationName],
    ['alliance', 'Alliance', her.pilot.allianceName!],
  ] as const) {
    await test.step(name, async () => {
      await page.goto('/admin/users');
      await pick(page, label, words);
      await expect(page).toHaveURL(new RegExp(`${name}=\\d+`));
      await expectOnly(page, her, him);
      await page.getByRole('button', { name: 'Clear filters' }).click();
      await expect(page.getByRole('combobox', { name: label })).toBeVisible();
      await expect(page).not.toHaveURL(new RegExp(`${name}=`));
    });
  }

  for (const [name, label, option] of [
    ['faction', 'Faction', CALDARI.name],
    ['role', 'Role', 'Staff'],
    ['state', 'State', 'Member'],
  ] as const) {
    await test.step(name, async () => {
      await page.goto('/admin/users');
      await page.getByRole('main').getByRole('combobox', { name: label }).selectOption({ label: option });
      await expect(page).toHaveURL(new RegExp(`${name}=`));
      await expectOnly(page, her, him);
    });
  }

  await test.step('superusers, and accounts that are off', async () => {
    await page.goto('/admin/users');
    await page.getByRole('combobox', { name: 'Role' }).selectOption({ label: 'Superuser' });
    await expect(rows(page).first()).toContainText('Superuser');
    await page.getByRole('main').getByRole('searchbox').fill(her.pilot.name);
    await expect(page.getByText('Nobody matches')).toBeVisible();
    await page.goto(`/admin/users?active=no&q=${encodeURIComponent(her.pilot.name)}`);
    await expect(page.getByText('Nobody matches')).toBeVisible();
  });
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('further filters come when asked for', async ({ page, context, expectAccessible }) => {
    await loginAsSuperuser(context.request);
    await page.goto('/admin/users');
    await expect(rows(page).first()).toBeVisible();
    const role = page.getByRole('combobox', { name: 'Role' });
    await expect(role).toBeHidden();
    await page.getByRole('button', { name: 'More filters' }).tap();
    await expect(role).toBeVisible();
    await role.selectOption({ label: 'Superuser' });
    await expect(page).toHaveURL(/role=superuser/);
    await expectAccessible();
    await page.reload();
    await expect(role, 'one is set').toBeVisible();
  });
});

test('why somebody lacks a service, and anything else that one may ask', async ({ page, context, anotherBrowser, expectAccessible }) => {
  await loginAsSuperuser(context.request);
  const guest = await newPerson((await anotherBrowser()).request, CORPORATION.neutral);
  const group = await newGroup(context.request, 'Asked about');
  await addMembers(context.request, group, [guest.userId]);
  await page.goto(`/admin/users/${guest.userId}`);
  const about = (name: string): Locator => page.getByRole('dialog', { name: `About “${name}”` });

  await page.getByRole('button', { name: 'Why not: Discord' }).click();
  await expect(about('Discord')).toContainText('No.');
  await expect(about('Discord')).toContainText('What would change it');
  await expectAccessible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Why not: Discord' })).toBeFocused();

  await page.getByRole('button', { name: 'Why: Guest' }).click();
  await expect(about('Guest')).toContainText('Yes.');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: `Why: ${group.name}` }).click();
  await expect(about(group.name)).toContainText('Yes.');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Ask about…' }).click();
  const ask = page.getByRole('dialog', { name: `What about ${guest.pilot.name}?` });
  const field = ask.getByRole('combobox', { name: 'Permission, group, service or state' });
  for (const [words, answer] of [
    ['Member', 'No.'],
    ['timer_view', 'No.'],
    [group.name, 'Yes.'],
    ['Discord', 'No.'],
  ] as const) {
    await field.fill(words);
    await ask.getByRole('option', { name: words }).first().click();
    await expect(ask.locator('.verdict')).toContainText(answer);
    await expectAccessible();
  }
});

test('what a group gives is said before somebody is put in or taken out', async ({ page, context, anotherBrowser, expectAccessible }) => {
  await loginAsSuperuser(context.request);
  const person = await newPerson((await anotherBrowser()).request);
  const group = await newGroup(context.request, 'Giver', { permissions: ['discord.access_discord', 'auth.timer_view'] });
  const others = await newGroup(context.request, 'Giver for others', { stateIds: [await stateId(context.request, 'Blue')] });
  await page.goto(`/admin/users/${person.userId}`);
  await page.getByRole('button', { name: 'Add to group' }).click();
  const add = page.getByRole('dialog', { name: 'Add to group' });
  const field = add.getByRole('combobox', { name: 'Group' });
  await field.fill('Giver');
  const unfit = add.getByRole('option', { name: others.name });
  await expect(unfit).toContainText('Their state does not fit: only for Blue');
  await expect(unfit).toHaveAttribute('aria-disabled', 'true');
  await unfit.click({ force: true });
  await expect(add.getByRole('button', { name: `Remove ${others.name}` }), 'it cannot be taken').toHaveCount(0);
  await expectAccessible();
  await field.fill(group.name);
  await add.getByRole('option', { name: group.name }).click();
  const gives = (within: Locator): Locator => within.getByRole('region', { name: 'What the group gives' });
  await expect(gives(add)).toContainText('Opens these services: Discord');
  await expect(gives(add)).toContainText('auth.timer_view');
  await expectAccessible();
  await add.getByRole('button', { name: 'Review' }).click();
  const follows = add.getByRole('region', { name: 'What will happen' });
  await expect(follows).toContainText('1 pilot becomes a member.');
  await expect(follows.getByRole('list', { name: 'Gains and losses' })).toContainText('auth.timer_view');
  await expectAccessible();
  await add.getByRole('button', { name: 'Back' }).click();
  await expect(add.getByRole('button', { name: `Remove ${group.name}` }), 'what was chosen is still there').toBeVisible();
  await add.getByRole('button', { name: 'Review' }).click();
  await add.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Groups' })).toContainText(group.name);

  await page.getByRole('button', { name: `Remove from ${group.name}` }).click();
  const remove = page.getByRole('dialog', { name: `Remove from ${group.name}?` });
  await expect(gives(remove)).toContainText('auth.timer_view');
  await expectAccessible();
  await remove.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('Not in any groups')).toBeVisible();
});

test('a group limited to states that are gone says so, and the limit can be lifted', async ({ page, context, anotherBrowser, expectAccessible }) => {
  await loginAsSuperuser(context.request);
  const create = 'mutation ($input: CreateStateInput!) { createState(input: $input) { preview { token } state { id } } }';
  type Made = { createState: { preview: { token: string }; state: { id: string } } };
  const input = { name: `Gone ${Date.now()}`, priority: 2_000_000 + Math.floor(Math.random() * 1_000_000), isPublic: false };
  const { createState: asked } = await graphql<Made>(context.request, create, { input });
  const { createState: made } = await graphql<Made>(context.request, create, { input: { ...input, previewToken: asked.preview.token } });
  const group = await newGroup(context.request, 'Orphaned', { stateIds: [made.state.id] });
  const drop = 'mutation ($input: DeleteStateInput!) { deleteState(input: $input) { status preview { token } } }';
  type Dropped = { deleteState: { status: string; preview: { token: string } } };
  const { deleteState: seen } = await graphql<Dropped>(context.request, drop, { input: { id: made.state.id } });
  await graphql<Dropped>(context.request, drop, { input: { id: made.state.id, previewToken: seen.preview.token } });

  await page.goto(`/admin/groups/${group.id}`);
  await expect(page.getByRole('status').filter({ hasText: 'Limited to states that no longer exist' })).toBeVisible();
  await expect(page.locator('.group-means')).toContainText('Nobody can be a member');
  await expectAccessible();
  await page.getByRole('button', { name: 'Lift the limit' }).click();
  await expect(page.locator('.group-means')).not.toContainText('Nobody can be a member');
  await page.getByRole('button', { name: 'Review changes' }).click();
  await page.getByRole('dialog', { name: 'What this changes' }).getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status').getByText('Saved.', { exact: true })).toBeVisible();
  type Limited = { group: { isStateLimited: boolean } };
  const { group: after } = await graphql<Limited>(context.request, 'query ($id: ID!) { group(id: $id) { isStateLimited } }', { id: group.id });
  expect(after.isStateLimited).toBe(false);

  const person = await newPerson((await anotherBrowser()).request);
  await addMembers(context.request, group, [person.userId]);
  await page.goto(`/admin/users?group=${encodeURIComponent(group.id)}`);
  await expect(state(rows(page), 'Member')).toBeVisible();
});

test('several members are removed at once', async ({ page, context, anotherBrowser, expectAccessible }) => {
  await loginAsSuperuser(context.request);
  const people = [await newPerson((await anotherBrowser()).request), await newPerson((await anotherBrowser()).request), await newPerson((await anotherBrowser()).request)];
  const [first, second, third] = people;
  const group = await newGroup(context.request, 'Crowd');
  await addMembers(context.request, group, people.map((person) => person.userId));
  await page.goto(`/manage/groups/${group.id}`);
  await expect(rows(page)).toHaveCount(3);
  const bar = page.getByRole('region', { name: 'Selected members' });
  await expect(bar).toBeHidden();
  await page.getByRole('checkbox', { name: 'Select all shown' }).check();
  await expect(bar).toContainText('3 selected');
  await page.getByRole('checkbox', { name: `Select ${third!.pilot.name}` }).uncheck();
  await expect(bar).toContainText('2 selected');
  await expectAccessible();
  await bar.getByRole('button', { name: 'Remove 2' }).click();
  const ask = page.getByRole('dialog', { name: `Remove 2 members from ${group.name}?` });
  await ask.getByRole('textbox', { name: 'Reason' }).fill('The fleet is over.');
  await expectAccessible();
  await ask.getByRole('button', { name: 'Remove 2' }).click();
  await expect(page.locator('.toasts').getByText('2 members removed.')).toBeVisible();
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText(third!.pilot.name);
  await expect(bar).toBeHidden();
  await page.getByRole('link', { name: 'Log', exact: true }).click();
  for (const gone of [first!, second!]) {
    await expect(rows(page).filter({ hasText: gone.username }).first()).toContainText('The fleet is over.');
  }
});

test('the audit log waits for three characters, unless it is narrow', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const person = await newPerson((await anotherBrowser()).request);
  await loginAsSuperuser(context.request);
  const group = await newGroup(context.request, 'Sought');
  await page.goto('/admin/audit');
  const entries = page.getByRole('main').locator('.audit').getByRole('listitem');
  const search = page.getByRole('main').getByRole('searchbox');
  const note = page.getByText('At least three characters');
  await expect(entries.first()).toBeVisible();
  await search.fill('So');
  await expect(page).toHaveURL(/q=So/);
  await expect(note).toBeVisible();
  await expect(entries.nth(1), 'the list stays').toBeVisible();
  await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Export JSON lines' })).not.toHaveAttribute('href', /search=/);
  await expectAccessible();
  await search.fill(group.name);
  await expect(note).toBeHidden();
  await expect(entries).toHaveCount(1);
  await page.goto(`/admin/audit?person=${encodeURIComponent(person.userId)}&q=zq`);
  await expect(page.getByText('Nothing matches')).toBeVisible();
  await expect(note).toBeHidden();
});

test('the audit log is narrowed to a kind and to one thing', async ({ page, context }) => {
  await loginAsSuperuser(context.request);
  const group = await newGroup(context.request, 'Audited');
  await page.goto('/admin/audit');
  const entries = page.getByRole('main').locator('.audit').getByRole('listitem');
  await page.getByRole('combobox', { name: 'Kind' }).selectOption({ label: 'Group created' });
  await expect(page).toHaveURL(/kind=group_created/);
  await page.getByRole('combobox', { name: 'What' }).selectOption({ label: 'Groups' });
  await pick(page, 'Which one', group.name);
  await expect(page).toHaveURL((url) => url.searchParams.get('id') === group.id);
  await expect(entries).toHaveCount(1);
  await expect(entries).toContainText(group.name);
  await page.getByRole('combobox', { name: 'What' }).selectOption({ label: 'States' });
  await expect(page, 'another kind of thing is another thing').not.toHaveURL(/[?&]id=/);
});

test('histories are narrowed to a kind, and turned page by page', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const superuser = await anotherBrowser();
  await loginAsSuperuser(superuser.request);
  const person = await newPerson(context.request);
  const groups = [await newGroup(superuser.request, 'Past'), await newGroup(superuser.request, 'Past')];
  // More changes than fit on a page.
  const remove = 'mutation ($groupId: ID!, $userIds: [ID!]!) { removeGroupMembers(input: { groupId: $groupId, userIds: $userIds }) { status } }';
  for (let turn = 0; turn < 7; turn += 1) {
    for (const group of groups) {
      await addMembers(superuser.request, group, [person.userId]);
      await graphql(superuser.request, remove, { groupId: group.id, userIds: [person.userId] });
    }
  }
  const office = await superuser.newPage();
  for (const [where, path] of [
    [page, '/history'],
    [office, `/admin/users/${person.userId}`],
  ] as const) {
    await where.goto(path);
    const entries = where.locator('.timeline').getByRole('listitem');
    const pager = where.getByRole('navigation', { name: 'Pages' });
    await expect(entries.first()).toContainText('Past');
    await pager.getByRole('button', { name: 'Next' }).click();
    await expect(where).toHaveURL(/after=/);
    await expect(entries.last()).toContainText('Member');
    await pager.getByRole('button', { name: 'Previous' }).click();
    await expect(where).toHaveURL(/before=/);
    await expect(entries.first()).toContainText('Past');
    const kind = where.getByRole('main').getByRole('combobox', { name: 'Kind' });
    await kind.selectOption({ label: 'State' });
    await expect(where).toHaveURL(/kind=state/);
    await expect(entries).toHaveCount(1);
    await expect(entries).toContainText('Member');
    await expectAccessible(where);
    await kind.selectOption({ label: 'Leadership' });
    await expect(where.getByText('Nothing of this kind')).toBeVisible();
    await where.getByLabel('From (EVE time)').fill('2099-01-01T00:00');
    await expect(where).toHaveURL(/from=2099/);
    await expect(where.getByText('Nothing in this period')).toBeVisible();
    await where.getByRole('button', { name: 'Clear filters' }).click();
    await expect(where).not.toHaveURL(/kind=|from=/);
    await expect(entries.first()).toContainText('Past');
    await where.getByLabel('To (EVE time)').fill('2003-05-06T12:00');
    await expect(where.getByText('Nothing in this period')).toBeVisible();
    await expectAccessible(where);
  }
});

test('the log of a group outlives it, and is filtered', async ({ page, context, anotherBrowser, expectAccessible }) => {
  await loginAsSuperuser(context.request);
  const person = await newPerson((await anotherBrowser()).request);
  const group = await newGroup(context.request, 'Logged', { isInternal: true });
  await addMembers(context.request, group, [person.userId]);
  await page.goto(`/admin/groups/${group.id}`);
  await page.getByRole('link', { name: 'Log', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: `Log of ${group.name}` })).toBeVisible();
  await expect(rows(page)).toHaveCount(1);

  const drop = 'mutation ($input: DeleteGroupInput!) { deleteGroup(input: $input) { status preview { token } } }';
  type Dropped = { deleteGroup: { status: string; preview: { token: string } } };
  const { deleteGroup: seen } = await graphql<Dropped>(context.request, drop, { input: { id: group.id } });
  await graphql<Dropped>(context.request, drop, { input: { id: group.id, previewToken: seen.preview.token } });
  await page.goto(`/admin/audit?object=group&id=${encodeURIComponent(group.id)}&kind=group_deleted`);
  await page.getByRole('link', { name: `Log of ${group.name}` }).click();
  await expect(page).toHaveURL(`/admin/groups/${group.id}/log`);
  await expect(page.getByRole('heading', { level: 1, name: `Log of ${group.name}` })).toBeVisible();
  const all = await rows(page).count();
  await expectAccessible();
  await page.getByRole('combobox', { name: 'Action' }).selectOption({ label: 'Added' });
  await expect(page).toHaveURL(/action=added/);
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page).getByRole('link', { name: person.username })).toHaveAttribute('href', `/admin/users/${person.userId}`);
  await page.getByRole('combobox', { name: 'Type' }).selectOption({ label: 'Join' });
  await expect(page.getByText('Nothing matches')).toBeVisible();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expect(rows(page)).toHaveCount(all);
});

test('permissions show app and model and are sorted by every number', async ({ page, context }) => {
  await loginAsSuperuser(context.request);
  await page.goto('/admin/permissions?all=yes&q=change_');
  const row = rows(page).filter({ hasText: 'change_group' }).first();
  await expect(row.getByRole('cell', { name: 'auth', exact: true })).toBeVisible();
  await expect(row.getByRole('cell', { name: 'group', exact: true })).toBeVisible();
  // What they mean is told without a mouse to point with.
  const meaning = page.getByText('Users to whom it was granted directly');
  await expect(meaning).toBeHidden();
  await page.getByText('What the columns mean').press('Enter');
  await expect(meaning).toBeVisible();
  const heads = page.getByRole('columnheader');
  for (const [name, key] of [
    ['Users \\(direct\\)', 'direct'],
    ['Groups', 'groups'],
    ['Users via groups', 'group-users'],
    ['States', 'states'],
    ['Users via states', 'state-users'],
    ['Users in all', 'users'],
  ] as const) {
    const head = heads.filter({ hasText: new RegExp(`^${name}(sorted|$)`) });
    await head.getByRole('button').click();
    await expect(page).toHaveURL(new RegExp(`sort=${key}`));
    await expect(head).toHaveAttribute('aria-sort', 'ascending');
    await expect(row.getByRole('cell', { name: 'auth', exact: true }), 'the app stays').toBeVisible();
  }
});

test('members and requests are ordered, and reserved names are searched', async ({ page, context, anotherBrowser }) => {
  await loginAsSuperuser(context.request);
  const apis = [(await anotherBrowser()).request, (await anotherBrowser()).request];
  const [first, second] = [await newPerson(apis[0]!), await newPerson(apis[1]!)];
  const group = await newGroup(context.request, 'Ordered');
  await addMembers(context.request, group, [first.userId]);
  await addMembers(context.request, group, [second.userId]);
  await page.goto(`/manage/groups/${group.id}`);
  const since = page.getByRole('columnheader', { name: 'Since' });
  await since.getByRole('button').click();
  await expect(rows(page).first()).toContainText(first.pilot.name);
  await since.getByRole('button').click();
  await expect(page).toHaveURL(/dir=desc/);
  await expect(rows(page).first()).toContainText(second.pilot.name);

  const add = 'mutation ($groupId: ID!, $userIds: [ID!]!) { addGroupMembers(input: { groupId: $groupId, userIds: $userIds, endsAt: "2099-01-01T00:00:00Z" }) { status } }';
  await graphql(context.request, add, { groupId: group.id, userIds: [first.userId] });
  const ends = page.getByRole('columnheader', { name: 'Ends' });
  await ends.getByRole('button').click();
  await expect(page).toHaveURL(/sort=ends/);
  await expect(rows(page).first(), 'whose time is over first').toContainText(first.pilot.name);
  await ends.getByRole('button').click();
  await expect(rows(page).first()).toContainText(second.pilot.name);

  const asked = await newGroup(context.request, 'Asked in order');
  expect(await join(apis[0]!, asked, 'First')).toBe('REQUESTED');
  expect(await join(apis[1]!, asked, 'Second')).toBe('REQUESTED');
  await page.goto('/manage/groups?sort=requests&dir=desc');
  await expect(page.getByRole('columnheader', { name: 'Requests' })).toHaveAttribute('aria-sort', 'descending');
  const waiting = rows(page).getByRole('link', { name: /^\d+$/ });
  await expect(waiting.first()).toBeVisible();
  const numbers = (await waiting.allInnerTexts()).map(Number);
  expect(numbers).toEqual([...numbers].sort((a, b) => b - a));
  await page.goto('/inbox');
  await pick(page, 'Group', asked.name);
  const requests = page.locator('#requests').getByRole('listitem');
  await expect(requests).toHaveCount(2);
  await expect(requests.first()).toContainText('First');
  await page.getByRole('main').getByRole('combobox', { name: 'Order' }).selectOption({ label: 'Newest first' });
  await expect(requests.first()).toContainText('Second');

  const word = `reserved ${Date.now()}`;
  const reserve = 'mutation ($name: String!) { createReservedGroupName(input: { name: $name, reason: "For the tests" }) { status } }';
  await graphql(context.request, reserve, { name: word });
  await page.goto('/admin/reserved-names');
  await page.getByRole('main').getByRole('searchbox').fill(word);
  await expect(page.getByRole('main').getByRole('listitem')).toHaveCount(1);
  await page.getByRole('main').getByRole('searchbox').fill('no name is called this');
  await expect(page.getByText('No reserved name matches')).toBeVisible();
});
