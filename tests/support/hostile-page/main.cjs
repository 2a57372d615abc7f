// A browser that opens hostile pages: `electron main.cjs <page URL> <URL that is reached by DNS rebinding> <URL of the printer> <URL of a server
// that takes everything>`. Prints what the pages got to see as one line of JSON.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { app, BrowserWindow } = require('electron');

const [page, rebound, ...targets] = process.argv.slice(-4);
const attempts = readFileSync(join(__dirname, 'attempts.js'), 'utf8');
app.commandLine.appendSwitch('host-resolver-rules', 'MAP *.example 127.0.0.1');

async function attack(url, target, how) {
  const window = new BrowserWindow({ show: false, webPreferences: { sandbox: true } });
  await window.loadURL(url).catch(() => undefined); // a refusal is a page, too
  const seen = await window.webContents.executeJavaScript(`${attempts}\n${how}(${JSON.stringify(target)})`);
  window.destroy();
  return seen;
}

app.on('window-all-closed', () => undefined);
app.whenReady().then(async () => {
  const seen = [];
  for (const target of targets) seen.push(await attack(page, target, 'acrossOrigins'));
  seen.push(await attack(rebound, rebound, 'fromItsOwnOrigin'));
  console.log(`SEEN ${JSON.stringify(seen)}`);
  app.exit(0);
});
