import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where this machine keeps its Letterlock data unless told otherwise: the same for the windows and the command line. */
export function defaultDataRoot(): string {
  const { LETTERLOCK_DATA, APPDATA, XDG_DATA_HOME } = process.env;
  if (LETTERLOCK_DATA) return LETTERLOCK_DATA;
  if (process.platform === 'win32') return join(APPDATA ?? homedir(), 'Letterlock');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Letterlock');
  return join(XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'letterlock');
}
