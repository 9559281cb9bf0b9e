import { expect, test } from '../fixtures';
import { addAlt, ask, callbackOf, confirmationLink, graphql, newPerson, newSuperuser, register, sso } from './support/api';
import { choosePilot, expectDashboard } from './support/pages';
import { CORPORATION, simulator, unique } from './support/simulator';
import { sql, stack } from './support/stack';

const LOGIN = { name: 'Log in with EVE Online' };

test.describe('a login at EVE that does not succeed says why and lets one try again', () => {
  test('cancelled at EVE', async ({ page, expectAccessible }) => {
    const pilot = await simulator.freshPilot();
    await page.goto('/login');
    await page.getByRole('link', LOGIN).click();
    await page.getByRole('link', { name: 'Cancel' }).click();
    await expect(page).toHaveURL('/login?error=access_denied');
    await expect(page.getByRole('main')).toContainText('You cancelled at EVE');
    await expectAccessible();
    await page.getByRole('link', LOGIN).click();
    await choosePilot(page, pilot);
    await expect(page).toHaveURL('/register');
  });

  test('a state that was tampered with', async ({ page, context, expectAccessible }) => {
    const callback = new URL(await callbackOf(context.request, await simulator.freshPilot()));
    callback.searchParams.set('state', `${callback.searchParams.get('state')!.slice(0, -2)}xx`);
    await page.goto(callback.href);
    await expect(page).toHaveURL('/login?error=state_mismatch');
    await expect(page.getByRole('alert')).toContainText('Start again from here');
    await expectAccessible();
    for (const missing of ['state', 'code']) {
      const cut = new URL(await callbackOf(context.request, await simulator.freshPilot()));
      cut.searchParams.delete(missing);
      await page.goto(cut.href);
      await expect(page, `without ${missing}`).toHaveURL('/login?error=state_mismatch');
    }
  });

  test('an answer longer than EVE makes them', async ({ page, context }) => {
    const callback = new URL(await callbackOf(context.request, await simulator.freshPilot()));
    const code = callback.searchParams.get('code')!;
    callback.searchParams.set('code', code.repeat(300));
    await page.goto(callback.href);
    await expect(page).toHaveURL('/login?error=malformed');
    await expect(page.getByRole('alert')).toContainText('you were not logged in');
  });

  test('a callback that is replayed, or brought by another browser', async ({ page, context, anotherBrowser }) => {
    const callback = await callbackOf(context.request, await simulator.freshPilot());
    const stranger = await anotherBrowser();
    const theirs = await stranger.newPage();
    await theirs.goto(callback);
    await expect(theirs).toHaveURL('/login?error=state_mismatch');
    expect((await stranger.cookies()).map((cookie) => cookie.name)).not.toContain('fealty_session');

    await page.goto(callback);
    await expect(page).toHaveURL('/register');
    await page.goto(callback);
    await expect(page).toHaveURL('/login?error=state_mismatch');
  });

  test('a code that EVE does not accept', async ({ page, context }) => {
    const callback = new URL(await callbackOf(context.request, await simulator.freshPilot()));
    callback.searchParams.set('code', 'nonsense');
    await page.goto(callback.href);
    await expect(page).toHaveURL('/login?error=sso_rejected');
    await expect(page.getByRole('alert')).toContainText('EVE did not accept the login');
  });

  test('an alt', async ({ page, context, expectAccessible }) => {
    await newPerson(context.request);
    const alt = await addAlt(context.request);
    await graphql(context.request, 'mutation { logout { status } }');
    await page.goto('/login');
    await page.getByRole('link', LOGIN).click();
    await choosePilot(page, alt);
    await expect(page).toHaveURL('/login?error=not_main');
    await expect(page.getByRole('alert')).toContainText('Log in with your main');
    await expectAccessible();
  });

  test('EVE’s login is down', async ({ page, context }) => {
    const pilot = await simulator.freshPilot();
    await simulator.fault({ upstream: 'sso', pathPrefix: '/v2/oauth/token', kind: 'downtime' });
    await page.goto(await callbackOf(context.request, pilot));
    await expect(page).toHaveURL('/login?error=sso_unavailable');
    await expect(page.getByRole('alert')).toContainText('is not responding right now');
    await simulator.heal();
    await page.getByRole('link', LOGIN).click();
    await choosePilot(page, pilot);
    await expect(page).toHaveURL('/register');
  });

  test('a wrong password of an administrator', async ({ page, expectAccessible }) => {
    const { username } = newSuperuser();
    await page.goto('/admin/login');
    await page.getByRole('textbox', { name: 'User name' }).fill(username);
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Log in' }).click();
    await expect(page.getByRole('alert').filter({ hasText: 'User name or password is wrong.' })).toBeVisible();
    await expect(page).toHaveURL('/admin/login');
    await expectAccessible();
  });
});

test.describe('a character that was sold', () => {
  test('belongs to its buyer, and the seller chooses another main', async ({ page, context, anotherBrowser, expectAccessible }) => {
    const { pilot } = await newPerson(context.request);
    const alt = await addAlt(context.request);
    await page.goto('/');
    await expectDashboard(page, 'Member');

    await simulator.sell(pilot.id);
    const buyer = await (await anotherBrowser()).newPage();
    await buyer.goto('/login');
    await buyer.getByRole('link', LOGIN).click();
    await choosePilot(buyer, pilot);
    await expect(buyer, 'the buyer is somebody new').toHaveURL('/register');
    await expect(buyer.getByRole('main')).toContainText(pilot.name);

    await expect(page, 'the open page of the seller notices').toHaveURL('/choose-main');
    await expect(page.getByRole('heading', { level: 1, name: 'Choose your main' })).toBeVisible();
    await expectAccessible();
    await expect(page.getByRole('button', { name: pilot.name })).toHaveCount(0);
    await page.goto('/services');
    await expect(page, 'nothing else works before').toHaveURL('/choose-main');
    await page.getByRole('button', { name: alt.name }).click();
    await expect(page).toHaveURL('/');
    await expectDashboard(page, 'Member');
    await expect(page.getByRole('region', { name: 'Unread notifications' })).toContainText(`${pilot.name} is no longer one of your characters`);
    await expectAccessible();
  });

  test('is not logged in with by the seller as its old account', async ({ context, anotherBrowser }) => {
    const person = await newPerson(context.request);
    await simulator.sell(person.pilot.id);
    const buyer = await register((await anotherBrowser()).request, person.pilot);
    expect(buyer.userId).not.toBe(person.userId);
    expect(buyer.username, 'user names stay apart').not.toBe(person.username);
    const { viewer } = await graphql<{ viewer: { mustChooseMain: boolean; user: { characters: unknown[] } } }>(
      context.request,
      '{ viewer { mustChooseMain user { characters { id } } } }',
    );
    expect(viewer.user.characters).toEqual([]);
  });
});

test.describe('where one goes after logging in', () => {
  // Browsers drop tabs and line breaks within an address, take backslashes for slashes and resolve dots.
  const EVIL = [
    '//evil.example', 'https://evil.example', '/\\evil.example', '/\\/evil.example', 'javascript:alert(1)', ' //evil.example',
    '/\t/evil.example', '/\n/evil.example', '/%09/evil.example', '/.//evil.example', '/x/..//evil.example', '/./\\evil.example',
  ];

  test('is never another site', async ({ context }) => {
    const { pilot } = await newPerson(context.request);
    const elsewhere: string[] = [];
    const site = stack('URL');
    await context.route((url) => url.hostname.includes('evil'), (route) => {
      elsewhere.push(route.request().url());
      return route.abort();
    });
    for (const next of EVIL) {
      const back = await sso(context.request, pilot, `?next=${encodeURIComponent(next)}`);
      expect.soft(new URL(back, site).origin, `the server, ${JSON.stringify(next)}`).toBe(site);
    }
    for (const [path, next] of [...EVIL.map((next) => ['/login', next]), ['/admin/login', '/\t/evil.example']]) {
      // Who is logged in goes on at once.
      const tab = await context.newPage();
      await tab.goto(`${path}?next=${encodeURIComponent(next)}`);
      await expect.soft(tab, `${path}, ${JSON.stringify(next)}: he is not left on the login page`).not.toHaveURL((url) => url.pathname === path, { timeout: 2_000 });
      expect.soft(elsewhere.splice(0), `${path}, ${JSON.stringify(next)}: where the page led`).toEqual([]);
      await tab.close();
    }
  });

  test('is the page one asked for', async ({ page, context }) => {
    const { pilot } = await newPerson(context.request);
    await graphql(context.request, 'mutation { logout { status } }');
    await page.goto('/history');
    await expect(page).toHaveURL('/login?next=/history');
    await expect(page.getByRole('main')).toContainText('be taken to the page you asked for');
    await page.getByRole('link', LOGIN).click();
    await choosePilot(page, pilot);
    await expect(page).toHaveURL('/history');
    await expect(page.getByRole('heading', { level: 1, name: 'Access history' })).toBeVisible();
  });

  test('is the page an administrator asked for, with its filters', async ({ page }) => {
    const { username, password } = newSuperuser();
    await page.goto('/admin/users?q=nobody&dir=desc');
    await expect(page).toHaveURL(/\/login\?next=/);
    await page.getByRole('link', { name: /administrator login/i }).click();
    await page.getByRole('textbox', { name: 'User name' }).fill(username);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Log in' }).click();
    await expect(page).toHaveURL('/admin/users?q=nobody&dir=desc');
    await expect(page.getByRole('heading', { level: 1, name: 'Users' })).toBeVisible();
  });
});

test.describe('a registration', () => {
  test('takes only e-mail addresses', async ({ page, context, expectAccessible }) => {
    await page.goto(await callbackOf(context.request, await simulator.freshPilot()));
    await expect(page).toHaveURL('/register');
    const email = page.getByRole('textbox', { name: 'E-mail address' });
    const bad = ['', '   ', 'pilot', 'pilot@', '@example.com', 'pilot@example', 'a b@example.com', 'pilot@@example.com', 'pilot@example.com\n', `${'p'.repeat(250)}@example.com`];
    for (const text of bad.filter((text) => !text.includes('\n'))) {
      await email.fill(text);
      await page.getByRole('button', { name: 'Send the link' }).click();
      await expect(email, JSON.stringify(text)).toHaveAttribute('aria-invalid', 'true');
      await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toBeVisible();
    }
    await expectAccessible();

    // The server does not rely on the page.
    for (const text of [...bad.filter((text) => text.trim() !== 'pilot@example.com'), 'pilot@example.com\r\nBcc: all@example.com']) {
      const answer = await ask<{ register: { status: string; problems: { field: string }[] } }>(
        context.request,
        'mutation ($email: String!) { register(input: { email: $email }) { status problems { field code } } }',
        { email: text },
      );
      expect(answer.data?.register, JSON.stringify(text)).toMatchObject({ status: 'INVALID', problems: [{ field: 'email' }] });
    }

    await email.fill(`${unique('pilot')}@example.com`);
    await page.getByRole('button', { name: 'Send the link' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Check your mail' })).toBeVisible();
  });

  test('sends no mail after mail, and takes another address', async ({ page, context, expectAccessible }) => {
    await page.goto(await callbackOf(context.request, await simulator.freshPilot()));
    const email = `${unique('pilot')}@example.com`;
    await page.getByRole('textbox', { name: 'E-mail address' }).fill(email);
    await page.getByRole('button', { name: 'Send the link' }).click();
    await page.getByRole('button', { name: 'Send it again' }).click();
    await expect(page.getByText(/try again in \d+ seconds/i)).toBeVisible();
    await expectAccessible();
    await page.getByRole('button', { name: 'Use another address' }).click();
    await expect(page.getByRole('textbox', { name: 'E-mail address' })).toHaveValue(email);
  });

  test('survives coming back to its page, and does not exist in another browser', async ({ page, context, anotherBrowser, expectAccessible }) => {
    const pilot = await simulator.freshPilot();
    await page.goto(await callbackOf(context.request, pilot));
    await page.goto('/');
    await expect(page, 'not logged in yet').toHaveURL('/login');
    await page.goto('/register');
    await expect(page.getByRole('main')).toContainText(pilot.name);

    const other = await (await anotherBrowser()).newPage();
    await other.goto('/register');
    await expect(other.getByRole('heading', { level: 1, name: 'No registration in progress' })).toBeVisible();
    await expectAccessible(other);
  });

  const REGISTER = 'mutation ($email: String!) { register(input: { email: $email }) { status } }';
  const BAD = { level: 1, name: 'This link no longer works' } as const;

  test('confirms no garbage', async ({ page, expectAccessible }) => {
    for (const path of ['/confirm-email', '/confirm-email?token=', `/confirm-email?token=${'x'.repeat(43)}`]) {
      await page.goto(path);
      const confirm = page.getByRole('button', { name: 'Confirm' });
      await expect(confirm.or(page.getByRole('heading', BAD))).toBeVisible();
      if (await confirm.isVisible()) await confirm.click();
      await expect(page.getByRole('heading', BAD)).toBeVisible();
      await expect(page.getByRole('link', LOGIN)).toBeVisible();
    }
    await expectAccessible();
  });

  test('does not break on an endless link', async ({ page }) => {
    await page.goto(`/confirm-email?token=${'x'.repeat(2_000)}`);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await expect(page.getByRole('heading', BAD).or(page.getByRole('status').filter({ hasText: /\S/ }))).toBeVisible();
  });

  test('confirms a link once', async ({ page, context, anotherBrowser }) => {
    const email = `${unique('pilot')}@example.com`;
    expect(await sso(context.request, await simulator.freshPilot())).toBe('/register');
    await graphql(context.request, REGISTER, { email });
    const link = await confirmationLink(email);
    await page.goto(link);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await expectDashboard(page, 'Member');
    const other = await (await anotherBrowser()).newPage();
    await other.goto(link);
    await other.getByRole('button', { name: 'Confirm' }).click();
    await expect(other.getByRole('heading', BAD)).toBeVisible();
  });

  test('confirms no link that has expired', async ({ page, context }) => {
    const email = `${unique('pilot')}@example.com`;
    expect(await sso(context.request, await simulator.freshPilot())).toBe('/register');
    await graphql(context.request, REGISTER, { email });
    const link = await confirmationLink(email);
    sql(`update email_confirmations set expires_at = now() - interval '1 second' where email = '${email}'`);
    await page.goto(link);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await expect(page.getByRole('heading', BAD)).toBeVisible();
  });

  test('confirmed in another browser logs only the first one in', async ({ page, context, anotherBrowser }) => {
    const pilot = await simulator.freshPilot(CORPORATION.blue);
    const email = `${unique('pilot')}@example.com`;
    await page.goto(await callbackOf(context.request, pilot));
    await page.getByRole('textbox', { name: 'E-mail address' }).fill(email);
    await page.getByRole('button', { name: 'Send the link' }).click();
    const phone = await (await anotherBrowser()).newPage();
    await phone.goto(await confirmationLink(email));
    await phone.getByRole('button', { name: 'Confirm' }).click();
    await expect(phone, 'whoever has the link is not logged in by it').toHaveURL('/login');
    await expect(phone.getByText('Your address is confirmed.')).toBeVisible();

    await page.goto('/register');
    await page.getByRole('link', LOGIN).click();
    await choosePilot(page, pilot);
    await expectDashboard(page, 'Blue');
  });
});
