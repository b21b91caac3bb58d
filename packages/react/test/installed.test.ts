/**
 * An application outside of the clone that installs the packages as docs/getting-started.md says. A package that is linked takes React
 * from the clone: two copies, and a white page. Offline, and with an empty cache: what the packages need comes from the clone too.
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { launchBrowser } from '@fanfare/testkit';
import { createFanfare, memory, state } from 'fanfare';
import { build } from 'vite';
import { afterAll, expect, it } from 'vitest';

const CLONE = fileURLToPath(new URL('../../../', import.meta.url));
const DOCUMENT = new URL('../../../docs/getting-started.md', import.meta.url);
const NEEDED = ['react', 'react-dom', 'scheduler', 'sonner', 'ws'];

const PAGE = `<!doctype html><title>app</title><div id="root"></div><script type="module" src="/main.jsx"></script>`;
const MAIN = `
import { createClient } from '@fanfare/client';
import { ConnectionBadge, createHooks, FanfareProvider, Toaster } from '@fanfare/react';
import { createRoot } from 'react-dom/client';
import '@fanfare/react/tokens.css';

const { useChannel, useConnectionState } = createHooks();
function App() {
  const { value } = useChannel('stock:lamp');
  return <><ConnectionBadge connection={useConnectionState()} /><p>{value ? value.left + ' left' : '…'}</p><Toaster /></>;
}
createRoot(document.getElementById('root')).render(<FanfareProvider client={createClient()}><App /></FanfareProvider>);
`;

const app = await mkdtemp(join(tmpdir(), 'fanfare-app-'));
afterAll(() => rm(app, { recursive: true, force: true }));

it('shows what is live, with the React of the application', async () => {
  await writeFile(join(app, '.npmrc'), await documentedSetting());
  await writeFile(join(app, 'package.json'), '{ "name": "app", "private": true, "type": "module" }');
  // Not the clone's own: an application has another React.
  for (const name of NEEDED)
    await cp(join(CLONE, 'node_modules', name), join(app, 'registry', name), { recursive: true });
  const own = ['protocol', 'client', 'react'].map((name) => join(CLONE, 'packages', name));
  const needed = NEEDED.map((name) => join(app, 'registry', name));
  const flags = ['--offline', '--cache', join(app, 'cache')];
  await promisify(execFile)('npm', ['install', ...flags, ...own, ...needed], { cwd: app });
  await writeFile(join(app, 'index.html'), PAGE);
  await writeFile(join(app, 'main.jsx'), MAIN);
  await build({
    configFile: false,
    root: app,
    logLevel: 'error',
    build: { outDir: join(app, 'built'), assetsDir: '.', rolldownOptions: { checks: { bundlerTimings: false } } },
  });

  await using served = await serve(join(app, 'built'));
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    await page.goto(served.url);
    await page.getByText('3 left').waitFor({ timeout: 30_000 });
    await page.locator('.connection[data-status=live]').waitFor({ timeout: 30_000 });
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
  }
});

async function documentedSetting(): Promise<string> {
  return /echo (\S+) >> \.npmrc/.exec(await readFile(DOCUMENT, 'utf8'))?.[1] ?? '';
}

async function serve(folder: string): Promise<AsyncDisposable & { readonly url: string }> {
  const fanfare = createFanfare({ engine: memory(), channels: { 'stock:lamp': state({ access: 'public' }) } });
  const server = createServer(async ({ url = '/' }, res) => {
    const name = url === '/' ? 'index.html' : url.slice(1);
    const type = name.endsWith('.js') ? 'text/javascript' : name.endsWith('.css') ? 'text/css' : 'text/html';
    const body = await readFile(join(folder, name)).catch(() => undefined);
    res.writeHead(body === undefined ? 404 : 200, { 'Content-Type': type }).end(body);
  });
  fanfare.attach(server);
  await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens));
  await fanfare.channel('stock:lamp').set({ left: 3 });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    [Symbol.asyncDispose]: async () => {
      await fanfare.close();
      await new Promise((closed) => server.close(closed));
    },
  };
}
