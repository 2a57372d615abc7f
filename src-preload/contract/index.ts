/** The one contract between windows, shell, engine, command line and administrator. Imports nothing but zod. */
export * from './audit-views.ts';
export * from './bridge.ts';
export * from './errors.ts';
export * from './ids.ts';
export * from './mail-views.ts';
export * from './node-views.ts';
export * from './placement-views.ts';
export * from './policy-views.ts';
export * from './procedures.ts';
export * from './site-views.ts';
export * from './sso-views.ts';
export * from './user-views.ts';
export * from './views.ts';
export * from './web-views.ts';
