import { readFileSync } from 'node:fs';

import { type APIRequestContext, type Locator, type Page } from '@playwright/test';

import { expect, test } from '../fixtures';
import { graphql, loginAsSuperuser, makeStaff, newPerson, type Person } from './support/api';
import { newGroup } from './support/groups';
import { menu, state } from './support/pages';
import { CORPORATION, unique } from './support/simulator';

/** The dialog that says what an edit changes. */
function preview(page: Page): Locator {
  return page.getByRole('dialog', { name: /^What (this|deleting) changes$/ });
}

/** Leaves the form through the preview. */
async function review(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Review changes' }).click();
  const dialog = preview(page);
  await expect(dialog).toBeVisible();
  return dialog;
}

async function toast(page: Page, text: string | RegExp): Promise<void> {
  // The whole text: other messages contain its words.
  await expect(page.getByRole('status').getByText(text, { exact: true }).first()).toBeVisible();
}

/** Types into a picker and takes what is offered under this name. */
async function pick(within: Page | Locator, label: string | RegExp, words: string, name: string | RegExp): Promise<void> {
  const field = within.getByRole('combobox', { name: label });
  await field.fill(words);
  await within.getByRole('option', { name }).first().click();
  await expect(field).toHaveValue('');
}

/** A priority that nobody has. */
let priorities = 10_000 + Math.floor(Math.random() * 1_000_000);
const priority = (): number => (priorities += 1);

/** A state that lists one pilot, made without a page: its id. */
async function makeState(superuser: APIRequestContext, name: string, characterId: number): Promise<string> {
  const create = 'mutation ($input: CreateStateInput!) { createState(input: $input) { status problems { message } preview { token } state { id } } }';
  type Answer = { createState: { status: string; preview: { token: string } | null; state: { id: string } | null } };
  const input = { name, priority: priority(), isPublic: false, members: { characterIds: [characterId], corporationIds: [], allianceIds: [], factionIds: [] } };
  const { createState: asked } = await graphql<Answer>(superuser, create, { input });
  expect(asked.status).toBe('PREVIEW');
  const { createState: saved } = await graphql<Answer>(superuser, create, { input: { ...input, previewToken: asked.preview!.token } });
  expect(saved.status).toBe('SAVED');
  return saved.state!.id;
}

/** Another description or priority, as somebody else would save it meanwhile. */
async function movePriority(superuser: APIRequestContext, id: string): Promise<void> {
  const update = 'mutation ($input: UpdateStateInput!) { updateState(input: $input) { status preview { token } } }';
  type Answer = { updateState: { status: string; preview: { token: string } | null } };
  const input = { id, priority: priority() };
  const { updateState: asked } = await graphql<Answer>(superuser, update, { input });
  await graphql<Answer>(superuser, update, { input: { ...input, previewToken: asked.preview!.token } });
}

async function stateOf(superuser: APIRequestContext, person: Person): Promise<string> {
  const { user } = await graphql<{ user: { state: { name: string } } }>(superuser, 'query ($id: ID!) { user(id: $id) { state { name } } }', { id: person.userId });
  return user.state.name;
}

test('a state is made, edited and deleted, each time with a look at what it does', async ({ page, context, anotherBrowser, expectAccessible }) => {
  test.slow();
  const person = await newPerson((await anotherBrowser()).request);
  await loginAsSuperuser(context.request);
  const name = unique('State');
  await page.goto('/');
  await menu(page).getByRole('link', { name: 'States' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'States' })).toBeVisible();
  await expect(page.getByRole('table').getByRole('row').filter({ hasText: 'Guest' })).toContainText('Everybody else');
  await expectAccessible();

  await page.getByRole('link', { name: 'New state' }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Member');
  await page.getByLabel('Priority').fill(String(priority()));
  await page.getByRole('button', { name: 'Review changes' }).click();
  await expect(page.locator('#field-name-problem'), 'the name is taken').toHaveText(/\S/);
  await expect(page.getByRole('textbox', { name: 'Name', exact: true })).toBeFocused();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await pick(page, 'Characters', person.pilot.name, person.pilot.name);
  await page.getByRole('searchbox', { name: 'Search permissions' }).fill('mumble.access');
  await page.getByRole('checkbox', { name: /mumble\.access_mumble/ }).check();
  await expectAccessible();
  let dialog = await review(page);
  await expect(dialog).toContainText(person.pilot.name);
  await expect(dialog.getByRole('list', { name: 'Gains and losses' })).toContainText(name);
  await expectAccessible();
  await dialog.getByRole('button', { name: /1 pilot$/ }).click();
  await toast(page, 'Created.');
  await expect(page).toHaveURL(/\/admin\/states\/state:\d+$/);
  expect(await stateOf(context.request, person)).toBe(name);

  // Only what was changed is sent, and nothing is saved without the preview.
  const discard = page.getByRole('button', { name: 'Discard' });
  await page.getByRole('button', { name: `Remove ${person.pilot.name}` }).click();
  await discard.click();
  await expect(page.getByRole('button', { name: `Remove ${person.pilot.name}` })).toBeVisible();
  await page.getByRole('button', { name: `Remove ${person.pilot.name}` }).click();
  dialog = await review(page);
  await expect(dialog.getByRole('button', { name: 'Remove access from 1 pilot' })).toBeVisible();
  await dialog.getByRole('searchbox', { name: 'Search names' }).fill('nobody flies under this name');
  await expect(dialog.getByRole('listitem').filter({ hasText: person.pilot.name })).toHaveCount(0);
  await dialog.getByRole('searchbox', { name: 'Search names' }).fill(person.pilot.name.slice(0, 5));
  await expect(dialog.getByRole('listitem').filter({ hasText: person.pilot.name }).first()).toBeVisible();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(await stateOf(context.request, person)).toBe(name);
  dialog = await review(page);
  await dialog.getByRole('button', { name: 'Remove access from 1 pilot' }).click();
  await toast(page, 'Saved.');
  expect(await stateOf(context.request, person)).toBe('Member');

  await page.getByRole('button', { name: 'Delete…' }).click();
  dialog = preview(page);
  await expect(dialog).toContainText('Nobody gains or loses anything.');
  await expectAccessible();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await toast(page, 'Deleted.');
  await expect(page).toHaveURL('/admin/states');
  await expect(page.getByRole('table')).not.toContainText(name);
});

test('when the world moves between look and save, nothing is saved and one looks again', async ({ page, context, anotherBrowser }) => {
  const person = await newPerson((await anotherBrowser()).request);
  await loginAsSuperuser(context.request);
  const id = await makeState(context.request, unique('State'), person.pilot.id);
  await page.goto(`/admin/states/${id}`);
  await page.getByRole('button', { name: `Remove ${person.pilot.name}` }).click();
  const dialog = await review(page);
  await movePriority(context.request, id);
  const confirm = dialog.getByRole('button', { name: 'Remove access from 1 pilot' });
  await confirm.click();
  await expect(dialog.getByRole('status').filter({ hasText: 'Things have changed' })).toBeVisible();
  expect(await stateOf(context.request, person), 'nothing was saved').not.toBe('Member');
  await confirm.click();
  await toast(page, 'Saved.');
  expect(await stateOf(context.request, person)).toBe('Member');
});

test('a preview that was closed or given up does not come back', async ({ page, context, anotherBrowser }) => {
  const person = await newPerson((await anotherBrowser()).request);
  await loginAsSuperuser(context.request);
  const id = await makeState(context.request, unique('State'), person.pilot.id);
  await page.goto(`/admin/states/${id}`);
  const pilot = page.getByRole('button', { name: `Remove ${person.pilot.name}` });
  await pilot.click();
  const dialog = await review(page);
  /** Lets the next question wait until it is told to go on, and the page take the answer. */
  const hold = async (): Promise<() => Promise<void>> => {
    let go = (): void => undefined;
    const wait = new Promise<void>((resolve) => (go = resolve));
    const isAsked = (body: string | null): boolean => (body ?? '').includes('updateState');
    await page.route('**/graphql', async (route) => {
      if (isAsked(route.request().postData())) await wait;
      return route.continue();
    });
    const asked = page.waitForRequest((request) => isAsked(request.postData()));
    const answered = page.waitForResponse((response) => isAsked(response.request().postData()));
    return async () => {
      await asked;
      go();
      await (await answered).finished();
      await page.waitForTimeout(500);
      await page.unroute('**/graphql');
    };
  };
  const closed = await hold();
  const asked = page.waitForRequest((request) => (request.postData() ?? '').includes('updateState'));
  await dialog.getByRole('searchbox', { name: 'Search names' }).fill('nobody');
  await asked;
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toBeHidden();
  await closed();
  await expect(dialog).toBeHidden();

  const discarded = await hold();
  const reviewing = page.getByRole('button', { name: 'Review changes' });
  await reviewing.click();
  await expect(reviewing).toHaveAttribute('aria-busy', 'true');
  await page.getByRole('button', { name: 'Discard' }).click();
  await expect(reviewing).not.toHaveAttribute('aria-busy');
  await discarded();
  await expect(dialog).toBeHidden();
  await expect(pilot).toBeVisible();
});

test('what was entered is not lost by accident', async ({ page, context }) => {
  await loginAsSuperuser(context.request);
  await page.goto('/admin/states');
  await page.getByRole('link', { name: 'New state' }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Half a state');
  await menu(page).getByRole('link', { name: 'Users' }).click();
  const ask = page.getByRole('dialog', { name: 'Leave without saving?' });
  await expect(ask).toBeVisible();
  await ask.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue('Half a state');
  await page.goBack();
  await expect(ask).toBeVisible();
  await expect(page).toHaveURL('/admin/states/new');
  await ask.getByRole('button', { name: 'Leave' }).click();
  await expect(page).toHaveURL('/admin/states');
});

test('the way forward is asked about as the way back is', async ({ page, context }) => {
  await loginAsSuperuser(context.request);
  await page.goto('/admin/states');
  await page.getByRole('link', { name: 'New state' }).click();
  await expect(page).toHaveURL('/admin/states/new');
  await menu(page).getByRole('link', { name: 'Users' }).click();
  await expect(page).toHaveURL('/admin/users');
  await page.goBack();
  const name = page.getByRole('textbox', { name: 'Name', exact: true });
  await name.fill('Half a state');
  const ask = page.getByRole('dialog', { name: 'Leave without saving?' });
  for (const way of [() => page.goForward(), () => page.goBack(), () => page.goForward()]) {
    await way();
    await expect(ask).toBeVisible();
    await expect(page).toHaveURL('/admin/states/new');
    await ask.getByRole('button', { name: 'Cancel' }).click();
    await expect(ask).toBeHidden();
    await expect(name).toHaveValue('Half a state');
  }
  await page.goForward();
  await ask.getByRole('button', { name: 'Leave' }).click();
  await expect(page).toHaveURL('/admin/users');
  await expect(page.getByRole('heading', { level: 1, name: 'Users' })).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL('/admin/states/new');
  await page.goBack();
  await expect(page).toHaveURL('/admin/states');
  await expect(page.getByRole('heading', { level: 1, name: 'States' })).toBeVisible();
});

test('Guest says why only its permissions can be changed', async ({ page, context, expectAccessible }) => {
  await loginAsSuperuser(context.request);
  await page.goto('/admin/states');
  await page.getByRole('table').getByRole('link', { name: /Guest$/ }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Only its permissions can be changed' })).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Name', exact: true })).not.toBeEditable();
  await expect(page.getByRole('button', { name: 'Delete…' })).toHaveCount(0);
  await expectAccessible();
});

test('a group is made, edited and deleted', async ({ page, context, anotherBrowser, expectAccessible }) => {
  test.slow();
  const person = await newPerson((await anotherBrowser()).request);
  await loginAsSuperuser(context.request);
  const name = unique('Group');
  await page.goto('/admin/groups');
  await page.getByRole('link', { name: 'New group' }).click();
  await expect(page.getByText('Only administrators put pilots into this group.')).toBeVisible();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await page.getByRole('textbox', { name: 'Description' }).fill('For the tests.');
  await page.getByRole('switch', { name: 'Internal' }).uncheck();
  await page.getByRole('switch', { name: 'Open' }).check();
  await expect(page.getByText('Through its link, everybody with permission to request groups can join at once.')).toBeVisible();
  await page.getByRole('checkbox', { name: 'Member', exact: true }).check();
  await pick(page, 'Users', person.pilot.name, person.pilot.name);
  await page.getByRole('searchbox', { name: 'Search permissions' }).fill('mumble.access');
  await page.getByRole('checkbox', { name: /mumble\.access_mumble/ }).check();
  await expectAccessible();
  let dialog = await review(page);
  await dialog.getByRole('button', { name: /^Create/ }).click();
  await toast(page, 'Created.');
  await expect(page).toHaveURL(/\/admin\/groups\/group:\d+$/);
  const groupId = new URL(page.url()).pathname.split('/').pop()!;

  // He is put into it on his own page, and taken out again.
  await page.goto(`/admin/users/${person.userId}`);
  await page.getByRole('button', { name: 'Add to group' }).click();
  const add = page.getByRole('dialog', { name: 'Add to group' });
  await add.getByRole('button', { name: 'Review' }).click();
  await expect(add.getByText('Choose a group.')).toBeVisible();
  await pick(add, 'Group', name, name);
  await add.getByRole('textbox', { name: 'Reason' }).fill('He asked nicely');
  await expectAccessible();
  await add.getByRole('button', { name: 'Review' }).click();
  const follows = add.getByRole('region', { name: 'What will happen' });
  await expect(follows).toContainText('1 pilot becomes a member.');
  await expect(follows.getByRole('list', { name: 'Gains and losses' })).toContainText('mumble.access_mumble');
  await expectAccessible();
  await add.getByRole('button', { name: 'Add', exact: true }).click();
  await toast(page, 'Added to the group.');
  const groups = page.getByRole('region', { name: 'Groups' });
  await expect(groups).toContainText(name);
  await expect(groups).toContainText('He asked nicely');

  // The list finds it by its flags.
  await page.goto('/admin/groups');
  const rows = page.getByRole('table').locator('tbody').getByRole('row');
  await page.getByRole('main').getByRole('searchbox').fill(name);
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText('Open');
  await expect(rows).toContainText('1');
  await page.getByRole('combobox', { name: 'Kind' }).selectOption({ label: 'Internal' });
  await expect(page.getByText('No group matches')).toBeVisible();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expectAccessible();

  // Members of another state than the chosen one lose it.
  await page.goto(`/admin/groups/${groupId}`);
  await page.getByRole('checkbox', { name: 'Member', exact: true }).uncheck();
  await page.getByRole('checkbox', { name: 'Blue', exact: true }).check();
  dialog = await review(page);
  await expect(dialog).toContainText(person.pilot.name);
  await dialog.getByRole('button', { name: 'Remove access from 1 pilot' }).click();
  await toast(page, 'Saved.');

  await page.getByRole('button', { name: 'Delete…' }).click();
  dialog = preview(page);
  await dialog.getByRole('button', { name: /^(Delete|Remove access)/ }).click();
  await toast(page, 'Deleted.');
  await expect(page).toHaveURL('/admin/groups');
});

test('staff edit what they may, and are told what is for superusers', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const superuser = await anotherBrowser();
  await loginAsSuperuser(superuser.request);
  const person = await newPerson(context.request);
  await makeStaff(superuser.request, person, ['auth.view_group', 'auth.change_group', 'auth.add_group', 'authentication.view_state']);
  await page.goto('/');
  await expect(menu(page).getByRole('link', { name: 'Groups' }).last()).toBeVisible();
  await expect(menu(page).getByRole('link', { name: 'Audit log' })).toHaveCount(0);
  await page.goto('/admin');
  await expect(page, 'the first page he may see').toHaveURL('/admin/states');
  await expect(page.getByRole('link', { name: 'New state' })).toHaveCount(0);

  await page.getByRole('table').getByRole('link', { name: /Member$/ }).click();
  await expect(page.getByText('To change this, you need to be staff and have the permission “Can change states” (authentication.change_state).').first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Review changes' })).toHaveCount(0);
  await expectAccessible();

  await page.goto('/admin/groups/new');
  await expect(page.getByText('Only superusers may change permissions.')).toBeVisible();
  await expect(page.getByRole('switch', { name: 'Restricted' })).toBeDisabled();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(unique('Staff group'));
  const dialog = await review(page);
  await dialog.getByRole('button', { name: 'Create' }).click();
  await toast(page, 'Created.');
  await expectAccessible();
});

test('a user is switched off and on again, and given a permission', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const person = await newPerson((await anotherBrowser()).request);
  await loginAsSuperuser(context.request);
  await page.goto(`/admin/users/${person.userId}`);
  const account = page.getByRole('region', { name: 'Account' });
  await account.getByRole('textbox', { name: 'Reason' }).fill('A test');
  await account.getByRole('button', { name: 'Switch off' }).click();
  let dialog = preview(page);
  await expect(dialog.getByRole('list', { name: 'Gains and losses' })).toContainText('Member');
  await dialog.getByRole('button', { name: 'Remove access from 1 pilot' }).click();
  await toast(page, 'Saved.');
  await expect(account).toContainText('Switched off');
  await expect(state(page.getByRole('main'), 'Guest')).toBeVisible();
  await expect(account.getByRole('textbox', { name: 'Reason' }), 'the next change has another one').toHaveValue('');
  await expectAccessible();
  await account.getByRole('button', { name: 'Switch on' }).click();
  dialog = preview(page);
  await dialog.getByRole('button', { name: 'Save: give access to 1 pilot' }).click();
  await expect(state(page.getByRole('main'), 'Member')).toBeVisible();

  const grants = page.getByRole('region', { name: 'Granted directly' });
  await grants.getByRole('button', { name: 'Grant a permission' }).click();
  const form = page.getByRole('dialog', { name: 'Grant a permission' });
  await pick(form, 'Permission', 'srp.access', /srp\.access_srp/);
  await form.getByLabel(/^Ends/).fill('2099-01-01T00:00');
  await form.getByRole('button', { name: 'Review changes' }).click();
  dialog = preview(page);
  await dialog.getByRole('button', { name: 'Save: give access to 1 pilot' }).click();
  await expect(grants).toContainText('srp.access_srp');
  await expect(grants).toContainText('until 2099-01-01');
  await expect(page.getByRole('region', { name: 'Permissions' })).toContainText('srp.access_srp');
  await grants.getByRole('button', { name: 'Remove srp.access_srp' }).click();
  await preview(page).getByRole('button', { name: 'Remove access from 1 pilot' }).click();
  await expect(grants).toContainText('Nothing granted directly');
  await expectAccessible();
});

test('nobody switches himself off', async ({ page, context }) => {
  await loginAsSuperuser(context.request);
  const { viewer } = await graphql<{ viewer: { user: { id: string } } }>(context.request, '{ viewer { user { id } } }');
  await page.goto(`/admin/users/${viewer.user.id}`);
  const off = page.getByRole('button', { name: 'Switch off' });
  await expect(off).toHaveAttribute('aria-disabled', 'true');
  await expect(off).toHaveAttribute('title', 'You cannot do this to yourself.');
  // Whoever has no mouse to point with is told, too.
  await off.click({ force: true });
  await toast(page, 'You cannot do this to yourself.');
  await expect(preview(page)).toBeHidden();
});

test('permissions tell who has them, now and then, and go home as a file', async ({ page, context, anotherBrowser, expectAccessible }) => {
  test.slow();
  const person = await newPerson((await anotherBrowser()).request);
  await loginAsSuperuser(context.request);
  await page.goto('/admin/permissions');
  const rows = page.getByRole('table').locator('tbody').getByRole('row');
  await expect(page.getByRole('rowheader', { name: 'discord' }).or(page.getByRole('table').getByText('discord', { exact: true })).first()).toBeVisible();
  await page.getByRole('main').getByRole('searchbox').fill('discord.access');
  await expect(rows.filter({ hasText: 'access_discord' })).toHaveCount(1);
  await expectAccessible();
  await page.getByRole('combobox', { name: 'Use' }).selectOption({ label: 'All permissions' });
  await expect(page).toHaveURL(/all=yes/);
  const overview = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export CSV' }).click();
  const lines = readFileSync(await (await overview).path(), 'utf8').replace(/^\uFEFF/, '').trim().split('\r\n');
  expect(lines[0]).toBe('permission,app,model,description,direct users,groups,group users,states,state users,effective users');
  expect(lines).toContainEqual(expect.stringMatching(/^discord\.access_discord,discord,[^,]*,Can access the Discord service,\d+,\d+,\d+,\d+,\d+,\d+$/));

  await page.getByRole('table').getByRole('link', { name: /access_discord/ }).click();
  await expect(page).toHaveURL('/admin/permissions/discord.access_discord');
  for (const [column, key] of [
    ['User', 'main'],
    ['Corporation', 'corporation'],
    ['State', 'state'],
    ['Path', 'path'],
  ] as const) {
    const head = page.getByRole('columnheader').filter({ hasText: new RegExp(`^${column}`) });
    await head.getByRole('button').click();
    await expect(page).toHaveURL(new RegExp(`sort=${key}`));
    await expect(head).toHaveAttribute('aria-sort', 'ascending');
  }
  await page.getByRole('main').getByRole('searchbox').fill(person.pilot.name);
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText('State: Member');
  await page.getByRole('combobox', { name: 'Path' }).selectOption({ label: await page.getByRole('combobox', { name: 'Path' }).locator('option', { hasText: 'State: Member' }).innerText() });
  await expect(page).toHaveURL(/path=state/);
  await expect(rows).toHaveCount(1);
  await expectAccessible();
  const grants = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export CSV' }).click();
  const file = readFileSync(await (await grants).path(), 'utf8').trim().split('\r\n');
  expect(file).toHaveLength(2);
  expect(file[1]).toContain(`state,Member,${person.username},${person.pilot.name}`);

  await page.getByRole('link', { name: 'What changed' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: person.pilot.name }).first()).toBeVisible();
  await expectAccessible();
  await page.getByRole('link', { name: 'On a date' }).click();
  await page.getByLabel('At (EVE time)').fill('2003-05-06T12:00');
  await expect(page.getByText('Nobody had it then')).toBeVisible();
  await expectAccessible();
});

test('an export that was stopped gives no file beside the next one', async ({ page, context }) => {
  await loginAsSuperuser(context.request);
  await page.goto('/admin/permissions');
  const waiting: (() => void)[] = [];
  const isAsked = (body: string | null): boolean => (body ?? '').includes('permissionUsages') && (body ?? '').includes('"first":100');
  let isHeld = true;
  await page.route('**/graphql', async (route) => {
    if (isHeld && isAsked(route.request().postData())) await new Promise<void>((go) => waiting.push(go));
    return route.continue();
  });
  const files: string[] = [];
  page.on('download', (file) => files.push(file.suggestedFilename()));
  const begin = page.getByRole('button', { name: 'Export CSV' });
  await begin.click();
  await expect.poll(() => waiting.length).toBe(1);
  await page.getByRole('button', { name: 'Stop' }).click();
  await begin.click();
  await expect.poll(() => waiting.length).toBe(2);
  // The first one first, as if it were the wanted one.
  const answered = page.waitForResponse((answer) => isAsked(answer.request().postData()));
  waiting.shift()!();
  await (await answered).finished();
  await page.waitForTimeout(500);
  expect(files, 'that of the stopped one').toEqual([]);
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();
  isHeld = false;
  waiting.forEach((go) => go());
  await expect(page.getByRole('status').getByText(/exported/)).toBeVisible();
  await expect.poll(() => files).toHaveLength(1);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

test('a reserved name cannot be given to a group', async ({ page, context, expectAccessible }) => {
  await loginAsSuperuser(context.request);
  const name = unique('reserved');
  await page.goto('/admin/reserved-names');
  await page.getByRole('button', { name: 'Reserve a name' }).click();
  const form = page.getByRole('dialog', { name: 'Reserve a name' });
  await form.getByRole('textbox', { name: 'Name' }).fill(name);
  await form.getByRole('textbox', { name: 'Reason' }).fill('Taken by the tests');
  await form.getByRole('button', { name: 'Reserve a name' }).click();
  const row = page.getByRole('listitem').filter({ hasText: name });
  await expect(row).toContainText('Taken by the tests');
  await expectAccessible();

  await page.goto('/admin/groups/new');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name.toUpperCase());
  await page.getByRole('button', { name: 'Review changes' }).click();
  await expect(page.locator('#field-name-problem')).toHaveText(/\S/);
  await page.getByRole('button', { name: 'Discard' }).click();

  await page.goto('/admin/reserved-names');
  await page.getByRole('button', { name: `Delete ${name}` }).click();
  const ask = page.getByRole('dialog', { name: `Allow “${name}” again?` });
  await expectAccessible();
  await ask.getByRole('button', { name: 'Delete' }).click();
  await expect(row).toHaveCount(0);
});

test('the audit log is filtered, and the address keeps the filters', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const person = await newPerson((await anotherBrowser()).request);
  const superuser = await loginAsSuperuser(context.request);
  const name = unique('State');
  const id = await makeState(context.request, name, person.pilot.id);
  await page.goto('/admin/audit');
  const entries = page.getByRole('main').locator('.audit').getByRole('listitem');
  await page.getByRole('main').getByRole('searchbox').fill(name);
  await expect(entries.first()).toContainText(superuser.username);
  await expect(entries.first()).toContainText("1 user's access changed");
  await entries.first().getByText('Details').click();
  await expect(entries.first().getByRole('table')).toContainText(name);
  await expectAccessible();
  await page.getByRole('combobox', { name: 'What' }).selectOption({ label: 'States' });
  await expect(page).toHaveURL((url) => url.searchParams.get('q') === name && url.searchParams.get('object') === 'state');
  await page.reload();
  await expect(entries.first()).toContainText(name);
  const link = page.getByRole('link', { name: 'Export JSON lines' });
  await expect(link).toHaveAttribute('href', /^\/export\/audit\.jsonl\?/);
  const download = page.waitForEvent('download');
  await link.click();
  const lines = readFileSync(await (await download).path(), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as object);
  expect(lines.length).toBeGreaterThan(0);
  expect(JSON.stringify(lines[0])).toContain(name);
  await entries.first().getByRole('link', { name }).click();
  await expect(page).toHaveURL(`/admin/states/${id}`);

  await page.goto(`/admin/audit?person=${encodeURIComponent(person.userId)}`);
  await expect(page.getByRole('button', { name: `Remove ${person.username}` })).toBeVisible();
  await expect(entries.first()).toBeVisible();
  await page.getByRole('button', { name: `Remove ${person.username}` }).click();
  await expect(page).not.toHaveURL(/person=/);
});

test('an edit that takes from many is confirmed by its number', async ({ page, context, anotherBrowser }) => {
  // The number is the server's; that it is large is made up.
  const person = await newPerson((await anotherBrowser()).request, CORPORATION.home);
  await loginAsSuperuser(context.request);
  const id = await makeState(context.request, unique('State'), person.pilot.id);
  await page.route('**/graphql', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replace(/"loserCount":1\b/, '"loserCount":212');
    await route.fulfill({ response: answer, body });
  });
  await page.goto(`/admin/states/${id}`);
  await page.getByRole('button', { name: `Remove ${person.pilot.name}` }).click();
  const dialog = await review(page);
  const confirm = dialog.getByRole('button', { name: 'Remove access from 212 pilots' });
  await expect(confirm).toHaveAttribute('aria-disabled', 'true');
  await dialog.getByRole('textbox', { name: 'Many pilots lose access. Type 212 to confirm.' }).fill('212');
  await expect(confirm).not.toHaveAttribute('aria-disabled', 'true');
  await confirm.click();
  await toast(page, 'Saved.');
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

test('the button of a preview looks like what it does now', async ({ page, context, anotherBrowser }) => {
  const person = await newPerson((await anotherBrowser()).request, CORPORATION.home);
  await loginAsSuperuser(context.request);
  const id = await makeState(context.request, unique('State'), person.pilot.id);
  // As if the world had moved: at first nobody loses anything.
  let losers = 0;
  await page.route('**/graphql', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replace(/"loserCount":1\b/, `"loserCount":${losers}`);
    await route.fulfill({ response: answer, body });
  });
  await page.goto(`/admin/states/${id}`);
  await page.getByRole('button', { name: `Remove ${person.pilot.name}` }).click();
  const dialog = await review(page);
  const confirm = dialog.locator('button[type=submit]');
  await expect(confirm).toHaveText('Save: give access to 1 pilot');
  await expect(confirm).toHaveClass(/btn-primary/);
  losers = 1;
  await dialog.getByRole('searchbox', { name: 'Search names' }).fill(person.pilot.name);
  await expect(confirm).toHaveText('Remove access from 1 pilot');
  await expect(confirm).toHaveClass(/btn-danger/);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

test('the pages of the administration fit a phone', async ({ anotherBrowser, expectAccessible }) => {
  test.slow();
  const context = await anotherBrowser({ viewport: { width: 360, height: 740 }, hasTouch: true });
  await loginAsSuperuser(context.request);
  const page = await context.newPage();
  const { states } = await graphql<{ states: { id: string; name: string }[] }>(context.request, '{ states { id name } }');
  const member = states.find(({ name }) => name === 'Member')!;
  const group = await newGroup(context.request, 'On a phone', { leaderIds: [] });
  for (const path of ['users', 'states', 'states/new', `states/${member.id}`, 'groups', 'groups/new', `groups/${group.id}`, 'permissions', 'permissions/discord.access_discord', 'reserved-names', 'audit']) {
    await page.goto(`/admin/${path}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await page.waitForLoadState('networkidle');
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), path).toBeLessThanOrEqual(0);
    await expectAccessible(page);
  }
});
