import { readFileSync } from 'node:fs';

import { type Page } from '@playwright/test';

import { expect, test } from '../fixtures';
import { callbackOf, graphql, loginAsSuperuser, newPerson } from './support/api';
import { addMembers, join, newGroup } from './support/groups';
import { simulator } from './support/simulator';

/** Takes a list home: the lines of the file. */
async function exported(page: Page): Promise<string[]> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export CSV' }).click();
  return readFileSync(await (await download).path(), 'utf8').replace(/^\uFEFF/, '').trim().split('\r\n');
}

test('users and members go home as files, as far as the filters leave them', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const [first, second] = [await newPerson((await anotherBrowser()).request), await newPerson((await anotherBrowser()).request)];
  await loginAsSuperuser(context.request);
  const group = await newGroup(context.request, 'Taken home');
  await addMembers(context.request, group, [first.userId, second.userId]);

  await page.goto(`/admin/users?group=${encodeURIComponent(group.id)}&sort=user&dir=desc`);
  await expect(page.getByRole('table').locator('tbody').getByRole('row')).toHaveCount(2);
  const users = await exported(page);
  expect(users[0]).toBe('user,main,corporation,alliance,characters,state,groups,active,staff,superuser,registered,last login');
  const names = [first, second].map(({ username }) => username).sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? 1 : -1));
  expect(users.slice(1).map((line) => line.split(',')[0])).toEqual(names);
  expect(users.find((line) => line.startsWith(`${first.username},`))).toContain(`,1,Member,${group.name},yes,no,no,`);

  for (const path of [`/manage/groups/${group.id}`, `/admin/groups/${group.id}?tab=members`]) {
    await page.goto(path);
    await page.getByRole('searchbox', { name: 'Search members' }).fill(first.pilot.name);
    await expect(page.getByRole('table').locator('tbody').getByRole('row')).toHaveCount(1);
    await expectAccessible();
    const members = await exported(page);
    expect(members[0]).toBe('user,main,corporation,alliance,state,active,leader,since,begins,begun,ends,reason');
    expect(members).toHaveLength(2);
    expect(members[1]).toContain(`${first.username},${first.pilot.name},`);
  }
});

test('columns that nobody needs are put away, and stay away', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const person = await newPerson((await anotherBrowser()).request);
  await loginAsSuperuser(context.request);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`/admin/users?q=${encodeURIComponent(person.pilot.name)}`);
  const head = page.getByRole('columnheader', { name: 'Corporation' });
  await expect(head).toBeVisible();
  const choice = page.locator('details.columns');
  await choice.locator('summary').click();
  await choice.getByRole('checkbox', { name: 'Corporation' }).uncheck();
  await expect(head).toHaveCount(0);
  await expect(choice.getByRole('checkbox', { name: 'Main' }), 'it names the row').toHaveCount(0);
  await expectAccessible();
  await page.keyboard.press('Escape');
  await expect(choice.getByRole('checkbox', { name: 'Corporation' })).toBeHidden();
  await page.reload();
  await expect(page.getByRole('columnheader', { name: 'State' })).toBeVisible();
  await expect(head).toHaveCount(0);
  await choice.locator('summary').click();
  await choice.getByRole('checkbox', { name: 'Corporation' }).check();
  await expect(head).toBeVisible();
  await page.getByRole('heading', { level: 1 }).click();
  await expect(choice.getByRole('checkbox', { name: 'Corporation' })).toBeHidden();
});

test('on a phone, where tables have no heads, one sorts by a list', async ({ anotherBrowser, expectAccessible }) => {
  const context = await anotherBrowser({ viewport: { width: 390, height: 844 }, hasTouch: true });
  await loginAsSuperuser(context.request);
  const page = await context.newPage();
  await page.goto('/admin/users');
  const sort = page.getByRole('combobox', { name: 'Sort by' });
  await expect(sort).toBeVisible();
  await expect(sort.locator('option:checked')).toHaveText(/ascending$/);
  await sort.selectOption({ label: 'User, descending' });
  await expect(page).toHaveURL(/sort=user&dir=desc/);
  await expect(page.locator('thead button:visible')).toHaveCount(0);
  // What nobody sees takes no focus either.
  expect(await page.locator('thead button').first().evaluate((button: HTMLButtonElement) => { button.focus(); return document.activeElement === button; })).toBe(false);
  await expectAccessible(page);
  await page.setViewportSize({ width: 1280, height: 800 });
  await expect(sort).toBeHidden();
  await expect(page.getByRole('columnheader', { name: /^User/ })).toHaveAttribute('aria-sort', 'descending');
});

test('the list of users says where somebody flies once', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const person = await newPerson((await anotherBrowser()).request);
  await loginAsSuperuser(context.request);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`/admin/users?q=${encodeURIComponent(person.pilot.name)}`);
  const row = page.getByRole('table').locator('tbody').getByRole('row');
  await expect(row).toHaveCount(1);
  await expect(row.locator('.pilot-second')).toBeHidden();
  await expect(row.locator('.organisation').first()).toBeVisible();
  expect((await row.boundingBox())!.height, 'dense').toBeLessThan(76);
  await page.setViewportSize({ width: 1000, height: 800 });
  await expect(row.locator('.pilot-second'), 'where the column is not').toBeVisible();
  await page.setViewportSize({ width: 1900, height: 800 });
  expect((await page.locator('.table-card').boundingBox())!.width, 'wide screens are used').toBeGreaterThan(1500);
  await expectAccessible();
});

test('what is chosen of many permissions stands above them', async ({ page, context, expectAccessible }) => {
  await loginAsSuperuser(context.request);
  const group = await newGroup(context.request, 'Chosen', { permissions: ['srp.access_srp', 'discord.access_discord'] });
  await page.goto(`/admin/groups/${group.id}`);
  const card = page.getByRole('region', { name: 'Permissions' });
  const chips = card.getByRole('list', { name: 'Chosen permissions' }).getByRole('listitem');
  await expect(chips).toHaveText(['discord.access_discord', 'srp.access_srp']);
  const checks = card.locator('.permission-check:visible');
  const all = await checks.count();
  expect(all).toBeGreaterThan(10);
  await card.getByRole('switch', { name: 'Only chosen' }).check();
  await expect(checks).toHaveCount(2);
  await expectAccessible();
  await card.getByRole('button', { name: 'Remove srp.access_srp' }).click();
  await expect(chips).toHaveText(['discord.access_discord']);
  await expect(checks).toHaveCount(1);
  await card.getByRole('switch', { name: 'Only chosen' }).uncheck();
  await expect(checks).toHaveCount(all);
});

test('the audit log says when to the minute', async ({ page, context }) => {
  await loginAsSuperuser(context.request);
  await newGroup(context.request, 'When');
  await page.goto('/admin/audit');
  await expect(page.getByRole('main').locator('.audit').getByRole('listitem').first()).toContainText(/\d{4}-\d{2}-\d{2} \d{2}:\d{2} EVE/);
});

test('whoever cancels at EVE while adding a character is told that none was added', async ({ page, context, expectAccessible }) => {
  await newPerson(context.request);
  await page.goto('/characters?error=access_denied');
  const said = page.getByRole('main');
  await expect(said).toContainText('No character was added');
  await expect(said).not.toContainText('did not work');
  await expectAccessible();
});

test('a page that has emptied gives way to the first one', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const admin = (await anotherBrowser()).request;
  await loginAsSuperuser(admin);
  const lead = await newPerson(context.request);
  const group = await newGroup(admin, 'Emptied', { leaderIds: [lead.userId] });
  await addMembers(admin, group, [lead.userId]);
  const asking = (await anotherBrowser()).request;
  const asks = await newPerson(asking);
  expect(await join(asking, group, 'The only one')).toBe('REQUESTED');
  // The page behind the last entry: as when all of its own are gone.
  type Info = { pageInfo: { endCursor: string } };
  type Lists = { group: { management: { members: Info } }; groupRequests: Info; accessChanges: Info; viewer: { notifications: Info } };
  const ends = await graphql<Lists>(
    context.request,
    `query ($group: ID!, $person: ID!) {
      group(id: $group) { management { members(first: 50, orderBy: { field: NAME, direction: ASC }) { pageInfo { endCursor } } } }
      groupRequests(first: 50, orderBy: { field: CREATED_AT, direction: ASC }) { pageInfo { endCursor } }
      accessChanges(filter: { personId: $person }, first: 100) { pageInfo { endCursor } }
      viewer { notifications(first: 100) { pageInfo { endCursor } } }
    }`,
    { group: group.id, person: lead.userId },
  );
  const main = page.getByRole('main');
  for (const [path, { pageInfo }, there, nothing] of [
    [`/manage/groups/${group.id}`, ends.group.management.members, main.locator('#members tbody').getByRole('row').filter({ hasText: lead.pilot.name }), 'No members yet'],
    ['/inbox', ends.groupRequests, main.locator('#requests').getByRole('listitem').filter({ hasText: asks.pilot.name }), 'Nothing is waiting for you'],
    ['/history', ends.accessChanges, main.locator('.timeline').getByRole('listitem').first(), 'Nothing has changed so far'],
    ['/notifications', ends.viewer.notifications, main.locator('.notes').getByRole('listitem').first(), 'No notifications'],
  ] as const) {
    await page.goto('/settings');
    await page.goto(`${path}?after=${encodeURIComponent(pageInfo.endCursor)}`);
    await expect(there, path).toBeVisible();
    await expect(page, 'the address says so').toHaveURL(path);
    await expect(main).not.toContainText(nothing);
    await expectAccessible();
    await page.goBack();
    await expect(page, 'in place of the empty one').toHaveURL('/settings');
  }
});

test('choosing a main shows that it is under way', async ({ page, context, anotherBrowser }) => {
  const person = await newPerson(context.request);
  const second = await simulator.freshPilot();
  await context.request.get(await callbackOf(context.request, second, '?intent=add&next=/characters'), { maxRedirects: 0 });
  await simulator.sell(person.pilot.id);
  const buyer = await anotherBrowser();
  await buyer.request.get(await callbackOf(buyer.request, person.pilot), { maxRedirects: 0 });
  await page.goto('/choose-main');
  let go = (): void => undefined;
  const wait = new Promise<void>((resolve) => (go = resolve));
  await page.route('**/graphql', async (route) => {
    if ((route.request().postData() ?? '').includes('setMainCharacter')) await wait;
    return route.continue();
  });
  const choice = page.getByRole('button', { name: second.name });
  await choice.click();
  await expect(choice).toHaveAttribute('aria-busy', 'true');
  go();
  await expect(page).toHaveURL('/');
  const { viewer } = await graphql<{ viewer: { user: { mainCharacter: { name: string } } } }>(context.request, '{ viewer { user { mainCharacter { name } } } }');
  expect(viewer.user.mainCharacter.name).toBe(second.name);
});
