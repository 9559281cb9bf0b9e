import { type Locator, type Page } from '@playwright/test';

import { expect, test } from '../fixtures';
import { addAlt, graphql, loginAsSuperuser, newPerson } from './support/api';
import { addMembers, join, newGroup, retract, stateId, type Group } from './support/groups';
import { menu, openOwn, state } from './support/pages';
import { CORPORATION } from './support/simulator';

/** The entry of a group on the groups page. */
function entry(page: Page, group: Group): Locator {
  return page.getByRole('main').getByRole('listitem').filter({ has: page.getByRole('heading', { level: 2, name: group.name }) });
}

/** The request of a pilot in a list of requests. */
function request(page: Page, pilot: { name: string }): Locator {
  return page.locator('#requests').getByRole('listitem').filter({ hasText: pilot.name });
}

function button(within: Page | Locator, name: string | RegExp): Locator {
  return within.getByRole('button', { name, exact: typeof name === 'string' });
}

function toast(page: Page, text: string): Locator {
  return page.locator('.toasts').getByText(text);
}

test('a member joins at once, asks, takes it back and leaves', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const admin = (await anotherBrowser()).request;
  await loginAsSuperuser(admin);
  const lead = await newPerson((await anotherBrowser()).request);
  const open = await newGroup(admin, 'Open', { isOpen: true, description: 'Pings for every fleet.', permissions: ['auth.optimer_view'] });
  const closed = await newGroup(admin, 'Closed', { description: 'Guardians and Oneiros.', leaderIds: [lead.userId] });
  await newPerson(context.request);

  await page.goto('/');
  await menu(page).getByRole('link', { name: 'Groups' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Groups' })).toBeVisible();
  await expect(entry(page, open)).toContainText('Pings for every fleet.');
  await expect(entry(page, closed)).toContainText('Needs approval');
  await expect(entry(page, closed)).toContainText(lead.pilot.name);
  await expectAccessible();

  await test.step('joining an open group is one press, and the button keeps the focus', async () => {
    await button(page, `Join ${open.name}`).press('Enter');
    await expect(toast(page, `You are now in ${open.name}.`)).toBeVisible();
    await expect(button(page, `Leave ${open.name}`)).toBeFocused();
    await expect(entry(page, open)).toContainText('Joined just now');
  });

  await test.step('another wants a reason', async () => {
    await button(page, `Request to join ${closed.name}`).click();
    const dialog = page.getByRole('dialog', { name: `Request to join ${closed.name}` });
    await expect(dialog.getByRole('textbox', { name: 'Reason' })).toBeFocused();
    await expectAccessible();
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await expect(button(page, `Request to join ${closed.name}`)).toBeFocused();
    await button(page, `Request to join ${closed.name}`).click();
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('I fly logistics.');
    await button(dialog, 'Send request').click();
    await expect(toast(page, `Your request to join ${closed.name} was sent.`)).toBeVisible();
    await expect(dialog).toBeHidden();
    await expect(entry(page, closed)).toContainText('Waiting to join');
    await expectAccessible();
  });

  await test.step('search and filter narrow the list and stay in the address', async () => {
    await page.getByRole('main').getByRole('searchbox', { name: 'Search groups' }).fill('ONEIROS');
    await expect(entry(page, open)).toHaveCount(0);
    await expect(entry(page, closed)).toBeVisible();
    await expect(page).toHaveURL(/[?&]q=ONEIROS/);
    await page.reload();
    await expect(entry(page, closed)).toBeVisible();
    await expect(entry(page, open)).toHaveCount(0);
    await page.getByRole('main').getByRole('searchbox', { name: 'Search groups' }).fill('no group is called this');
    await expect(page.getByText('No group matches')).toBeVisible();
    await expectAccessible();
    await menu(page).getByRole('link', { name: 'Groups', exact: true }).click();
    await expect(page.getByRole('main').getByRole('searchbox', { name: 'Search groups' }), 'the field follows the address').toHaveValue('');
    await expect(entry(page, open)).toBeVisible();
    await page.getByRole('main').getByRole('searchbox', { name: 'Search groups' }).fill('');
    await button(page, /^Mine/).click();
    await expect(page).toHaveURL(/show=mine/);
    await expect(page.getByRole('main').getByRole('heading', { level: 2 })).toHaveCount(2);
  });

  await test.step('he takes the request back', async () => {
    await button(page, `Retract your request for ${closed.name}`).click();
    const dialog = page.getByRole('dialog', { name: `Retract your request for ${closed.name}?` });
    await expect(dialog).toContainText('what you wrote');
    await expectAccessible();
    await button(dialog, 'Cancel').click();
    await expect(entry(page, closed)).toContainText('Waiting to join');
    await button(page, `Retract your request for ${closed.name}`).click();
    await button(dialog, 'Retract request').click();
    await expect(toast(page, `Your request for ${closed.name} was retracted.`)).toBeVisible();
    await expect(entry(page, closed), 'it is not his any more').toHaveCount(0);
  });

  await test.step('the dashboard shows what he is in, and he leaves', async () => {
    await page.goto('/');
    await page.getByRole('region', { name: 'Your groups' }).getByRole('link', { name: open.name }).click();
    await expect(page).toHaveURL(`/groups/${open.id}`);
    await expect(page.getByRole('heading', { level: 1, name: open.name })).toBeVisible();
    await expectAccessible();
    await button(page, `Leave ${open.name}`).click();
    const dialog = page.getByRole('dialog', { name: `Leave ${open.name}?` });
    await expect(dialog).toContainText('only through this group');
    const change = dialog.getByRole('region', { name: 'What changes for you' });
    await expect(change).toContainText(open.name);
    await expect(change).toContainText('auth.optimer_view');
    await expect(change, 'that comes with the state').not.toContainText('Discord');
    await expectAccessible();
    await button(dialog, `Leave ${open.name}`).click();
    await expect(toast(page, `You have left ${open.name}.`)).toBeVisible();
    await expect(button(page, `Join ${open.name}`)).toBeVisible();
  });
});

test('no group waits for another', async ({ page, context, anotherBrowser }) => {
  const admin = (await anotherBrowser()).request;
  await loginAsSuperuser(admin);
  const [first, second] = [await newGroup(admin, 'First', { isOpen: true }), await newGroup(admin, 'Second', { isOpen: true })];
  const asked = await newGroup(admin, 'Asked meanwhile');
  await newPerson(context.request);
  let go = (): void => undefined;
  const wait = new Promise<void>((resolve) => (go = resolve));
  await page.route('**/graphql', async (route) => {
    if ((route.request().postData() ?? '').includes('joinGroup')) await wait;
    return route.continue();
  });
  await page.goto('/groups');
  for (const group of [first, second]) {
    await button(page, `Join ${group.name}`).click();
    await expect(button(page, `Join ${group.name}`)).toHaveAttribute('aria-busy', 'true');
  }
  await button(page, `Request to join ${asked.name}`).click();
  const reason = page.getByRole('dialog', { name: `Request to join ${asked.name}` }).getByRole('textbox', { name: 'Reason' });
  await reason.fill('Half a reason');
  go();
  await expect(button(page, `Leave ${first.name}`)).toBeVisible();
  await expect(button(page, `Leave ${second.name}`)).toBeVisible();
  await expect(reason, 'the answer to another is not for this dialog').toHaveValue('Half a reason');
});

test('a hidden group opens by its link, and a closed one does not tell whether it is there', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const admin = (await anotherBrowser()).request;
  await loginAsSuperuser(admin);
  const hidden = await newGroup(admin, 'Hidden', { isHidden: true, isOpen: true });
  const others = await newGroup(admin, 'Others', { stateIds: [await stateId(admin, 'Blue')] });
  const internal = await newGroup(admin, 'Internal', { isInternal: true });

  const visitor = await (await anotherBrowser()).newPage();
  await visitor.goto(`/groups/${hidden.id}`);
  await expect(visitor).toHaveURL(new RegExp(`/login\\?next=/groups/${hidden.id.replace(':', '(:|%3A)')}`));

  await newPerson(context.request);
  await page.goto('/groups');
  await expect(page.getByRole('heading', { level: 1, name: 'Groups' })).toBeVisible();
  await expect(page.locator('.skeleton')).toHaveCount(0);
  await expect(entry(page, hidden)).toHaveCount(0);

  await page.goto(`/groups/${hidden.id}`);
  await expect(page.getByRole('heading', { level: 1, name: hidden.name })).toBeVisible();
  await expectAccessible();
  await button(page, `Join ${hidden.name}`).click();
  await expect(toast(page, `You are now in ${hidden.name}.`)).toBeVisible();
  await menu(page).getByRole('link', { name: 'Groups' }).click();
  await expect(entry(page, hidden), 'what one is in is listed, hidden or not').toBeVisible();

  const texts: string[] = [];
  for (const id of [others.id, internal.id, 'group:999999', 'nonsense']) {
    await page.goto(`/groups/${id}`);
    await expect(page.getByRole('heading', { level: 1, name: 'No such group' })).toBeVisible();
    texts.push((await page.getByRole('main').innerText()).trim());
    await expectAccessible();
  }
  expect(new Set(texts).size, 'all look the same').toBe(1);
  await page.getByRole('link', { name: 'Go to groups' }).click();
  await expect(page).toHaveURL('/groups');
});

test('who leads nothing has neither inbox nor members', async ({ page, context, anotherBrowser }) => {
  const admin = (await anotherBrowser()).request;
  await loginAsSuperuser(admin);
  const group = await newGroup(admin, 'Led');
  await newPerson(context.request);
  await page.goto('/groups');
  await expect(entry(page, group)).toBeVisible();
  await expect(menu(page).getByRole('link', { name: 'Inbox' })).toHaveCount(0);
  await expect(menu(page).getByRole('link', { name: 'Group membership' })).toHaveCount(0);
  await page.goto(`/manage/groups/${group.id}`);
  await expect(page.getByRole('heading', { level: 1, name: 'No such group' })).toBeVisible();
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('a leader decides many requests with his thumb', async ({ page, context, anotherBrowser, expectAccessible }) => {
    test.setTimeout(120_000);
    const admin = (await anotherBrowser()).request;
    await loginAsSuperuser(admin);
    const lead = await newPerson(context.request);
    const group = await newGroup(admin, 'Wing', { leaderIds: [lead.userId] });
    const locked = await newGroup(admin, 'Vault', { leaderIds: [lead.userId], isRestricted: true });
    const [ann, ben, cleo, dora, eli] = await Promise.all([1, 2, 3, 4, 5].map(async () => (await anotherBrowser()).request));
    const people = [];
    for (const api of [ann, ben, cleo, dora, eli]) people.push(await newPerson(api));
    const [annas, bens, cleos, doras, elis] = people;
    expect(await join(ann, group, 'Two Guardians, both skills at five.')).toBe('REQUESTED');
    expect(await join(ben, group)).toBe('REQUESTED');
    expect(await join(cleo, group, 'Let me in')).toBe('REQUESTED');
    expect(await join(eli, locked, 'To the treasure')).toBe('REQUESTED');

    await page.goto('/');
    await page.getByRole('main').getByRole('link', { name: /requests? (is|are) waiting for your decision/ }).tap();
    await expect(page).toHaveURL('/inbox');
    await expect(request(page, annas.pilot)).toContainText('Two Guardians, both skills at five.');
    await expect(request(page, annas.pilot)).toContainText(annas.pilot.corporationName);
    await expect(request(page, annas.pilot)).toContainText(annas.pilot.allianceName!);
    await expect(state(request(page, annas.pilot), 'Member')).toBeVisible();
    const names = await page.locator('#requests').getByRole('listitem').allInnerTexts();
    expect(names[0], 'oldest first').toContain(annas.pilot.name);
    await expect(request(page, elis.pilot)).toContainText('Only superusers decide');
    await expect(request(page, elis.pilot).getByRole('checkbox')).toHaveCount(0);
    await expectAccessible();

    await test.step('what comes meanwhile appears by itself', async () => {
      expect(await join(dora, group, 'A friend sent me')).toBe('REQUESTED');
      await expect(request(page, doras.pilot)).toBeVisible();
    });

    await test.step('several are accepted at once, and what is gone is told', async () => {
      await request(page, annas.pilot).getByRole('checkbox').tap();
      await request(page, bens.pilot).getByRole('checkbox').tap();
      const bar = page.getByRole('region', { name: 'Selected requests' });
      await expect(bar).toBeInViewport();
      await expect(bar).toContainText('2 selected');
      await expectAccessible();
      // The page hears of the change, but the leader may press before.
      await page.route('**/graphql', async (route) => {
        if ((route.request().postData() ?? '').includes('mutation Decide')) await retract(ben, group);
        await route.continue();
      });
      await button(bar, 'Accept 2').tap();
      await expect(toast(page, '1 request accepted.')).toBeVisible();
      await expect(page.getByText('Not everything was done')).toBeVisible();
      await expect(page.getByRole('main')).toContainText(`${bens.pilot.name}, ${group.name}: somebody else decided it, or it was retracted.`);
      await page.unroute('**/graphql');
      await expect(request(page, annas.pilot)).toHaveCount(0);
      await expect(bar).toBeHidden();
    });

    await test.step('one is rejected with a note, which he is told', async () => {
      await button(page, `Reject ${cleos.pilot.name} for ${group.name}`).tap();
      const dialog = page.getByRole('dialog', { name: `Reject ${cleos.pilot.name}?` });
      await dialog.getByRole('textbox', { name: 'Note' }).fill('Train Logistics to four first.');
      await expectAccessible();
      await button(dialog, 'Reject 1').tap();
      await expect(toast(page, '1 request rejected.')).toBeVisible();
      type Notes = { viewer: { notifications: { nodes: { title: string; body: string }[] } } };
      const told = async () => JSON.stringify(await graphql<Notes>(cleo, '{ viewer { notifications(first: 5) { nodes { title body } } } }'));
      await expect.poll(told).toContain('Train Logistics to four first.');
    });

    await test.step('one tap accepts the last one that can be decided, and the badge goes', async () => {
      await button(page, `Accept ${doras.pilot.name} into ${group.name}`).tap();
      await expect(request(page, doras.pilot)).toHaveCount(0);
      await button(page, 'Open menu').tap();
      const link = page.getByRole('dialog', { name: 'Main menu' }).getByRole('link', { name: /^Inbox/ });
      await expect(link).toBeVisible();
      await expect(link.locator('.side-count')).toHaveCount(0);
    });
  });
});

test('the answer to one decision leaves the note on another alone, and what was not done adds up', async ({ page, context, anotherBrowser }) => {
  const admin = (await anotherBrowser()).request;
  await loginAsSuperuser(admin);
  const lead = await newPerson(context.request);
  const group = await newGroup(admin, 'Hurried', { leaderIds: [lead.userId] });
  const apis = await Promise.all([1, 2, 3].map(async () => (await anotherBrowser()).request));
  const people = [];
  for (const api of apis) {
    people.push(await newPerson(api));
    expect(await join(api, group, 'Please')).toBe('REQUESTED');
  }
  const [anns, bens, cleos] = people.map(({ pilot }) => pilot.name);
  let go = (): void => undefined;
  const wait = new Promise<void>((resolve) => (go = resolve));
  await page.route('**/graphql', async (route) => {
    if ((route.request().postData() ?? '').includes('mutation Decide')) await wait;
    return route.continue();
  });
  await page.goto('/inbox');
  await button(page, `Accept ${anns} into ${group.name}`).click();
  await button(page, `Accept ${bens} into ${group.name}`).click();
  await button(page, `Reject ${cleos} for ${group.name}`).click();
  const dialog = page.getByRole('dialog', { name: `Reject ${cleos}?` });
  const note = dialog.getByRole('textbox', { name: 'Note' });
  await note.fill('Train Logistics to four first.');
  for (const api of apis.slice(0, 2)) expect(await retract(api, group)).toBe('RETRACTED');
  go();
  for (const name of [anns, bens]) {
    await expect(page.locator('main')).toContainText(`${name}, ${group.name}: somebody else decided it, or it was retracted.`);
  }
  await expect(note).toHaveValue('Train Logistics to four first.');
  await button(dialog, 'Reject 1').click();
  await expect(dialog).toBeHidden();
  await expect(request(page, { name: cleos! })).toHaveCount(0);
});

test('many requests are not accepted by one slip', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const admin = (await anotherBrowser()).request;
  await loginAsSuperuser(admin);
  const lead = await newPerson(context.request);
  const group = await newGroup(admin, 'Flood', { leaderIds: [lead.userId] });
  const asking = (await anotherBrowser()).request;
  await newPerson(asking);
  expect(await join(asking, group, 'One of many')).toBe('REQUESTED');
  // One request stands for many; so nothing is really decided.
  const decided: string[][] = [];
  await page.route('**/graphql', async (route) => {
    const body = route.request().postDataJSON() as { query: string; variables: { ids: string[] } };
    if (body.query.includes('mutation Decide')) {
      decided.push(body.variables.ids);
      const results = body.variables.ids.map((id) => ({ id, outcome: 'ACCEPTED' }));
      return route.fulfill({ json: { data: { decideGroupRequests: { problems: [], results } } } });
    }
    if (!body.query.includes('query Requests')) return route.continue();
    const answer = await route.fetch();
    const json = (await answer.json()) as { data: { groupRequests: { nodes: { id: string }[] } } };
    const [node] = json.data.groupRequests.nodes;
    json.data.groupRequests.nodes = Array.from({ length: 11 }, (_, n) => ({ ...node!, id: `${node!.id}${n}` }));
    return route.fulfill({ response: answer, json });
  });
  await page.goto('/inbox');
  await page.getByRole('checkbox', { name: 'Select all shown' }).check();
  const bar = page.getByRole('region', { name: 'Selected requests' });
  const dialog = page.getByRole('dialog', { name: 'Accept 11 requests?' });
  await button(bar, 'Accept 11').click();
  await expect(dialog).toBeVisible();
  await expectAccessible();
  await button(dialog, 'Cancel').click();
  await expect(dialog).toBeHidden();
  expect(decided).toEqual([]);
  await button(bar, 'Accept 11').click();
  await button(dialog, 'Accept 11').click();
  await expect(toast(page, '11 requests accepted.')).toBeVisible();
  expect(decided.map((ids) => ids.length)).toEqual([11]);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

test('a leader finds and removes members, reads the log and hands out the link', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const admin = (await anotherBrowser()).request;
  await loginAsSuperuser(admin);
  const lead = await newPerson(context.request);
  const group = await newGroup(admin, 'Squad', { leaderIds: [lead.userId], isHidden: true });
  const api = (await anotherBrowser()).request;
  const member = await newPerson(api);
  const alt = await addAlt(api, CORPORATION.neutral);
  await addMembers(admin, group, [lead.userId, member.userId]);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);

  await page.goto('/');
  await menu(page).getByRole('link', { name: 'Group membership' }).click();
  const groups = page.getByRole('table');
  const row = groups.getByRole('row').filter({ hasText: group.name });
  await expect(row).toContainText('Hidden');
  await expect(row.getByRole('cell', { name: '2', exact: true })).toBeVisible();
  await expectAccessible();
  await button(row, `Copy join link of ${group.name}`).click();
  await expect(toast(page, `The link to join ${group.name} was copied.`)).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(new URL(link).pathname).toBe(`/groups/${group.id}`);
  const stranger = await anotherBrowser();
  await newPerson(stranger.request);
  const elsewhere = await stranger.newPage();
  await elsewhere.goto(link);
  await expect(elsewhere.getByRole('heading', { level: 1, name: group.name })).toBeVisible();

  await row.getByRole('link', { name: group.name }).click();
  await expect(page).toHaveURL(`/manage/groups/${group.id}`);
  const rows = page.getByRole('table').locator('tbody').getByRole('row');
  await expect(rows).toHaveCount(2);
  await expect(rows.filter({ hasText: lead.pilot.name })).toContainText('Leader');
  await expectAccessible();

  // Whose alt somebody is, is not for leaders to find out.
  const search = page.getByRole('searchbox', { name: 'Search members' });
  await search.fill(alt.name);
  await expect(rows).toHaveCount(0);
  await search.fill(member.pilot.name);
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText(member.pilot.name);
  await expect(page).toHaveURL(/[?&]q=/);
  await button(rows, `Remove ${member.pilot.name}`).click();
  const dialog = page.getByRole('dialog', { name: `Remove ${member.pilot.name} from ${group.name}?` });
  const follows = dialog.getByRole('region', { name: 'What will happen' });
  await expect(follows).toContainText('1 pilot is removed.');
  await expect(follows.getByRole('list', { name: 'Gains and losses' })).toContainText(group.name);
  await expect(follows).toContainText('what the group itself gives');
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('Left for another wing.');
  await expectAccessible();
  await dialog.getByRole('textbox', { name: 'Reason' }).press('Control+Enter');
  await expect(toast(page, `${member.pilot.name} is no longer a member.`)).toBeVisible();
  await expect(page.getByText('Nobody matches')).toBeVisible();

  await page.getByRole('navigation', { name: 'Parts of this group' }).getByRole('link', { name: 'Log' }).click();
  await expect(page).toHaveURL(/tab=log/);
  await expect(rows.first()).toContainText('Removed');
  await expect(rows.first()).toContainText(member.username);
  await expect(rows.first().getByRole('link'), 'pages about users are not for leaders').toHaveCount(0);
  await expect(rows.first()).toContainText(member.pilot.corporationName);
  await expect(rows.first()).toContainText(lead.username);
  await expect(rows.first()).toContainText('Left for another wing.');
  await expectAccessible();

  await page.getByRole('navigation', { name: 'Parts of this group' }).getByRole('link', { name: 'Requests' }).click();
  await expect(page.getByText('Nothing is waiting for you')).toBeVisible();
  await expectAccessible();
});

test('an administrator adds a member until a day', async ({ page, context, anotherBrowser, expectAccessible }) => {
  await loginAsSuperuser(context.request);
  const group = await newGroup(context.request, 'Trial');
  const person = await newPerson((await anotherBrowser()).request);
  await page.goto(`/manage/groups/${group.id}`);
  await expect(page.getByText('No members yet')).toBeVisible();
  await button(page, 'Add members').click();
  const dialog = page.getByRole('dialog', { name: `Add members to ${group.name}` });
  await dialog.getByRole('combobox', { name: 'Pilot or user name' }).fill(person.pilot.name);
  await dialog.getByRole('option', { name: person.pilot.name }).click();
  await dialog.getByLabel('Ends').fill('2099-01-01T12:00');
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('On trial');
  await expectAccessible();
  await button(dialog, 'Review').click();
  await expect(dialog.getByRole('region', { name: 'What will happen' })).toContainText('1 pilot becomes a member.');
  await expectAccessible();
  await button(dialog, 'Add 1 member').click();
  await expect(toast(page, `${person.pilot.name} is now a member.`)).toBeVisible();
  const row = page.getByRole('table').locator('tbody').getByRole('row');
  await expect(row).toContainText('on 1 Jan 2099');
  await expect(row).toContainText('On trial');

  // Exactly when: by a click or a tap, and for those who have neither.
  const end = row.locator('time[datetime^="2099"]');
  await end.click();
  await expect(end).toHaveText('2099-01-01 12:00 EVE');
  await page.keyboard.press('Tab');
  await expect(end).toHaveText('on 1 Jan 2099');
  await page.keyboard.press('Shift+Tab');
  await expect(end).toBeFocused();
  await expect(end).toHaveText('2099-01-01 12:00 EVE');
  await expectAccessible();
});

test('my access says why, and what would change a no', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const admin = (await anotherBrowser()).request;
  await loginAsSuperuser(admin);
  const group = await newGroup(admin, 'Scouts', { isOpen: true, permissions: ['auth.timer_view'] });
  const person = await newPerson(context.request);
  await page.goto('/');
  await openOwn(page, 'My access');
  await expect(page.getByRole('heading', { level: 1, name: 'My access' })).toBeVisible();
  await expect(state(page.getByRole('region', { name: 'State' }), 'Member')).toBeVisible();
  await expectAccessible();

  await button(page, 'Why: Member').click();
  const why = page.getByRole('dialog', { name: 'About “Member”' });
  await expect(why).toContainText('Yes.');
  await expect(why).toContainText(person.pilot.name);
  await expectAccessible();
  await page.keyboard.press('Escape');
  await expect(why).toBeHidden();
  await expect(button(page, 'Why: Member')).toBeFocused();
  await expect(page).toHaveURL('/access');

  await button(page, 'What I don\'t have').click();
  await page.getByRole('searchbox', { name: 'Search your access' }).fill('timer_view');
  await button(page, 'Why not: Can see structure timers').click();
  const not = page.getByRole('dialog', { name: 'About “Can see structure timers”' });
  await expect(not).toContainText('No.');
  await expect(not.getByText('You can do this').first(), 'the group is open to him').toBeVisible();
  await expect(not).toContainText(group.name);
  await expectAccessible();
  const address = page.url();
  expect(address).toContain('why=permission');
  await page.reload();
  await expect(not, 'the explanation has an address').toContainText(group.name);
  await not.getByRole('listitem').filter({ hasText: 'You can do this' }).filter({ hasText: group.name }).getByRole('link', { name: 'Go there' }).click();
  await expect(page).toHaveURL(`/groups/${group.id}`);
  await button(page, `Join ${group.name}`).click();
  await expect(toast(page, `You are now in ${group.name}.`)).toBeVisible();

  await page.goto('/access?q=timer_view');
  await button(page, 'Why: Can see structure timers').click();
  await expect(page.getByRole('dialog')).toContainText(group.name);
  await expect(page.getByRole('dialog')).toContainText('Yes.');
});

test('a membership that has not begun is no access yet', async ({ page, context, anotherBrowser, expectAccessible }) => {
  const admin = (await anotherBrowser()).request;
  await loginAsSuperuser(admin);
  const group = await newGroup(admin, 'Later', { isOpen: true });
  const person = await newPerson(context.request);
  const input = { groupId: group.id, userIds: [person.userId], startsAt: '2099-01-01T12:00:00Z' };
  await graphql(admin, 'mutation($i:AddGroupMembersInput!){addGroupMembers(input:$i){status}}', { i: input });
  await page.goto('/access');
  const groups = page.getByRole('region', { name: 'Groups' });
  await expect(groups).toBeVisible();
  await expect(groups.getByRole('link', { name: group.name })).toHaveCount(0);
  await button(page, 'What I don\'t have').click();
  const line = groups.getByRole('listitem').filter({ hasText: group.name });
  await expect(line).toHaveCount(1);
  await expect(line).toContainText('Begins on 1 Jan 2099');
  await expectAccessible();
  await button(page, `Why not: ${group.name}`).click();
  await expect(page.getByRole('dialog')).toContainText('membership only begins on 2099-01-01 12:00');
});
