import { which } from '../../build/setup.mjs';

/**
 * Whether this machine has what a test needs: programs by name, or `root`. On a developer's machine a test that lacks something is
 * skipped, loudly; with CI=true it runs and fails.
 */
export function needs(...parts: readonly string[]): boolean {
  const missing = parts.filter((part) => (part === 'root' ? process.getuid?.() !== 0 : !which(part)));
  if (missing.length === 0 || process.env.CI === 'true') return true;
  console.warn(`SKIPPED: these tests need ${missing.join(', ')}; \`npm run setup\` says how to get programs`);
  return false;
}
