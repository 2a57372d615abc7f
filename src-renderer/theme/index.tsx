import '@mantine/core/styles/default-css-variables.css';
import '@mantine/core/styles/baseline.css';
import '@mantine/core/styles/global.css';
import '@mantine/core/styles/UnstyledButton.css';
import '@mantine/core/styles/Button.css';
import '@mantine/core/styles/ActionIcon.css';
import '@mantine/core/styles/CloseButton.css';
import '@mantine/core/styles/Checkbox.css';
import '@mantine/core/styles/InlineInput.css';
import '@mantine/core/styles/Input.css';
import '@mantine/core/styles/Loader.css';
import '@mantine/core/styles/Overlay.css';
import '@mantine/core/styles/Paper.css';
import '@mantine/core/styles/ModalBase.css';
import '@mantine/core/styles/Modal.css';
import '@mantine/core/styles/Drawer.css';
import '@mantine/core/styles/Progress.css';
import '@mantine/core/styles/VisuallyHidden.css';
import './tokens.css';
import './mantine.css';
import './base.css';
import {
  Button,
  Checkbox,
  createTheme,
  Drawer,
  type MantineColorSchemeManager,
  type MantineColorsTuple,
  MantineProvider,
  Modal,
  NativeSelect,
  TextInput
} from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import css from './controls.module.css';

/** Names only: the colours themselves are in mantine.css. */
const named = (color: string): MantineColorsTuple => [
  color,
  color,
  color,
  color,
  color,
  color,
  color,
  color,
  color,
  color
];

const theme = createTheme({
  primaryColor: 'ink',
  colors: { ink: named('#1f4e80'), wax: named('#a5322b') },
  respectReducedMotion: true,
  components: {
    // lockScroll would write a style element; the page behind a dialog does not scroll anyway.
    Modal: Modal.extend({
      // Above the panel at the side, which may have asked the question.
      defaultProps: { zIndex: 300, centered: true, lockScroll: false, padding: 26, yOffset: '3dvh', radius: 'lg' },
      classNames: { overlay: css.overlay, header: css.header, title: css.title, close: css.close }
    }),
    Drawer: Drawer.extend({
      defaultProps: { position: 'right', lockScroll: false, padding: 26, size: 480 },
      classNames: { overlay: css.overlay, header: css.header, title: css.title, close: css.close }
    }),
    /** 44 px; 72 px (`xl`) where fingers press: the station; 36 px (`sm`) above and in tables. */
    Button: Button.extend({
      vars: (_theme, { size }) => ({
        root: {
          '--button-height': size === 'xl' ? '72px' : size === 'sm' ? '36px' : '44px',
          '--button-fz': size === 'xl' ? '22px' : size === 'sm' ? '14px' : '15px',
          '--button-padding-x': size === 'xl' ? '32px' : size === 'sm' ? '14px' : '18px'
        }
      })
    }),
    NativeSelect: NativeSelect.extend({
      defaultProps: { rightSection: <IconChevronDown size={16} stroke={1.8} aria-hidden="true" /> },
      classNames: { input: css.input, label: css.label, description: css.description }
    }),
    TextInput: TextInput.extend({
      classNames: { input: css.input, label: css.label, description: css.description }
    }),
    Checkbox: Checkbox.extend({
      classNames: { body: css.checkbox, label: css.checkboxLabel, description: css.checkboxDescription }
    })
  }
});

/** Always the system's scheme; nothing is stored. */
const followSystem: MantineColorSchemeManager = {
  get: () => 'auto',
  set: () => undefined,
  subscribe: () => undefined,
  unsubscribe: () => undefined,
  clear: () => undefined
};

/** No style element is ever written: `style-src 'self'` holds without a nonce. */
export const Theme = ({ children }: { readonly children: ReactNode }) => (
  <MantineProvider
    theme={theme}
    defaultColorScheme="auto"
    colorSchemeManager={followSystem}
    withCssVariables={false}
    withGlobalClasses={false}
  >
    {children}
  </MantineProvider>
);
