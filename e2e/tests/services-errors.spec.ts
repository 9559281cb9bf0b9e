import { expect, test } from '../fixtures';
import { linkDiscord, newPerson } from './support/api';
import { becomeDiscordUser, serviceCard } from './support/pages';
import { CORPORATION, simulator, unique } from './support/simulator';

const OAUTH = '/api/oauth2/token';
const GUILD = '/api/v10/guilds';

test('who says no at Discord may try again', async ({ page, context, expectAccessible }) => {
  const { pilot } = await newPerson(context.request);
  await page.goto('/services');
  await serviceCard(page).getByRole('button', { name: 'Link Discord' }).click();
  await page.getByRole('link', { name: 'Deny' }).click();
  await expect(page, 'a reload does not repeat the message').toHaveURL('/services');
  await expect(page.getByRole('main')).toContainText('Discord was not linked');
  await expect(page.getByRole('main')).toContainText('You cancelled');
  await expect(serviceCard(page)).toContainText('Not linked');
  await expectAccessible();

  const name = unique('second_');
  await serviceCard(page).getByRole('button', { name: 'Link Discord' }).click();
  await becomeDiscordUser(page, name);
  await expect(serviceCard(page)).toContainText('Everything is in order.');
  await expect.poll(() => simulator.discordMember(name)).toEqual({ nick: pilot.name, roles: ['Member'] });
});

test('a Discord account that somebody else here uses is refused', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const name = unique('taken_');
  const account = await simulator.newDiscordUser(name);
  await newPerson(context.request);
  const holder = await anotherBrowser();
  const holding = await newPerson(holder.request);
  expect(await linkDiscord(holder.request, account)).toBe('/services?linked=discord');
  await expect.poll(() => simulator.discordMember(name)).toBeTruthy();

  await page.goto('/services');
  await serviceCard(page).getByRole('button', { name: 'Link Discord' }).click();
  await page.getByRole('link', { name: new RegExp(`@${name}`) }).click();
  await expect(page).toHaveURL('/services');
  await expect(page.getByRole('main')).toContainText('That account is linked to somebody else here.');
  await expect(serviceCard(page)).toContainText('Not linked');
  expect((await simulator.discordMember(name))?.nick, 'it stays with its holder').toBe(holding.pilot.name);
  await expectAccessible();
});

test('a callback from Discord that is tampered with or replayed links nothing', async ({ page, context, anotherBrowser }) => {
  await newPerson(context.request);
  await page.goto('/services?linked=discord');
  await expect(serviceCard(page), 'the address alone links nothing').toContainText('Not linked');
  await page.goto('/services/discord/callback?code=nonsense&state=nonsense');
  await expect(page.getByRole('main')).toContainText('That took too long or was started in another tab');
  await page.goto(`/services/discord/callback?code=${'x'.repeat(3_000)}&state=nonsense`);
  await expect(page.getByRole('main')).toContainText('The service\'s answer arrived garbled');
  await expect(page.getByRole('main')).toContainText('Discord was not linked');
  // Whatever an address says: only what is there is called by its name.
  for (const other of ['', '&service=icq']) {
    await page.goto(`/services?error=upstream${other}`);
    await expect(page.getByRole('main')).toContainText('The account was not linked');
    await expect(page.getByRole('main')).not.toContainText('Discord was not linked');
  }

  const account = await simulator.newDiscordUser(unique('replay_'));
  const { request } = context;
  const answer = await request.post('/graphql', { data: { query: 'mutation { linkService(input: { service: "discord" }) { redirectUrl } }' } });
  const { data } = (await answer.json()) as { data: { linkService: { redirectUrl: string } } };
  const back = await simulator.authorizeDiscord(data.linkService.redirectUrl, account);
  const stranger = await anotherBrowser();
  await newPerson(stranger.request);
  const stolen = await stranger.request.get(back, { maxRedirects: 0 });
  expect(stolen.headers()['location'], 'in another browser').toBe('/services?error=state_mismatch&service=discord');
  const own = await request.get(back, { maxRedirects: 0 });
  expect(own.headers()['location']).toBe('/services?linked=discord');
  const again = await request.get(back, { maxRedirects: 0 });
  expect(again.headers()['location']).toBe('/services?error=state_mismatch&service=discord');
});

test('Discord’s login is down while linking', async ({ page, context, expectAccessible }) => {
  await newPerson(context.request);
  const name = unique('oauth_');
  await simulator.fault({ upstream: 'discord', pathPrefix: OAUTH, kind: 'downtime' });
  await page.goto('/services');
  await serviceCard(page).getByRole('button', { name: 'Link Discord' }).click();
  await becomeDiscordUser(page, name);
  await expect(page).toHaveURL('/services');
  await expect(page.getByRole('main')).toContainText('did not answer as it should');
  await expectAccessible();
  await simulator.heal();
  await serviceCard(page).getByRole('button', { name: 'Link Discord' }).click();
  await page.getByRole('link', { name: new RegExp(`@${name}`) }).click();
  await expect(serviceCard(page)).toContainText('Everything is in order.');
});

test('Discord’s server is down while linking: the page says so and catches up by itself', async ({ page, context, expectAccessible }) => {
  const { pilot } = await newPerson(context.request);
  const name = unique('down_');
  await simulator.fault({ upstream: 'discord', pathPrefix: GUILD, kind: 'downtime' });
  await page.goto('/services');
  await serviceCard(page).getByRole('button', { name: 'Link Discord' }).click();
  await becomeDiscordUser(page, name);
  await expect(serviceCard(page)).toContainText(name);
  // Somebody else's account may meet the downtime first: the service then rests before this one is tried.
  await expect(serviceCard(page)).toContainText('the service does not answer', { timeout: 30_000 });
  await expect(serviceCard(page).getByText(/^(Being updated|Needs attention)$/)).toBeVisible();
  expect(await simulator.discordMember(name)).toBeUndefined();
  await expectAccessible();

  await page.evaluate(() => Object.assign(window, { notReloaded: true }));
  await simulator.heal();
  await expect(serviceCard(page)).toContainText('Everything is in order.', { timeout: 20_000 });
  await expect.poll(() => simulator.discordMember(name)).toEqual({ nick: pilot.name, roles: ['Member'] });
  expect(await page.evaluate(() => 'notReloaded' in window)).toBe(true);
});

test('unlinking asks first, and takes him off the server', async ({ page, context, expectAccessible }) => {
  await newPerson(context.request);
  const name = unique('leaver_');
  expect(await linkDiscord(context.request, await simulator.newDiscordUser(name))).toBe('/services?linked=discord');
  await expect.poll(() => simulator.discordMember(name)).toBeTruthy();
  await page.goto('/services?linked=discord');
  await expect(page, 'the message is shown once').toHaveURL('/services');
  await expect(page.getByText('Discord is linked.')).toBeVisible();

  const unlink = serviceCard(page).getByRole('button', { name: 'Unlink Discord' });
  const dialog = page.getByRole('dialog', { name: 'Unlink Discord?' });
  await unlink.click();
  await expect(dialog).toContainText('You lose your roles on Discord');
  await expectAccessible();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toBeHidden();
  await expect(unlink, 'the focus comes back').toBeFocused();
  expect(await simulator.discordMember(name)).toBeTruthy();

  await unlink.click();
  await dialog.getByRole('button', { name: 'Unlink Discord' }).click();
  await expect(dialog).toBeHidden();
  await expect.poll(() => simulator.discordMember(name), { message: 'gone from the server' }).toBeUndefined();
  await expect(serviceCard(page)).toContainText('Not linked');
  await expect(serviceCard(page).getByRole('button', { name: 'Link Discord' })).toBeVisible();
  await expectAccessible();
});

test('a guest is told what is missing', async ({ page, context, expectAccessible }) => {
  await newPerson(context.request, CORPORATION.neutral);
  await page.goto('/services');
  await expect(serviceCard(page)).toContainText('Not available');
  await expect(serviceCard(page)).toContainText('discord.access_discord');
  await expect(serviceCard(page).getByRole('button')).toHaveCount(0);
  await expectAccessible();
  const answer = await context.request.post('/graphql', { data: { query: 'mutation { linkService(input: { service: "discord" }) { status redirectUrl } }' } });
  expect(await answer.json(), 'the server does not rely on the page').toEqual({ data: { linkService: { status: 'NOT_ALLOWED', redirectUrl: null } } });
});
