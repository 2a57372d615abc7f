import { account } from './account.ts';
import { frame } from './frame.ts';
import { keys } from './keys.ts';
import { machines } from './machines.ts';
import { overview } from './overview.ts';
import { people } from './people.ts';
import { policy } from './policy.ts';
import { printing } from './printing.ts';
import { records } from './records.ts';
import { signOn } from './sign-on.ts';

/** Every word of the admin console, by area. */
export const admin = {
  ...frame,
  ...account,
  ...overview,
  ...people,
  ...signOn,
  ...machines,
  ...printing,
  ...policy,
  ...keys,
  ...records
} as const;
