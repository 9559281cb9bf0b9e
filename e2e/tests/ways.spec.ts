import { expect, test } from '../fixtures';
import { loginAsSuperuser, makeStaff, newPerson } from './support/api';
import { newGroup } from './support/groups';
import { menu } from './support/pages';

test('an explanation leads to the rules of those who may see them, and nowhere else', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const theirs = await anotherBrowser();
  const person = await newPerson(theirs.request);
  await loginAsSuperuser(context.request);
  await page.goto(`/admin/users/${person.userId}`);
  await page.getByRole('button', { name: 'Why: Discord' }).or(page.getByRole('button', { name: 'Why: Member' })).first().click();
  const why = page.getByRole('dialog');
  await expect(why.getByText('How we know')).toBeVisible();
  await expect(why.locator('a[href="/services"], a[href="/characters"]'), 'the reader\'s own pages').toHaveCount(0);
  await expect(why.locator(`a[href="/admin/users/${person.userId}"]`), 'where one is').toHaveCount(0);
  await expectAccessible();
  await why.locator('a[href^="/admin/states/"]').first().click();
  await expect(page).toHaveURL(/\/admin\/states\/state:\d+$/);
  await expect(page.locator('dialog[open]')).toHaveCount(0);
});

test('a row opens by a click, and not by marking what stands in it', async ({ page, context, anotherBrowser }) => {
  const person = await newPerson((await anotherBrowser()).request);
  await loginAsSuperuser(context.request);
  await page.goto(`/admin/users?q=${encodeURIComponent(person.pilot.name)}`);
  const row = page.getByRole('table').locator('tbody').getByRole('row');
  await expect(row).toHaveCount(1);
  const cell = row.getByRole('cell').last();
  await cell.evaluate((element) => getSelection()!.selectAllChildren(element));
  await cell.dispatchEvent('click');
  await expect(page).toHaveURL(/\/admin\/users\?/);
  await page.evaluate(() => getSelection()!.removeAllRanges());
  await cell.click();
  await expect(page).toHaveURL(`/admin/users/${person.userId}`);
});

test('rows about users lead nowhere for those who may not see users', async ({ page, context, anotherBrowser }) => {
  const superuser = await anotherBrowser();
  await loginAsSuperuser(superuser.request);
  const person = await newPerson(context.request);
  await makeStaff(superuser.request, person, ['permissions_tool.audit_permissions']);
  await page.goto(`/admin/permissions/discord.access_discord?q=${encodeURIComponent(person.pilot.name)}`);
  const row = page.getByRole('table').locator('tbody').getByRole('row');
  await expect(row).toHaveCount(1);
  await row.getByRole('cell').last().click();
  await expect(page).toHaveURL(/\/admin\/permissions\/discord/);
});

test('a search that is under way or failed is not one that found nothing', async ({ page, context, mayLog, expectAccessible }) => {
  mayLog(/Failed to load resource/);
  mayLog(/net::ERR/);
  await loginAsSuperuser(context.request);
  const group = await newGroup(context.request, 'To be found');
  await page.goto('/admin/groups/new');
  const field = page.getByRole('combobox', { name: 'Groups' });
  let go = (): void => undefined;
  const wait = new Promise<void>((resolve) => (go = resolve));
  let broken = true;
  await page.route('**/graphql', async (route) => {
    if (!(route.request().postData() ?? '').includes('FindGroups')) return route.continue();
    if (broken) {
      await wait;
      return route.abort();
    }
    return route.continue();
  });
  await field.fill(group.name);
  const said = page.getByRole('status');
  await expect(said.filter({ hasText: 'Searching…' })).toBeVisible();
  await expect(said.filter({ hasText: 'Nothing matches.' })).toHaveCount(0);
  go();
  await expect(said.filter({ hasText: 'The search failed.' })).toBeVisible();
  await expectAccessible();
  broken = false;
  await page.getByRole('main').getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('option', { name: group.name })).toBeVisible();
  await field.fill('nobody called anything like this');
  await expect(said.filter({ hasText: 'Nothing matches.' })).toBeVisible();
});

test('shortcuts rest while a dialog is open, and the first key does not wait for ever', async ({ page, context }) => {
  await newPerson(context.request);
  await page.clock.install();
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible();
  await page.keyboard.press('?');
  const help = page.getByRole('dialog');
  await expect(help).toBeVisible();
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await expect(page).toHaveURL('/');
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();
  await page.keyboard.press('g');
  await page.clock.fastForward(2_000);
  await page.keyboard.press('s');
  await expect(page).toHaveURL('/');
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await expect(page).toHaveURL('/services');
});

test('an error has ways out, and tells the administrator where to look', async ({ page, context, anotherBrowser, mayLog, expectAccessible }) => {
  mayLog(/500/);
  const pilot = await anotherBrowser();
  await newPerson(pilot.request);
  const theirs = await pilot.newPage();
  await theirs.goto('/admin/states');
  const alert = theirs.getByRole('alert');
  await expect(alert).toContainText('No access');
  await expectAccessible(theirs);
  await alert.getByRole('link', { name: 'Go to the dashboard' }).click();
  await expect(theirs).toHaveURL('/');
  await theirs.goto('/admin/states');
  await alert.getByRole('link', { name: 'My access' }).click();
  await expect(theirs).toHaveURL('/access');

  await loginAsSuperuser(context.request);
  await page.goto('/admin/groups/group:999999');
  await page.getByRole('alert').getByRole('link', { name: 'Go to Groups' }).click();
  await expect(page).toHaveURL('/admin/groups');
  await page.route('**/graphql', async (route) => {
    if (!(route.request().postData() ?? '').includes('reservedGroupNames')) return route.continue();
    return route.fulfill({ status: 500, contentType: 'text/html', body: '<h1>no</h1>', headers: { 'x-request-id': 'request-42' } });
  });
  await page.goto('/admin/reserved-names');
  await expect(page.getByRole('alert')).toContainText('request-42');
});

test('what hangs from the bar closes when one follows a link in it, to another page or to this one', async ({ page, context }) => {
  await newPerson(context.request);
  await page.goto('/settings');
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
  const account = page.getByRole('region', { name: /^Account menu of/ });
  await page.getByRole('button', { name: /^Account menu of/ }).click();
  await account.getByRole('link', { name: 'Settings' }).click();
  await expect(account).toBeHidden();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/groups');
  await page.getByRole('button', { name: 'Open menu' }).click();
  const drawer = menu(page);
  await drawer.getByRole('link', { name: 'Groups', exact: true }).click();
  await expect(drawer).toBeHidden();
});

test('going back finds the place one had read to, and a turned page begins at its head', async ({ page, context }) => {
  await loginAsSuperuser(context.request);
  await page.setViewportSize({ width: 1280, height: 500 });
  await page.goto('/admin/audit');
  const entries = page.getByRole('main').locator('.audit').getByRole('listitem');
  await expect(entries.first()).toBeVisible();
  const next = page.getByRole('button', { name: 'Next' });
  const scrolled = () => page.evaluate(() => window.scrollY);
  await next.scrollIntoViewIfNeeded();
  expect(await scrolled()).toBeGreaterThan(500);
  const first = await entries.first().textContent();
  await next.click();
  await expect(entries.first()).not.toHaveText(first!);
  await expect.poll(scrolled, { message: 'the head of the list' }).toBeLessThan(300);

  const link = page.getByRole('main').locator('.audit a[href^="/admin/"]').last();
  await link.scrollIntoViewIfNeeded();
  const place = await scrolled();
  expect(place).toBeGreaterThan(300);
  // However slow the server is: what was there is there.
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  await page.route('**/graphql', async (route) => {
    await answered;
    return route.continue();
  });
  const to = await link.getAttribute('href');
  await link.click();
  await expect(page).toHaveURL(to!);
  await page.goBack();
  await expect(entries.first()).toBeVisible();
  await expect.poll(scrolled).toBeGreaterThan(place - 3);
  expect(await scrolled()).toBeLessThan(place + 3);
  answer();
  await expect(page.getByRole('main').locator('[aria-busy="true"]')).toHaveCount(0);
});
