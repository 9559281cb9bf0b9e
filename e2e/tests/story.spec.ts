import { expect, test } from '../fixtures';
import { askAsBot, loginAsSuperuser, newSuperuser, type Person } from './support/api';
import { becomeDiscordUser, choosePilot, expectDashboard, menu, openOwn, serviceCard, standing, state, unread } from './support/pages';
import { CORPORATION, simulator, unique } from './support/simulator';
import { fealtyctl, syncAffiliations } from './support/stack';

const USER = `{ id username isActive isSuperuser
  state { name } mainCharacter { id name corporation { id name } alliance { id name } }
  characters { id name isMain } permissions services { key status accountName roles } }`;

type User = {
  username: string;
  state: { name: string };
  mainCharacter: { name: string; corporation: { name: string } };
  characters: { name: string }[];
  services: { key: string; status: string; accountName: string | null; roles: string[] }[];
};

test('a pilot comes, gets access, loses it with his corporation and gets it back', async ({ page, context, expectAccessible, anotherBrowser, mayLog }) => {
  test.setTimeout(120_000);
  // The outbox, a page for developers, has no icon.
  mayLog(/404.*\/favicon\.ico/);
  const pilot = await simulator.freshPilot(CORPORATION.home);
  const alt = await simulator.freshPilot(CORPORATION.neutral);
  const person: Partial<Person> = { pilot, email: `${unique('story')}@example.com` };
  const discordName = unique('story_');

  await test.step('a visitor sees the login page with the button of EVE', async () => {
    await page.goto('/');
    await expect(page).toHaveURL('/login');
    await expect(page).toHaveTitle(/Log in/);
    await expect(page.getByRole('heading', { level: 1, name: 'Log in' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Log in with EVE Online' })).toBeVisible();
    await expectAccessible();
  });

  await test.step('he logs in at EVE and gives an e-mail address', async () => {
    await page.getByRole('link', { name: 'Log in with EVE Online' }).click();
    await choosePilot(page, pilot);
    await expect(page).toHaveURL('/register');
    await expect(page.getByRole('main')).toContainText(pilot.name);
    await expect(page.getByRole('main')).toContainText(pilot.corporationName);
    await expectAccessible();
    await page.getByRole('textbox', { name: 'E-mail address' }).fill(person.email!);
    await page.getByRole('button', { name: 'Send the link' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Check your mail' })).toBeVisible();
    await expect(page.getByRole('main')).toContainText(person.email!);
    await expectAccessible();
  });

  await test.step('the link in the mail asks for one click and logs him in', async () => {
    const opening = page.waitForEvent('popup');
    await page.getByRole('link', { name: /open the mail outbox/i }).click();
    const outbox = await opening;
    const mail = outbox.getByRole('listitem').filter({ hasText: person.email! });
    await expect(async () => {
      await outbox.reload();
      await expect(mail).toBeVisible({ timeout: 500 });
    }).toPass({ timeout: 10_000 });
    const link = (await mail.getByRole('link', { name: /confirm-email/ }).getAttribute('href'))!;
    await outbox.close();
    await page.goto(link);
    await expect(page.getByRole('heading', { level: 1, name: 'Confirm your e-mail address' })).toBeVisible();
    await expectAccessible();
    await page.getByRole('button', { name: 'Confirm' }).click();
  });

  await test.step('he is in: portrait, corporation, alliance, state', async () => {
    await expect(page).toHaveURL('/');
    await expectDashboard(page, 'Member');
    const mine = standing(page);
    await expect(mine).toContainText(pilot.name);
    await expect(mine).toContainText(`${pilot.corporationName} [${pilot.corporationTicker}]`);
    await expect(mine).toContainText(pilot.allianceName!);
    const portrait = mine.locator('img').first();
    await expect(portrait).toHaveAttribute('src', new RegExp(`/characters/${pilot.id}/portrait`));
    await expect.poll(() => portrait.evaluate((image: HTMLImageElement) => image.naturalWidth), { message: 'the portrait is loaded' }).toBeGreaterThan(0);
    await expectAccessible();
  });

  await test.step('he adds an alt', async () => {
    await openOwn(page, 'Characters');
    await expect(page.getByRole('heading', { level: 1, name: 'Characters' })).toBeVisible();
    await page.getByRole('main').getByRole('link', { name: 'Add character' }).click();
    await choosePilot(page, alt);
    await expect(page).toHaveURL('/characters');
    await expect(page.getByText(`${alt.name} was added to your account.`)).toBeVisible();
    await expect(page.getByRole('heading', { level: 2, name: alt.name })).toBeVisible();
    await expectAccessible();
  });

  await test.step('he makes the alt his main, whose corporation is not known here, and changes back', async () => {
    for (const [main, expected] of [[alt, 'Guest'], [pilot, 'Member']] as const) {
      await page.getByRole('button', { name: `Make main: ${main.name}` }).click();
      const dialog = page.getByRole('dialog', { name: `Make ${main.name} your main?` });
      await expect(dialog).toBeVisible();
      const change = dialog.getByRole('region', { name: 'What changes for you' });
      await expect(change).toContainText(expected);
      await expect(change).toContainText('Discord');
      if (main === alt) await expectAccessible();
      await dialog.getByRole('button', { name: `Make ${main.name} your main` }).click();
      await expect(dialog).toBeHidden();
      await expect(page.getByText(`${main.name} is now your main.`)).toBeVisible();
      await expect(page.getByRole('button', { name: `Account menu of ${main.name}` })).toBeVisible();
      await menu(page).getByRole('link', { name: 'Dashboard' }).click();
      await expectDashboard(page, expected);
      await openOwn(page, 'Characters');
    }
  });

  await test.step('he logs out and in again', async () => {
    await page.getByRole('button', { name: /^Account menu of/ }).click();
    await page.getByRole('button', { name: 'Log out' }).click();
    await expect(page).toHaveURL('/login');
    await page.goto('/characters');
    await expect(page).toHaveURL('/login?next=/characters');
    await page.goto('/login');
    await page.getByRole('link', { name: 'Log in with EVE Online' }).click();
    await choosePilot(page, pilot);
    await expect(page).toHaveURL('/');
    await expectDashboard(page, 'Member');
  });

  const link = async (title: string): Promise<void> => {
    await menu(page).getByRole('link', { name: 'Services' }).click();
    await expect(serviceCard(page)).toContainText('Not linked');
    await serviceCard(page).getByRole('button', { name: 'Link Discord' }).click();
    if (title === 'new') {
      await becomeDiscordUser(page, discordName);
    } else {
      await page.getByRole('link', { name: new RegExp(`@${discordName}`) }).click();
    }
    await expect(page).toHaveURL('/services');
    await expect(serviceCard(page).getByText('Linked', { exact: true }).first()).toBeVisible();
    await expect.poll(() => simulator.discordMember(discordName), { message: 'he is on the server' }).toEqual({ nick: pilot.name, roles: ['Member'] });
    await expect(serviceCard(page)).toContainText('Everything is in order.');
    await expect(serviceCard(page)).toContainText(discordName);
    await expect(serviceCard(page).getByText('Member', { exact: true })).toBeVisible();
  };

  await test.step('he links Discord and is on the server with his role and name', async () => {
    await menu(page).getByRole('link', { name: 'Services' }).click();
    await expect(serviceCard(page)).toContainText('Not linked');
    await expectAccessible();
    await link('new');
    await expectAccessible();
  });

  await test.step('his main leaves the corporation: the open dashboard tells, and he is gone from Discord', async () => {
    await menu(page).getByRole('link', { name: 'Dashboard' }).click();
    await expectDashboard(page, 'Member');
    const before = await unread(page);
    await page.evaluate(() => Object.assign(window, { notReloaded: true }));
    await simulator.move(pilot.id, CORPORATION.neutral);
    syncAffiliations();
    await expect(state(standing(page), 'Guest')).toBeVisible();
    await expect(standing(page)).toContainText('Driftglass Traders');
    await expect.poll(() => unread(page), { message: 'the bell counts' }).toBeGreaterThan(before);
    await expect.poll(() => simulator.discordMember(discordName), { message: 'gone from the server' }).toBeUndefined();
    await expect(page.getByRole('region', { name: 'Your services' })).toContainText('Not available');
    expect(await page.evaluate(() => 'notReloaded' in window), 'the page was not loaded again').toBe(true);
    await expectAccessible();
  });

  await test.step('notifications and history say what happened and why', async () => {
    await page.getByRole('button', { name: /^Notifications, \d+ unread/ }).click();
    const panel = page.getByRole('region', { name: 'Notifications', exact: true });
    await expect(panel).toContainText('State changed to Guest');
    await expectAccessible();
    await panel.getByRole('link', { name: 'See all notifications' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Notifications' })).toBeVisible();
    await expect(page.getByRole('main')).toContainText('Discord account removed');
    await expectAccessible();
    await page.getByRole('button', { name: 'Mark all as read' }).first().click();
    await expect.poll(() => unread(page)).toBe(0);

    await openOwn(page, 'Access history');
    await expect(page.getByRole('heading', { level: 1, name: 'Access history' })).toBeVisible();
    const newest = page.getByRole('main').getByRole('listitem').filter({ hasText: 'State' }).first();
    await expect(newest).toContainText(/Lost Member.*Gained Guest/s);
    await expect(newest, 'the cause').toContainText(pilot.name);
    await expect(newest, 'the cause').toContainText('Driftglass Traders');
    await expectAccessible();
  });

  await test.step('he returns to the corporation: member again, and may link again', async () => {
    await menu(page).getByRole('link', { name: 'Dashboard' }).click();
    await expectDashboard(page, 'Guest');
    await simulator.move(pilot.id, CORPORATION.home);
    syncAffiliations();
    await expect(state(standing(page), 'Member')).toBeVisible();
    await link('again');
  });

  await test.step('a bot sees the same as he does', async () => {
    const mine = await context.request.post('/graphql', { data: { query: `{ viewer { user ${USER} } }` } });
    const { data } = (await mine.json()) as { data: { viewer: { user: User & { id: string } } } };
    const user = data.viewer.user;
    expect(user.state.name).toBe('Member');
    expect(user.mainCharacter.corporation.name).toBe('Ashen Vanguard');
    expect(user.characters.map((character) => character.name).sort()).toEqual([pilot.name, alt.name].sort());
    expect(user.services).toEqual([{ key: 'discord', status: 'LINKED', accountName: discordName, roles: ['Member'] }]);

    const own = fealtyctl(['token', 'create', '--username', user.username, '--name', 'story', '--all-permissions']);
    const asViewer = await askAsBot<{ viewer: { user: User } }>(own, `{ viewer { user ${USER} } }`);
    expect(asViewer.body).toEqual({ data: { viewer: { user } } });
    const one = `query ($id: ID!) { user(id: $id) ${USER} }`;
    expect((await askAsBot(own, one, { id: user.id })).body).toEqual({ data: { user } });

    const superuser = newSuperuser();
    const theirs = fealtyctl(['token', 'create', '--username', superuser.username, '--name', 'story', '--all-permissions']);
    expect((await askAsBot(theirs, one, { id: user.id })).body).toEqual({ data: { user } });
    expect((await askAsBot('fealty_nonsense', one, { id: user.id })).status).toBe(401);
  });

  await test.step('a superuser logs in with his password and finds him by his alt', async () => {
    const admin = await (await anotherBrowser()).newPage();
    const superuser = newSuperuser();
    await admin.goto('/login');
    await admin.getByRole('link', { name: /administrator login/i }).click();
    await expect(admin).toHaveURL('/admin/login');
    await expectAccessible(admin);
    await admin.getByRole('textbox', { name: 'User name' }).fill(superuser.username);
    await admin.getByLabel('Password').fill(superuser.password);
    await admin.getByRole('button', { name: 'Log in' }).click();
    await expect(admin).toHaveURL('/');
    await menu(admin).getByRole('link', { name: 'Users' }).click();
    await expect(admin.getByRole('heading', { level: 1, name: 'Users' })).toBeVisible();
    await admin.getByRole('main').getByRole('searchbox').fill(alt.name);
    const rows = admin.getByRole('table').getByRole('row');
    await expect(rows).toHaveCount(2);
    await expect(rows.nth(1)).toContainText(pilot.name);
    await expect(rows.nth(1)).toContainText('Ashen Vanguard');
    await expect(state(rows.nth(1), 'Member')).toBeVisible();
    await expectAccessible(admin);
    await rows.nth(1).getByRole('link', { name: pilot.name }).click();
    await expect(admin.getByRole('heading', { level: 1, name: pilot.name })).toBeVisible();
    await expect(admin.getByRole('main')).toContainText(person.email!);
    await expect(admin.getByRole('article', { name: 'Discord' })).toContainText(discordName);
    await expectAccessible(admin);
  });

  await test.step('the list of users is searched and paged by the server', async () => {
    const api = (await anotherBrowser()).request;
    await loginAsSuperuser(api);
    type List = { users: { totalCount: number; nodes: { id: string }[]; pageInfo: { endCursor: string; hasNextPage: boolean } } };
    const list = async (variables: object): Promise<List['users']> => {
      const query = `query ($after: String, $search: String) {
        users(first: 1, after: $after, filter: { search: $search }) { totalCount nodes { id } pageInfo { endCursor hasNextPage } } }`;
      const answer = await api.post('/graphql', { data: { query, variables } });
      return ((await answer.json()) as { data: List }).data.users;
    };
    const first = await list({});
    expect(first.totalCount).toBeGreaterThan(1);
    expect(first.pageInfo.hasNextPage).toBe(true);
    const second = await list({ after: first.pageInfo.endCursor });
    expect(second.nodes).not.toEqual(first.nodes);
    expect((await list({ search: alt.name.toUpperCase() })).totalCount).toBe(1);
  });
});
