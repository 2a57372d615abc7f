import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { I18nextProvider } from 'react-i18next';
import { describe, expect, it } from 'vitest';
import { createFakeBridge } from '../gateway/fake.ts';
import { clientStates, stationStates } from '../gateway/fake-states.ts';
import { catalogue } from '../i18n/index.ts';
import { createPairing } from '../stores/pairing.ts';
import { createSession } from '../stores/session.ts';
import { Theme } from '../theme/index.tsx';
import { PairingScreen } from '../ui/PairingScreen.tsx';
import { Queue } from './client/Queue.tsx';
import { Sidebar } from './client/Sidebar.tsx';
import { SignedIn } from './station/SignedIn.tsx';
import { Welcome } from './station/Welcome.tsx';

/** Every invented state is drawn once: none breaks, none lacks a word, none asks for what the content security policy refuses. */
const missing: string[] = [];
const i18n = catalogue();
i18n.options.saveMissing = true;
i18n.on('missingKey', (_languages, _namespace, key) => missing.push(key));

const draw = (screen: ReactNode): string => {
  const html = renderToStaticMarkup(
    <I18nextProvider i18n={i18n}>
      <Theme>{screen}</Theme>
    </I18nextProvider>
  );
  expect(missing).toEqual([]);
  expect(html).not.toMatch(/<style|<script|javascript:|undefined|\[object/);
  return html;
};

const now = Date.now();
const bridge = createFakeBridge('client');

const drawClient = (name: keyof typeof clientStates): string => {
  const state = clientStates[name](now);
  if (state.pairing.state !== 'paired') {
    return draw(<PairingScreen view={state.pairing} store={createPairing(bridge)} device={state.device.name} />);
  }
  return draw(
    <>
      <Sidebar state={state} organization={state.pairing.organization} bridge={bridge} />
      <Queue state={state} bridge={bridge} onRelease={() => undefined} onTicket={() => undefined} />
    </>
  );
};

const drawStation = (name: keyof typeof stationStates): string => {
  const state = stationStates[name](now);
  if (state.pairing.state !== 'paired') {
    return draw(<PairingScreen view={state.pairing} store={createPairing(bridge)} device={state.device.name} large />);
  }
  const session = createSession(createFakeBridge('station'));
  return state.session
    ? draw(<SignedIn state={state} open={state.session} session={session} />)
    : draw(
        <Welcome state={state} organization={state.pairing.organization} session={session} accept={() => undefined} />
      );
};

describe('the client window', () => {
  it.each(Object.keys(clientStates) as (keyof typeof clientStates)[])('shows "%s"', (name) => {
    expect(drawClient(name)).not.toBe('');
  });

  it('shows the code in two groups and names its digits one by one', () => {
    const html = drawClient('pairing-code');
    expect(html).toContain('<span>042</span><span>917</span>');
    expect(html).toContain('0 4 2 9 1 7');
  });

  it('offers a release only where it can work', () => {
    expect(drawClient('held')).toContain('Release Quarterly report.pdf');
    expect(drawClient('alone')).not.toContain('Release Quarterly report.pdf');
  });

  it('says what happened and what to do next, both', () => {
    const html = drawClient('pairing-rejected');
    expect(html).toContain('The pairing request was rejected.');
    expect(html).toContain('Ask your administrator why, then start again.');
  });
});

describe('the station', () => {
  it.each(Object.keys(stationStates) as (keyof typeof stationStates)[])('shows "%s"', (name) => {
    expect(drawStation(name)).not.toBe('');
  });

  it('shows documents to the person who is signed in, and the way out with them', () => {
    const html = drawStation('several');
    expect(html).toContain('Quarterly report.pdf');
    expect(html).toContain('Sign out');
  });
});
