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
    plugins: [react(), sonnerStyleAsFile()],
    build: {
      outDir,
      emptyOutDir: true,
      // What renders `light-dark()` as written, which the tokens use: older targets would get a copy of every colour.
      target: ['chrome123', 'firefox120', 'safari17.5'],
      // The pages' content security policy allows no inline script and no data: address.
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      // Where a build spends its time is nothing to whoever starts the server.
      rolldownOptions: { input: htmlFiles(root), checks: { bundlerTimings: false } },
    },
  };
}

/**
 * sonner puts its style sheet into the page by script when it is imported, which the pages' content security policy forbids. The same
 * sheet comes as a file, by tokens.css of @fanfare/react; so the call is left out.
 *
 * @returns {import('vite').Plugin}
 */
function sonnerStyleAsFile() {
  return {
    name: 'sonner-style-as-file',
    transform: {
      filter: { id: /\/sonner\/dist\/index\.m?js$/ },
      handler(code) {
        const without = code.replace(/^__insertCSS\(".*$/m, '');
        if (without === code) this.error('sonner no longer inserts its style as it did: look at how it does now.');
        return { code: without, map: null };
      },
    },
  };
}

/** @param {string} root */
function htmlFiles(root) {
  return readdirSync(root)
    .filter((name) => name.endsWith('.html'))
    .map((name) => join(root, name));
}
