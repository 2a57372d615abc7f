import {
  IconBook2,
  IconBuilding,
  IconChartBar,
  IconChecklist,
  IconDeviceLaptop,
  IconFileStack,
  IconHome2,
  IconKey,
  IconLogin2,
  IconMail,
  IconPrinter,
  IconScale,
  IconShieldCheck,
  IconTicket,
  IconTopologyRing3,
  IconUser,
  IconUsers,
  IconUsersGroup
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import { Account } from './pages/Account.tsx';
import { Administrators } from './pages/Administrators.tsx';
import { Approvals } from './pages/Approvals.tsx';
import { Audit } from './pages/Audit.tsx';
import { Devices } from './pages/Devices.tsx';
import { Forwarding } from './pages/Forwarding.tsx';
import { Groups } from './pages/Groups.tsx';
import { Invitations } from './pages/Invitations.tsx';
import { Jobs } from './pages/Jobs.tsx';
import { Keys } from './pages/Keys.tsx';
import { Mail } from './pages/Mail.tsx';
import { Mesh } from './pages/Mesh.tsx';
import { Overview } from './pages/Overview.tsx';
import { Policy } from './pages/Policy.tsx';
import { PolicyExplain } from './pages/PolicyExplain.tsx';
import { PolicyHistory } from './pages/PolicyHistory.tsx';
import { Printers } from './pages/Printers.tsx';
import { Reports } from './pages/Reports.tsx';
import { Setup } from './pages/Setup.tsx';
import { SignOn } from './pages/SignOn.tsx';
import { Sites } from './pages/Sites.tsx';
import { Tokens } from './pages/Tokens.tsx';
import { UserRules } from './pages/UserRules.tsx';
import { Users } from './pages/Users.tsx';

export const groups = ['now', 'who', 'rules'] as const;

interface PageEntry {
  /** As in the address; empty: the first page. */
  readonly path: string;
  readonly name:
    | 'overview'
    | 'approvals'
    | 'jobs'
    | 'users'
    | 'devices'
    | 'printers'
    | 'sites'
    | 'mesh'
    | 'policy'
    | 'keys'
    | 'tokens'
    | 'audit'
    | 'admins'
    | 'groups'
    | 'reports'
    | 'signOn'
    | 'mail'
    | 'invitations'
    | 'userRules'
    | 'policyExplain'
    | 'policyHistory'
    | 'forwarding'
    | 'account'
    | 'setup';
  /** Where it stands in the navigation; none: it is reached from elsewhere. */
  readonly group?: (typeof groups)[number];
  readonly icon: typeof IconHome2;
  readonly component: ComponentType;
}

/** Every page of the console, in the order of the navigation. */
export const pages: readonly PageEntry[] = [
  { path: '', name: 'overview', group: 'now', icon: IconHome2, component: Overview },
  { path: 'approvals', name: 'approvals', group: 'now', icon: IconChecklist, component: Approvals },
  { path: 'jobs', name: 'jobs', group: 'now', icon: IconFileStack, component: Jobs },
  { path: 'mesh', name: 'mesh', group: 'now', icon: IconTopologyRing3, component: Mesh },
  { path: 'reports', name: 'reports', group: 'now', icon: IconChartBar, component: Reports },
  { path: 'users', name: 'users', group: 'who', icon: IconUsers, component: Users },
  { path: 'groups', name: 'groups', group: 'who', icon: IconUsersGroup, component: Groups },
  { path: 'devices', name: 'devices', group: 'who', icon: IconDeviceLaptop, component: Devices },
  { path: 'printers', name: 'printers', group: 'who', icon: IconPrinter, component: Printers },
  { path: 'sites', name: 'sites', group: 'who', icon: IconBuilding, component: Sites },
  { path: 'policy', name: 'policy', group: 'rules', icon: IconScale, component: Policy },
  { path: 'keys', name: 'keys', group: 'rules', icon: IconKey, component: Keys },
  { path: 'tokens', name: 'tokens', group: 'rules', icon: IconTicket, component: Tokens },
  { path: 'sign-on', name: 'signOn', group: 'rules', icon: IconLogin2, component: SignOn },
  { path: 'audit', name: 'audit', group: 'rules', icon: IconBook2, component: Audit },
  { path: 'admins', name: 'admins', group: 'rules', icon: IconShieldCheck, component: Administrators },
  { path: 'invitations', name: 'invitations', icon: IconUsers, component: Invitations },
  { path: 'user-rules', name: 'userRules', icon: IconUsers, component: UserRules },
  { path: 'policy-explain', name: 'policyExplain', icon: IconScale, component: PolicyExplain },
  { path: 'policy-history', name: 'policyHistory', icon: IconScale, component: PolicyHistory },
  { path: 'mail', name: 'mail', icon: IconMail, component: Mail },
  { path: 'forwarding', name: 'forwarding', icon: IconBook2, component: Forwarding },
  { path: 'account', name: 'account', icon: IconUser, component: Account },
  { path: 'setup', name: 'setup', icon: IconChecklist, component: Setup }
];
