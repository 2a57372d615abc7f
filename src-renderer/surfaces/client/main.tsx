import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { I18nextProvider } from 'react-i18next';
import { windowBridge } from '../../gateway/bridge.ts';
import { catalogue } from '../../i18n/index.ts';
import { createPairing } from '../../stores/pairing.ts';
import { createRelease } from '../../stores/release.ts';
import { createSnapshot } from '../../stores/snapshot.ts';
import { createTicket } from '../../stores/ticket.ts';
import { Theme } from '../../theme/index.tsx';
import { App } from './App.tsx';

/** The client window: stores over the bridge, then the page. */
const bridge = windowBridge();
const { store: snapshot } = createSnapshot(bridge, 'client.state');
void snapshot.getState().refresh();
window.addEventListener('focus', () => void snapshot.getState().refresh());

const root = document.getElementById('root');
if (!root) throw new Error('client.html has no #root');
createRoot(root).render(
  <StrictMode>
    <I18nextProvider i18n={catalogue()}>
      <Theme>
        <App
          bridge={bridge}
          snapshot={snapshot}
          pairing={createPairing(bridge)}
          release={createRelease(bridge)}
          ticket={createTicket(bridge)}
        />
      </Theme>
    </I18nextProvider>
  </StrictMode>
);
