import { expect, test } from '../fixtures';
import { graphql, newPerson, sso } from './support/api';
import { expectDashboard, menu } from './support/pages';
import { stack } from './support/stack';

const VIEWER = { query: '{ viewer { user { id } } }' };

test('every answer carries the headers that browsers protect with', async ({ request }) => {
  for (const path of ['/', '/login', '/admin/users', '/health/live', '/dev/outbox', '/nowhere.png']) {
    const headers = (await request.get(path)).headers();
    const policy = Object.fromEntries(
      (headers['content-security-policy'] ?? '').split(';').map((part) => {
        const [name, ...sources] = part.trim().split(/\s+/);
        return [name, sources];
      }),
    ) as Record<string, string[]>;
    expect(policy['default-src'], path).toEqual(["'none'"]);
    expect(policy['script-src'], path).toEqual(["'self'", "'wasm-unsafe-eval'"]);
    expect(policy['style-src'], path).toEqual(["'self'"]);
    expect(policy['frame-ancestors'], path).toEqual(["'none'"]);
    expect(policy['base-uri'], path).toEqual(["'none'"]);
    expect(policy['form-action'], path).toEqual(["'self'"]);
    expect(JSON.stringify(policy), path).not.toContain('unsafe-inline');
    expect(headers['x-content-type-options'], path).toBe('nosniff');
    expect(headers['x-frame-options'], path).toBe('DENY');
    expect(headers['referrer-policy'], path).toMatch(/^(same-origin|no-referrer|strict-origin)$/);
  }
});

test('the page of the SPA is not kept, its files are kept for good', async ({ request }) => {
  const page = await request.get('/');
  expect(page.headers()['cache-control']).toMatch(/no-cache|no-store/);
  const script = /src="(\/assets\/[^"]+)"/.exec(await page.text())?.[1];
  expect(script).toBeTruthy();
  expect((await request.get(script!)).headers()['cache-control']).toContain('immutable');
  expect((await request.get('/assets/nothing.js')).status(), 'a missing file is no page').toBe(404);
  expect((await request.get('/assets/../../Cargo.toml')).status()).not.toBe(200);
  expect((await request.get('/..%2f..%2fCargo.toml')).status()).not.toBe(200);
});

test('the session is a cookie that scripts and other sites do not get', async ({ page, context }) => {
  await newPerson(context.request);
  const session = (await context.cookies()).filter((cookie) => cookie.name.endsWith('session'));
  expect(session).toHaveLength(1);
  expect(session[0]).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
  expect(session[0].value.length).toBeGreaterThan(30);
  for (const cookie of await context.cookies(stack('URL'))) expect(cookie.httpOnly, cookie.name).toBe(true);
  await page.goto('/');
  await expectDashboard(page, 'Member');
  expect(await page.evaluate(() => document.cookie)).toBe('');
  expect(await page.evaluate(() => JSON.stringify(localStorage) + JSON.stringify(sessionStorage))).not.toContain(session[0].value);
});

test('a new login is a new session', async ({ context }) => {
  const { pilot } = await newPerson(context.request);
  const value = async () => (await context.cookies()).find((cookie) => cookie.name.endsWith('session'))!.value;
  const first = await value();
  expect(await sso(context.request, pilot)).toBe('/');
  expect(await value()).not.toBe(first);
});

test('requests of other sites are refused', async ({ context }) => {
  await newPerson(context.request);
  const logout = { query: 'mutation { logout { status } }' };
  for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }] as Record<string, string>[]) {
    const answer = await context.request.post('/graphql', { data: logout, headers });
    expect(answer.status(), JSON.stringify(headers)).toBe(403);
  }
  // What a form of another site can send without asking first.
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    const answer = await context.request.post('/graphql', { data: JSON.stringify(logout), headers: { 'content-type': type } });
    expect(answer.status(), type).toBe(415);
  }
  const inQuery = await context.request.get(`/graphql?query=${encodeURIComponent(logout.query)}`);
  expect(inQuery.headers()['content-type'] ?? '').not.toContain('application/json');
  const preflight = await context.request.fetch('/graphql', { method: 'OPTIONS', headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' } });
  expect(preflight.headers()['access-control-allow-origin']).toBeUndefined();

  const own = await context.request.post('/graphql', { data: VIEWER, headers: { origin: stack('URL'), 'sec-fetch-site': 'same-origin' } });
  expect(own.status()).toBe(200);
  expect((await own.json()).data.viewer, 'nothing of it logged him out').not.toBeNull();
});

test('a WebSocket of another site is refused', async ({ page, context, mayLog }) => {
  mayLog(/WebSocket|ERR_|403/);
  await newPerson(context.request);
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  const handshake = async (origin: string): Promise<number> => {
    const answer = await context.request.get('/graphql/ws', {
      headers: {
        cookie, origin, connection: 'Upgrade', upgrade: 'websocket',
        'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-protocol': 'graphql-transport-ws',
      },
    });
    return answer.status();
  };
  expect(await handshake('https://evil.example')).toBe(403);
  await page.goto('/');
  await expectDashboard(page, 'Member');
});

test('logging out ends the session, also for whoever kept the cookie, and in other tabs', async ({ page, context, anotherBrowser }) => {
  await newPerson(context.request);
  const cookies = await context.cookies();
  const thief = await anotherBrowser();
  await thief.addCookies(cookies);
  const viewer = async () => (await graphql<{ site: object; viewer: object | null }>(thief.request, '{ site { name } viewer { user { id } } }')).viewer;
  expect(await viewer()).not.toBeNull();

  const otherTab = await context.newPage();
  await otherTab.goto('/settings');
  await expect(otherTab.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
  await page.goto('/');
  await page.getByRole('button', { name: /^Account menu of/ }).click();
  await page.getByRole('button', { name: 'Log out' }).click();
  await expect(page).toHaveURL('/login');
  expect(await viewer(), 'the old cookie is worthless').toBeNull();
  expect((await context.cookies()).filter((cookie) => cookie.name.endsWith('session'))).toEqual([]);
  await expect(otherTab, 'the other tab notices').toHaveURL(/\/login/);
  await page.goBack();
  await expect(page, 'going back shows nothing').toHaveURL(/\/login/);
});

test('logging out after moving about in the page leaves nothing broken', async ({ page, context }) => {
  const { pilot } = await newPerson(context.request);
  for (let round = 0; round < 2; round += 1) {
    if (round > 0) await sso(context.request, pilot);
    await page.goto('/characters');
    for (const name of ['Dashboard', 'Services']) {
      await menu(page).getByRole('link', { name }).click();
      await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
    }
    await page.getByRole('button', { name: /^Account menu of/ }).click();
    await page.getByRole('button', { name: 'Log out' }).click();
    await expect(page).toHaveURL('/login');
    await expect(page.getByRole('link', { name: 'Log in with EVE Online' })).toBeVisible();
  }
});

test('a session is ended from another device', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const { pilot } = await newPerson(context.request);
  const phone = await anotherBrowser({ userAgent: 'Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0' });
  expect(await sso(phone.request, pilot)).toBe('/');
  const there = await phone.newPage();
  await there.goto('/characters');
  await expect(there.getByRole('heading', { level: 2, name: pilot.name })).toBeVisible();

  await page.goto('/settings');
  const sessions = page.getByRole('region', { name: 'Where you are logged in' });
  await expect(sessions.getByRole('listitem')).toHaveCount(2);
  await expect(sessions.getByRole('listitem').filter({ hasText: 'This browser' }).getByRole('button')).toHaveCount(0);
  const row = sessions.getByRole('listitem').filter({ hasText: 'Firefox on Android' });
  await row.getByRole('button', { name: 'End session: Firefox on Android' }).click();
  const dialog = page.getByRole('dialog', { name: 'End the session on Firefox on Android?' });
  await expect(dialog).toBeVisible();
  await expectAccessible();
  await dialog.getByRole('button', { name: 'End session' }).click();
  await expect(dialog).toBeHidden();
  await expect(sessions.getByRole('listitem')).toHaveCount(1);
  await expect(there, 'the phone is logged out at once').toHaveURL(/\/login/);
  await expectAccessible();
  const { viewer } = await graphql<{ viewer: null; site: object }>(phone.request, '{ site { name } viewer { user { id } } }');
  expect(viewer).toBeNull();
});

test('nobody ends the sessions of others', async ({ context, anotherBrowser }) => {
  await newPerson(context.request);
  const other = await anotherBrowser();
  await newPerson(other.request);
  const { viewer } = await graphql<{ viewer: { sessions: { id: string }[] } }>(context.request, '{ viewer { sessions { id } } }');
  const REVOKE = 'mutation ($id: ID!) { revokeSession(input: { id: $id }) { status } }';
  const { revokeSession } = await graphql<{ revokeSession: { status: string } }>(other.request, REVOKE, { id: viewer.sessions[0].id });
  expect(revokeSession.status).toBe('NOT_FOUND');
  expect((await graphql<{ viewer: object }>(context.request, VIEWER.query)).viewer).not.toBeNull();
});
