/** How every system's page is built: one Vite configuration for all. The page's files are served under `/web/{system}/`. */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import react from '@vitejs/plugin-react';

/**
 * @param {{ system: string, outDir: string }} options `system`: the system's folder, absolute.
 * @returns {import('vite').InlineConfig}
 */
export function webConfig({ system, outDir }) {
  const root = join(system, 'web');
  return {
    configFile: false,
    root,
    base: `/web/${basename(system)}/`,
    logLevel: 'warn',
    clearScreen: false,
    plugins: [react()],
    build: {
      outDir,
      emptyOutDir: true,
      // What renders `light-dark()` as written, which the tokens use: older targets would get a copy of every colour.
      target: ['chrome123', 'firefox120', 'safari17.5'],
      // The pages' content security policy allows no inline script and no data: address.
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      rolldownOptions: { input: htmlFiles(root) },
    },
  };
}

/** @param {string} root */
function htmlFiles(root) {
  return readdirSync(root)
    .filter((name) => name.endsWith('.html'))
    .map((name) => join(root, name));
}
