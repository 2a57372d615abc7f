// Draws letterlock.svg in the sizes that desktops want. Run by hand when the drawing changes:
//   xvfb-run -a node_modules/.bin/electron build/icons/render.mjs
import fs from 'node:fs';
import path from 'node:path';
import { app, BrowserWindow, nativeImage } from 'electron';

const folder = import.meta.dirname;
const sizes = [16, 24, 32, 48, 64, 128, 256, 512];

app.whenReady().then(async () => {
  const window = new BrowserWindow({ show: false, webPreferences: { sandbox: true } });
  await window.loadURL('about:blank');
  const svg = `data:image/svg+xml;base64,${fs.readFileSync(path.join(folder, 'letterlock.svg')).toString('base64')}`;
  for (const size of sizes) {
    const png = await window.webContents.executeJavaScript(`new Promise((resolve) => {
      const image = new Image();
      image.onload = () => {
        const canvas = Object.assign(document.createElement('canvas'), { width: ${size}, height: ${size} });
        canvas.getContext('2d').drawImage(image, 0, 0, ${size}, ${size});
        resolve(canvas.toDataURL('image/png'));
      };
      image.src = ${JSON.stringify(svg)};
    })`);
    fs.writeFileSync(path.join(folder, `${size}x${size}.png`), nativeImage.createFromDataURL(png).toPNG());
  }
  app.quit();
});
