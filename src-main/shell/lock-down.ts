import { app, session } from 'electron';

/** Before `ready`: Chromium features that a program without a network has no use for. */
export function lockDownProcess(): void {
  // Tests run as root with --no-sandbox, where enableSandbox() makes every child process abort.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  for (const name of ['disable-background-networking', 'disable-component-update', 'disable-breakpad', 'no-pings']) {
    app.commandLine.appendSwitch(name);
  }
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    for (const navigation of ['will-navigate', 'will-frame-navigate', 'will-redirect'] as const) {
      contents.on(navigation as 'will-navigate', (event) => event.preventDefault());
    }
    contents.on('will-attach-webview', (event) => event.preventDefault());
  });
}

/** The windows' copy buttons; reading the clipboard is refused like all else. */
const allowedPermission = 'clipboard-sanitized-write';

/** After `ready`: no other permission, no device, no download, no request that leaves the program. */
export function lockDownSession(): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, permission, decide) =>
    decide(permission === allowedPermission)
  );
  defaultSession.setPermissionCheckHandler((_contents, permission) => permission === allowedPermission);
  defaultSession.setDevicePermissionHandler(() => false);
  defaultSession.on('will-download', (event) => event.preventDefault());
  defaultSession.webRequest.onBeforeRequest(
    { urls: ['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*', 'ftp://*/*', 'file://*/*'] },
    (_details, decide) => decide({ cancel: true })
  );
}
