
import { type APIRequestContext, type Locator, type Page } from '@playwright/test';

import { expect, test } from '../fixtures';
import { graphql, loginAsSuperuser, makeStaff, newPerson, type Person } from './support/api';
import { addMembers, join, newGroup, stateId, type Group } from './support/groups';
import { menu, state } from './support/pages';
import { takePictures } from './support/pictures';
import { CORPORATION, unique } from './support/simulator';

// What the staff, managers and leaders of leaders do: with the rights that they have, and no more.

function preview(page: Page): Locator {
  return page.getByRole('dialog', { name: /^What (this|deleting) changes$/ });
}

function toast(page: Page, text: string): Locator {
  return page.locator('.toasts').getByText(text);
}

function rows(page: Page): Locator {
  return page.getByRole('table').locator('tbody').getByRole('row');
}

/** Permissions of his own, without being staff. */
async function grant(superuser: APIRequestContext, person: Person, permissions: string[]): Promise<void> {
  const update = 'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { status preview { token } } }';
  type Answer = { updateUser: { status: string; preview: { token: string } | null } };
  const input = { id: person.userId, permissions: permissions.map((permission) => ({ permission })) };
  const { updateUser: asked } = await graphql<Answer>(superuser, update, { input });
  await graphql<Answer>(superuser, update, { input: { ...input, previewToken: asked.preview!.token } });
}

async function groupsOf(superuser: APIRequestContext, person: Person): Promise<string[]> {
  type User = { user: { groups: { group: Group }[] } };
  const { user } = await graphql<User>(superuser, 'query ($id: ID!) { user(id: $id) { groups { group { id name } } } }', { id: person.userId });
  return user.groups.map(({ group }) => group.name);
}

test('staff manage the members of an internal group where the group is', async ({ page, context, anotherBrowser, expectAccessible }) => {
  test.slow();
  const admin = (await anotherBrowser()).request;
  await loginAsSuperuser(admin);
  const people = [await newPerson((await anotherBrowser()).request), await newPerson((await anotherBrowser()).request), await newPerson((await anotherBrowser()).request)];
  const [first, second, third] = people as [Person, Person, Person];
  const group = await newGroup(admin, 'Inner circle', { isInternal: true, isHidden: true, permissions: ['auth.timer_view'] });
  const me = await newPerson(context.request);
  await makeStaff(admin, me, ['auth.view_group', 'auth.change_group', 'auth.view_user']);

  await page.goto(`/admin/groups/${group.id}`);
  await expect(page.getByRole('heading', { level: 1, name: group.name })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Members and requests' }), 'it would lead nowhere').toHaveCount(0);
  await page.getByRole('link', { name: 'Members', exact: true }).click();
  await expect(page.getByText('No members yet')).toBeVisible();
  await expectAccessible();

  const add = async (names: string[], from?: string): Promise<Locator> => {
    await page.getByRole('button', { name: 'Add members' }).click();
    const dialog = page.getByRole('dialog', { name: `Add members to ${group.name}` });
    await expect(dialog.getByRole('button', { name: 'Review' })).toHaveAttribute('aria-disabled', 'true');
    for (const name of names) {
      await dialog.getByRole('combobox', { name: 'Pilot or user name' }).fill(name);
      await dialog.getByRole('option', { name }).first().click();
    }
    if (from) await dialog.getByLabel(/^Starts/).fill(from);
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('For the tests');
    await dialog.getByRole('button', { name: 'Review' }).click();
    return dialog;
  };
  let dialog = await add([first.pilot.name, second.pilot.name]);
  const follows = page.getByRole('region', { name: 'What will happen' }).filter({ visible: true });
  await expect(follows).toContainText('2 pilots become members.');
  await expect(follows.getByRole('list', { name: 'Gains and losses' })).toContainText('auth.timer_view');
  await expect(follows).not.toContainText('what the group itself gives');
  await expectAccessible();
  await takePictures(page, 'staff-members-add');
  await dialog.getByRole('button', { name: 'Back' }).click();
  await dialog.getByRole('button', { name: 'Review' }).click();
  await dialog.getByRole('button', { name: 'Add 2 members' }).click();
  await expect(toast(page, '2 pilots are now members.')).toBeVisible();
  await expect(rows(page)).toHaveCount(2);

  dialog = await add([third.pilot.name], '2099-01-01T12:00');
  await expect(follows).toContainText('Nobody');
  await dialog.getByRole('button', { name: 'Add 1 member' }).click();
  await expect(rows(page)).toHaveCount(3);
  await page.getByRole('combobox', { name: 'Begun or scheduled' }).selectOption('Scheduled');
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText(third.pilot.name);
  await expect(rows(page)).toContainText('Begins');
  await page.getByRole('combobox', { name: 'Begun or scheduled' }).selectOption('All memberships');
  await expect(rows(page)).toHaveCount(3);
  await takePictures(page, 'staff-members');
  await expectAccessible();

  await page.getByRole('checkbox', { name: 'Select all shown' }).check();
  await page.getByRole('checkbox', { name: `Select ${first.pilot.name}` }).uncheck();
  await page.getByRole('region', { name: 'Selected members' }).getByRole('button', { name: 'Remove 2' }).click();
  const ask = page.getByRole('dialog', { name: `Remove 2 members from ${group.name}?` });
  await expect(follows).toContainText('2 pilots are removed.');
  await ask.getByRole('textbox', { name: 'Reason' }).fill('The tests are over');
  await expectAccessible();
  await takePictures(page, 'staff-members-remove');
  await ask.getByRole('button', { name: 'Remove 2' }).click();
  await expect(toast(page, '2 members removed.')).toBeVisible();
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole('searchbox', { name: 'Search members' }).fill('nobody flies under this name');
  await expect(page.getByText('Nobody matches')).toBeVisible();
  await page.getByRole('link', { name: 'Log', exact: true }).click();
  await expect(rows(page).filter({ hasText: second.username }).first()).toContainText('The tests are over');
  expect(await groupsOf(admin, first)).toEqual([group.name]);
  expect(await groupsOf(admin, third)).toEqual([]);
});

test('when the world moves before members are removed, one looks again', async ({ page, context, anotherBrowser }) => {
  await loginAsSuperuser(context.request);
  const person = await newPerson((await anotherBrowser()).request);
  const group = await newGroup(context.request, 'Moving', { permissions: ['auth.timer_view'] });
  await addMembers(context.request, group, [person.userId]);
  await page.goto(`/admin/groups/${group.id}?tab=members`);
  await rows(page).getByRole('button', { name: `Remove ${person.pilot.name}` }).click();
  const ask = page.getByRole('dialog', { name: `Remove ${person.pilot.name} from ${group.name}?` });
  const counts = ask.getByRole('list', { name: 'Gains and losses' });
  await expect(counts).toContainText('auth.timer_view');
  await grant(context.request, person, ['auth.timer_view']);
  await ask.getByRole('button', { name: `Remove ${person.pilot.name}` }).click();
  await expect(ask.getByText('Things have changed')).toBeVisible();
  await expect(counts).not.toContainText('auth.timer_view');
  expect(await groupsOf(context.request, person), 'nothing was done').toEqual([group.name]);
  await ask.getByRole('button', { name: `Remove ${person.pilot.name}` }).click();
  await expect(toast(page, `${person.pilot.name} is no longer a member.`)).toBeVisible();
  expect(await groupsOf(context.request, person)).toEqual([]);
});

test('a dialog that saves stays until it is known what came of it', async ({ page, context, anotherBrowser, expectAccessible }) => {
  await loginAsSuperuser(context.request);
  const people = [await newPerson((await anotherBrowser()).request), await newPerson((await anotherBrowser()).request)];
  const [first, second] = people as [Person, Person];
  const group = await newGroup(context.request, 'Slowly');
  await addMembers(context.request, group, [first.userId, second.userId]);
  let go = (): void => undefined;
  const wait = new Promise<void>((resolve) => (go = resolve));
  await page.route('**/graphql', async (route) => {
    const { query, variables } = route.request().postDataJSON() as { query: string; variables: { preview?: boolean } };
    if (query.includes('removeGroupMembers') && variables.preview === false) await wait;
    return route.continue();
  });
  await page.goto(`/manage/groups/${group.id}`);
  await rows(page).getByRole('button', { name: `Remove ${first.pilot.name}` }).click();
  const ask = page.getByRole('dialog', { name: `Remove ${first.pilot.name} from ${group.name}?` });
  await expect(ask.getByRole('region', { name: 'What will happen' })).toContainText('1 pilot is removed.');
  await ask.getByRole('button', { name: `Remove ${first.pilot.name}` }).click();
  for (const slip of [
    () => page.keyboard.press('Escape'),
    () => page.keyboard.press('Escape'),
    () => page.mouse.click(5, 400),
    () => ask.getByRole('button', { name: 'Close' }).click(),
    () => ask.getByRole('button', { name: 'Cancel' }).click({ force: true }),
  ]) {
    await slip();
    await expect(ask).toBeVisible();
  }
  await expect(ask.getByRole('status').filter({ hasText: 'This is being saved' })).toBeVisible();
  await expectAccessible();
  go();
  await expect(toast(page, `${first.pilot.name} is no longer a member.`)).toBeVisible();
  await expect(ask).toBeHidden();
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText(second.pilot.name);
});

test('the form of a group says what is missing', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const admin = (await anotherBrowser()).request;
  await loginAsSuperuser(admin);
  const open = await newGroup(admin, 'Roams');
  const vault = await newGroup(admin, 'Vault', { isRestricted: true });
  const member = await newPerson((await anotherBrowser()).request);
  await addMembers(admin, vault, [member.userId]);
  const me = await newPerson(context.request);
  await makeStaff(admin, me, ['auth.change_group', 'auth.delete_group']);

  await page.goto(`/admin/groups/${open.id}`);
  const limits = page.getByRole('group', { name: 'Limited to states' });
  await expect(limits.getByRole('checkbox', { name: 'Member', exact: true }), 'their names are no secret').toBeEnabled();
  await expect(page.getByText('To choose users you need the permission “Can see all users” (auth.view_user).')).toBeVisible();
  await expect(page.getByRole('combobox', { name: 'Users' })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Members and requests' })).toHaveCount(0);
  await expect(page.getByRole('link', { name: /^\d+ members?$/ }), 'the list of users is not for him').toHaveCount(0);
  await expectAccessible();
  await limits.getByRole('checkbox', { name: 'Blue', exact: true }).check();
  await page.getByRole('button', { name: 'Review changes' }).click();
  await preview(page).getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status').getByText('Saved.', { exact: true }).first()).toBeVisible();

  await page.goto(`/admin/groups/${vault.id}`);
  await expect(page.getByText('This group is restricted: only superusers edit or delete it').first()).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Name', exact: true })).not.toBeEditable();
  await expect(page.getByRole('button', { name: 'Review changes' })).toHaveCount(0);
  const remove = page.getByRole('button', { name: 'Delete…' });
  await expect(remove).toHaveAttribute('aria-disabled', 'true');
  await expect(remove).toHaveAttribute('title', /only superusers/);
  await expectAccessible();
  await takePictures(page, 'staff-restricted');
  await page.getByRole('link', { name: 'Members', exact: true }).click();
  await expect(rows(page)).toContainText(member.pilot.name);
  await expect(page.getByText('Only superusers add and remove members of this restricted group.')).toBeVisible();
  await expect(page.getByRole('button', { name: /^(Remove|Add)/ })).toHaveCount(0);
  await expectAccessible();
});

test('whoever sees users and no states finds users by their state, and asks about the one they have', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const admin = (await anotherBrowser()).request;
  await loginAsSuperuser(admin);
  const person = await newPerson((await anotherBrowser()).request);
  const me = await newPerson(context.request);
  await grant(admin, me, ['auth.view_user']);

  await page.goto('/admin/users');
  await page.getByRole('main').getByRole('combobox', { name: 'State' }).selectOption({ label: 'Member' });
  await expect(page).toHaveURL(/state=/);
  await page.getByRole('main').getByRole('searchbox').fill(person.pilot.name);
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText(person.pilot.name);

  await page.goto(`/admin/users/${person.userId}`);
  await page.getByRole('button', { name: 'Ask about…' }).click();
  const ask = page.getByRole('dialog', { name: `What about ${person.pilot.name}?` });
  const field = ask.getByRole('combobox', { name: 'Permission, group, service or state' });
  await field.fill('Blue');
  const blue = ask.getByRole('option', { name: 'Blue' }).first();
  await expect(blue).toHaveAttribute('aria-disabled', 'true');
  await expect(blue).toContainText('you need the permission “Can see all states” (authentication.view_state)');
  await field.fill('Member');
  await ask.getByRole('option', { name: 'Member' }).first().click();
  await expect(ask.locator('.verdict')).toContainText('Yes.');
  await field.fill('timer_view');
  await ask.getByRole('option', { name: 'timer_view' }).first().click();
  await expect(ask.locator('.verdict')).toContainText('No.');
  await expectAccessible();
});

test('whoever only sees groups reads the form of one', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const admin = (await anotherBrowser()).request;
  await loginAsSuperuser(admin);
  const group = await newGroup(admin, 'Read only', { stateIds: [await stateId(admin, 'Member')] });
  const me = await newPerson(context.request);
  await grant(admin, me, ['auth.view_group']);
  await page.goto(`/admin/groups/${group.id}`);
  const limits = page.getByRole('group', { name: 'Limited to states' });
  await expect(limits.getByRole('checkbox', { name: 'Member', exact: true })).toBeChecked();
  await expect(limits.getByRole('checkbox', { name: 'Member', exact: true })).toBeDisabled();
  await expect(page.getByText('Not for you')).toHaveCount(0);
  await expectAccessible();
});

test('nothing leads to what the server would refuse', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const admin = (await anotherBrowser()).request;
  await loginAsSuperuser(admin);
  const person = await newPerson((await anotherBrowser()).request);
  const group = await newGroup(admin, 'Refused');
  const member = await stateId(admin, 'Member');
  const me = await newPerson(context.request);
  await grant(admin, me, ['authentication.view_state', 'auth.view_group', 'admin.view_logentry']);

  await page.goto(`/admin/states/${member}`);
  const count = page.getByText(/^\d+ users?$/);
  await expect(count).toBeVisible();
  await expect(page.getByRole('link', { name: /^\d+ users?$/ })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'On a date' })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'What changed' })).toHaveCount(0);
  await expectAccessible();
  await page.goto(`/admin/groups/${group.id}`);
  await expect(page.getByRole('link', { name: 'Log', exact: true })).toBeVisible();
  await expect(page.getByRole('link', { name: 'What changed' })).toHaveCount(0);

  await page.goto(`/admin/audit?person=${encodeURIComponent(person.userId)}`);
  const entries = page.getByRole('main').locator('.audit').getByRole('listitem');
  await expect(entries.first()).toContainText(person.username);
  await expect(entries.first().getByRole('link', { name: person.username })).toHaveCount(0);
  await expect(page.getByRole('combobox', { name: 'Person' })).toHaveCount(0);
  await expectAccessible();
  await page.getByRole('button', { name: 'Remove the filter One person only' }).click();
  await expect(page).not.toHaveURL(/person=/);
  await page.getByRole('combobox', { name: 'What' }).selectOption({ label: 'Users' });
  await expect(page).toHaveURL(/object=user/);
  await expect(page.getByRole('combobox', { name: 'Which one' })).toHaveCount(0);
  await page.goto(`/admin/audit?object=group&id=${encodeURIComponent(group.id)}`);
  await expect(entries.first().getByRole('link', { name: group.name, exact: true })).toBeVisible();
  await grant(admin, me, ['admin.view_logentry']);
  await page.reload();
  await expect(entries.first().getByRole('link', { name: `Log of ${group.name}` })).toBeVisible();
  await expect(entries.first().getByRole('link', { name: group.name, exact: true })).toHaveCount(0);
});

test('staff switch a pilot off, and leave superusers and restricted groups alone', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const admin = (await anotherBrowser()).request;
  await loginAsSuperuser(admin);
  const { viewer } = await graphql<{ viewer: { user: { id: string } } }>(admin, '{ viewer { user { id } } }');
  const person = await newPerson((await anotherBrowser()).request);
  const vault = await newGroup(admin, 'Vault', { isRestricted: true });
  const locked = await newGroup(admin, 'Locked', { isRestricted: true });
  await addMembers(admin, vault, [person.userId]);
  const me = await newPerson(context.request);
  await makeStaff(admin, me, ['auth.view_user', 'auth.change_user', 'auth.view_group', 'auth.change_group']);

  await page.goto(`/admin/users/${viewer.user.id}`);
  const off = page.getByRole('button', { name: 'Switch off' });
  await expect(off).toHaveAttribute('aria-disabled', 'true');
  await expect(off).toHaveAttribute('title', 'Only superusers can change superusers.');

  await page.goto(`/admin/users/${person.userId}`);
  const groups = page.getByRole('region', { name: 'Groups' });
  await expect(groups).toContainText(vault.name);
  await expect(groups.getByRole('button', { name: `Remove from ${vault.name}` })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Make superuser' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Add to group' }).click();
  const add = page.getByRole('dialog', { name: 'Add to group' });
  await add.getByRole('combobox', { name: 'Group' }).fill(locked.name);
  await add.getByRole('option', { name: locked.name }).click();
  await add.getByRole('button', { name: 'Review' }).click();
  await expect(add).toContainText('You are not allowed to change the members of this group.');
  expect(await groupsOf(admin, person)).toEqual([vault.name]);
  await add.getByRole('button', { name: 'Cancel' }).click();
  await expectAccessible();

  const account = page.getByRole('region', { name: 'Account' });
  await account.getByRole('textbox', { name: 'Reason' }).fill('A test');
  await account.getByRole('button', { name: 'Switch off' }).click();
  await preview(page).getByRole('button', { name: 'Remove access from 1 pilot' }).click();
  await expect(account).toContainText('Switched off');
  await expect(state(page.getByRole('main'), 'Guest')).toBeVisible();
});

test('staff edit a state, but not what it carries', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const admin = (await anotherBrowser()).request;
  await loginAsSuperuser(admin);
  const person = await newPerson((await anotherBrowser()).request, CORPORATION.neutral);
  const create = 'mutation ($input: CreateStateInput!) { createState(input: $input) { preview { token } state { id } } }';
  type Made = { createState: { preview: { token: string }; state: { id: string } } };
  const input = { name: unique('Friends'), priority: 3_000_000 + Math.floor(Math.random() * 1_000_000), isPublic: false };
  const { createState: asked } = await graphql<Made>(admin, create, { input });
  const { createState: made } = await graphql<Made>(admin, create, { input: { ...input, previewToken: asked.preview.token } });
  const me = await newPerson(context.request);
  await makeStaff(admin, me, ['authentication.view_state', 'authentication.change_state', 'auth.view_user']);

  await page.goto(`/admin/states/${made.state.id}`);
  await expect(page.getByText('Only superusers may change permissions.')).toBeVisible();
  await expect(page.getByRole('checkbox', { name: /mumble\.access_mumble/ })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Delete…' })).toHaveCount(0);
  const characters = page.getByRole('combobox', { name: 'Characters' });
  await characters.fill(person.pilot.name);
  await page.getByRole('option', { name: person.pilot.name }).first().click();
  await expectAccessible();
  await page.getByRole('button', { name: 'Review changes' }).click();
  await expect(preview(page)).toContainText(person.pilot.name);
  await preview(page).getByRole('button', { name: /1 pilot$/ }).click();
  await expect(page.getByRole('status').getByText('Saved.', { exact: true }).first()).toBeVisible();
  type User = { user: { state: { name: string } } };
  const { user } = await graphql<User>(admin, 'query ($id: ID!) { user(id: $id) { state { name } } }', { id: person.userId });
  expect(user.state.name).toBe(input.name);
});

test('staff reserve names, and give them free only with the permission', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const admin = (await anotherBrowser()).request;
  await loginAsSuperuser(admin);
  const me = await newPerson(context.request);
  const may = ['groupmanagement.view_reservedgroupname', 'groupmanagement.add_reservedgroupname'];
  await makeStaff(admin, me, may);
  const name = unique('reserved');
  await page.goto('/admin/reserved-names');
  await page.getByRole('button', { name: 'Reserve a name' }).click();
  const form = page.getByRole('dialog', { name: 'Reserve a name' });
  await form.getByRole('textbox', { name: 'Name' }).fill(name);
  await form.getByRole('textbox', { name: 'Reason' }).fill('Taken by the staff');
  await form.getByRole('button', { name: 'Reserve a name' }).click();
  const row = page.getByRole('listitem').filter({ hasText: name });
  await expect(row).toContainText('Taken by the staff');
  await expect(page.getByRole('button', { name: `Delete ${name}` })).toHaveCount(0);
  await expectAccessible();
  await grant(admin, me, [...may, 'groupmanagement.delete_reservedgroupname']);
  await page.reload();
  await page.getByRole('button', { name: `Delete ${name}` }).click();
  await page.getByRole('dialog', { name: `Allow “${name}” again?` }).getByRole('button', { name: 'Delete' }).click();
  await expect(row).toHaveCount(0);
});

test('a manager handles every group that is not internal', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const admin = (await anotherBrowser()).request;
  await loginAsSuperuser(admin);
  const group = await newGroup(admin, 'Anybody’s');
  const internal = await newGroup(admin, 'Internal', { isInternal: true });
  const asking = (await anotherBrowser()).request;
  const person = await newPerson(asking);
  expect(await join(asking, group, 'Please')).toBe('REQUESTED');
  const me = await newPerson(context.request);
  await grant(admin, me, ['auth.group_management']);

  await page.goto('/');
  await menu(page).getByRole('link', { name: /^Inbox/ }).click();
  await page.getByRole('button', { name: `Accept ${person.pilot.name} into ${group.name}` }).click();
  await expect(toast(page, '1 request accepted.')).toBeVisible();
  await page.goto(`/manage/groups/${group.id}`);
  await expect(rows(page)).toContainText(person.pilot.name);
  await expect(page.getByText('To bring somebody in, hand out the join link.')).toBeVisible();
  await expectAccessible();
  await page.goto(`/manage/groups/${internal.id}`);
  await expect(page.getByRole('heading', { level: 1, name: 'No such group' })).toBeVisible();
  await page.goto(`/admin/groups/${internal.id}`);
  await expect(page.getByRole('heading', { level: 1, name: 'No such group' })).toBeVisible();
});

test('a group that is not public is for those who may request groups; who is in a leader group decides', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const admin = (await anotherBrowser()).request;
  await loginAsSuperuser(admin);
  const officers = await newGroup(admin, 'Officers', { isInternal: true });
  const wing = await newGroup(admin, 'Wing', { isPublic: false, leaderGroupIds: [officers.id] });
  const guest = await anotherBrowser();
  await newPerson(guest.request, CORPORATION.neutral);
  const guests = await guest.newPage();
  await guests.goto('/groups');
  await expect(guests.getByRole('heading', { level: 1, name: 'Groups' })).toBeVisible();
  await expect(guests.locator('.skeleton')).toHaveCount(0);
  await expect(guests.getByRole('heading', { level: 2, name: wing.name })).toHaveCount(0);
  expect(await join(guest.request, wing)).toBe('NOT_FOUND');
  const may = await newGroup(admin, 'May ask', { isOpen: true, permissions: ['groupmanagement.request_groups'] });
  expect(await join(guest.request, may)).toBe('JOINED');
  await guests.reload();
  await guests.getByRole('button', { name: `Request to join ${wing.name}` }).click();
  const dialog = guests.getByRole('dialog', { name: `Request to join ${wing.name}` });
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('A friend of friends');
  await dialog.getByRole('button', { name: 'Send request' }).click();
  await expect(guests.getByRole('button', { name: `Retract your request for ${wing.name}` })).toBeVisible();

  const lead = await newPerson(context.request);
  await page.goto('/');
  await expect(menu(page).getByRole('link', { name: /^Inbox/ })).toHaveCount(0);
  await addMembers(admin, officers, [lead.userId]);
  await menu(page).getByRole('link', { name: /^Inbox/ }).click();
  const request = page.locator('#requests').getByRole('listitem').filter({ hasText: 'A friend of friends' });
  await expect(request).toBeVisible();
  await expectAccessible();
  await request.getByRole('button', { name: /^Accept/ }).click();
  await expect(toast(page, '1 request accepted.')).toBeVisible();
  // What let him ask goes, and the group with it.
  const leave = 'mutation ($groupId: ID!) { leaveGroup(input: { groupId: $groupId }) { status } }';
  await graphql(guest.request, leave, { groupId: may.id });
  await guests.goto('/groups');
  await expect(guests.getByRole('heading', { level: 2, name: wing.name })).toHaveCount(0);
});
