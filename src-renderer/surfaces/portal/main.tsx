import { openPage } from '../open-page.tsx';
import { App } from './App.tsx';

/** The user portal. */
openPage('user', App);
