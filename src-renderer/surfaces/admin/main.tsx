import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { I18nextProvider } from 'react-i18next';
import { createHttpsGateway } from '../../gateway/https.ts';
import { catalogue } from '../../i18n/index.ts';
import { followSession } from '../../stores/follow-session.ts';
import { createPrompts } from '../../stores/prompts.ts';
import { createReads } from '../../stores/reads.ts';
import { createWebSession } from '../../stores/web-session.ts';
import { Theme } from '../../theme/index.tsx';
import { App } from './App.tsx';

/** The admin console: stores over HTTPS, then the page. */
const gateway = createHttpsGateway();
const session = createWebSession(gateway);
const reads = createReads((procedure, input) => session.getState().read(procedure, input));
followSession(gateway, session, reads, 'admin');
void session.getState().start();

const root = document.getElementById('root');
if (!root) throw new Error('admin.html has no #root');
createRoot(root).render(
  <StrictMode>
    <I18nextProvider i18n={catalogue()}>
      <Theme>
        <App context={{ session, reads, prompts: createPrompts() }} />
      </Theme>
    </I18nextProvider>
  </StrictMode>
);
