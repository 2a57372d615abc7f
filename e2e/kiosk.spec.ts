import { expect, test } from './support/program.ts';

test('a station fills the screen, stays in front and cannot be closed by its user', async ({ open }) => {
  const { app, page } = await open({ role: 'station' });
  await expect(page.getByRole('heading').first()).toBeVisible();
  const { window, display } = await app.evaluate(({ BrowserWindow, screen }) => {
    const own = BrowserWindow.getAllWindows()[0];
    own?.close();
    return {
      window: {
        kiosk: own?.isKiosk(),
        fullScreen: own?.isFullScreen(),
        bounds: own?.getBounds(),
        menu: own?.isMenuBarVisible()
      },
      display: screen.getPrimaryDisplay().bounds
    };
  });
  expect(window).toEqual({ kiosk: true, fullScreen: true, bounds: display, menu: false });
  expect(await page.evaluate(() => ({ width: innerWidth, height: innerHeight }))).toEqual({
    width: display.width,
    height: display.height
  });
  expect(page.isClosed()).toBe(false);
});

test('a kiosk has no developer tools, no zoom, no context menu, no shortcuts', async ({ open }) => {
  const { app, page } = await open({ role: 'station' });
  await expect(page.getByRole('heading').first()).toBeVisible();
  const before = page.url();
  for (const keys of [
    'F5',
    'F11',
    'F12',
    'Control+R',
    'Control+Shift+I',
    'Control+Equal',
    'Control+W',
    'Alt+ArrowLeft'
  ]) {
    await page.keyboard.press(keys);
  }
  await page.mouse.click(200, 200, { button: 'right' });
  const state = await app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    contents?.openDevTools();
    return {
      tools: contents?.isDevToolsOpened(),
      zoom: contents?.getZoomFactor(),
      windows: BrowserWindow.getAllWindows().length
    };
  });
  expect(state).toEqual({ tools: false, zoom: 1, windows: 1 });
  expect(page.url()).toBe(before);
});
