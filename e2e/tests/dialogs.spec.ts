import { type Locator, type Page } from '@playwright/test';

import { expect, test } from '../fixtures';
import { loginAsSuperuser, newPerson } from './support/api';
import { addMembers, newGroup } from './support/groups';

/** Types into a picker and takes what is offered under this name. */
async function pick(within: Locator, label: string, words: string, name: string | RegExp): Promise<void> {
  await within.getByRole('combobox', { name: label }).fill(words);
  await within.getByRole('option', { name }).first().click();
}

/** Enters only the day of a field for date and time, as somebody does who stops half-way. */
async function enterHalf(field: Locator): Promise<void> {
  await field.focus();
  await field.press('1');
  await field.press('2');
  expect(await field.evaluate((input: HTMLInputElement) => input.validity.badInput), 'half entered').toBe(true);
}

/** Clicks the page behind a dialog. */
async function clickOutside(page: Page): Promise<void> {
  await page.mouse.click(5, 400);
}

test('a date that is half entered is not taken for none', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const person = await newPerson((await anotherBrowser()).request);
  await loginAsSuperuser(context.request);
  const group = await newGroup(context.request, 'Half a date');
  await page.goto(`/admin/users/${person.userId}`);
  await page.getByRole('button', { name: 'Add to group' }).click();
  const add = page.getByRole('dialog', { name: 'Add to group' });
  await expect(add.getByRole('combobox', { name: 'Group' }), 'one begins in the first field').toBeFocused();
  await pick(add, 'Group', group.name, group.name);
  await enterHalf(add.getByLabel(/^Ends/));
  await add.getByRole('button', { name: 'Review' }).click();
  await expect(add.getByRole('alert').filter({ hasText: 'Enter the whole date and time' })).toBeVisible();
  await expect(add.getByLabel(/^Ends/)).toHaveAttribute('aria-invalid', 'true');
  await expectAccessible();
  // The usual lengths are a click, and mend what is half entered.
  await add.getByRole('button', { name: '1 week' }).click();
  const ends = new Date(`${await add.getByLabel(/^Ends/).inputValue()}:00Z`).getTime();
  expect(Math.abs(ends - Date.now() - 7 * 86_400_000)).toBeLessThan(120_000);
  await add.getByLabel(/^Starts/).fill('2099-01-01T12:00');
  await add.getByRole('button', { name: '30 days' }).click();
  await expect(add.getByLabel(/^Ends/), 'counted from the start').toHaveValue('2099-01-31T12:00');
  await add.getByRole('button', { name: 'Review' }).click();
  await add.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(add).toBeHidden();
  await expect(page.getByRole('region', { name: 'Groups' })).toContainText('until 2099-01-31');

  const grants = page.getByRole('region', { name: 'Granted directly' });
  await grants.getByRole('button', { name: 'Grant a permission' }).click();
  const form = page.getByRole('dialog', { name: 'Grant a permission' });
  await pick(form, 'Permission', 'srp.access', /srp\.access_srp/);
  await enterHalf(form.getByLabel(/^Ends/));
  await form.getByRole('button', { name: 'Review changes' }).click();
  await expect(form.getByRole('alert').filter({ hasText: 'Enter the whole date and time' })).toBeVisible();
  await expect(page.getByRole('dialog', { name: /^What this changes$/ })).toBeHidden();
});

test('a dialog stays with what was entered until it is done', async ({ page, context, anotherBrowser }) => {
  const person = await newPerson((await anotherBrowser()).request);
  await loginAsSuperuser(context.request);
  await page.goto(`/admin/users/${person.userId}`);
  const grants = page.getByRole('region', { name: 'Granted directly' });
  await grants.getByRole('button', { name: 'Grant a permission' }).click();
  const form = page.getByRole('dialog', { name: 'Grant a permission' });
  await pick(form, 'Permission', 'srp.access', /srp\.access_srp/);
  await form.getByRole('textbox', { name: 'Reason' }).fill('For a while');
  await form.getByLabel(/^Ends/).fill('2003-01-01T00:00');
  await form.getByRole('button', { name: 'Review changes' }).click();
  await expect(form.getByRole('alert').filter({ hasText: 'The end must be after the start' })).toBeVisible();
  await form.getByRole('button', { name: '30 days' }).click();
  await form.getByRole('button', { name: 'Review changes' }).click();
  const preview = page.getByRole('dialog', { name: 'What this changes' });
  await preview.getByRole('button', { name: 'Cancel' }).click();
  await expect(form.getByRole('textbox', { name: 'Reason' }), 'nothing was saved yet').toHaveValue('For a while');
  await form.getByRole('button', { name: 'Review changes' }).click();
  await preview.getByRole('button', { name: 'Save: give access to 1 pilot' }).click();
  await expect(form).toBeHidden();
  await expect(grants).toContainText('For a while');
});

test('what went wrong in a dialog is said in it, until it is dismissed', async ({ page, context, anotherBrowser, mayLog, expectAccessible }) => {
  mayLog(/500/);
  mayLog(/answer 500/);
  const person = await newPerson((await anotherBrowser()).request);
  await loginAsSuperuser(context.request);
  const group = await newGroup(context.request, 'Broken');
  await addMembers(context.request, group, [person.userId]);
  await page.goto(`/admin/users/${person.userId}`);
  await page.route('**/graphql', async (route) => {
    if (!(route.request().postData() ?? '').includes('removeGroupMembers')) return route.continue();
    return route.fulfill({ status: 500, contentType: 'text/html', body: '<h1>no</h1>', headers: { 'x-request-id': 'request-4711' } });
  });
  await page.getByRole('button', { name: `Remove from ${group.name}` }).click();
  const ask = page.getByRole('dialog', { name: `Remove from ${group.name}?` });
  const reason = ask.getByRole('textbox', { name: 'Reason' });
  await expect(reason).toBeFocused();
  await reason.fill('Asked to leave');
  await ask.getByRole('button', { name: 'Remove', exact: true }).click();
  const said = ask.getByRole('status').getByText('Reference for the administrator: request-4711');
  await expect(said).toBeVisible();
  expect(await said.evaluate((element) => document.elementFromPoint(element.getBoundingClientRect().x + 5, element.getBoundingClientRect().y + 5) === element), 'above everything').toBe(true);
  await expectAccessible();
  await page.clock.install();
  await page.clock.fastForward(60_000);
  await expect(said, 'failures stay').toBeVisible();
  await ask.getByRole('button', { name: 'Dismiss' }).click();
  await expect(said).toBeHidden();
  await page.unroute('**/graphql');

  // What could not be looked at is looked at again. Then Ctrl+Enter sends what was written.
  await reason.focus();
  await page.keyboard.press('Control+Enter');
  await expect(ask.getByRole('region', { name: 'What will happen' }).getByRole('listitem').first()).toBeVisible();
  await reason.focus();
  await page.keyboard.press('Control+Enter');
  await expect(ask).toBeHidden();
  await expect(page.getByRole('region', { name: 'Groups' })).toContainText('Not in any groups');
});

test('what was written in a dialog is not lost by a slip', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const superuser = await anotherBrowser();
  await loginAsSuperuser(superuser.request);
  const group = await newGroup(superuser.request, 'Slips', { isOpen: false });
  await newPerson(context.request);
  await page.goto(`/groups/${group.id}`);
  await page.getByRole('main').getByRole('button', { name: /^(Ask|Request)/ }).first().click();
  const dialog = page.getByRole('dialog');
  const words = dialog.getByRole('textbox');
  await expect(words, 'one begins to write at once').toBeFocused();
  await words.fill('I fly logistics');
  await clickOutside(page);
  await expect(dialog).toBeVisible();
  await expect(dialog.getByRole('status').filter({ hasText: 'to discard what you wrote' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(words).toHaveValue('I fly logistics');
  await expectAccessible();

  // Marking text beyond the edge is no click outside, even where nothing would be lost.
  await words.fill('');
  const box = (await words.boundingBox())!;
  await page.mouse.move(box.x + 5, box.y + 5);
  await page.mouse.down();
  await page.mouse.move(5, 400);
  await page.mouse.up();
  await expect(dialog).toBeVisible();
  await clickOutside(page);
  await expect(dialog).toBeHidden();
});

test('whom one has chosen in a dialog, and when, is not lost by a slip either', async ({ page, context, anotherBrowser }) => {
  const person = await newPerson((await anotherBrowser()).request);
  await loginAsSuperuser(context.request);
  const group = await newGroup(context.request, 'Chosen by hand');
  await page.goto(`/manage/groups/${group.id}`);
  await page.getByRole('button', { name: 'Add members' }).click();
  const dialog = page.getByRole('dialog', { name: `Add members to ${group.name}` });
  const kept = dialog.getByRole('status').filter({ hasText: 'to discard what you wrote' });
  const chip = dialog.getByRole('button', { name: `Remove ${person.pilot.name}` });
  await pick(dialog, 'Pilot or user name', person.pilot.name, person.pilot.name);
  await expect(chip).toBeVisible();
  await clickOutside(page);
  await expect(kept).toBeVisible();
  await expect(chip).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(chip).toBeVisible();
  await chip.click();

  await dialog.getByRole('button', { name: '1 week' }).click();
  await clickOutside(page);
  await expect(dialog.getByLabel(/^Ends/)).not.toHaveValue('');
  await dialog.getByLabel(/^Ends/).fill('');
  await enterHalf(dialog.getByLabel(/^Ends/));
  await clickOutside(page);
  await expect(dialog).toBeVisible();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toBeHidden();
});

test('a message stays while one points at it, and leaves the bottom of a phone to the thumb', async ({ page, context }) => {
  await newPerson(context.request);
  await page.clock.install();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/characters');
  await page.getByRole('button', { name: 'Refresh from EVE' }).click();
  const toast = page.locator('.toast-item');
  await expect(toast).toBeVisible();
  const box = (await toast.boundingBox())!;
  expect(box.y + box.height, 'not over the bars at the bottom').toBeLessThan(422);
  await toast.hover();
  await page.clock.runFor(20_000);
  await expect(toast).toBeVisible();
  await page.mouse.move(10, 800);
  await page.clock.runFor(3_000);
  await expect(toast).toBeHidden();
});
