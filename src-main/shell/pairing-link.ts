/**
 * `letterlock://pair?coordinator=HOST:PORT` or `letterlock://pair?token=TOKEN`: what an administrator sends to people. Opening one
 * shows what it says in the pairing screen, where a person reads it and decides; by itself it does nothing.
 */
export const linkScheme = 'letterlock';

/** The address or token of a link; null for everything else. Whether it is right is for pairing to find out. */
export function readPairingLink(text: string): string | null {
  if (text.length > 1024 || !URL.canParse(text)) return null;
  const { protocol, host, pathname, searchParams, username, password, hash } = new URL(text);
  if (protocol !== `${linkScheme}:` || host !== 'pair' || username || password || hash) return null;
  if (pathname !== '' && pathname !== '/') return null;
  const [given, ...more] = [...searchParams];
  if (!given || more.length > 0) return null;
  const [name, value] = given;
  return value.length <= 512 && forms.get(name)?.test(value) ? value : null;
}

/** Nothing that a screen would show otherwise than it is. */
const forms: ReadonlyMap<string, RegExp> = new Map([
  ['coordinator', /^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/],
  ['token', /^ll1(\.[A-Za-z0-9_-]+){3}$/]
]);

/** The link among the arguments of a program: operating systems hand it over there. */
export const linkAmong = (args: readonly string[]): string | null =>
  args.map(readPairingLink).find((found) => found !== null) ?? null;
