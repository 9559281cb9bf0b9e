import { type Page } from '@playwright/test';

import { expect, test } from '../fixtures';
import { addAlt, callbackOf, graphql, linkDiscord, loginAsSuperuser, newPerson } from './support/api';
import { expectDashboard, menu } from './support/pages';
import { CORPORATION, simulator, unique } from './support/simulator';

/** The pages of a visitor. */
const OUTSIDE = ['/login', '/login?error=sso_unavailable&next=/history', '/admin/login', '/confirm-email?token=x', '/confirm-email', '/register'];
/** The pages of a member. */
const INSIDE = ['/', '/groups', '/groups/group:999999', '/access', '/access?show=lack', '/inbox', '/manage/groups', '/characters', '/services', '/notifications', '/history', '/settings', '/nowhere', '/admin/users'];

/** The page has been drawn: its title is there and nothing is on its way any more. */
async function drawn(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.locator('[aria-busy=true], .skeleton, .skeleton-rows, .splash')).toHaveCount(0);
}

/** Nothing reaches beyond the edge: no sideways scrolling of the page. */
async function expectFits(page: Page, path: string): Promise<void> {
  const wide = await page.evaluate(() => {
    const edge = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= edge && document.body.scrollWidth <= edge) return [];
    const beyond = [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > edge + 1);
    return beyond.slice(0, 5).map((element) => `${element.tagName.toLowerCase()}.${element.className}`);
  });
  expect.soft(wide, `${path} is wider than the screen`).toEqual([]);
}

for (const viewport of [{ width: 390, height: 844 }, { width: 360, height: 740 }]) {
  test.describe(`on a phone of ${viewport.width} by ${viewport.height}`, () => {
    test.use({ viewport, hasTouch: true, isMobile: true });
    // What axe looks at is the same on both.
    const axe = viewport.width === 390;

    test('a visitor’s pages fit', async ({ page, expectAccessible }) => {
      for (const path of OUTSIDE) {
        await drawn(page, path);
        await expectFits(page, path);
        if (axe) await expectAccessible();
      }
    });

    test('a registration fits', async ({ page, context, expectAccessible }) => {
      await page.goto(await callbackOf(context.request, await simulator.freshPilot()));
      await expect(page.getByRole('textbox', { name: 'E-mail address' })).toBeVisible();
      await expectFits(page, '/register');
      await page.getByRole('textbox', { name: 'E-mail address' }).fill(`${unique('a-rather-long-address-for-a-small-screen-')}@mail.example.com`);
      await page.getByRole('button', { name: 'Send the link' }).tap();
      await expect(page.getByRole('heading', { level: 1, name: 'Check your mail' })).toBeVisible();
      await expectFits(page, '/register');
      if (axe) await expectAccessible();
    });

    test('a member’s pages fit', async ({ page, context, expectAccessible, mayLog }) => {
      mayLog(/403/);
      await newPerson(context.request);
      await addAlt(context.request, CORPORATION.neutral);
      await linkDiscord(context.request, await simulator.newDiscordUser(unique('with_a_long_name_')));
      for (const path of INSIDE) {
        await drawn(page, path);
        await expectFits(page, path);
        if (axe) await expectAccessible();
      }
    });

    test('an administrator’s pages fit', async ({ page, context, anotherBrowser, expectAccessible }) => {
      const person = await newPerson((await anotherBrowser()).request);
      await loginAsSuperuser(context.request);
      for (const path of [`/admin/users?q=${encodeURIComponent(person.pilot.name)}`, `/admin/users/${person.userId}`]) {
        await drawn(page, path);
        await expectFits(page, path);
        if (axe) await expectAccessible();
      }
    });

    test('the menu is a drawer', async ({ page, context, expectAccessible }) => {
      await newPerson(context.request);
      await drawn(page, '/');
      await expect(menu(page)).toBeHidden();
      const open = page.getByRole('button', { name: 'Open menu' });
      const drawer = page.getByRole('dialog', { name: 'Main menu' });

      await open.tap();
      await expect(drawer).toBeVisible();
      await expectFits(page, 'the drawer');
      if (axe) await expectAccessible();
      await drawer.getByRole('button', { name: 'Close menu' }).tap();
      await expect(drawer).toBeHidden();

      await open.tap();
      await page.touchscreen.tap(viewport.width - 10, viewport.height / 2);
      await expect(drawer, 'a tap beside it closes it').toBeHidden();

      await open.tap();
      await drawer.getByRole('link', { name: 'Services' }).tap();
      await expect(page).toHaveURL('/services');
      await expect(drawer).toBeHidden();
      await expect(page.getByRole('heading', { level: 1, name: 'Services' })).toBeVisible();

      await open.focus();
      await page.keyboard.press('Enter');
      await expect(drawer).toBeVisible();
      await expect(drawer.locator(':focus')).toHaveCount(1);
      await page.keyboard.press('Escape');
      await expect(drawer).toBeHidden();
      await expect(open, 'the focus comes back').toBeFocused();

      await page.keyboard.press('Enter');
      await drawer.getByRole('link', { name: 'Groups' }).focus();
      await page.keyboard.press('Enter');
      await expect(page).toHaveURL('/groups');
      await expect(drawer).toBeHidden();
      await expect(page.getByRole('main'), 'the focus goes where one went').toBeFocused();
    });

    test('bell, account menu and dialogs fit', async ({ page, context, expectAccessible }) => {
      await newPerson(context.request);
      const alt = await addAlt(context.request);
      await drawn(page, '/characters');
      for (const name of [/^Notifications, /, /^Account menu of/]) {
        await page.getByRole('button', { name }).tap();
        const panel = page.getByRole('region', { name: name.source.startsWith('^Not') ? /^Notifications$/ : name });
        await expect(panel).toBeVisible();
        await expect(panel).toBeInViewport({ ratio: 0.99 });
        await expectFits(page, String(name));
        if (axe) await expectAccessible();
        await page.keyboard.press('Escape');
        await expect(panel).toBeHidden();
      }
      await page.getByRole('button', { name: `Make main: ${alt.name}` }).tap();
      const dialog = page.getByRole('dialog', { name: `Make ${alt.name} your main?` });
      await expect(dialog).toBeVisible();
      await expect(dialog).toBeInViewport({ ratio: 0.99 });
      if (axe) await expectAccessible();
      await dialog.getByRole('button', { name: 'Cancel' }).tap();
      await expect(dialog).toBeHidden();
    });
  });
}

test.describe('in the dark', () => {
  test.use({ colorScheme: 'dark' });

  test('every page follows the system and is readable', async ({ page, context, anotherBrowser, expectAccessible, mayLog }) => {
    mayLog(/403/);
    for (const path of ['/login?error=state_mismatch', '/admin/login', '/register']) {
      await drawn(page, path);
      await expect(page.locator('html')).toHaveAttribute('data-bs-theme', 'dark');
      await expectAccessible();
    }
    const { userId } = await newPerson(context.request);
    await addAlt(context.request);
    await linkDiscord(context.request, await simulator.newDiscordUser(unique('dark_')));
    for (const path of INSIDE) {
      await drawn(page, path);
      await expect(page.locator('html')).toHaveAttribute('data-bs-theme', 'dark');
      await expectAccessible();
    }
    const dark = await anotherBrowser({ colorScheme: 'dark' });
    await loginAsSuperuser(dark.request);
    const admin = await dark.newPage();
    for (const path of ['/admin/users', `/admin/users/${userId}`]) {
      await drawn(admin, path);
      await expectAccessible(admin);
    }
  });
});

test('a theme is chosen at once, stays, and follows to other devices', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const { pilot } = await newPerson(context.request);
  await drawn(page, '/');
  const root = page.locator('html');
  await expect(root).toHaveAttribute('data-bs-theme', 'light');
  await page.getByRole('button', { name: /^Account menu of/ }).click();
  const panel = page.getByRole('region', { name: /^Account menu of/ });
  await panel.getByRole('button', { name: 'Dark' }).click();
  await expect(root).toHaveAttribute('data-bs-theme', 'dark');
  await expect(panel.getByRole('button', { name: 'Dark' })).toHaveAttribute('aria-pressed', 'true');
  await expectAccessible();
  await expect
    .poll(async () => (await graphql<{ viewer: { preferences: { theme: string } } }>(context.request, '{ viewer { preferences { theme } } }')).viewer.preferences.theme)
    .toBe('dark');
  await page.reload();
  await expect(root).toHaveAttribute('data-bs-theme', 'dark');

  const phone = await anotherBrowser();
  const there = await phone.newPage();
  await there.goto(await callbackOf(phone.request, pilot));
  await expect(there.locator('html')).toHaveAttribute('data-bs-theme', 'dark');

  await drawn(page, '/settings');
  const more = page.getByRole('main').getByRole('combobox', { name: 'More themes' });
  for (const theme of ['Darkly', 'Flatly']) {
    await more.selectOption(theme);
    await expect(root).toHaveAttribute('data-theme', theme.toLowerCase());
  }
  await page.getByRole('main').getByRole('button', { name: 'Light' }).click();
  await expect(root).toHaveAttribute('data-theme', 'default');
  await expect(root).toHaveAttribute('data-bs-theme', 'light');
});

test('everything can be done with the keyboard', async ({ page, context, mayLog }) => {
  mayLog(/favicon/);
  const { pilot } = await newPerson(context.request);
  const alt = await addAlt(context.request);
  await drawn(page, '/');
  const focused = page.locator(':focus');
  const press = (key: string) => page.keyboard.press(key);
  /** Goes on with Tab until the thing is reached. */
  const tabTo = async (name: RegExp, role: 'link' | 'button'): Promise<void> => {
    const wanted = page.getByRole(role, { name });
    for (let step = 0; step < 60; step += 1) {
      if (await wanted.evaluateAll((all: Element[]) => all.includes(document.activeElement!))) return;
      await press('Tab');
    }
    throw new Error(`Tab does not reach ${role} ${name}`);
  };

  // The first thing one reaches leads past the menu.
  await press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to content' });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  await press('Tab');
  expect(await page.getByRole('main').evaluate((main) => main.contains(document.activeElement)), 'Tab goes on in the content').toBe(true);

  await page.reload();
  await expectDashboard(page, 'Member');
  await tabTo(/^Account menu of/, 'button');
  const outline = await focused.evaluate((element) => {
    const style = getComputedStyle(element);
    return style.outlineStyle !== 'none' || style.boxShadow !== 'none';
  });
  expect(outline, 'one sees where the focus is').toBe(true);
  await press('Enter');
  await tabTo(/^Characters/, 'link');
  await press('Enter');
  await expect(page).toHaveURL('/characters');
  await expect(page.getByRole('main')).toBeFocused();

  // A dialog keeps the focus, closes with Escape and gives the focus back.
  await expect(page.getByRole('heading', { level: 2, name: alt.name })).toBeVisible();
  await tabTo(new RegExp(`^Make main: ${alt.name}`), 'button');
  const opener = page.getByRole('button', { name: `Make main: ${alt.name}` });
  await press('Enter');
  const dialog = page.getByRole('dialog', { name: `Make ${alt.name} your main?` });
  await expect(dialog).toBeVisible();
  for (let step = 0; step < 8; step += 1) {
    const inside = await dialog.evaluate((it) => it.contains(document.activeElement) || document.activeElement === document.body);
    expect(inside, 'the focus stays in the dialog').toBe(true);
    await press('Tab');
  }
  await press('Escape');
  await expect(dialog).toBeHidden();
  await expect(opener).toBeFocused();
  await press('Enter');
  await expect(dialog).toBeVisible();
  await tabTo(new RegExp(`^Make ${alt.name} your main`), 'button');
  await press('Enter');
  await expect(page.getByText(`${alt.name} is now your main.`)).toBeVisible();
  await expect(dialog).toBeHidden();

  // The account menu.
  const account = page.getByRole('button', { name: /^Account menu of/ });
  const panel = page.getByRole('region', { name: /^Account menu of/ });
  await account.focus();
  await press('Enter');
  await expect(panel).toBeVisible();
  await press('Tab');
  expect(await panel.evaluate((it) => it.contains(document.activeElement)), 'Tab goes into the menu').toBe(true);
  await press('Escape');
  await expect(panel).toBeHidden();
  await expect(account).toBeFocused();

  // Shortcuts.
  await press('?');
  const shortcuts = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(shortcuts).toBeVisible();
  await press('Escape');
  await expect(shortcuts).toBeHidden();
  await press('g');
  await press('s');
  await expect(page).toHaveURL('/services');
  await press('g');
  await press('d');
  await expect(page).toHaveURL('/');
  await expect(page.getByRole('region', { name: 'Your access' })).toContainText(alt.name);
  expect(pilot.name).not.toBe(alt.name);

  await account.focus();
  await press('Enter');
  await tabTo(/^Log out$/, 'button');
  await press('Enter');
  await expect(page).toHaveURL('/login');
});

test('the menu folds away and stays folded', async ({ page, context, expectAccessible }) => {
  await newPerson(context.request);
  await drawn(page, '/');
  await page.getByRole('button', { name: 'Collapse menu' }).click();
  const expand = page.getByRole('button', { name: 'Expand menu' });
  await expect(expand).toHaveAttribute('aria-expanded', 'false');
  await expectAccessible();
  await page.reload();
  await expect(expand).toBeVisible();
  await menu(page).getByRole('link', { name: 'Services' }).click();
  await expect(page).toHaveURL('/services');
  await expand.click();
  await expect(page.getByRole('button', { name: 'Collapse menu' })).toHaveAttribute('aria-expanded', 'true');
});
