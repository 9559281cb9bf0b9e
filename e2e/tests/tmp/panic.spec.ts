import { expect, test } from '../../fixtures';
import { addAlt, newPerson, sso } from '../support/api';
import { menu } from '../support/pages';
for (const how of ['nav-then-logout', 'alt-card', 'dialog']) {
  test(`${how}`, async ({ page, context, mayLog }) => {
    mayLog(/./);
    let panics = 0; page.on('pageerror', () => { panics += 1; });
    const p = await newPerson(context.request); const alt = await addAlt(context.request);
    for (let i = 0; i < 8; i += 1) {
      if (i) await sso(context.request, p.pilot);
      await page.goto('/characters');
      await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible();
      if (how === 'dialog') { await page.getByRole('button', { name: `Make main: ${alt.name}` }).click(); await page.keyboard.press('Escape'); await page.keyboard.press('?'); await page.keyboard.press('Escape'); }
      if (how !== 'alt-card') { await menu(page).getByRole('link', { name: 'Services' }).click(); await page.waitForURL('/services'); }
      await menu(page).getByRole('link', { name: 'Dashboard' }).click();
      await expect(page.getByRole('region', { name: 'Your access' })).toContainText(p.pilot.name);
      if (how === 'alt-card') await page.getByRole('main').getByRole('button', { name: alt.name, exact: true }).focus();
      await page.getByRole('button', { name: /^Account menu of/ }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Log out' }).focus(); await page.keyboard.press('Enter');
      await expect(page).toHaveURL(/\/login/);
      await page.waitForLoadState('networkidle');
    }
    console.log(`@@ ${how}: ${panics} panics in 8`);
  });
}
