import { type Page } from '@playwright/test';
import { fileURLToPath } from 'node:url';

/** Where pictures go. */
export const FOLDER = fileURLToPath(new URL('../../screenshots/', import.meta.url));

/** Whether somebody wants pictures of the pages: `SCREENSHOTS=1`. */
export const areWanted = !!process.env.SCREENSHOTS;

/**
 * Takes a picture in every width and colour, if pictures are wanted, and gives the page its size back. `prepare` runs
 * before each.
 */
export async function takePictures(page: Page, name: string, { fullPage = false, prepare = async (): Promise<void> => {} } = {}): Promise<void> {
  if (!areWanted) return;
  const size = page.viewportSize();
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 800 });
    for (const colorScheme of ['light', 'dark'] as const) {
      // Without motion: a picture shows colours, not their change.
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await prepare();
      await page.screenshot({ path: `${FOLDER}${name}-${width}-${colorScheme}.png`, fullPage });
    }
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  if (size) await page.setViewportSize(size);
}
