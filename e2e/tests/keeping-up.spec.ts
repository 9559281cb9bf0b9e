import { type Page } from '@playwright/test';

import { expect, test } from '../fixtures';
import { graphql, linkDiscord, loginAsSuperuser, newPerson } from './support/api';
import { addMembers, newGroup } from './support/groups';
import { simulator, unique } from './support/simulator';
import { sql } from './support/stack';

/** Saves a form through its preview, by whatever the last button there says. */
async function save(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Review changes' }).click();
  const dialog = page.getByRole('dialog', { name: 'What this changes' });
  await dialog.getByRole('button', { name: /^(Save|Remove access)/ }).click();
  await expect(dialog).toBeHidden();
}

test('after saving, the page of a rule shows what was saved', async ({ page, context, anotherBrowser }) => {
  const person = await newPerson((await anotherBrowser()).request);
  await loginAsSuperuser(context.request);
  const group = await newGroup(context.request, 'Before');
  await addMembers(context.request, group, [person.userId]);
  await page.goto(`/admin/groups/${group.id}`);
  await expect(page.getByRole('link', { name: '1 member', exact: true })).toBeVisible();
  const name = unique('After ');
  const field = page.getByRole('textbox', { name: 'Name', exact: true });
  await field.fill(name);
  await page.getByRole('checkbox', { name: 'Blue', exact: true }).check();
  await save(page);
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await expect(page).toHaveTitle(new RegExp(`^${name}`));
  await expect(page.getByRole('link', { name: '0 members', exact: true }), 'the one of another state is out').toBeVisible();
  await page.getByRole('link', { name: 'What changed' }).click();
  await page.getByRole('link', { name: 'Rule', exact: true }).click();
  await expect(field).toHaveValue(name);
  await field.fill('Something else');
  await page.getByRole('button', { name: 'Discard' }).click();
  await expect(field).toHaveValue(name);
  // Whoever makes it one that leaders manage is offered that page at once.
  const manage = page.getByRole('link', { name: 'Members and requests' });
  await expect(manage).toBeVisible();
  await page.getByRole('switch', { name: 'Internal' }).check();
  await save(page);
  await expect(manage).toBeHidden();
});

test('what is entered while it is asked what an edit changes stays, unsaved', async ({ page, context }) => {
  await loginAsSuperuser(context.request);
  const group = await newGroup(context.request, 'Early');
  const name = page.getByRole('textbox', { name: 'Name', exact: true });
  const description = page.getByRole('textbox', { name: 'Description' });
  const dialog = page.getByRole('dialog', { name: 'What this changes' });
  for (const [path, mutation, verb] of [
    [`/admin/groups/${group.id}`, 'updateGroup', 'Save'],
    ['/admin/groups/new', 'createGroup', 'Create'],
  ] as const) {
    let go = (): void => undefined;
    const wait = new Promise<void>((resolve) => (go = resolve));
    await page.route('**/graphql', async (route) => {
      if ((route.request().postData() ?? '').includes(mutation)) await wait;
      return route.continue();
    });
    await page.goto(path);
    const called = unique('Reviewed ');
    await name.fill(called);
    await page.getByRole('button', { name: 'Review changes' }).click();
    await description.fill('Entered meanwhile');
    go();
    await dialog.getByRole('button', { name: verb, exact: true }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByRole('status').getByText('Unsaved changes')).toBeVisible();
    await expect(description).toHaveValue('Entered meanwhile');
    await page.unroute('**/graphql');
    await save(page);
    await expect(page).toHaveURL(/\/admin\/groups\/group:\d+$/);
    await expect(page.getByRole('status').getByText('Nothing changed yet')).toBeVisible();
    await page.reload();
    await expect(name).toHaveValue(called);
    await expect(description).toHaveValue('Entered meanwhile');
  }
});

test('the theme chosen last stays, however slow the server is', async ({ page, context }) => {
  await newPerson(context.request);
  await page.goto('/settings');
  const waiting: (() => void)[] = [];
  await page.route('**/graphql', async (route) => {
    if (!(route.request().postData() ?? '').includes('updatePreferences')) return route.continue();
    await new Promise<void>((go) => waiting.push(go));
    return route.continue();
  });
  const root = page.locator('html');
  const choose = (name: string) => page.getByRole('main').getByRole('button', { name, exact: true }).click();
  await choose('Dark');
  await expect(root).toHaveAttribute('data-bs-theme', 'dark');
  await choose('Light');
  await expect(root).toHaveAttribute('data-bs-theme', 'light');
  await choose('Dark');
  await choose('Light');
  await expect.poll(() => waiting.length).toBe(1);
  waiting[0]!();
  await expect.poll(() => waiting.length, 'the newest choice, and none between').toBe(2);
  await expect(root, 'what the server says meanwhile is older').toHaveAttribute('data-bs-theme', 'light');
  waiting[1]!();
  const saved = async () => (await graphql<{ viewer: { preferences: { theme: string } } }>(context.request, '{ viewer { preferences { theme } } }')).viewer.preferences.theme;
  await expect.poll(saved).toBe('light');
  await page.unroute('**/graphql');
  await page.reload();
  await expect(root).toHaveAttribute('data-bs-theme', 'light');
});

test('a dialog on the page of a user survives what changes about the user meanwhile', async ({ page, context, anotherBrowser }) => {
  const person = await newPerson((await anotherBrowser()).request);
  await loginAsSuperuser(context.request);
  const group = await newGroup(context.request, 'Meanwhile');
  await page.goto(`/admin/users/${person.userId}`);
  await page.getByRole('region', { name: 'Account' }).getByRole('textbox', { name: 'Reason' }).fill('Half a sentence');
  await page.getByRole('button', { name: 'Add to group' }).click();
  const add = page.getByRole('dialog', { name: 'Add to group' });
  await add.getByRole('textbox', { name: 'Reason' }).fill('Half a reason');
  // What happens to the reader, too, is told to the page at once.
  const { viewer } = await graphql<{ viewer: { user: { id: string } } }>(context.request, '{ viewer { user { id } } }');
  await addMembers(context.request, group, [person.userId, viewer.user.id]);
  await expect(page.locator('#in-groups').locator('xpath=ancestor::section')).toContainText(group.name);
  await expect(add.getByRole('textbox', { name: 'Reason' })).toHaveValue('Half a reason');
  await add.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('region', { name: 'Account' }).getByRole('textbox', { name: 'Reason' })).toHaveValue('Half a sentence');
});

test('what is unread stands on the dashboard, however much came after it', async ({ page, context, expectAccessible }) => {
  const person = await newPerson(context.request);
  const id = person.userId.replace('user:', '');
  sql(`update notifications set read_at = now() where user_id = ${id}`);
  sql(`insert into notifications (user_id, level, kind, title, created_at, read_at)
       select ${id}, 'info', 'test', case n when 1 then 'Overlooked' else 'Read ' || n end, now(), case n when 1 then null else now() end
       from generate_series(1, 8) n order by n`);
  await page.goto('/');
  const card = page.getByRole('region', { name: 'Unread notifications' });
  await expect(card.getByRole('listitem')).toHaveCount(1);
  await expect(card).toContainText('Overlooked');
  await expect(card).not.toContainText('You are all caught up');
  await expectAccessible();
  await card.getByRole('button', { name: 'Mark as read: Overlooked' }).click();
  await expect(card).toContainText('You are all caught up');
  await expect(card.getByRole('listitem')).toHaveCount(0);
});

test('nobody stands under the address of somebody else', async ({ page, context, anotherBrowser }) => {
  const [first, second] = [await newPerson((await anotherBrowser()).request), await newPerson((await anotherBrowser()).request)];
  await loginAsSuperuser(context.request);
  const [here, there] = [await newGroup(context.request, 'Here'), await newGroup(context.request, 'There')];
  const main = page.getByRole('main');
  for (const [operation, before, after, names] of [
    ['query UserQuery', `/admin/users/${first.userId}`, `/admin/users/${second.userId}`, [first.pilot.name, second.pilot.name]],
    ['query OneGroup', `/groups/${here.id}`, `/groups/${there.id}`, [here.name, there.name]],
    ['query ManageGroup', `/manage/groups/${here.id}`, `/manage/groups/${there.id}`, [here.name, there.name]],
  ] as const) {
    await page.goto(before);
    await expect(page.getByRole('heading', { level: 1, name: names[0] })).toBeVisible();
    let go = (): void => undefined;
    const wait = new Promise<void>((resolve) => (go = resolve));
    await page.route('**/graphql', async (route) => {
      if ((route.request().postData() ?? '').includes(operation)) await wait;
      return route.continue();
    });
    // As a link on the page does.
    await page.evaluate((href) => {
      const link = Object.assign(document.createElement('a'), { href });
      document.querySelector('main')!.append(link);
      link.click();
      link.remove();
    }, after);
    await expect(page).toHaveURL(after);
    await expect(page.getByRole('heading', { level: 1, name: 'Loading' })).toBeAttached();
    await expect(main).not.toContainText(names[0]);
    go();
    await expect(page.getByRole('heading', { level: 1, name: names[1] })).toBeVisible();
    await page.unroute('**/graphql');
  }
});

test('what changes on the dashboard changes alone, and marking as read goes on to the next one', async ({ page, context, anotherBrowser }) => {
  const admin = (await anotherBrowser()).request;
  await loginAsSuperuser(admin);
  const person = await newPerson(context.request);
  const id = person.userId.replace('user:', '');
  const group = await newGroup(admin, 'Elsewhere');
  sql(`update notifications set read_at = now() where user_id = ${id}`);
  sql(`insert into notifications (user_id, level, kind, title, created_at)
       select ${id}, 'info', 'test', title, now() from (values ('Second'), ('First')) n (title)`);
  const line = page.waitForEvent('websocket');
  await page.goto('/');
  await (await line).waitForEvent('framereceived');
  const card = page.getByRole('region', { name: 'Unread notifications' });
  const mark = (title: string) => card.getByRole('button', { name: `Mark as read: ${title}` });
  const all = page.getByRole('region', { name: 'Your characters' }).getByRole('link', { name: 'Show all: Your characters', exact: true });
  await all.focus();
  await addMembers(admin, group, [person.userId]);
  await expect(page.getByRole('region', { name: 'Your groups' })).toContainText(group.name);
  await expect(all).toBeFocused();

  await expect(card.getByRole('listitem')).toHaveCount(3);
  await mark('First').press('Enter');
  await expect(card.getByRole('listitem')).toHaveCount(2);
  await expect(card.getByRole('button', { name: /^Mark as read/ }).first()).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(mark('Second')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(card).toContainText('You are all caught up');
  await expect(card.getByRole('heading')).toBeFocused();
});

test('what one reads and stands at in a list stays when something comes', async ({ page, context, anotherBrowser }) => {
  await loginAsSuperuser(context.request);
  const { viewer } = await graphql<{ viewer: { user: { id: string } } }>(context.request, '{ viewer { user { id } } }');
  /** Something that happens to the reader, too: so the page is told at once. */
  const tell = async (name: string) => {
    const group = await newGroup(context.request, name);
    await addMembers(context.request, group, [viewer.user.id]);
    return group;
  };
  const line = async (path: string) => {
    const opened = page.waitForEvent('websocket');
    await page.goto(path);
    await (await opened).waitForEvent('framereceived');
  };

  const read = await newGroup(context.request, 'Read about');
  await line('/admin/audit');
  const entries = page.getByRole('main').locator('.audit').getByRole('listitem');
  const entry = entries.filter({ hasText: read.name }).first();
  await entry.getByText('Details').click();
  await expect(entry.locator('details')).toHaveAttribute('open');
  const told = await tell('Told');
  await expect(entries.filter({ hasText: told.name }).first()).toBeVisible();
  await expect(entry.locator('details')).toHaveAttribute('open');

  const word = unique('Rows ');
  const first = await newGroup(context.request, word);
  await line(`/admin/groups?q=${encodeURIComponent(word)}`);
  const rows = page.getByRole('table').locator('tbody').getByRole('row');
  await expect(rows).toHaveCount(1);
  const link = rows.getByRole('link', { name: first.name }).first();
  await link.focus();
  await tell(word);
  await expect(rows).toHaveCount(2);
  await expect(link).toBeFocused();

  const people = [await newPerson((await anotherBrowser()).request), await newPerson((await anotherBrowser()).request)];
  // The one who is there first comes last: all others come before.
  people.sort((a, b) => (a.pilot.name.toLowerCase() < b.pilot.name.toLowerCase() ? 1 : -1));
  const group = await newGroup(context.request, 'Growing');
  await addMembers(context.request, group, [people[0]!.userId]);
  await line(`/manage/groups/${group.id}`);
  await expect(rows).toHaveCount(1);
  const remove = rows.getByRole('button', { name: `Remove ${people[0]!.pilot.name}` });
  await remove.focus();
  await addMembers(context.request, group, [viewer.user.id, people[1]!.userId]);
  await expect(rows).toHaveCount(3);
  await expect(remove).toBeFocused();
});

test('an account that is on its way is followed until it is there', async ({ page, context, anotherBrowser }) => {
  const theirs = await anotherBrowser();
  const person = await newPerson(theirs.request);
  const name = unique('under_way_');
  await linkDiscord(theirs.request, await simulator.newDiscordUser(name));
  await expect.poll(() => simulator.discordMember(name)).toBeTruthy();
  await loginAsSuperuser(context.request);
  let pending = true;
  await page.route('**/graphql', async (route) => {
    if (!(route.request().postData() ?? '').includes('permissionGrants')) return route.continue();
    const answer = await route.fetch();
    const body = await answer.text();
    return route.fulfill({ response: answer, body: pending ? body.replaceAll('"status":"LINKED"', '"status":"PENDING"') : body });
  });
  await page.goto(`/admin/users/${person.userId}`);
  const card = page.getByRole('article', { name: 'Discord' });
  await expect(card).toContainText('Being updated');
  pending = false;
  await expect(card).toContainText('Linked');
  await expect(card).not.toContainText('Being updated');
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});
