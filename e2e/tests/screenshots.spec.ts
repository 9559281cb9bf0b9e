import { type APIRequestContext, type BrowserContext, type Page } from '@playwright/test';
import { mkdirSync } from 'node:fs';

import { expect, test } from '../fixtures';
import { addAlt, callbackOf, linkDiscord, loginAsSuperuser, makeStaff, newPerson, type Person } from './support/api';
import { addMembers, join, newGroup, stateId } from './support/groups';
import { state, standing } from './support/pages';
import { areWanted, FOLDER, takePictures } from './support/pictures';
import { CORPORATION, simulator, unique } from './support/simulator';
import { syncAffiliations } from './support/stack';

// Pictures of every page with data, for people to look at: `SCREENSHOTS=1 npx playwright test screenshots`.

test.skip(!areWanted, 'only with SCREENSHOTS=1');

/** Takes the picture in every width and colour. */
async function shoot(page: Page, name: string, path?: string, prepare?: () => Promise<void>): Promise<void> {
  await takePictures(page, name, {
    fullPage: !prepare,
    prepare: async () => {
      if (path) await page.goto(path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await page.waitForLoadState('networkidle');
      await prepare?.();
    },
  });
}

test('pictures of every page @screenshots', async ({ page, context, anotherBrowser, mayLog }) => {
  test.setTimeout(300_000);
  mayLog(/403/);
  mkdirSync(FOLDER, { recursive: true });
  const open = async (browser: BrowserContext): Promise<Page> => browser.newPage();

  const visitor = await open(await anotherBrowser());
  await shoot(visitor, 'login', '/login');
  await shoot(visitor, 'login-error', '/login?error=sso_unavailable&next=/history');
  await shoot(visitor, 'admin-login', '/admin/login');
  await shoot(visitor, 'confirm-email', '/confirm-email?token=x');
  await shoot(visitor, 'confirm-email-bad', '/confirm-email');
  await shoot(visitor, 'register-none', '/register');

  const registering = await anotherBrowser();
  const registration = await open(registering);
  await registration.goto(await callbackOf(registering.request, await simulator.freshPilot()));
  await shoot(registration, 'register', '/register');
  await registration.getByRole('textbox', { name: 'E-mail address' }).fill(`${unique('pilot')}@example.com`);
  await registration.getByRole('button', { name: 'Send the link' }).click();
  await expect(registration.getByRole('heading', { level: 1, name: 'Check your mail' })).toBeVisible();
  await shoot(registration, 'register-sent');

  const homeless = await anotherBrowser();
  const seller = await newPerson(homeless.request);
  await addAlt(homeless.request);
  await addAlt(homeless.request, CORPORATION.blue);
  await simulator.sell(seller.pilot.id);
  const buyer = await anotherBrowser();
  await buyer.request.get(await callbackOf(buyer.request, seller.pilot), { maxRedirects: 0 });
  await shoot(await open(homeless), 'choose-main', '/choose-main');

  // A member with a past: lost everything once, came back, linked Discord.
  const person = await newPerson(context.request);
  await addAlt(context.request, CORPORATION.neutral);
  const alt = await addAlt(context.request, CORPORATION.academy);
  await page.goto('/');
  for (const [corporation, name] of [[CORPORATION.neutral, 'Guest'], [CORPORATION.home, 'Member']] as const) {
    await simulator.move(person.pilot.id, corporation);
    syncAffiliations();
    await expect(state(standing(page), name)).toBeVisible();
  }
  await linkDiscord(context.request, await simulator.newDiscordUser(unique('pilot_')));
  await expect(page.getByRole('region', { name: 'Your services' })).toContainText('Linked');
  await shoot(page, 'dashboard', '/');
  await shoot(page, 'characters', '/characters');
  await shoot(page, 'services', '/services');
  await shoot(page, 'notifications', '/notifications');
  await shoot(page, 'history', '/history');
  await shoot(page, 'settings', '/settings');
  await shoot(page, 'not-found', '/nowhere');
  await shoot(page, 'forbidden', '/admin/users');
  await shoot(page, 'bell', '/', async () => {
    await page.getByRole('button', { name: /^Notifications, / }).click();
    await expect(page.getByRole('region', { name: 'Notifications', exact: true })).toBeVisible();
  });
  await shoot(page, 'account-menu', '/', async () => {
    await page.getByRole('button', { name: /^Account menu of/ }).click();
    await expect(page.getByRole('region', { name: /^Account menu of/ })).toBeVisible();
  });
  await shoot(page, 'dialog', '/characters', async () => {
    await page.getByRole('button', { name: `Make main: ${alt.name}` }).click();
    await expect(page.getByRole('dialog', { name: `Make ${alt.name} your main?` })).toBeVisible();
  });
  await shoot(page, 'dialog-danger', '/services', async () => {
    await page.getByRole('button', { name: 'Unlink Discord' }).click();
    await expect(page.getByRole('dialog', { name: 'Unlink Discord?' })).toBeVisible();
  });
  await page.setViewportSize({ width: 390, height: 844 });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.goto('/');
    await page.getByRole('button', { name: 'Open menu' }).click();
    await expect(page.getByRole('dialog', { name: 'Main menu' })).toBeVisible();
    await page.screenshot({ path: `${FOLDER}menu-390-${colorScheme}.png` });
  }

  const guests = await anotherBrowser();
  await newPerson(guests.request, CORPORATION.neutral);
  const guest = await open(guests);
  await shoot(guest, 'dashboard-guest', '/');
  await shoot(guest, 'services-guest', '/services');

  const admins = await anotherBrowser();
  await loginAsSuperuser(admins.request);
  const admin = await open(admins);
  await shoot(admin, 'users-none', '/admin/users?q=nobody-flies-under-this-name');
  await shoot(admin, 'user', `/admin/users/${person.userId}`);
});

/** Groups of every kind, with members, requests and a log. */
async function organisation(superuser: APIRequestContext, lead: Person, anotherBrowser: () => Promise<BrowserContext>) {
  const blue = await stateId(superuser, 'Blue');
  const memberState = await stateId(superuser, 'Member');
  const wing = await newGroup(superuser, 'Logistics wing', {
    description: 'Guardians and Oneiros. Both skills at five before you ask.',
    leaderIds: [lead.userId],
    permissions: ['discord.access_discord', 'auth.timer_view', 'auth.optimer_view'],
  });
  const vault = await newGroup(superuser, 'Vault', { leaderIds: [lead.userId], isRestricted: true, description: 'Who may touch the wallet.' });
  const pings = await newGroup(superuser, 'Fleet pings', { isOpen: true, description: 'Told when a fleet forms.' });
  const allies = await newGroup(superuser, 'Allied scouts', { stateIds: [blue, memberState], isHidden: true, description: 'Eyes in the neighbourhood.' });
  await newGroup(superuser, 'Directors', { isInternal: true, leaderGroupIds: [vault.id] });
  const people = [];
  const browsers = [];
  for (const corporation of [CORPORATION.home, CORPORATION.academy, CORPORATION.home, CORPORATION.blue, CORPORATION.home, CORPORATION.academy]) {
    const browser = await anotherBrowser();
    browsers.push(browser);
    people.push(await newPerson(browser.request, corporation));
  }
  await addAlt(browsers[0]!.request, CORPORATION.neutral);
  await addMembers(superuser, wing, [lead.userId, people[0]!.userId, people[1]!.userId]);
  await addMembers(superuser, pings, people.map((member) => member.userId));
  await addMembers(superuser, allies, [people[0]!.userId, people[3]!.userId]);
  await addMembers(superuser, vault, [people[0]!.userId]);
  await join(browsers[2]!.request, wing, 'Two Guardians, both skills at five. I was on the last three fleets and can be there every evening from 19:00.');
  await join(browsers[4]!.request, wing);
  await join(browsers[5]!.request, vault, 'To count the treasure');
  await makeStaff(superuser, people[1]!, ['auth.view_group', 'auth.change_group']);
  return { wing, people, memberState };
}

test('pictures of groups @screenshots', async ({ context, page, anotherBrowser }) => {
  test.setTimeout(600_000);
  mkdirSync(FOLDER, { recursive: true });
  const superuser = (await anotherBrowser()).request;
  await loginAsSuperuser(superuser);
  const lead = await newPerson(context.request);
  const { wing } = await organisation(superuser, lead, anotherBrowser);

  await shoot(page, 'groups', '/groups');
  await shoot(page, 'group-of-member', `/groups/${wing.id}`);
  await shoot(page, 'inbox', '/inbox');
  await shoot(page, 'inbox-selected', '/inbox', async () => {
    await page.getByRole('checkbox', { name: 'Select all shown' }).check();
    await expect(page.getByRole('region', { name: 'Selected requests' })).toBeVisible();
  });
  await shoot(page, 'managed', '/manage/groups');
  await shoot(page, 'members', `/manage/groups/${wing.id}`);
  await shoot(page, 'members-selected', `/manage/groups/${wing.id}`, async () => {
    await page.getByRole('checkbox', { name: 'Select all shown' }).check();
    await expect(page.getByRole('region', { name: 'Selected members' })).toBeVisible();
  });
  await shoot(page, 'group-log', `/manage/groups/${wing.id}?tab=log`);
  await shoot(page, 'group-requests', `/manage/groups/${wing.id}?tab=requests`);
  await shoot(page, 'access', '/access');
  await shoot(page, 'access-lack', '/access?show=lack');
  await shoot(page, 'access-why', '/access?show=lack&why=permission:auth.srp_management', async () => {
    await expect(page.locator('.verdict')).toBeVisible();
  });
});

test('pictures of the administration @screenshots', async ({ context, page: admin, anotherBrowser }) => {
  test.setTimeout(600_000);
  mkdirSync(FOLDER, { recursive: true });
  await loginAsSuperuser(context.request);
  const lead = await newPerson((await anotherBrowser()).request);
  const { wing, people, memberState } = await organisation(context.request, lead, anotherBrowser);

  const filters = async (): Promise<void> => {
    const more = admin.getByRole('button', { name: 'More filters' });
    if (await more.isVisible()) await more.click();
  };
  await shoot(admin, 'users', '/admin/users?sort=seen&dir=desc');
  await shoot(admin, 'users-filters', '/admin/users', async () => {
    await filters();
    await admin.getByRole('combobox', { name: 'Group' }).fill('wing');
    await expect(admin.locator('.picker-option').first()).toBeVisible();
  });
  await shoot(admin, 'users-filtered', `/admin/users?group=${encodeURIComponent(wing.id)}&corporation=${CORPORATION.home}`);
  await shoot(admin, 'user-with-groups', `/admin/users/${people[0]!.userId}`);
  await shoot(admin, 'user-why-not', `/admin/users/${people[0]!.userId}`, async () => {
    await admin.getByRole('button', { name: /^Why: Discord/ }).click();
    await expect(admin.locator('.verdict')).toBeVisible();
  });
  await shoot(admin, 'user-ask', `/admin/users/${people[0]!.userId}`, async () => {
    await admin.getByRole('button', { name: 'Ask about…' }).click();
    await admin.getByRole('combobox', { name: /^Permission, group/ }).fill('srp');
    await expect(admin.locator('.picker-option').first()).toBeVisible();
  });
  await shoot(admin, 'user-add-to-group', `/admin/users/${people[3]!.userId}`, async () => {
    await admin.getByRole('button', { name: 'Add to group' }).click();
    await admin.getByRole('combobox', { name: 'Group' }).fill(wing.name);
    await admin.getByRole('option', { name: wing.name }).click();
    await expect(admin.getByRole('region', { name: 'What the group gives' })).toContainText('timer');
  });
  await shoot(admin, 'user-remove', `/admin/users/${people[0]!.userId}`, async () => {
    await admin.getByRole('button', { name: `Remove from ${wing.name}` }).click();
    await expect(admin.getByRole('region', { name: 'What the group gives' })).toContainText('timer');
  });
  await shoot(admin, 'states', '/admin/states');
  await shoot(admin, 'state', `/admin/states/${memberState}`);
  await shoot(admin, 'state-new', '/admin/states/new');
  await shoot(admin, 'state-changes', `/admin/states/${memberState}?tab=changes`);
  await shoot(admin, 'admin-groups', '/admin/groups');
  await shoot(admin, 'admin-group', `/admin/groups/${wing.id}`);
  await shoot(admin, 'permissions', '/admin/permissions?all=yes');
  await shoot(admin, 'permission', '/admin/permissions/discord.access_discord');
  await shoot(admin, 'reserved', '/admin/reserved-names');
  await shoot(admin, 'audit', '/admin/audit');
  await shoot(admin, 'audit-filters', '/admin/audit?object=group', async () => {
    await filters();
    await admin.getByRole('combobox', { name: 'Which one' }).fill('wing');
    await expect(admin.locator('.picker-option').first()).toBeVisible();
  });
  await shoot(admin, 'preview', `/admin/groups/${wing.id}`, async () => {
    await admin.getByRole('switch', { name: 'Open' }).check();
    await admin.getByRole('checkbox', { name: 'Blue', exact: true }).check();
    await admin.getByRole('button', { name: 'Review changes' }).click();
    await expect(admin.getByRole('dialog', { name: 'What this changes' })).toBeVisible();
  });
});
