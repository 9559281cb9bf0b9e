import { expect, test } from '../fixtures';
import { callbackOf, graphql, loginAsSuperuser, newPerson } from './support/api';
import { newGroup } from './support/groups';
import { simulator } from './support/simulator';

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
