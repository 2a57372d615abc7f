import { openPage } from '../open-page.tsx';
import { App } from './App.tsx';

/** The admin console. */
openPage('admin', App);
