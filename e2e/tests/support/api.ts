import { type APIRequestContext, type APIResponse } from '@playwright/test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from '@playwright/test';

import { simulator, type Pilot, CORPORATION, unique } from './simulator';
import { fealtyctl, stack } from './stack';

type Answer<T> = { data: T | null; errors?: { message: string; extensions?: { code?: string } }[] };

/** Asks the server as the browser of `api` (its cookies); the answer with its errors. */
export async function ask<T>(api: APIRequestContext, query: string, variables: object = {}): Promise<Answer<T>> {
  const answer = await api.post('/graphql', { data: { query, variables } });
  return (await answer.json()) as Answer<T>;
}

/** The same where errors are not expected. */
export async function graphql<T>(api: APIRequestContext, query: string, variables: object = {}): Promise<T> {
  const { data, errors } = await ask<T>(api, query, variables);
  if (errors || !data) throw new Error(`GraphQL: ${JSON.stringify(errors)}`);
  return data;
}

/** Asks as a bot. */
export async function askAsBot<T>(token: string, query: string, variables: object = {}): Promise<{ status: number; body: Answer<T> }> {
  const answer = await fetch(`${stack('URL')}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  return { status: answer.status, body: (await answer.json()) as Answer<T> };
}

function location(answer: APIResponse): string {
  const to = answer.headers()['location'];
  if (!to) throw new Error(`${answer.url()} answered ${answer.status()} instead of redirecting`);
  return to;
}

/** Begins a login and lets the pilot say yes: the address of the callback, not visited yet. */
export async function callbackOf(api: APIRequestContext, pilot: Pilot, query = ''): Promise<string> {
  const authorizeUrl = location(await api.get(`/sso/login${query}`, { maxRedirects: 0 }));
  return simulator.authorize(authorizeUrl, pilot.id);
}

/** A whole login at EVE without a page: where it ends. */
export async function sso(api: APIRequestContext, pilot: Pilot, query = ''): Promise<string> {
  return location(await api.get(await callbackOf(api, pilot, query), { maxRedirects: 0 }));
}

/** The link in the newest mail to an address, as soon as it is there. */
export async function confirmationLink(email: string): Promise<string> {
  let link: string | undefined;
  await expect
    .poll(() => (link = newestLink(email)), { message: `a mail to ${email}`, intervals: [50, 100, 200] })
    .toBeTruthy();
  return link!;
}

function newestLink(email: string): string | undefined {
  const dir = stack('OUTBOX');
  const links = readdirSync(dir)
    .filter((name) => name.endsWith('.eml'))
    .map((name) => readFileSync(join(dir, name), 'utf8'))
    .filter((mail) => mail.includes(`To: ${email}\r\n`))
    .map((mail) => ({
      at: Date.parse(/^Date: (.*)$/m.exec(mail)?.[1] ?? ''),
      // quoted-printable: soft line breaks, and codes of which a link has only that of the equals sign
      link: /https?:\/\/\S+\/confirm-email\?token=[\w-]+/.exec(mail.replace(/=\r?\n/g, '').replace(/=3D/g, '='))?.[0],
    }));
  return links.sort((a, b) => b.at - a.at)[0]?.link;
}

export type Person = { pilot: Pilot; email: string; userId: string; username: string };

const REGISTER = 'mutation ($email: String!) { register(input: { email: $email }) { status } }';
const CONFIRM = 'mutation ($token: String!) { confirmEmail(input: { token: $token }) { status } }';

/** A pilot registers and is logged in, without a page. */
export async function register(api: APIRequestContext, pilot: Pilot): Promise<Person> {
  expect(await sso(api, pilot)).toBe('/register');
  const email = `${unique('pilot')}@example.com`;
  await graphql(api, REGISTER, { email });
  const token = new URL(await confirmationLink(email)).searchParams.get('token');
  const done = await graphql<{ confirmEmail: { status: string } }>(api, CONFIRM, { token });
  expect(done.confirmEmail.status).toBe('CONFIRMED');
  const { viewer } = await graphql<{ viewer: { user: { id: string; username: string } } }>(api, '{ viewer { user { id username } } }');
  return { pilot, email, userId: viewer.user.id, username: viewer.user.username };
}

/** Somebody new, logged in. */
export async function newPerson(api: APIRequestContext, corporation: number = CORPORATION.home): Promise<Person> {
  return register(api, await simulator.freshPilot(corporation));
}

/** Adds a further pilot to the user who is logged in. */
export async function addAlt(api: APIRequestContext, corporation: number = CORPORATION.home): Promise<Pilot> {
  const alt = await simulator.freshPilot(corporation);
  expect(await sso(api, alt, '?intent=add&next=/characters')).toBe(`/characters?added=${alt.id}`);
  return alt;
}

/** Links a Discord account to the user who is logged in; where it ends. */
export async function linkDiscord(api: APIRequestContext, discordUser: string): Promise<string> {
  type Link = { linkService: { redirectUrl: string } };
  const { linkService } = await graphql<Link>(api, 'mutation { linkService(input: { service: "discord" }) { redirectUrl } }');
  const back = await simulator.authorizeDiscord(linkService.redirectUrl, discordUser);
  return location(await api.get(back, { maxRedirects: 0 }));
}

export type Superuser = { username: string; password: string };

/** A superuser, made as an operator makes him. */
export function newSuperuser(): Superuser {
  const username = unique('admin');
  const password = `correct horse ${username}`;
  fealtyctl(['superuser', 'create', '--username', username, '--email', `${username}@example.com`], `${password}\n`);
  return { username, password };
}

/** Logs a superuser in without a page. */
export async function loginAsSuperuser(api: APIRequestContext): Promise<Superuser> {
  const superuser = newSuperuser();
  const login = 'mutation ($username: String!, $password: String!) { loginWithPassword(input: { username: $username, password: $password }) { status } }';
  const { loginWithPassword } = await graphql<{ loginWithPassword: { status: string } }>(api, login, superuser);
  expect(loginWithPassword.status).toBe('LOGGED_IN');
  return superuser;
}

/** Makes somebody staff with permissions of his own. */
export async function makeStaff(superuser: APIRequestContext, person: { userId: string }, permissions: string[]): Promise<void> {
  const update = 'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { status preview { token } } }';
  type Answer = { updateUser: { status: string; preview: { token: string } | null } };
  const input = { id: person.userId, isStaff: true, permissions: permissions.map((permission) => ({ permission })) };
  const { updateUser: asked } = await graphql<Answer>(superuser, update, { input });
  expect(asked.status).toBe('PREVIEW');
  const { updateUser: saved } = await graphql<Answer>(superuser, update, { input: { ...input, previewToken: asked.preview!.token } });
  expect(saved.status).toBe('SAVED');
}
